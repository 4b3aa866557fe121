/**
 * The optimiser's form of a function: a control-flow graph whose values are each computed in exactly one place (SSA).
 *
 * ssa-build.ts makes it from the IR, the optimiser's passes rewrite it in place, select.ts turns it into machine instructions.
 * A value holds its operands directly, so a pass sees an expression as a tree; constants float free of any block. Begin reading at `Value`.
 */
import type { AssemblyOperand, BinaryOperator, Comparison, Position, Reason, Slot } from "./ir.ts";

export type ValueKind =
  | BinaryOperator
  /** `offset` is the value. Belongs to no block. */
  | "constant"
  /** `offset` numbers it. */
  | "parameter"
  /** One input for each predecessor of the block, in their order. */
  | "phi"
  /** The address of `symbol` + `offset`; of slot number `slot` + `offset`. */
  | "symbol"
  | "slot"
  /** Memory at inputs[0] + `offset`, `bytes` wide. The inputs of a store: base, what is stored. */
  | "load"
  | "store"
  /** Inputs: target, source; target. `bytes` long, both aligned to `alignment`. */
  | "copy"
  | "zero"
  /** `symbol` is called; or the address in the first input. The value is the first result. */
  | "call"
  | "callIndirect"
  /** The second result of the call that is its input, right behind it. */
  | "second"
  /** Inputs: the call's number, then what goes into a0 to a5. */
  | "environmentCall"
  /** `symbol` names the register. */
  | "readCsr"
  | "writeCsr"
  | "fence"
  /** Traps with `reason` unless inputs[0] `operator` inputs[1]. */
  | "check"
  /** `text` and `operands` as in the IR; the inputs are the operands' values, in order. */
  | "assembly";

/** One class for every kind, so that property accesses stay fast; the comments above say which fields a kind uses. */
export class Value {
  block: Block | null = null;
  offset = 0;
  symbol = "";
  slot = 0;
  bytes = 0;
  alignment = 0;
  signed = false;
  volatile = false;
  operator: Comparison = "equal";
  reason = 0 as Reason;
  text: string[] | null = null;
  operands: AssemblyOperand[] | null = null;
  /** Set when a pass has found an equal value to use instead; see `resolve`. */
  replacement: Value | null = null;
  /** Scratch for one pass at a time. */
  mark = 0;

  constructor(
    readonly id: number,
    public kind: ValueKind,
    public readonly position: Position,
    public inputs: Value[],
  ) {}
}

/**
 * How a block ends. `targets` are distinct. A branch has its `then` first and its `otherwise` second; a switch has `otherwise` first, and
 * `cases[i]` leads to `targets[caseTargets[i]]`. A table is a dense switch behind a range check: `cases` are 0, 1, 2… and the value is below their number.
 */
export interface Ending {
  kind: "jump" | "branch" | "switch" | "table" | "return" | "trap" | "unreachable";
  readonly position: Position;
  operator: Comparison;
  /** What the ending reads: a branch two, a switch one, a return its results. */
  values: Value[];
  targets: Block[];
  cases: number[];
  caseTargets: number[];
  reason: Reason;
}

export class Block {
  /** Phis first. */
  values: Value[] = [];
  predecessors: Block[] = [];
  ending!: Ending;
  // What dominators.ts computes:
  /** Place in `Graph.blocks`, which is a reverse postorder. */
  order = -1;
  dominator: Block | null = null;
  dominated: Block[] = [];
  /** Depth in the dominator tree, and the interval of its subtree. */
  enters = 0;
  leaves = 0;
  loop: Loop | null = null;

  constructor(readonly id: number) {}
}

export interface Loop {
  readonly header: Block;
  readonly parent: Loop | null;
  readonly depth: number;
  /** The header and every block from which it is reached again, those of inner loops too. */
  readonly blocks: Set<Block>;
}

export class Graph {
  blocks: Block[] = [];
  private nextValue = 0;
  private nextBlock = 0;
  private readonly constants = new Map<number, Value>();

  constructor(
    readonly symbol: string,
    readonly position: Position,
    readonly slots: Slot[],
    readonly parameters: number,
  ) {}

  get entry(): Block {
    return this.blocks[0]!;
  }

  /** Numbers of values lie below this. */
  get valueCount(): number {
    return this.nextValue;
  }

  value(kind: ValueKind, position: Position, operands: Value[]): Value {
    return new Value(this.nextValue++, kind, position, operands);
  }

  /** Another value of the same kind with the same properties, for other inputs. It belongs to no block yet. */
  like(value: Value, operands: Value[]): Value {
    const made = this.value(value.kind, value.position, operands);
    return Object.assign(made, { ...value, id: made.id, inputs: operands, block: null });
  }

  block(): Block {
    return new Block(this.nextBlock++);
  }

  constant(value: number): Value {
    const word = value | 0;
    let known = this.constants.get(word);
    if (known === undefined) {
      known = this.value("constant", this.position, []);
      known.offset = word;
      this.constants.set(word, known);
    }
    return known;
  }
}

/** The value that stands for this one now. */
export function resolve(value: Value): Value {
  let found = value;
  while (found.replacement !== null) found = found.replacement;
  // Shorten the path for the next one who asks.
  for (let step = value; step.replacement !== null && step.replacement !== found; ) {
    const next = step.replacement;
    step.replacement = found;
    step = next;
  }
  return found;
}

/** Makes every operand the value that stands for it now, and drops the replaced values. */
export function applyReplacements(graph: Graph): void {
  for (const block of graph.blocks) {
    block.values = block.values.filter((value) => value.replacement === null);
    for (const { inputs: operands } of block.values) resolveAll(operands);
    resolveAll(block.ending.values);
  }
}

function resolveAll(values: Value[]): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value.replacement !== null) values[index] = resolve(value);
  }
}

export function ending(kind: Ending["kind"], position: Position, targets: Block[] = [], values: Value[] = []): Ending {
  return { kind, position, operator: "equal", values, targets, cases: [], caseTargets: [], reason: 0 as Reason };
}

/** Whether the value does something besides being computed, so that it must stay although nobody reads it. */
export function hasEffect(value: Value): boolean {
  switch (value.kind) {
    case "load":
      return value.volatile;
    case "store":
    case "copy":
    case "zero":
    case "call":
    case "callIndirect":
    case "environmentCall":
    case "readCsr":
    case "writeCsr":
    case "fence":
    case "check":
    case "assembly":
      return true;
    default:
      return false;
  }
}

/** Takes the edge away from the target's side: its place among the predecessors and in every phi. */
export function removeEdge(from: Block, to: Block): void {
  const index = to.predecessors.indexOf(from);
  to.predecessors.splice(index, 1);
  for (const value of to.values) {
    if (value.kind !== "phi") break;
    value.inputs.splice(index, 1);
  }
}

const NEGATED: Record<Comparison, Comparison> = {
  equal: "notEqual",
  notEqual: "equal",
  less: "greaterEqual",
  greaterEqual: "less",
  greater: "lessEqual",
  lessEqual: "greater",
  lessUnsigned: "greaterEqualUnsigned",
  greaterEqualUnsigned: "lessUnsigned",
  greaterUnsigned: "lessEqualUnsigned",
  lessEqualUnsigned: "greaterUnsigned",
};
const SWAPPED: Record<Comparison, Comparison> = {
  equal: "equal",
  notEqual: "notEqual",
  less: "greater",
  greater: "less",
  lessEqual: "greaterEqual",
  greaterEqual: "lessEqual",
  lessUnsigned: "greaterUnsigned",
  greaterUnsigned: "lessUnsigned",
  lessEqualUnsigned: "greaterEqualUnsigned",
  greaterEqualUnsigned: "lessEqualUnsigned",
};

/** The comparison that holds exactly when this one does not. */
export const negated = (operator: Comparison): Comparison => NEGATED[operator];
/** The same comparison with its sides exchanged. */
export const swapped = (operator: Comparison): Comparison => SWAPPED[operator];
export const isComparison = (kind: ValueKind): kind is Comparison => kind in NEGATED;

/** The linker's own symbols, as `image_start`, name places in memory but no object that others could not reach. */
export const isLinkerSymbol = (symbol: string): boolean => !symbol.includes(":");

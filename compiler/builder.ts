/**
 * Writes one IR function: registers, slots, blocks, and the instruction stream of the block under construction.
 *
 * It folds what is constant, so that lowering can be written as if nothing were; anything cleverer is the optimiser's business. It also
 * remembers what the IR does not say but the escape check needs (`FunctionFacts`). Begin reading at `FunctionBuilder`.
 */
import { evaluate } from "./evaluate.ts";
import type {
  BinaryOperator,
  Block,
  Comparison,
  Instruction,
  Function as IrFunction,
  Operand,
  Position,
  Reason,
  Register,
  Slot,
  Terminator,
} from "./ir.ts";

type WithoutPosition<T> = T extends unknown ? Omit<T, "position"> : never;
export type BareInstruction = WithoutPosition<Instruction>;
type BareTerminator = WithoutPosition<Terminator>;

/** A block that is not finished yet. */
export interface Pause {
  readonly block: Block;
  readonly terminated: boolean;
}

/** A loop of the source; `null` is the function's body. */
export interface Loop {
  readonly outer: Loop | null;
}

/** What the checks of references need to know of a function besides its IR. */
export interface FunctionFacts {
  /** Registers that hold an address as a plain number: `address(x)` is where the programmer takes over. */
  readonly released: Set<Register>;
  /** The loop in which a variable is declared. */
  readonly variables: Map<Register, { readonly name: string; readonly loop: Loop | null }>;
  /** What a parameter refers to, by words (see `shapeOf`); and what calls through a register pass. */
  shape: readonly string[];
  readonly callShapes: Map<Instruction, readonly string[]>;
  /** Calls that fill a mailbox. */
  readonly receives: Map<Instruction, Received>;
  /** What lies in each slot, and the loop in which it is made. */
  readonly slots: { readonly name: string; readonly loop: Loop | null; readonly position: Position }[];
}

/** What a call that receives does: to which mailbox, and whether its result is a view of it. */
export interface Received {
  readonly mailbox: string;
  readonly isView: boolean;
}

export const constant = (value: number): Operand => ({ kind: "constant", value: value | 0 });
export const ZERO = constant(0);
export const inRegister = (register: Register): Operand => ({ kind: "register", register });

export class FunctionBuilder {
  readonly facts: FunctionFacts = {
    released: new Set(),
    variables: new Map(),
    slots: [],
    shape: [],
    callShapes: new Map(),
    receives: new Map(),
  };
  position: Position;
  loop: Loop | null = null;
  readonly #symbol: string;
  readonly #start: Position;
  readonly #blocks: Block[] = [];
  readonly #order: number[] = [];
  readonly #slots: Slot[] = [];
  #registers = 0;
  #current: Block;
  #terminated = false;

  constructor(symbol: string, position: Position) {
    this.#symbol = symbol;
    this.#start = position;
    this.position = position;
    this.#current = this.#blocks[this.block()]!;
    this.#order.push(0);
  }

  register(): Register {
    return this.#registers++;
  }

  emit(instruction: BareInstruction): Instruction {
    const placed = { ...instruction, position: this.position } as Instruction;
    if (!this.#terminated) this.#current.instructions.push(placed);
    return placed;
  }

  /** Whether what is emitted now can never run. */
  get isUnreachable(): boolean {
    return this.#terminated;
  }

  move(target: Register, source: Operand): void {
    this.emit({ kind: "move", target, source });
  }

  /** A copy that later assignments to the source do not change. */
  snapshot(source: Operand): Operand {
    if (source.kind === "constant") return source;
    const target = this.register();
    this.move(target, source);
    return inRegister(target);
  }

  binary(operator: BinaryOperator, left: Operand, right: Operand): Operand {
    const folded = fold(operator, left, right);
    if (folded !== null) return folded;
    const target = this.register();
    this.emit({ kind: "binary", operator, target, left, right });
    return inRegister(target);
  }

  load(base: Operand, offset: number, bytes: 1 | 2 | 4, signed: boolean, volatile: boolean): Operand {
    const target = this.register();
    this.emit({ kind: "load", target, base, offset, bytes, signed, volatile });
    return inRegister(target);
  }

  store(base: Operand, offset: number, bytes: 1 | 2 | 4, source: Operand, volatile: boolean): void {
    this.emit({ kind: "store", base, offset, bytes, source, volatile });
  }

  symbol(symbol: string, offset: number): Operand {
    const target = this.register();
    this.emit({ kind: "symbol", target, symbol, offset });
    return inRegister(target);
  }

  /** New storage in the frame, and its address. */
  slot(bytes: number, alignment: number, name: string): Operand {
    const slot = this.#slots.push({ bytes, alignment }) - 1;
    this.facts.slots.push({ name, loop: this.loop, position: this.position });
    const target = this.register();
    this.emit({ kind: "slot", target, slot, offset: 0 });
    return inRegister(target);
  }

  call(symbol: string, operands: Operand[], results: 0 | 1 | 2, received: Received | null = null): Operand[] {
    const targets = this.#targets(results);
    const call = this.emit({ kind: "call", targets, symbol, arguments: operands });
    if (received !== null) this.facts.receives.set(call, received);
    return targets.map(inRegister);
  }

  callIndirect(callee: Operand, operands: Operand[], results: 0 | 1 | 2, shape: readonly string[]): Operand[] {
    const targets = this.#targets(results);
    this.facts.callShapes.set(this.emit({ kind: "callIndirect", targets, callee, arguments: operands }), shape);
    return targets.map(inRegister);
  }

  /** Traps with `reason` unless the comparison holds; nothing where it obviously does. */
  check(operator: Comparison, left: Operand, right: Operand, reason: Reason): void {
    const folded = fold(operator, left, right);
    if (folded?.kind === "constant" && folded.value === 1) return;
    this.emit({ kind: "check", operator, left, right, reason });
  }

  /** A new block, not yet in the stream. */
  block(): number {
    const terminator: Terminator = { kind: "unreachable", position: this.position };
    return this.#blocks.push({ instructions: [], terminator }) - 1;
  }

  /** Goes on in `block`; falls into it if the present one has not ended. */
  enter(block: number): void {
    if (!this.#terminated) this.jump(block);
    this.#current = this.#blocks[block]!;
    this.#order.push(block);
    this.#terminated = false;
  }

  /** Leaves the present block open; `resume` goes on in it. */
  pause(): Pause {
    const pause = { block: this.#current, terminated: this.#terminated };
    this.#terminated = true;
    return pause;
  }

  resume(pause: Pause): void {
    this.#current = pause.block;
    this.#terminated = pause.terminated;
  }

  end(terminator: BareTerminator): void {
    if (this.#terminated) return;
    this.#current.terminator = { ...terminator, position: this.position } as Terminator;
    this.#terminated = true;
  }

  jump(to: number): void {
    this.end({ kind: "jump", to });
  }

  branch(operator: Comparison, left: Operand, right: Operand, then: number, otherwise: number): void {
    const folded = fold(operator, left, right);
    if (folded?.kind === "constant") this.jump(folded.value === 1 ? then : otherwise);
    else this.end({ kind: "branch", operator, left, right, then, otherwise });
  }

  /** The finished function: only blocks that can be reached, in the order they were entered. */
  finish(parameters: Register[], results: 0 | 1 | 2): IrFunction {
    const reached = this.#reachable();
    const order = this.#order.filter((block) => reached.has(block));
    const number = new Map(order.map((block, index) => [block, index]));
    const blocks = order.map((block) => renumber(this.#blocks[block]!, number));
    return {
      symbol: this.#symbol,
      position: this.#start,
      parameters,
      results,
      registers: this.#registers,
      slots: this.#slots,
      blocks,
    };
  }

  #targets(results: 0 | 1 | 2): Register[] {
    return Array.from({ length: results }, () => this.register());
  }

  #reachable(): Set<number> {
    const reached = new Set([0]);
    for (const block of reached) for (const next of successors(this.#blocks[block]!.terminator)) reached.add(next);
    return reached;
  }
}

export function successors(terminator: Terminator): number[] {
  switch (terminator.kind) {
    case "jump":
      return [terminator.to];
    case "branch":
      return [terminator.then, terminator.otherwise];
    case "switch":
      return [...terminator.cases.map((each) => each.to), terminator.otherwise];
    default:
      return [];
  }
}

function renumber(block: Block, number: ReadonlyMap<number, number>): Block {
  const to = (old: number): number => number.get(old)!;
  const { terminator } = block;
  switch (terminator.kind) {
    case "jump":
      return { ...block, terminator: { ...terminator, to: to(terminator.to) } };
    case "branch":
      return {
        ...block,
        terminator: { ...terminator, then: to(terminator.then), otherwise: to(terminator.otherwise) },
      };
    case "switch": {
      const cases = terminator.cases.map((each) => ({ value: each.value, to: to(each.to) }));
      return { ...block, terminator: { ...terminator, cases, otherwise: to(terminator.otherwise) } };
    }
    default:
      return block;
  }
}

/** The result where it is plain: both constant, or nothing to do. */
function fold(operator: BinaryOperator, left: Operand, right: Operand): Operand | null {
  if (left.kind === "constant" && right.kind === "constant") {
    const value = evaluate(operator, left.value, right.value);
    return value === null ? null : constant(value);
  }
  if (
    right.kind === "constant" &&
    right.value === 0 &&
    ["add", "subtract", "or", "xor", "shiftLeft", "shiftRight", "shiftRightUnsigned"].includes(operator)
  )
    return left;
  if (left.kind === "constant" && left.value === 0 && (operator === "add" || operator === "or")) return right;
  if (right.kind === "constant" && right.value === 1 && operator === "multiply") return left;
  return null;
}

/**
 * Inlining: the bodies of small functions in place of calls to them, across modules.
 *
 * Works on IR, before SSA: a body is copied with its registers, slots and blocks renumbered. What is inlined depends on the bodies alone, not on
 * the order in which modules are compiled. Begin reading at `inlineCalls`.
 */

import type * as IR from "./ir.ts";
import { naturalLoops } from "./ir-loops.ts";

/**
 * What has more instructions than this, moves and slots not counted, is never inlined, whatever the call: so that the cache knows on which bodies a
 * module's code depends (artifact.ts).
 */
const INLINE_LIMIT = 100;
/** A body that costs at most this much is inlined wherever it is called. */
const SMALL_COST = 16;
/** In a loop, and where arguments are constants, a call weighs more; most in the callee's own module, where it may be all there is to it. */
const LOOP_COST = 24;
const LOOP_COST_WITHIN = 32;
const CONSTANT_BONUS = 2;
/** How far inlining goes into what has been inlined. */
const DEPTH = 5;
/** A function stops growing at this many instructions. */
const GROWTH = 1500;
/** Slots of an inlined body end up in the caller's frame. */
const SLOT_BYTES = 256;

/** The function behind a symbol, or null where it is none or unknown. */
export type Lookup = (symbol: string) => IR.Function | null;

/** The function with calls of small functions replaced by their bodies; the same object where there are none. */
export function inlineCalls(source: IR.Function, lookup: Lookup): IR.Function {
  return new Inliner(source, lookup).run();
}

/** How many instructions a body stands for, roughly. Infinity for what is never inlined. */
const costs = new WeakMap<IR.Function, number>();

function costOf(source: IR.Function): number {
  let cost = costs.get(source);
  if (cost === undefined) {
    cost = source.slots.reduce((sum, { bytes }) => sum + bytes, 0) > SLOT_BYTES ? Number.POSITIVE_INFINITY : 0;
    let returns = false;
    for (const { instructions, terminator } of source.blocks) {
      for (const instruction of instructions) cost += instructionCost(instruction);
      if (terminator.kind === "branch") cost += 1;
      else if (terminator.kind === "switch") cost += 2 * terminator.cases.length;
      else if (terminator.kind === "return") returns = true;
    }
    // What never returns is not worth the space.
    if (!returns) cost = Number.POSITIVE_INFINITY;
    costs.set(source, cost);
  }
  return cost;
}

function instructionCost(instruction: IR.Instruction): number {
  switch (instruction.kind) {
    case "move":
    case "slot":
      return 0;
    case "call":
    case "callIndirect":
      return 3 + instruction.arguments.length / 2;
    case "copy":
    case "zero":
      return Math.min(4 + instruction.bytes / 4, 12);
    case "environmentCall":
      return 4;
    case "assembly":
      return instruction.text.join("").split("\n").length + 2;
    default:
      return 1;
  }
}

class Inliner {
  private readonly blocks: IR.Block[] = [];
  private readonly slots: IR.Slot[];
  private registers: number;
  private size = 0;
  private changed = false;
  private readonly loops: ReadonlySet<IR.Block>;

  constructor(
    private readonly source: IR.Function,
    private readonly lookup: Lookup,
  ) {
    this.slots = [...source.slots];
    this.registers = source.registers;
    this.loops = blocksInLoops(source);
  }

  run(): IR.Function {
    const { source } = this;
    // The source's blocks keep their numbers, so that its terminators need no change.
    for (const _ of source.blocks) this.newBlock();
    for (const [index, block] of source.blocks.entries()) {
      this.blocks[index]!.terminator = block.terminator;
      this.body(index, block, [source.symbol], this.loops.has(block));
    }
    if (!this.changed) return source;
    return { ...source, registers: this.registers, slots: this.slots, blocks: this.blocks };
  }

  private newBlock(): number {
    const unreachable = { kind: "unreachable", position: this.source.position } as const;
    return this.blocks.push({ instructions: [], terminator: unreachable }) - 1;
  }

  /**
   * Copies a block's instructions to block `index`, which has its terminator already, inlining on the way. Returns the piece in which
   * the block now ends.
   */
  private body(index: number, block: IR.Block, chain: readonly string[], hot: boolean): IR.Block {
    let current = this.blocks[index]!;
    const cold = block.terminator.kind === "trap" || block.terminator.kind === "unreachable";
    for (const instruction of block.instructions) {
      const callee = instruction.kind === "call" && !cold ? this.worthwhile(instruction, chain, hot) : null;
      if (callee === null || instruction.kind !== "call") {
        current.instructions.push(instruction);
        this.size++;
        continue;
      }
      const rest = this.newBlock();
      this.blocks[rest]!.terminator = current.terminator;
      this.splice(current, instruction, callee, rest, chain, hot);
      current = this.blocks[rest]!;
      this.changed = true;
    }
    return current;
  }

  private worthwhile(
    call: IR.Instruction & { kind: "call" },
    chain: readonly string[],
    hot: boolean,
  ): IR.Function | null {
    if (chain.length > DEPTH || chain.includes(call.symbol) || this.size > GROWTH) return null;
    const callee = this.lookup(call.symbol);
    if (callee === null) return null;
    const constants = call.arguments.filter((operand) => operand.kind === "constant").length;
    const loopCost = pathOf(call.symbol) === pathOf(this.source.symbol) ? LOOP_COST_WITHIN : LOOP_COST;
    const allowed = (hot ? loopCost : SMALL_COST) + constants * CONSTANT_BONUS;
    return costOf(callee) <= Math.min(allowed, INLINE_LIMIT) ? callee : null;
  }

  /** Ends `before` with the callee's body, which ends with a jump to block `after`. */
  private splice(
    before: IR.Block,
    call: IR.Instruction & { kind: "call" },
    callee: IR.Function,
    after: number,
    chain: readonly string[],
    hot: boolean,
  ): void {
    const renaming = new Renaming(this.registers, this.slots.length, this.blocks.length);
    this.registers += callee.registers;
    this.slots.push(...callee.slots);
    for (const [index, parameter] of callee.parameters.entries()) {
      const source = call.arguments[index] ?? { kind: "constant", value: 0 };
      before.instructions.push({ kind: "move", position: call.position, target: renaming.register(parameter), source });
    }
    before.terminator = { kind: "jump", position: call.position, to: renaming.block(0) };
    for (const _ of callee.blocks) this.newBlock();
    const loops = blocksInLoops(callee);
    for (const [index, block] of callee.blocks.entries()) {
      const place = renaming.block(index);
      const { terminator } = block;
      const copy: IR.Block = { instructions: renaming.instructions(block), terminator };
      const returns = terminator.kind === "return";
      this.blocks[place]!.terminator = returns
        ? { kind: "jump", position: call.position, to: after }
        : renaming.terminator(terminator);
      const last = this.body(place, copy, [...chain, callee.symbol], hot || loops.has(block));
      if (returns) this.results(last, terminator, renaming, call.targets);
    }
  }

  /** The results reach their targets through registers of their own: one target may be the other's source. */
  private results(
    last: IR.Block,
    { values, position }: IR.Terminator & { kind: "return" },
    renaming: Renaming,
    targets: readonly IR.Register[],
  ): void {
    const spare = targets.map(() => this.registers++);
    for (const [index, target] of spare.entries()) {
      last.instructions.push({ kind: "move", position, target, source: renaming.operand(values[index]!) });
    }
    for (const [index, target] of targets.entries()) {
      const source: IR.Operand = { kind: "register", register: spare[index]! };
      last.instructions.push({ kind: "move", position, target, source });
    }
  }
}

/** The module that a symbol belongs to. */
const pathOf = (symbol: string): string => symbol.slice(0, symbol.indexOf(":"));

/** A body's registers, slots and blocks under their new numbers. */
class Renaming {
  constructor(
    private readonly firstRegister: number,
    private readonly firstSlot: number,
    private readonly firstBlock: number,
  ) {}

  register(register: IR.Register): IR.Register {
    return register + this.firstRegister;
  }

  block(block: number): number {
    return block + this.firstBlock;
  }

  operand(operand: IR.Operand): IR.Operand {
    return operand.kind === "constant" ? operand : { kind: "register", register: this.register(operand.register) };
  }

  instructions(block: IR.Block): IR.Instruction[] {
    return block.instructions.map((instruction) => this.instruction(instruction));
  }

  private instruction(instruction: IR.Instruction): IR.Instruction {
    const operand = (each: IR.Operand): IR.Operand => this.operand(each);
    const register = (each: IR.Register): IR.Register => this.register(each);
    switch (instruction.kind) {
      case "move":
        return { ...instruction, target: register(instruction.target), source: operand(instruction.source) };
      case "binary": {
        const sides = { left: operand(instruction.left), right: operand(instruction.right) };
        return { ...instruction, target: register(instruction.target), ...sides };
      }
      case "symbol":
      case "readCsr":
        return { ...instruction, target: register(instruction.target) };
      case "slot":
        return { ...instruction, target: register(instruction.target), slot: instruction.slot + this.firstSlot };
      case "load":
        return { ...instruction, target: register(instruction.target), base: operand(instruction.base) };
      case "store":
        return { ...instruction, base: operand(instruction.base), source: operand(instruction.source) };
      case "copy":
        return { ...instruction, target: operand(instruction.target), source: operand(instruction.source) };
      case "zero":
        return { ...instruction, target: operand(instruction.target) };
      default:
        return this.effect(instruction);
    }
  }

  private effect(instruction: IR.Instruction): IR.Instruction {
    const operand = (each: IR.Operand): IR.Operand => this.operand(each);
    const register = (each: IR.Register): IR.Register => this.register(each);
    switch (instruction.kind) {
      case "call":
        return {
          ...instruction,
          targets: instruction.targets.map(register),
          arguments: instruction.arguments.map(operand),
        };
      case "callIndirect": {
        const { targets, callee, arguments: operands } = instruction;
        return {
          ...instruction,
          targets: targets.map(register),
          callee: operand(callee),
          arguments: operands.map(operand),
        };
      }
      case "environmentCall": {
        const { target, number, arguments: operands } = instruction;
        return { ...instruction, target: register(target), number: operand(number), arguments: operands.map(operand) };
      }
      case "writeCsr":
        return { ...instruction, source: operand(instruction.source) };
      case "check":
        return { ...instruction, left: operand(instruction.left), right: operand(instruction.right) };
      case "assembly":
        return {
          ...instruction,
          operands: instruction.operands.map((each) =>
            each.kind === "value" ? { kind: "value", value: operand(each.value) } : each,
          ),
        };
      default:
        return instruction;
    }
  }

  terminator(terminator: IR.Terminator): IR.Terminator {
    switch (terminator.kind) {
      case "jump":
        return { ...terminator, to: this.block(terminator.to) };
      case "branch": {
        const sides = { left: this.operand(terminator.left), right: this.operand(terminator.right) };
        return {
          ...terminator,
          ...sides,
          then: this.block(terminator.then),
          otherwise: this.block(terminator.otherwise),
        };
      }
      case "switch": {
        const cases = terminator.cases.map(({ value, to }) => ({ value, to: this.block(to) }));
        return {
          ...terminator,
          value: this.operand(terminator.value),
          cases,
          otherwise: this.block(terminator.otherwise),
        };
      }
      default:
        return terminator;
    }
  }
}

const loopBlocks = new WeakMap<IR.Function, ReadonlySet<IR.Block>>();

/** The blocks from which control can come back to them, roughly: those between the two ends of an edge that goes backwards. */
function blocksInLoops(source: IR.Function): ReadonlySet<IR.Block> {
  let found = loopBlocks.get(source);
  if (found === undefined) {
    found = new Set(
      [...naturalLoops(source).values()].flatMap((members) => [...members].map((index) => source.blocks[index]!)),
    );
    loopBlocks.set(source, found);
  }
  return found;
}

/**
 * Instruction selection: SSA to RV32 instructions over virtual registers.
 *
 * Blocks and values are visited from the last to the first, so that every reader has been seen when a value is reached: a value that its
 * readers have swallowed (an address folded into a load, say) has no register by then and is not computed. Phis become moves at the
 * end of their predecessors. Begin reading at `select`; select-value.ts has the patterns.
 */
import { slotsAreNear } from "./frame.ts";
import {
  A0,
  branchOf,
  FIRST_VIRTUAL,
  type MachineBlock,
  type MachineEnding,
  type MachineFunction,
  MachineInstruction,
  NONE,
  ZERO,
} from "./machine-code.ts";
import { Patterns } from "./select-value.ts";
import { type Block, type Ending, type Graph, hasEffect, type Value } from "./ssa.ts";

/**
 * The function in machine instructions. Needs a graph without switches and critical edges, its constants placed. `clobbers` says for functions that
 * are compiled already which registers they change.
 */
export function select(graph: Graph, clobbers: ReadonlyMap<string, number>): MachineFunction {
  return new Selection(graph, clobbers).run();
}

/** The state of one function's selection, as the patterns see it. */
export class Selection {
  readonly registers: Int32Array;
  readonly readers: Int32Array;
  readonly target: MachineFunction;
  readonly nearSlots: boolean;
  private readonly blocks = new Map<Block, MachineBlock>();
  private readonly patterns = new Patterns(this);
  /** The instructions of the value at hand, in their order. */
  private sequence: MachineInstruction[] = [];
  private at: Value | Ending;

  constructor(
    readonly graph: Graph,
    readonly clobbers: ReadonlyMap<string, number>,
  ) {
    this.registers = new Int32Array(graph.valueCount).fill(NONE);
    this.readers = countReaders(graph);
    this.at = graph.entry.ending;
    this.nearSlots = slotsAreNear(graph.slots);
    const { symbol, position, slots } = graph;
    const first = FIRST_VIRTUAL;
    const nothing = { outgoingBytes: 0, spills: 0, written: 0, frameStarts: new Set<MachineBlock>(), framed: null };
    this.target = { symbol, position, slots, blocks: [], registers: first, ...nothing };
  }

  run(): MachineFunction {
    for (const block of this.graph.blocks) this.open(block);
    for (let index = this.graph.blocks.length - 1; index >= 0; index--) this.block(this.graph.blocks[index]!);
    return this.target;
  }

  private open(block: Block): void {
    const { position, kind } = block.ending;
    const ending: MachineEnding = {
      kind: kind === "switch" ? "unreachable" : kind,
      position,
      name: "",
      rs1: NONE,
      rs2: NONE,
      reads: [],
      targets: [],
      table: [],
      tableSymbol: "",
      reason: block.ending.reason,
    };
    const index = this.target.blocks.length;
    const made = { index, instructions: [], ending, depth: block.loop?.depth ?? 0, cold: false };
    this.target.blocks.push(made);
    this.blocks.set(block, made);
    // Around a loop a phi is read before the walk reaches it.
    for (const value of block.values) {
      if (value.kind !== "phi") break;
      this.registers[value.id] = this.newRegister();
    }
  }

  private block(block: Block): void {
    const backwards: MachineInstruction[] = [];
    const flush = (): void => {
      for (let index = this.sequence.length - 1; index >= 0; index--) backwards.push(this.sequence[index]!);
      this.sequence = [];
    };
    this.at = block.ending;
    this.phiMoves(block);
    this.ending(block);
    flush();
    for (let index = block.values.length - 1; index >= 0; index--) {
      const value = block.values[index]!;
      if (value.kind === "phi") break;
      this.at = value;
      if (hasEffect(value) || this.registers[value.id] !== NONE) this.patterns.value(value);
      flush();
    }
    this.blocks.get(block)!.instructions = backwards.reverse();
  }

  private ending(block: Block): void {
    const { ending } = block;
    const made = this.blocks.get(block)!.ending;
    made.targets = ending.targets.map((target) => this.blocks.get(target)!);
    if (ending.kind === "branch") {
      const [left, right] = ending.values as [Value, Value];
      const [name, exchanged] = branchOf(ending.operator);
      made.name = name;
      made.rs1 = this.register(exchanged ? right : left);
      made.rs2 = this.register(exchanged ? left : right);
    } else if (ending.kind === "table") {
      made.rs1 = this.register(ending.values[0]!);
      made.table = ending.caseTargets;
      made.tableSymbol = `${this.graph.symbol}.table${this.blocks.get(block)!.index}`;
      this.patterns.table(made);
    } else if (ending.kind === "return") {
      for (const [index, value] of ending.values.entries()) {
        this.moveInto(A0 + index, value);
        made.reads.push(A0 + index);
      }
    }
  }

  /** The moves that give the successor's phis their values, in an order in which none overwrites what another still reads. */
  private phiMoves(block: Block): void {
    const successor = block.ending.targets[0];
    if (successor === undefined || successor.values[0]?.kind !== "phi") return;
    const place = successor.predecessors.indexOf(block);
    const moves: { to: number; from: number }[] = [];
    const constants: { to: number; value: Value }[] = [];
    for (const phi of successor.values) {
      if (phi.kind !== "phi") break;
      const to = this.registers[phi.id]!;
      const value = phi.inputs[place]!;
      if (value.kind === "constant" && value.block === null) constants.push({ to, value });
      else {
        const from = this.register(value);
        if (from !== to) moves.push({ to, from });
      }
    }
    this.sequentialise(moves);
    for (const { to, value } of constants) this.moveInto(to, value);
  }

  private sequentialise(moves: { to: number; from: number }[]): void {
    let pending = moves;
    while (pending.length > 0) {
      const free = pending.find(({ to }) => !pending.some((other) => other.from === to));
      if (free !== undefined) {
        this.emit("mv", free.to, free.from);
        pending = pending.filter((move) => move !== free);
        continue;
      }
      // Only cycles are left: a spare register opens one.
      const spare = this.newRegister();
      const { from } = pending[0]!;
      this.emit("mv", spare, from);
      for (const move of pending) if (move.from === from) move.from = spare;
    }
  }

  newRegister(): number {
    return this.target.registers++;
  }

  /** The register that holds the value; asking for it makes the value be computed. */
  register(value: Value): number {
    if (value.kind === "constant" && value.offset === 0) return ZERO;
    let register = this.registers[value.id]!;
    if (register === NONE) register = this.registers[value.id] = this.newRegister();
    return register;
  }

  /** The register that a value at hand has to be computed into; x0 where nobody reads it. */
  result(value: Value): number {
    const register = this.registers[value.id]!;
    return register === NONE ? ZERO : register;
  }

  /** Puts a value, or a constant without a place of its own, into a given register. */
  moveInto(register: number, value: Value): void {
    if (value.kind === "constant" && value.block === null) this.emit("li", register, NONE, NONE, value.offset);
    else this.emit("mv", register, this.register(value));
  }

  emit(name: string, rd: number, rs1: number = NONE, rs2: number = NONE, immediate = 0): MachineInstruction {
    const instruction = new MachineInstruction(name, rd, rs1, rs2, immediate, this.at.position);
    this.sequence.push(instruction);
    return instruction;
  }
}

function countReaders(graph: Graph): Int32Array {
  const readers = new Int32Array(graph.valueCount);
  const count = (value: Value): void => {
    readers[value.id]!++;
  };
  for (const block of graph.blocks) {
    for (const value of block.values) value.inputs.forEach(count);
    block.ending.values.forEach(count);
  }
  return readers;
}

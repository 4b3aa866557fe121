/**
 * Which virtual registers cannot share a machine register, which machine registers each cannot have, and which would like to be the same.
 *
 * Two registers interfere where one is written while the other is live, unless by a move between them (Chaitin 1982). Machine registers are
 * not nodes: what they forbid is a mask at each node. Begin reading at `interference`.
 */
import { liveness } from "./liveness.ts";
import {
  eachRead,
  FIRST_VIRTUAL,
  type MachineBlock,
  type MachineFunction,
  type MachineInstruction,
} from "./machine-code.ts";

/** Nodes are virtual registers, numbered from 0. */
export interface Interference {
  readonly count: number;
  readonly neighbours: number[][];
  /** Bit n: machine register n would be overwritten under the node's nose. */
  readonly forbidden: Int32Array;
  /** How often the node is read and written, each weighted by how often its block runs. */
  readonly weight: Float64Array;
  readonly moves: Move[];
  /** For each node, moves to or from machine registers. */
  readonly hints: Hint[][];
  has(a: number, b: number): boolean;
  add(a: number, b: number): void;
}

export interface Move {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
  /** Of one that was made to keep the two apart. */
  readonly splits: boolean;
}

export interface Hint {
  readonly register: number;
  readonly weight: number;
}

/** How often a block runs for one run of its function, by guess. */
export function frequency(block: MachineBlock): number {
  return block.cold ? 0.01 : 8 ** Math.min(block.depth, 6);
}

export function interference(code: MachineFunction): Interference {
  const graph = new InterferenceGraph(code.registers - FIRST_VIRTUAL);
  const { words, out } = liveness(code);
  const scan = new Scan(graph);
  for (const block of code.blocks) scan.run(block, out.subarray(block.index * words, (block.index + 1) * words));
  return graph;
}

class InterferenceGraph implements Interference {
  readonly neighbours: number[][] = [];
  readonly forbidden: Int32Array;
  readonly weight: Float64Array;
  readonly moves: Move[] = [];
  readonly hints: Hint[][] = [];
  /** The lower triangle of the matrix. */
  private readonly bits: Uint32Array;

  constructor(readonly count: number) {
    for (let node = 0; node < count; node++) {
      this.neighbours.push([]);
      this.hints.push([]);
    }
    this.forbidden = new Int32Array(count);
    this.weight = new Float64Array(count);
    this.bits = new Uint32Array(((count * (count + 1)) / 2 + 31) >>> 5);
  }

  has(a: number, b: number): boolean {
    const index = a > b ? (a * (a + 1)) / 2 + b : (b * (b + 1)) / 2 + a;
    return (this.bits[index >>> 5]! & (1 << (index & 31))) !== 0;
  }

  add(a: number, b: number): void {
    if (a === b) return;
    const index = a > b ? (a * (a + 1)) / 2 + b : (b * (b + 1)) / 2 + a;
    const bit = 1 << (index & 31);
    if ((this.bits[index >>> 5]! & bit) !== 0) return;
    this.bits[index >>> 5]! |= bit;
    this.neighbours[a]!.push(b);
    this.neighbours[b]!.push(a);
  }
}

/** Walks a block backwards with the set of live registers. */
class Scan {
  private readonly live: number[] = [];
  /** Place in `live`, or -1. */
  private readonly place: Int32Array;
  /** Machine registers that are still to be read. */
  private machine = 0;
  private frequency = 0;

  constructor(private readonly graph: InterferenceGraph) {
    this.place = new Int32Array(graph.count).fill(-1);
  }

  run(block: MachineBlock, liveOut: Uint32Array): void {
    this.frequency = frequency(block);
    this.machine = 0;
    for (const [word, bits] of liveOut.entries()) {
      for (let rest = bits; rest !== 0; rest &= rest - 1) this.enter(word * 32 + 31 - Math.clz32(rest & -rest));
    }
    const { ending, instructions } = block;
    if (ending.rs1 >= 0) this.read(ending.rs1);
    if (ending.rs2 >= 0) this.read(ending.rs2);
    for (const register of ending.reads) this.read(register);
    for (let index = instructions.length - 1; index >= 0; index--) this.instruction(instructions[index]!);
    while (this.live.length > 0) this.place[this.live.pop()!] = -1;
  }

  private instruction(instruction: MachineInstruction): void {
    const moved = instruction.name === "mv" ? instruction.rs1 : -1;
    if (moved >= 0) this.note(instruction.rd, moved, instruction.splits);
    if (instruction.clobbers !== 0) this.clobber(instruction);
    if (instruction.rd >= 0) this.write(instruction.rd, moved);
    eachRead(instruction, (register) => this.read(register));
  }

  private clobber(instruction: MachineInstruction): void {
    const { forbidden } = this.graph;
    for (const node of this.live) forbidden[node]! |= instruction.clobbers;
    this.machine &= ~instruction.clobbers;
    // Assembly may write a register before it has read all its operands.
    if (instruction.name !== "assembly" || instruction.reads === null) return;
    for (const register of instruction.reads) {
      if (register >= FIRST_VIRTUAL) forbidden[register - FIRST_VIRTUAL]! |= instruction.clobbers;
    }
  }

  private write(register: number, moved: number): void {
    const { graph, live } = this;
    const movedNode = moved - FIRST_VIRTUAL;
    if (register < FIRST_VIRTUAL) {
      for (const node of live) if (node !== movedNode) graph.forbidden[node]! |= 1 << register;
      this.machine &= ~(1 << register);
      return;
    }
    const node = register - FIRST_VIRTUAL;
    graph.weight[node]! += this.frequency;
    this.leave(node);
    for (const other of live) if (other !== movedNode) graph.add(node, other);
    graph.forbidden[node]! |= moved >= 0 && movedNode < 0 ? this.machine & ~(1 << moved) : this.machine;
  }

  private read(register: number): void {
    if (register < FIRST_VIRTUAL) {
      this.machine |= 1 << register;
      return;
    }
    this.graph.weight[register - FIRST_VIRTUAL]! += this.frequency;
    this.enter(register - FIRST_VIRTUAL);
  }

  /** A move: its two sides would like to be the same register. */
  private note(to: number, from: number, splits: boolean): void {
    const [a, b] = [to - FIRST_VIRTUAL, from - FIRST_VIRTUAL];
    const weight = this.frequency;
    if (a >= 0 && b >= 0) this.graph.moves.push({ a, b, weight, splits });
    else if (a >= 0) this.graph.hints[a]!.push({ register: from, weight });
    else if (b >= 0) this.graph.hints[b]!.push({ register: to, weight });
  }

  private enter(node: number): void {
    if (this.place[node] !== -1) return;
    this.place[node] = this.live.length;
    this.live.push(node);
  }

  private leave(node: number): void {
    const index = this.place[node]!;
    if (index === -1) return;
    const last = this.live.pop()!;
    if (last !== node) {
      this.live[index] = last;
      this.place[last] = index;
    }
    this.place[node] = -1;
  }
}

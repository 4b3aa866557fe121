/**
 * What finds no register lives in the frame: a store behind every write, a load in front of every read.
 *
 * Values that one instruction can make again (constants, addresses) are made again instead. Begin reading at `spill`.
 */

import { frequency } from "./interference.ts";
import { FIRST_VIRTUAL, type MachineBlock, type MachineFunction, MachineInstruction, NONE } from "./machine-code.ts";

/** A register that was loaded for one reader serves readers up to this many instructions later. */
const REACH = 6;

/**
 * Moves virtual registers to the frame; those that map to the same register share a place. Adds the short-lived registers it needs to
 * `temporaries`.
 */
export function spill(code: MachineFunction, registers: ReadonlyMap<number, number>, temporaries: Set<number>): void {
  const rewriting = new Rewriting(code, registers, temporaries);
  for (const block of code.blocks) rewriting.block(block);
}

/** Lowers the cost of registers that are cheaper to make again than to load: their writes cost nothing. */
export function frameCandidates(code: MachineFunction, cost: Float64Array): void {
  const makers = remakers(code);
  for (const block of code.blocks) {
    for (const { rd } of block.instructions) {
      if (makers.has(rd)) cost[rd - FIRST_VIRTUAL]! -= 2 * frequency(block);
    }
  }
}

/** The registers that are written once, by an instruction that depends on nothing. */
function remakers(code: MachineFunction): Map<number, MachineInstruction> {
  const makers = new Map<number, MachineInstruction>();
  const several = new Set<number>();
  for (const block of code.blocks) {
    for (const instruction of block.instructions) {
      const { rd, name } = instruction;
      if (rd < FIRST_VIRTUAL) continue;
      if (makers.has(rd)) several.add(rd);
      if (name === "li" || name === "la" || name === "slot") makers.set(rd, instruction);
      else several.add(rd);
    }
  }
  for (const register of several) makers.delete(register);
  return makers;
}

class Rewriting {
  private readonly makers: Map<number, MachineInstruction>;
  private readonly places = new Map<number, number>();
  /** What holds a register's value at this point of the block: a short-lived register and the place it was last used. */
  private readonly held = new Map<number, { by: number; at: number }>();
  private out: MachineInstruction[] = [];

  constructor(
    private readonly code: MachineFunction,
    private readonly registers: ReadonlyMap<number, number>,
    private readonly temporaries: Set<number>,
  ) {
    this.makers = remakers(code);
  }

  block(block: MachineBlock): void {
    this.out = [];
    this.held.clear();
    for (const instruction of block.instructions) this.instruction(instruction);
    const { ending } = block;
    if (this.registers.has(ending.rs1)) ending.rs1 = this.load(ending.rs1, ending);
    if (this.registers.has(ending.rs2)) ending.rs2 = this.load(ending.rs2, ending);
    block.instructions = this.out;
  }

  private instruction(instruction: MachineInstruction): void {
    const { registers } = this;
    const written = instruction.rd;
    if (registers.has(written) && this.makers.has(written)) return; // made anew where it is read
    if (instruction.name === "mv" && this.move(instruction)) return;
    if (registers.has(instruction.rs1)) instruction.rs1 = this.load(instruction.rs1, instruction);
    if (registers.has(instruction.rs2)) instruction.rs2 = this.load(instruction.rs2, instruction);
    if (instruction.reads !== null) {
      instruction.reads = instruction.reads.map((register) =>
        registers.has(register) ? this.load(register, instruction) : register,
      );
    }
    this.out.push(instruction);
    if (instruction.clobbers !== 0) this.held.clear();
    if (!registers.has(written)) return;
    instruction.rd = this.temporary();
    this.held.set(written, { by: instruction.rd, at: this.out.length });
    this.frame("spill", NONE, instruction.rd, written, instruction);
  }

  /** A move into or out of the frame is a store or a load by itself. */
  private move(instruction: MachineInstruction): boolean {
    const { rd, rs1 } = instruction;
    if (this.registers.has(rd) && this.registers.get(rd) === this.registers.get(rs1) && !this.makers.has(rs1))
      return true;
    if (this.registers.has(rd) && !this.registers.has(rs1)) {
      this.held.delete(rd);
      this.frame("spill", NONE, rs1, rd, instruction);
      return true;
    }
    if (this.registers.has(rs1) && !this.registers.has(rd)) {
      const held = this.held.get(rs1);
      if (held !== undefined && this.out.length - held.at <= REACH) return false;
      this.make(rs1, rd, instruction);
      return true;
    }
    return false;
  }

  /** A register that holds the value, loaded now unless it was a moment ago. */
  private load(register: number, reader: { position: MachineInstruction["position"] }): number {
    const held = this.held.get(register);
    if (held !== undefined && this.out.length - held.at <= REACH) {
      held.at = this.out.length;
      return held.by;
    }
    const by = this.temporary();
    this.make(register, by, reader);
    this.held.set(register, { by, at: this.out.length });
    return by;
  }

  private make(register: number, into: number, reader: { position: MachineInstruction["position"] }): void {
    const maker = this.makers.get(register);
    if (maker === undefined) return this.frame("reload", into, NONE, register, reader);
    const again = new MachineInstruction(maker.name, into, NONE, NONE, maker.immediate, reader.position);
    again.symbol = maker.symbol;
    again.slot = maker.slot;
    this.out.push(again);
  }

  private frame(
    name: "spill" | "reload",
    rd: number,
    source: number,
    register: number,
    { position }: { position: MachineInstruction["position"] },
  ): void {
    const shared = this.registers.get(register)!;
    let place = this.places.get(shared);
    if (place === undefined) {
      place = this.code.spills++;
      this.places.set(shared, place);
    }
    this.out.push(new MachineInstruction(name, rd, NONE, source, place, position));
  }

  private temporary(): number {
    const register = this.code.registers++;
    this.temporaries.add(register);
    return register;
  }
}

/**
 * Machine instructions before they have registers: what instruction selection writes, register allocation rewrites and emission encodes.
 *
 * Registers 0 to 31 are the machine's own, greater numbers are virtual. An instruction is one RV32 instruction or a pseudo-instruction
 * that emit.ts expands. Begin reading at `MachineInstruction`.
 */
import type { Comparison, Position, Reason } from "./ir.ts";

/** The registers of the calling convention (RISC-V ELF psABI, chapter 1) that the compiler names. */
export const ZERO = 0;
export const RA = 1;
export const SP = 2;
export const T0 = 5;
export const A0 = 10;
export const A7 = 17;
export const NONE = -1;
export const FIRST_VIRTUAL = 32;

export const REGISTER_NAMES = [
  ...["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"],
  ...["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"],
  ...["s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"],
] as const;

const mask = (...registers: number[]): number => registers.reduce((bits, register) => bits | (1 << register), 0);
/** Bit n stands for register n. */
export const TEMPORARIES = mask(5, 6, 7, 28, 29, 30, 31);
export const ARGUMENTS = mask(10, 11, 12, 13, 14, 15, 16, 17);
export const SAVED = mask(8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
export const ALLOCATABLE = TEMPORARIES | ARGUMENTS | SAVED;
/** What a call may change. */
export const CALL_CLOBBERS = TEMPORARIES | ARGUMENTS | (1 << RA);

/** What the value in the immediate field of an instruction is, when the linker has to say: RISC-V ELF psABI, section 2.3. */
export type SymbolPart = "none" | "high" | "low" | "jump";

/**
 * Real instructions by their names, and: `li` (a constant), `la` (symbol + immediate), `mv`, `call` (symbol), `callIndirect` (rs1), `slot`
 * (rd = address of a place in the frame), `slotLoad`/`slotStore` (access to a place in the frame: `width` names the instruction), `argument` (load
 * incoming stack argument), `check` (branch `width` to a trap), `assembly`, `reload`/`spill` (a word of the frame), `prologue`, `epilogue`.
 */
export class MachineInstruction {
  symbol = "";
  part: SymbolPart = "none";
  /** Registers read beside rs1 and rs2. */
  reads: number[] | null = null;
  /** Machine registers overwritten beside rd. */
  clobbers = 0;
  slot = 0;
  /** The five-bit constant of `csrrwi`, which has no other immediate to spare. */
  small = 0;
  /** The real instruction behind `slotLoad`, `slotStore` and `check`. */
  width = "";
  reason = 0 as Reason;
  text: string[] | null = null;
  /** A move that keeps the two sides apart where one of them has to survive calls. */
  splits = false;
  /** For assembly: what stands between the pieces of text: the index of a register in `reads`, or a symbol. */
  operands: (number | string)[] | null = null;

  constructor(
    public name: string,
    public rd: number,
    public rs1: number,
    public rs2: number,
    public immediate: number,
    public readonly position: Position,
  ) {}
}

/** How a block ends. A branch goes to targets[0] where `rs1 name rs2` holds, else to targets[1]; a table jumps to where rs1 points. */
export interface MachineEnding {
  kind: "jump" | "branch" | "table" | "return" | "trap" | "unreachable";
  readonly position: Position;
  /** beq, bne, blt, bge, bltu or bgeu. */
  name: string;
  rs1: number;
  rs2: number;
  /** Registers that a return hands over. */
  reads: number[];
  targets: MachineBlock[];
  /** For a table: the target of each index, and the table's symbol. rs1 holds the address to go to. */
  table: number[];
  tableSymbol: string;
  reason: Reason;
}

export interface MachineBlock {
  /** Place in `MachineFunction.blocks`. */
  index: number;
  instructions: MachineInstruction[];
  ending: MachineEnding;
  /** How deep in loops; 0 is outside. */
  depth: number;
  /** Leads nowhere but to a trap: rarely if ever run. */
  cold: boolean;
}

/** A place in the frame: one of the function's slots. */
export interface FrameSlot {
  readonly bytes: number;
  readonly alignment: number;
}

export interface MachineFunction {
  readonly symbol: string;
  readonly position: Position;
  readonly slots: readonly FrameSlot[];
  /** In the order of their emission; the first is the entry. */
  blocks: MachineBlock[];
  /** Virtual registers are numbered below this. */
  registers: number;
  /** Bytes of arguments that its calls pass on the stack. */
  outgoingBytes: number;
  /** Words that register allocation put into the frame. */
  spills: number;
  /** Machine registers that it writes. */
  written: number;
  /** The blocks that make the frame, and those that run with it, these included; none and null where the entry makes it for all. */
  frameStarts: ReadonlySet<MachineBlock>;
  framed: ReadonlySet<MachineBlock> | null;
}

/** The branch instruction for a comparison, and whether its operands have to be exchanged. */
export function branchOf(operator: Comparison): [name: string, exchanged: boolean] {
  switch (operator) {
    case "equal":
      return ["beq", false];
    case "notEqual":
      return ["bne", false];
    case "less":
      return ["blt", false];
    case "greaterEqual":
      return ["bge", false];
    case "greater":
      return ["blt", true];
    case "lessEqual":
      return ["bge", true];
    case "lessUnsigned":
      return ["bltu", false];
    case "greaterEqualUnsigned":
      return ["bgeu", false];
    case "greaterUnsigned":
      return ["bltu", true];
    case "lessEqualUnsigned":
      return ["bgeu", true];
  }
}

/** For each virtual or machine register read: `visit(register)`. */
export function eachRead(instruction: MachineInstruction, visit: (register: number) => void): void {
  if (instruction.rs1 >= 0) visit(instruction.rs1);
  if (instruction.rs2 >= 0) visit(instruction.rs2);
  if (instruction.reads !== null) for (const register of instruction.reads) visit(register);
}

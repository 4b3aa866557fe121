/**
 * The compressed instructions: a row for each, with the 32-bit instruction that it stands for (Unprivileged
 * Specification, chapter 16; the rows are tables 16.5 to 16.7, without floating point and RV64).
 *
 * What an instruction means and costs is said once, in instructions.ts; a row here only says where its operands are.
 * Fields are written as there: `rd'` is one of x8 to x15; `imm[5:3|2]` names the bits of the immediate from the highest
 * bit of the field down, `imm` being sign-extended and `uimm` not; `nz` before it reserves zero, as `≠0` does for a
 * register. Rows are tried in order, and the first whose fixed bits fit decides. Begin with `c.lw`.
 */
import { assert } from "../error.ts";
import { INSTRUCTIONS } from "./instructions.ts";

export interface CompressedInstruction {
  readonly name: string;
  /** Sixteen bits: zeros and ones, and fields for the rest. */
  readonly encoding: string;
  /** Index into `INSTRUCTIONS` of what it stands for. */
  readonly instruction: number;
  /** Operands of that which the encoding does not hold; those that neither holds are 0. */
  readonly implied: Partial<Operands>;
}

/** As in `Decoded` of decode.ts. */
export interface Operands {
  rd: number;
  rs1: number;
  rs2: number;
  immediate: number;
}

const RA = 1;
const SP = 2;

function row(name: string, encoding: string, standsFor: string, implied: Partial<Operands> = {}) {
  const instruction = INSTRUCTIONS.findIndex((other) => other.name === standsFor);
  assert(instruction >= 0, `${name} stands for ${standsFor}, which does not exist`);
  return { name, encoding, instruction, implied };
}

export const COMPRESSED_INSTRUCTIONS: readonly CompressedInstruction[] = [
  // Quadrant 0 (table 16.5); nzuimm = 0 makes the half-word of zeros illegal
  row("c.addi4spn", "000 nzuimm[5:4|9:6|2|3] rd' 00", "addi", { rs1: SP }),
  row("c.lw", "010 uimm[5:3] rs1' uimm[2|6] rd' 00", "lw"),
  row("c.sw", "110 uimm[5:3] rs1' uimm[2|6] rs2' 00", "sw"),

  // Quadrant 1 (table 16.6); hints, such as c.li to x0, do what they stand for, which is nothing. c.nop is c.addi.
  row("c.addi", "000 imm[5] rd/rs1 imm[4:0] 01", "addi"),
  row("c.jal", "001 imm[11|4|9:8|10|6|7|3:1|5] 01", "jal", { rd: RA }),
  row("c.li", "010 imm[5] rd imm[4:0] 01", "addi"),
  row("c.addi16sp", "011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01", "addi", { rd: SP, rs1: SP }),
  row("c.lui", "011 nzimm[17] rd nzimm[16:12] 01", "lui"),
  row("c.srli", "100 0 00 rd'/rs1' uimm[4:0] 01", "srli"),
  row("c.srai", "100 0 01 rd'/rs1' uimm[4:0] 01", "srai"),
  row("c.andi", "100 imm[5] 10 rd'/rs1' imm[4:0] 01", "andi"),
  row("c.sub", "100 0 11 rd'/rs1' 00 rs2' 01", "sub"),
  row("c.xor", "100 0 11 rd'/rs1' 01 rs2' 01", "xor"),
  row("c.or", "100 0 11 rd'/rs1' 10 rs2' 01", "or"),
  row("c.and", "100 0 11 rd'/rs1' 11 rs2' 01", "and"),
  row("c.j", "101 imm[11|4|9:8|10|6|7|3:1|5] 01", "jal"),
  row("c.beqz", "110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", "beq"),
  row("c.bnez", "111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", "bne"),

  // Quadrant 2 (table 16.7)
  row("c.slli", "000 0 rd/rs1 uimm[4:0] 10", "slli"),
  row("c.lwsp", "010 uimm[5] rd≠0 uimm[4:2|7:6] 10", "lw", { rs1: SP }),
  row("c.jr", "100 0 rs1≠0 00000 10", "jalr"),
  row("c.mv", "100 0 rd rs2 10", "add"),
  row("c.ebreak", "100 1 00000 00000 10", "ebreak"),
  row("c.jalr", "100 1 rs1 00000 10", "jalr", { rd: RA }),
  row("c.add", "100 1 rd/rs1 rs2 10", "add"),
  row("c.swsp", "110 uimm[5:2|7:6] rs2 10", "sw", { rs1: SP }),
];

/** What some row stands for: the instructions that exist with two bytes as well as with four. */
export const COMPRESSIBLE: readonly number[] = [
  ...new Set(COMPRESSED_INSTRUCTIONS.map(({ instruction }) => instruction)),
];

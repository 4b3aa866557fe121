/**
 * Instruction encodings: RV32IMA, Zicsr, Zifencei and the privileged instructions, as words.
 *
 * A row is a format and the fixed bits, as in the Unprivileged Specification (20191213), chapter 24. Begin reading at `encode`.
 */

/** "R" also serves the atomics; "shift" is an I-type with a five-bit amount; "csr" has the register's number as its immediate. */
export type Format =
  | "R"
  | "I"
  | "S"
  | "B"
  | "U"
  | "J"
  | "shift"
  | "load"
  | "csr"
  | "csrImmediate"
  | "fixed"
  | "fence"
  | "atomic"
  | "loadReserved"
  | "fenceAddress";

interface Row {
  readonly format: Format;
  readonly bits: number;
}

const rows = new Map<string, Row>();

function define(format: Format, opcode: number, names: Record<string, number>): void {
  for (const [name, bits] of Object.entries(names)) rows.set(name, { format, bits: (bits | opcode) >>> 0 });
}

const funct3 = (value: number): number => value << 12;
const funct7 = (value: number): number => value << 25;

define("U", 0, { lui: 0x37, auipc: 0x17 });
define("J", 0, { jal: 0x6f });
define("I", 0x67, { jalr: 0 });
define("B", 0x63, {
  ...{ beq: funct3(0), bne: funct3(1), blt: funct3(4), bge: funct3(5) },
  ...{ bltu: funct3(6), bgeu: funct3(7) },
});
define("load", 0x03, { lb: funct3(0), lh: funct3(1), lw: funct3(2), lbu: funct3(4), lhu: funct3(5) });
define("S", 0x23, { sb: funct3(0), sh: funct3(1), sw: funct3(2) });
define("I", 0x13, {
  ...{ addi: funct3(0), slti: funct3(2), sltiu: funct3(3) },
  ...{ xori: funct3(4), ori: funct3(6), andi: funct3(7) },
});
define("shift", 0x13, { slli: funct3(1), srli: funct3(5), srai: funct3(5) | funct7(0x20) });
define("R", 0x33, {
  ...{ add: funct3(0), sub: funct3(0) | funct7(0x20), sll: funct3(1), slt: funct3(2), sltu: funct3(3) },
  ...{ xor: funct3(4), srl: funct3(5), sra: funct3(5) | funct7(0x20), or: funct3(6), and: funct3(7) },
  ...{ mul: funct7(1), mulh: funct3(1) | funct7(1), mulhsu: funct3(2) | funct7(1), mulhu: funct3(3) | funct7(1) },
  ...{
    div: funct3(4) | funct7(1),
    divu: funct3(5) | funct7(1),
    rem: funct3(6) | funct7(1),
    remu: funct3(7) | funct7(1),
  },
});
define("fence", 0x0f, { fence: 0 });
define("fixed", 0, { "fence.i": 0x100f, ecall: 0x73, ebreak: 0x0010_0073 });
define("fixed", 0, { sret: 0x1020_0073, mret: 0x3020_0073, wfi: 0x1050_0073 });
define("fenceAddress", 0x73, { "sfence.vma": funct7(0x09) });
define("csr", 0x73, { csrrw: funct3(1), csrrs: funct3(2), csrrc: funct3(3) });
define("csrImmediate", 0x73, { csrrwi: funct3(5), csrrsi: funct3(6), csrrci: funct3(7) });
for (const [suffix, order] of [
  ["", 0],
  [".aq", 2],
  [".rl", 1],
  [".aqrl", 3],
] as const) {
  const word = (funct5: number): number => funct3(2) | (funct5 << 27) | (order << 25);
  define("loadReserved", 0x2f, { [`lr.w${suffix}`]: word(0x02) });
  define("atomic", 0x2f, {
    ...{ [`sc.w${suffix}`]: word(0x03), [`amoswap.w${suffix}`]: word(0x01), [`amoadd.w${suffix}`]: word(0x00) },
    ...{ [`amoxor.w${suffix}`]: word(0x04), [`amoand.w${suffix}`]: word(0x0c), [`amoor.w${suffix}`]: word(0x08) },
    ...{ [`amomin.w${suffix}`]: word(0x10), [`amomax.w${suffix}`]: word(0x14) },
    ...{ [`amominu.w${suffix}`]: word(0x18), [`amomaxu.w${suffix}`]: word(0x1c) },
  });
}

/** The format of an instruction; `undefined` where there is no such instruction. */
export const formatOf = (name: string): Format | undefined => rows.get(name)?.format;

/**
 * The word of an instruction. Absent registers are anything: their fields are not looked at. `immediate` is in range already: bytes for
 * branches and jumps, the whole 32-bit value of which `lui` and `auipc` take the upper 20 bits, the register's number for CSR instructions, whose five-bit
 * constant stands in rs1.
 */
export function encode(name: string, rd: number, rs1: number, rs2: number, immediate: number): number {
  const row = rows.get(name);
  if (row === undefined) throw new Error(`there is no instruction ${name}`);
  const { bits } = row;
  switch (row.format) {
    case "R":
    case "atomic":
      return (bits | (rs2 << 20) | (rs1 << 15) | (rd << 7)) >>> 0;
    case "loadReserved":
      return (bits | (rs1 << 15) | (rd << 7)) >>> 0;
    case "I":
    case "load":
    case "csr":
    case "csrImmediate":
      return (bits | (immediate << 20) | (rs1 << 15) | (rd << 7)) >>> 0;
    case "shift":
      return (bits | ((immediate & 31) << 20) | (rs1 << 15) | (rd << 7)) >>> 0;
    case "S":
      return (bits | ((immediate & 0xfe0) << 20) | (rs2 << 20) | (rs1 << 15) | ((immediate & 31) << 7)) >>> 0;
    case "B":
      return (bits | branchOffset(immediate) | (rs2 << 20) | (rs1 << 15)) >>> 0;
    case "U":
      return (bits | (immediate & 0xffff_f000) | (rd << 7)) >>> 0;
    case "J":
      return (bits | jumpOffset(immediate) | (rd << 7)) >>> 0;
    case "fence":
      return (bits | (immediate << 20)) >>> 0;
    case "fenceAddress":
      return (bits | (rs2 << 20) | (rs1 << 15)) >>> 0;
    case "fixed":
      return bits;
  }
}

/** The scattered immediate of a B-type instruction (Unprivileged, section 2.3). */
export function branchOffset(offset: number): number {
  return ((offset & 0x1000) << 19) | ((offset & 0x7e0) << 20) | ((offset & 0x1e) << 7) | ((offset & 0x800) >> 4);
}

/** The scattered immediate of a J-type instruction. */
export function jumpOffset(offset: number): number {
  return ((offset & 0x10_0000) << 11) | ((offset & 0x7fe) << 20) | ((offset & 0x800) << 9) | (offset & 0xf_f000);
}

/** What `lui` loads so that a signed 12-bit addition reaches the value. */
export const highPart = (value: number): number => ((value + 0x800) & 0xffff_f000) | 0;
export const lowPart = (value: number): number => (value << 20) >> 20;

/**
 * Compressed instructions for tests: a function for each, which gives the half-word.
 *
 * Like assembler.ts, this is written on its own from the specification (Unprivileged, chapter 16: the formats of table
 * 16.1, the listings of section 16.8), so that it checks the machine's table instead of repeating it. Immediates are in
 * bytes or as the value added; nothing is checked but by the tests that use it.
 */
import { type Register, x } from "./assembler.ts";

export const compressed = {
  addi4spn: (rd: Register, immediate: number) =>
    ciw(
      0,
      (bit(immediate, 5, 4) << 6) | (bit(immediate, 9, 6) << 2) | (bit(immediate, 2) << 1) | bit(immediate, 3),
      rd,
    ),
  lw: (rd: Register, offset: number, base: Register) => clcs(2, offset, base, rd),
  sw: (source: Register, offset: number, base: Register) => clcs(6, offset, base, source),
  nop: () => ci(0, 0, 0, 1),
  addi: (rd: Register, immediate: number) => ci(0, x(rd), immediate, 1),
  jal: (distance: number) => cj(1, distance),
  li: (rd: Register, immediate: number) => ci(2, x(rd), immediate, 1),
  addi16sp: (immediate: number) => {
    const low = (bit(immediate, 4) << 4) | (bit(immediate, 6) << 3) | (bit(immediate, 8, 7) << 1) | bit(immediate, 5);
    return ci(3, 2, (bit(immediate, 9) << 5) | low, 1);
  },
  /** `upper` is the value of the upper twenty bits, -32 to 31. */
  lui: (rd: Register, upper: number) => ci(3, x(rd), upper, 1),
  srli: (rd: Register, amount: number) => cb(0, rd, amount),
  srai: (rd: Register, amount: number) => cb(1, rd, amount),
  andi: (rd: Register, immediate: number) => cb(2, rd, immediate),
  sub: (rd: Register, rs2: Register) => ca(0, rd, rs2),
  xor: (rd: Register, rs2: Register) => ca(1, rd, rs2),
  or: (rd: Register, rs2: Register) => ca(2, rd, rs2),
  and: (rd: Register, rs2: Register) => ca(3, rd, rs2),
  j: (distance: number) => cj(5, distance),
  beqz: (rs1: Register, distance: number) => branch(6, rs1, distance),
  bnez: (rs1: Register, distance: number) => branch(7, rs1, distance),
  slli: (rd: Register, amount: number) => ci(0, x(rd), amount, 2),
  lwsp: (rd: Register, offset: number) =>
    ci(2, x(rd), (bit(offset, 5) << 5) | (bit(offset, 4, 2) << 2) | bit(offset, 7, 6), 2),
  jr: (rs1: Register) => cr(0, rs1, 0),
  mv: (rd: Register, rs2: Register) => cr(0, rd, x(rs2)),
  ebreak: () => cr(1, "zero", 0),
  jalr: (rs1: Register) => cr(1, rs1, 0),
  add: (rd: Register, rs2: Register) => cr(1, rd, x(rs2)),
  swsp: (source: Register, offset: number) =>
    (6 << 13) | (bit(offset, 5, 2) << 9) | (bit(offset, 7, 6) << 7) | (x(source) << 2) | 2,
} as const;

/** The eight registers that a three-bit field can name. */
export const SHORT_REGISTERS = ["s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5"] as const satisfies Register[];

function short(register: Register): number {
  const number = (SHORT_REGISTERS as readonly Register[]).indexOf(register);
  if (number < 0) throw new Error(`${register} in three bits`);
  return number;
}

/** Bits `high` to `low` of a number. */
function bit(value: number, high: number, low = high): number {
  return (value >> low) & ((1 << (high - low + 1)) - 1);
}

function cr(bit12: number, first: Register, second: number): number {
  return (4 << 13) | (bit12 << 12) | (x(first) << 7) | (second << 2) | 2;
}

function ci(funct3: number, register: number, immediate: number, quadrant: number): number {
  return (funct3 << 13) | (bit(immediate, 5) << 12) | (register << 7) | (bit(immediate, 4, 0) << 2) | quadrant;
}

function ciw(funct3: number, immediate: number, rd: Register): number {
  return (funct3 << 13) | (immediate << 5) | (short(rd) << 2);
}

function clcs(funct3: number, offset: number, base: Register, other: Register): number {
  const low = (bit(offset, 2) << 6) | (bit(offset, 6) << 5);
  return (funct3 << 13) | (bit(offset, 5, 3) << 10) | (short(base) << 7) | low | (short(other) << 2);
}

function ca(funct2: number, rd: Register, rs2: Register): number {
  return (0b100_0_11 << 10) | (short(rd) << 7) | (funct2 << 5) | (short(rs2) << 2) | 1;
}

function cb(funct2: number, rd: Register, immediate: number): number {
  const low = (short(rd) << 7) | (bit(immediate, 4, 0) << 2) | 1;
  return (4 << 13) | (bit(immediate, 5) << 12) | (funct2 << 10) | low;
}

function branch(funct3: number, rs1: Register, distance: number): number {
  const high = (bit(distance, 8) << 12) | (bit(distance, 4, 3) << 10);
  const low = (bit(distance, 7, 6) << 5) | (bit(distance, 2, 1) << 3) | (bit(distance, 5) << 2);
  return (funct3 << 13) | high | (short(rs1) << 7) | low | 1;
}

function cj(funct3: number, distance: number): number {
  const high = (bit(distance, 11) << 12) | (bit(distance, 4) << 11) | (bit(distance, 9, 8) << 9);
  const middle = (bit(distance, 10) << 8) | (bit(distance, 6) << 7) | (bit(distance, 7) << 6);
  return (funct3 << 13) | high | middle | (bit(distance, 3, 1) << 3) | (bit(distance, 5) << 2) | 1;
}

/**
 * An assembler for tests: methods that append instructions, labels, and data words. Compressed instructions, as
 * half-words, are made by compressed-assembler.ts.
 *
 * Encodings are written out here on their own, from the specification's formats (Unprivileged, section 2.2 and chapter
 * 24), so that they check the machine's table instead of repeating it. Begin with `assemble`.
 */

/** ABI names in order of register numbers. */
export const REGISTERS = [
  ...["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5"],
  ...["a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"],
] as const;
export type Register = (typeof REGISTERS)[number];

export const ORIGIN = 0x8000_0000;

/** The machine code that `write` makes, to be loaded at `ORIGIN`. */
export function assemble(write: (a: Assembler) => void, origin = ORIGIN): Uint8Array {
  const assembler = new Assembler(origin);
  write(assembler);
  return assembler.bytes();
}

/** Where a label of that code is. */
export function addressIn(write: (a: Assembler) => void, label: string): number {
  const assembler = new Assembler();
  write(assembler);
  return assembler.addressOf(label);
}

/** funct7 and funct3 of register-register instructions. */
const REGISTER_INSTRUCTIONS = {
  add: [0x00, 0],
  sub: [0x20, 0],
  sll: [0x00, 1],
  slt: [0x00, 2],
  sltu: [0x00, 3],
  xor: [0x00, 4],
  srl: [0x00, 5],
  sra: [0x20, 5],
  or: [0x00, 6],
  and: [0x00, 7],
  mul: [0x01, 0],
  mulh: [0x01, 1],
  mulhsu: [0x01, 2],
  mulhu: [0x01, 3],
  div: [0x01, 4],
  divu: [0x01, 5],
  rem: [0x01, 6],
  remu: [0x01, 7],
} as const;
const IMMEDIATE_INSTRUCTIONS = { addi: 0, slti: 2, sltiu: 3, xori: 4, ori: 6, andi: 7 } as const;
const SHIFT_INSTRUCTIONS = { slli: [0x00, 1], srli: [0x00, 5], srai: [0x20, 5] } as const;
const LOADS = { lb: 0, lh: 1, lw: 2, lbu: 4, lhu: 5 } as const;
const STORES = { sb: 0, sh: 1, sw: 2 } as const;
const BRANCHES = { beq: 0, bne: 1, blt: 4, bge: 5, bltu: 6, bgeu: 7 } as const;
const CSR_INSTRUCTIONS = { csrrw: 1, csrrs: 2, csrrc: 3, csrrwi: 5, csrrsi: 6, csrrci: 7 } as const;
/** funct5 of the atomic memory operations. */
const ATOMICS = {
  amoadd: 0x00,
  amoswap: 0x01,
  amoxor: 0x04,
  amoor: 0x08,
  amoand: 0x0c,
  amomin: 0x10,
  amomax: 0x14,
  amominu: 0x18,
  amomaxu: 0x1c,
} as const;

export type RegisterInstruction = keyof typeof REGISTER_INSTRUCTIONS;
export type ImmediateInstruction = keyof typeof IMMEDIATE_INSTRUCTIONS;
export type ShiftInstruction = keyof typeof SHIFT_INSTRUCTIONS;
export type Load = keyof typeof LOADS;
export type Store = keyof typeof STORES;
export type Branch = keyof typeof BRANCHES;
export type CsrInstruction = keyof typeof CSR_INSTRUCTIONS;
export type Atomic = keyof typeof ATOMICS;

export const ALL_REGISTER_INSTRUCTIONS = Object.keys(REGISTER_INSTRUCTIONS) as RegisterInstruction[];
export const ALL_IMMEDIATE_INSTRUCTIONS = Object.keys(IMMEDIATE_INSTRUCTIONS) as ImmediateInstruction[];
export const ALL_SHIFT_INSTRUCTIONS = Object.keys(SHIFT_INSTRUCTIONS) as ShiftInstruction[];
export const ALL_LOADS = Object.keys(LOADS) as Load[];
export const ALL_STORES = Object.keys(STORES) as Store[];
export const ALL_BRANCHES = Object.keys(BRANCHES) as Branch[];
export const ALL_CSR_INSTRUCTIONS = Object.keys(CSR_INSTRUCTIONS) as CsrInstruction[];
export const ALL_ATOMICS = Object.keys(ATOMICS) as Atomic[];

export class Assembler {
  readonly #origin: number;
  readonly #halves: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #fixups: (() => void)[] = [];

  constructor(origin = ORIGIN) {
    this.#origin = origin;
  }

  /** The address of the next instruction. */
  get here(): number {
    return this.#origin + this.#halves.length * 2;
  }

  label(name: string): void {
    this.#labels.set(name, this.here);
  }

  /** The address of a label that has been placed already. */
  addressOf(name: string): number {
    const address = this.#labels.get(name);
    if (address === undefined) throw new Error(`no label ${name}`);
    return address;
  }

  word(value: number): void {
    this.#halves.push(value & 0xffff, value >>> 16);
  }

  half(value: number): void {
    this.#halves.push(value & 0xffff);
  }

  /** Goes to an address with zeros. */
  orgTo(address: number): void {
    while (this.here < address) this.half(0);
  }

  align(bytes: number): void {
    while (this.here % bytes !== 0) this.half(0);
  }

  bytes(): Uint8Array {
    for (const fixup of this.#fixups) fixup();
    return new Uint8Array(Uint16Array.from(this.#halves).buffer);
  }

  // Integer instructions

  r(name: RegisterInstruction, rd: Register, rs1: Register, rs2: Register): void {
    const [funct7, funct3] = REGISTER_INSTRUCTIONS[name];
    this.word((funct7 << 25) | (x(rs2) << 20) | (x(rs1) << 15) | (funct3 << 12) | (x(rd) << 7) | 0x33);
  }

  i(name: ImmediateInstruction, rd: Register, rs1: Register, immediate: number): void {
    this.word((immediate << 20) | (x(rs1) << 15) | (IMMEDIATE_INSTRUCTIONS[name] << 12) | (x(rd) << 7) | 0x13);
  }

  shift(name: ShiftInstruction, rd: Register, rs1: Register, amount: number): void {
    const [funct7, funct3] = SHIFT_INSTRUCTIONS[name];
    this.word((funct7 << 25) | (amount << 20) | (x(rs1) << 15) | (funct3 << 12) | (x(rd) << 7) | 0x13);
  }

  /** `upper` is the value of the upper twenty bits. */
  lui(rd: Register, upper: number): void {
    this.word((upper << 12) | (x(rd) << 7) | 0x37);
  }

  auipc(rd: Register, upper: number): void {
    this.word((upper << 12) | (x(rd) << 7) | 0x17);
  }

  load(name: Load, rd: Register, offset: number, base: Register): void {
    this.word((offset << 20) | (x(base) << 15) | (LOADS[name] << 12) | (x(rd) << 7) | 0x03);
  }

  store(name: Store, source: Register, offset: number, base: Register): void {
    const low = (offset & 31) << 7;
    const high = (offset & 0xfe0) << 20;
    this.word(high | (x(source) << 20) | (x(base) << 15) | (STORES[name] << 12) | low | 0x23);
  }

  /** To a label, or by a distance in bytes. */
  branch(name: Branch, rs1: Register, rs2: Register, target: string | number): void {
    this.#relative(target, (distance) => {
      const high = ((distance & 0x1000) << 19) | ((distance & 0x7e0) << 20);
      const low = ((distance & 0x1e) << 7) | ((distance & 0x800) >> 4);
      return high | (x(rs2) << 20) | (x(rs1) << 15) | (BRANCHES[name] << 12) | low | 0x63;
    });
  }

  jal(rd: Register, target: string | number): void {
    this.#relative(target, (distance) => {
      const high = ((distance & 0x10_0000) << 11) | ((distance & 0x7fe) << 20);
      const low = ((distance & 0x800) << 9) | (distance & 0xf_f000);
      return high | low | (x(rd) << 7) | 0x6f;
    });
  }

  jalr(rd: Register, offset: number, base: Register): void {
    this.word((offset << 20) | (x(base) << 15) | (x(rd) << 7) | 0x67);
  }

  // System instructions

  csr(name: CsrInstruction, rd: Register, number: number, operand: Register | number): void {
    const field = typeof operand === "number" ? operand : x(operand);
    this.word((number << 20) | (field << 15) | (CSR_INSTRUCTIONS[name] << 12) | (x(rd) << 7) | 0x73);
  }

  csrr(rd: Register, number: number): void {
    this.csr("csrrs", rd, number, "zero");
  }

  csrw(number: number, source: Register): void {
    this.csr("csrrw", "zero", number, source);
  }

  ecall(): void {
    this.word(0x0000_0073);
  }

  ebreak(): void {
    this.word(0x0010_0073);
  }

  mret(): void {
    this.word(0x3020_0073);
  }

  sret(): void {
    this.word(0x1020_0073);
  }

  wfi(): void {
    this.word(0x1050_0073);
  }

  fence(): void {
    this.word(0x0ff0_000f);
  }

  fenceI(): void {
    this.word(0x0000_100f);
  }

  sfenceVma(rs1: Register = "zero", rs2: Register = "zero"): void {
    this.word(0x1200_0073 | (x(rs2) << 20) | (x(rs1) << 15));
  }

  // Atomics

  lr(rd: Register, base: Register): void {
    this.word(0x1000_202f | (x(base) << 15) | (x(rd) << 7));
  }

  sc(rd: Register, source: Register, base: Register): void {
    this.word(0x1800_202f | (x(source) << 20) | (x(base) << 15) | (x(rd) << 7));
  }

  amo(name: Atomic, rd: Register, source: Register, base: Register): void {
    this.word((ATOMICS[name] << 27) | (x(source) << 20) | (x(base) << 15) | (x(rd) << 7) | 0x202f);
  }

  // Conveniences

  /** Always two instructions. */
  li(rd: Register, value: number): void {
    const upper = (value + 0x800) >>> 12;
    this.lui(rd, upper);
    this.i("addi", rd, rd, (value - (upper << 12)) | 0);
  }

  la(rd: Register, label: string): void {
    const at = this.#halves.length;
    this.li(rd, 0);
    this.#fixups.push(() => {
      const patch = new Assembler();
      patch.li(rd, this.addressOf(label));
      this.#halves.splice(at, patch.#halves.length, ...patch.#halves);
    });
  }

  mv(rd: Register, source: Register): void {
    this.i("addi", rd, source, 0);
  }

  nop(): void {
    this.i("addi", "zero", "zero", 0);
  }

  j(target: string | number): void {
    this.jal("zero", target);
  }

  /** Ends the run with a status, by the test finisher. Uses t5 and t6. */
  finish(status = 0): void {
    this.li("t5", 0x10_0000);
    this.li("t6", status === 0 ? 0x5555 : (status << 16) | 0x3333);
    this.store("sw", "t6", 0, "t5");
    this.j(0);
  }

  /** A half-word that depends on how far away a label is. */
  relativeHalf(target: string, encode: (distance: number) => number): void {
    const at = this.#halves.length;
    const from = this.here;
    this.half(0);
    this.#fixups.push(() => {
      this.#halves[at] = encode(this.addressOf(target) - from);
    });
  }

  #relative(target: string | number, encode: (distance: number) => number): void {
    const at = this.#halves.length;
    const from = this.here;
    this.word(0);
    const patch = (distance: number) => {
      const word = encode(distance);
      this.#halves.splice(at, 2, word & 0xffff, word >>> 16);
    };
    if (typeof target === "number") patch(target);
    else this.#fixups.push(() => patch(this.addressOf(target) - from));
  }
}

/** The number of a register. */
export function x(register: Register): number {
  return REGISTERS.indexOf(register);
}

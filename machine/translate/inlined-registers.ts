/**
 * The control registers that translated code reads and writes itself: those that every trap handler uses.
 *
 * They are words of the state, whose value nothing else depends on; hart/csr.ts says what they are. The others are left
 * to the interpreter. M-mode's registers need M-mode, S-mode's need at least S-mode, which the code checks.
 */
import { ADDRESS_MASK } from "../hart/csr.ts";
import type { StateWord } from "../hart/state-words.ts";
import type { SystemOperation } from "../isa/meaning.ts";
import { Csr, Mode } from "../isa/registers.ts";

export type InlinedRegister =
  /** A word of the state; a write keeps the bits of `writeMask`, and 0 means that writes are not translated. */
  | { readonly kind: "word"; readonly word: StateWord; readonly writeMask: number; readonly mode: Mode }
  /** The address space: of no effect on M-mode itself, where MPRV is off. */
  | { readonly kind: "satp" }
  /** The low half of mcycle or minstret. */
  | { readonly kind: "counter"; readonly counts: "cycles" | "instructions" }
  /** The board's timer, as far as mcounteren and scounteren show it. */
  | { readonly kind: "time"; readonly half: "low" | "high" };

const ALL = -1;

function word(name: StateWord, mode: Mode, writeMask: number): InlinedRegister {
  return { kind: "word", word: name, writeMask, mode };
}

const INLINED: ReadonlyMap<number, InlinedRegister> = new Map<number, InlinedRegister>([
  [Csr.mscratch, word("mscratch", Mode.Machine, ALL)],
  [Csr.mepc, word("mepc", Mode.Machine, ADDRESS_MASK)],
  [Csr.mcause, word("mcause", Mode.Machine, ALL)],
  [Csr.mtval, word("mtval", Mode.Machine, ALL)],
  [Csr.mstatus, word("mstatus", Mode.Machine, 0)],
  [Csr.mie, word("mie", Mode.Machine, 0)],
  [Csr.sscratch, word("sscratch", Mode.Supervisor, ALL)],
  [Csr.sepc, word("sepc", Mode.Supervisor, ADDRESS_MASK)],
  [Csr.scause, word("scause", Mode.Supervisor, ALL)],
  [Csr.stval, word("stval", Mode.Supervisor, ALL)],
  [Csr.satp, { kind: "satp" }],
  [Csr.mcycle, { kind: "counter", counts: "cycles" }],
  [Csr.minstret, { kind: "counter", counts: "instructions" }],
  [Csr.time, { kind: "time", half: "low" }],
  [Csr.timeh, { kind: "time", half: "high" }],
]);

/** How an instruction that accesses a control register combines what was there with its operand. */
export type Combination = "replace" | "set" | "clear";

export interface RegisterAccess {
  readonly register: InlinedRegister;
  readonly combination: Combination;
  /** The operand is the five-bit number in the place of rs1. */
  readonly isImmediate: boolean;
  /** csrrs and csrrc of x0 only read (Unprivileged Specification, section 9.1). */
  readonly isWrite: boolean;
}

const COMBINATIONS: Partial<Record<SystemOperation, Combination>> = {
  csrReadWrite: "replace",
  csrReadWriteImmediate: "replace",
  csrReadSet: "set",
  csrReadSetImmediate: "set",
  csrReadClear: "clear",
  csrReadClearImmediate: "clear",
};

/** What a system instruction does to a register that is translated; null if it is none of those. */
export function registerAccess(operation: SystemOperation, instruction: number): RegisterAccess | null {
  const combination = COMBINATIONS[operation];
  const register = INLINED.get(instruction >>> 20);
  if (combination === undefined || register === undefined) return null;
  const source = (instruction >> 15) & 31;
  const isWrite = combination === "replace" || source !== 0;
  if (isWrite && !isWritable(register, combination)) return null;
  return { register, combination, isImmediate: operation.endsWith("Immediate"), isWrite };
}

function isWritable(register: InlinedRegister, combination: Combination): boolean {
  if (register.kind === "word") return register.writeMask !== 0;
  return register.kind === "satp" && combination === "replace";
}

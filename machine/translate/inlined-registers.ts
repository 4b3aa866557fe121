/**
 * The control registers that translated code reads and writes itself: those that kernels use all the time.
 *
 * hart/csr.ts says what they are, register-access.ts how they are accessed. The others are left to the interpreter.
 * M-mode's registers need M-mode, S-mode's need at least S-mode, which the code checks.
 */
import {
  ADDRESS_MASK,
  ALL_INTERRUPTS,
  DELEGABLE_EXCEPTIONS,
  MISA,
  MSTATUS,
  SSTATUS,
  SUPERVISOR_INTERRUPTS,
} from "../hart/csr.ts";
import type { StateWord } from "../hart/state-words.ts";
import type { SystemOperation } from "../isa/meaning.ts";
import { Csr, Mode } from "../isa/registers.ts";
import type { Step } from "./discover.ts";

export type InlinedRegister =
  /** A word of the state; a write keeps the bits of `writeMask`. */
  | { readonly kind: "word"; readonly word: StateWord; readonly writeMask: number; readonly mode: Mode }
  /** The same, and a write may make an interrupt due. */
  | { readonly kind: "interrupts"; readonly word: "mie" | "mideleg"; readonly writeMask: number; readonly mode: Mode }
  /** sie: the bits of mie that are delegated. */
  | { readonly kind: "delegated"; readonly mode: Mode }
  /** mip, or sip: what is pending, of which a write sets what software may. */
  | { readonly kind: "pending"; readonly mode: Mode }
  /** mstatus, or sstatus, which is some of it. */
  | { readonly kind: "status"; readonly mask: number; readonly mode: Mode }
  /** mtvec, or stvec. */
  | { readonly kind: "vector"; readonly word: "mtvec" | "stvec"; readonly mode: Mode }
  /** The address space. */
  | { readonly kind: "satp"; readonly mode: Mode }
  /** One that is always the same. */
  | { readonly kind: "constant"; readonly value: number; readonly mode: Mode }
  /** mcycle or minstret, or what the modes below see of them as far as mcounteren and scounteren show it. */
  | { readonly kind: "counter"; readonly counts: "cycles" | "instructions"; readonly half: Half; readonly mode: Mode }
  /** The board's timer, with the same condition. */
  | { readonly kind: "time"; readonly half: Half; readonly mode: Mode };

type Half = "low" | "high";

const ALL = -1;

function word(name: StateWord, mode: Mode, writeMask: number): InlinedRegister {
  return { kind: "word", word: name, writeMask, mode };
}

function counter(counts: "cycles" | "instructions", half: Half, mode: Mode): InlinedRegister {
  return { kind: "counter", counts, half, mode };
}

const INLINED: ReadonlyMap<number, InlinedRegister> = new Map<number, InlinedRegister>([
  [Csr.mstatus, { kind: "status", mask: MSTATUS, mode: Mode.Machine }],
  [Csr.misa, { kind: "constant", value: MISA, mode: Mode.Machine }],
  [Csr.medeleg, word("medeleg", Mode.Machine, DELEGABLE_EXCEPTIONS)],
  [Csr.mideleg, { kind: "interrupts", word: "mideleg", writeMask: SUPERVISOR_INTERRUPTS, mode: Mode.Machine }],
  [Csr.mie, { kind: "interrupts", word: "mie", writeMask: ALL_INTERRUPTS, mode: Mode.Machine }],
  [Csr.mtvec, { kind: "vector", word: "mtvec", mode: Mode.Machine }],
  [Csr.mcounteren, word("mcounteren", Mode.Machine, ALL)],
  [Csr.mscratch, word("mscratch", Mode.Machine, ALL)],
  [Csr.mepc, word("mepc", Mode.Machine, ADDRESS_MASK)],
  [Csr.mcause, word("mcause", Mode.Machine, ALL)],
  [Csr.mtval, word("mtval", Mode.Machine, ALL)],
  [Csr.mip, { kind: "pending", mode: Mode.Machine }],
  [Csr.mhartid, { kind: "constant", value: 0, mode: Mode.Machine }],
  [Csr.sstatus, { kind: "status", mask: SSTATUS, mode: Mode.Supervisor }],
  [Csr.sie, { kind: "delegated", mode: Mode.Supervisor }],
  [Csr.stvec, { kind: "vector", word: "stvec", mode: Mode.Supervisor }],
  [Csr.scounteren, word("scounteren", Mode.Supervisor, ALL)],
  [Csr.sscratch, word("sscratch", Mode.Supervisor, ALL)],
  [Csr.sepc, word("sepc", Mode.Supervisor, ADDRESS_MASK)],
  [Csr.scause, word("scause", Mode.Supervisor, ALL)],
  [Csr.stval, word("stval", Mode.Supervisor, ALL)],
  [Csr.sip, { kind: "pending", mode: Mode.Supervisor }],
  [Csr.satp, { kind: "satp", mode: Mode.Supervisor }],
  [Csr.mcycle, counter("cycles", "low", Mode.Machine)],
  [Csr.mcycleh, counter("cycles", "high", Mode.Machine)],
  [Csr.minstret, counter("instructions", "low", Mode.Machine)],
  [Csr.minstreth, counter("instructions", "high", Mode.Machine)],
  [Csr.cycle, counter("cycles", "low", Mode.User)],
  [Csr.cycleh, counter("cycles", "high", Mode.User)],
  [Csr.instret, counter("instructions", "low", Mode.User)],
  [Csr.instreth, counter("instructions", "high", Mode.User)],
  [Csr.time, { kind: "time", half: "low", mode: Mode.User }],
  [Csr.timeh, { kind: "time", half: "high", mode: Mode.User }],
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

export function accessOf({ row: { meaning }, word: instruction }: Step): RegisterAccess | null {
  return meaning.kind === "system" ? registerAccess(meaning.operation, instruction) : null;
}

function isWritable(register: InlinedRegister, combination: Combination): boolean {
  switch (register.kind) {
    case "satp":
      return combination === "replace";
    case "constant":
    case "counter":
    case "time":
      return false;
    default:
      return true;
  }
}

/**
 * Whether an instruction may change what the hart runs on: address space, its rights there, or which interrupts are
 * due.
 */
export function mayUnsettle(step: Step): boolean {
  if (step.row.meaning.kind === "store") return step.reachesDevice;
  const access = accessOf(step);
  return access?.isWrite === true && access.register.kind !== "word" && access.register.kind !== "vector";
}

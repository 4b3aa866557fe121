/**
 * The instructions that change more than a register or memory: CSR access, calls, returns, waiting, fences, LR and SC.
 *
 * One method for each `SystemOperation`, called by the interpreter with the whole instruction word; `state.pc` is its
 * address. A method that traps or sets pc itself leaves `state.departed` true. What else the running loop relies on
 * (mode, translation, pending interrupts) may change here too: then `state.leave()` makes the loop return after the
 * instruction.
 */
import { EventCost, InstructionCost } from "../cost.ts";
import type { SystemOperation } from "../isa/meaning.ts";
import { Cause, Csr, Mode, PMP_ENTRIES, Status } from "../isa/registers.ts";
import { DISCARD_REGISTER } from "./code-cache.ts";
import type { ControlRegisters } from "./csr.ts";
import type { DataPath } from "./data-path.ts";
import type { HartState } from "./state.ts";

type Modify = (before: number, operand: number) => number;

/** Registers that nothing in the interpreter's loop relies on. */
const HARMLESS: ReadonlySet<number> = new Set([Csr.mscratch, Csr.sscratch, Csr.mepc, Csr.sepc]);

export class SystemInstructions implements Record<SystemOperation, (word: number) => void> {
  readonly #state: HartState;
  readonly #registers: ControlRegisters;
  readonly #data: DataPath;
  readonly #onProtectionChange: () => void;

  constructor(state: HartState, registers: ControlRegisters, data: DataPath, onProtectionChange: () => void) {
    this.#state = state;
    this.#registers = registers;
    this.#data = data;
    this.#onProtectionChange = onProtectionChange;
  }

  csrReadWrite(word: number): void {
    this.#csr(word, this.#state.x[rs1Of(word)]!, true, (_before, operand) => operand);
  }

  csrReadSet(word: number): void {
    this.#csr(word, this.#state.x[rs1Of(word)]!, rs1Of(word) !== 0, (before, operand) => before | operand);
  }

  csrReadClear(word: number): void {
    this.#csr(word, this.#state.x[rs1Of(word)]!, rs1Of(word) !== 0, (before, operand) => before & ~operand);
  }

  csrReadWriteImmediate(word: number): void {
    this.#csr(word, rs1Of(word), true, (_before, operand) => operand);
  }

  csrReadSetImmediate(word: number): void {
    this.#csr(word, rs1Of(word), rs1Of(word) !== 0, (before, operand) => before | operand);
  }

  csrReadClearImmediate(word: number): void {
    this.#csr(word, rs1Of(word), rs1Of(word) !== 0, (before, operand) => before & ~operand);
  }

  environmentCall(): void {
    this.#state.trap(Cause.CallFromUser + this.#state.mode, 0);
  }

  /** Section 3.1.16 leaves zero or the address to choose; conformance suites expect the address. */
  breakpoint(): void {
    this.#state.trap(Cause.Breakpoint, this.#state.pc);
  }

  machineReturn(word: number): void {
    const state = this.#state;
    if (state.mode !== Mode.Machine) {
      this.illegal(word);
      return;
    }
    const previous = (state.mstatus & Status.Mpp) >> Status.MppShift;
    const isEnabled = (state.mstatus & Status.Mpie) !== 0;
    state.mstatus = (state.mstatus & ~(Status.Mie | Status.Mpp)) | Status.Mpie | (isEnabled ? Status.Mie : 0);
    this.#returnTo(state.mepc, previous);
  }

  supervisorReturn(word: number): void {
    const state = this.#state;
    const isTrapped = state.mode === Mode.Supervisor && (state.mstatus & Status.Tsr) !== 0;
    if (state.mode === Mode.User || isTrapped) {
      this.illegal(word);
      return;
    }
    const previous = state.mstatus & Status.Spp ? Mode.Supervisor : Mode.User;
    const isEnabled = (state.mstatus & Status.Spie) !== 0;
    state.mstatus = (state.mstatus & ~(Status.Sie | Status.Spp)) | Status.Spie | (isEnabled ? Status.Sie : 0);
    this.#returnTo(state.sepc, previous);
  }

  /** Section 3.3.3. In U-mode always illegal, as it may be where S-mode exists; in S-mode with TW at once. */
  wait(word: number): void {
    const state = this.#state;
    const isTrapped = state.mode === Mode.Supervisor && (state.mstatus & Status.Tw) !== 0;
    if (state.mode === Mode.User || isTrapped) {
      this.illegal(word);
      return;
    }
    state.waiting = (state.pending & state.mie) === 0;
    state.pc = (state.pc + 4) | 0;
    state.retire(InstructionCost.wait);
    state.depart();
  }

  /** Nothing to do but to check: translations are never stale. */
  fenceTranslation(word: number): void {
    const { mode, mstatus } = this.#state;
    const isTrapped = mode === Mode.Supervisor && (mstatus & Status.Tvm) !== 0;
    if (mode === Mode.User || isTrapped) this.illegal(word);
  }

  /** Nothing to do: decoded instructions are never stale. */
  fenceInstruction(): void {}

  loadReserved(word: number): void {
    const value = this.#data.loadReserved(this.#state.x[rs1Of(word)]!);
    if (!this.#state.departed) this.#setRd(word, value);
  }

  storeConditional(word: number): void {
    const { x } = this.#state;
    const status = this.#data.storeConditional(x[rs1Of(word)]!, x[(word >> 20) & 31]!);
    if (!this.#state.departed) this.#setRd(word, status);
  }

  illegal(word: number): void {
    this.#state.trap(Cause.IllegalInstruction, word);
  }

  #csr(word: number, operand: number, isWrite: boolean, modify: Modify): void {
    const number = word >>> 20;
    if (!this.#registers.mayAccess(number, isWrite)) {
      this.illegal(word);
      return;
    }
    const before = this.#registers.read(number)!;
    if (isWrite) {
      this.#registers.write(number, modify(this.#registers.readToModify(number), operand));
      this.#afterWrite(number);
    }
    this.#setRd(word, before);
  }

  #afterWrite(number: number): void {
    if (HARMLESS.has(number)) return;
    if (number === Csr.satp) this.#state.charge(EventCost.addressSpace);
    if (number >= Csr.pmpcfg0 && number < Csr.pmpaddr0 + PMP_ENTRIES) this.#onProtectionChange();
    this.#state.leave();
  }

  #returnTo(pc: number, mode: Mode): void {
    const state = this.#state;
    if (mode !== Mode.Machine) state.mstatus &= ~Status.Mprv;
    state.mode = mode;
    state.pc = pc;
    state.dropReservation();
    state.retire(InstructionCost.trapReturn);
    state.depart();
  }

  #setRd(word: number, value: number): void {
    const rd = (word >> 7) & 31;
    this.#state.x[rd === 0 ? DISCARD_REGISTER : rd] = value;
  }
}

function rs1Of(word: number): number {
  return (word >> 15) & 31;
}

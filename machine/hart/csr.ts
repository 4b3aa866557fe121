/**
 * Control and status registers: a row for each, with what reading gives and what writing does.
 *
 * A register without a row does not exist: touching it is an illegal instruction. Which mode may touch one, and whether
 * it can be written at all, is in its number (Privileged Specification, section 2.1); begin with `mayAccess`. Fields
 * are WARL: a write keeps what is legal.
 */
import { CYCLES_PER_TICK } from "../board/memory-map.ts";
import { InstructionCost } from "../cost.ts";
import { Csr, HPM_COUNTERS, Interrupt, Mode, PMP_ENTRIES, Status } from "../isa/registers.ts";
import type { Counter } from "./counter.ts";
import { type HartState, WRITABLE_PENDING } from "./state.ts";

/** The board's timer, which the `time` register shows. */
export interface TimeSource {
  readonly time: Counter;
}

interface Register {
  /** The value as a 32-bit word, signed or not. */
  read(): number;
  /** Absent for registers whose fields are all read-only although the number is writable: writes are ignored. */
  write?(value: number): void;
}

export const SUPERVISOR_INTERRUPTS =
  (1 << Interrupt.SupervisorSoftware) | (1 << Interrupt.SupervisorTimer) | (1 << Interrupt.SupervisorExternal);
export const ALL_INTERRUPTS =
  SUPERVISOR_INTERRUPTS |
  (1 << Interrupt.MachineSoftware) |
  (1 << Interrupt.MachineTimer) |
  (1 << Interrupt.MachineExternal);
/** Every exception that a mode below M can raise. */
export const DELEGABLE_EXCEPTIONS = 0b1011_0011_1111_1111;
export const SSTATUS = Status.Sie | Status.Spie | Status.Spp | Status.Sum | Status.Mxr;
export const MSTATUS = SSTATUS | Status.Mie | Status.Mpie | Status.Mprv | Status.Tvm | Status.Tw | Status.Tsr;
/** RV32 IMAC with S and U. */
export const MISA = (1 << 30) | (1 << 0) | (1 << 2) | (1 << 8) | (1 << 12) | (1 << 18) | (1 << 20);
const COUNTERS_STOPPABLE = 0b101;
/** An instruction's address is even (section 3.1.14). */
export const ADDRESS_MASK = ~1;
const FENCE_OF_IO = 1;
/** Bit 0 of tinfo: the selected trigger does not exist. */
const NO_TRIGGER = 1;

export class ControlRegisters {
  readonly #registers = new Map<number, Register>();
  readonly #state: HartState;
  readonly #timer: TimeSource;

  constructor(state: HartState, timer: TimeSource) {
    this.#state = state;
    this.#timer = timer;
    this.#defineMachine();
    this.#defineMachineTraps();
    this.#defineSupervisor();
    this.#defineProtection();
    this.#defineCounters();
  }

  /**
   * Whether the hart, in its present mode, may read (or also write) the register; if not, the instruction is illegal.
   */
  mayAccess(number: number, isWrite: boolean): boolean {
    const { mode, mstatus } = this.#state;
    if (!this.#registers.has(number)) return false;
    if (isWrite && number >> 10 === 3) return false;
    if (mode < ((number >> 8) & 3)) return false;
    if (number === Csr.satp && mode === Mode.Supervisor && mstatus & Status.Tvm) return false;
    const isUserCounter = (number & ~0x9f) === Csr.cycle;
    return !isUserCounter || this.#mayCount(number & 31);
  }

  /** The register's value; undefined if it does not exist. */
  read(number: number): number | undefined {
    const register = this.#registers.get(number);
    return register === undefined ? undefined : register.read() | 0;
  }

  /** What `csrrs` and `csrrc` combine with: the value, but for SEIP only what software has set (section 3.1.9). */
  readToModify(number: number): number {
    if (number !== Csr.mip) return this.read(number)!;
    const { pendingBySoftware, pendingByWire } = this.#state;
    return pendingBySoftware | (pendingByWire & ~(1 << Interrupt.SupervisorExternal));
  }

  write(number: number, value: number): void {
    this.#registers.get(number)?.write?.(value | 0);
  }

  /** mcounteren and scounteren (sections 3.1.11 and 4.1.5). */
  #mayCount(counter: number): boolean {
    const { mode, mcounteren, scounteren } = this.#state;
    if (mode === Mode.Machine) return true;
    const enabled = mode === Mode.User ? mcounteren & scounteren : mcounteren;
    return ((enabled >> counter) & 1) !== 0;
  }

  #define(number: number, read: () => number, write?: (value: number) => void): void {
    this.#registers.set(number, write === undefined ? { read } : { read, write });
  }

  #defineMachine(): void {
    const state = this.#state;
    for (const number of [Csr.mvendorid, Csr.marchid, Csr.mimpid, Csr.mhartid, Csr.mconfigptr])
      this.#define(number, zero);
    this.#define(Csr.misa, () => MISA);
    // No triggers: as software looks for them, type 0 (Debug Specification 0.13.2, section 5.2).
    for (const number of [Csr.tselect, Csr.tdata1, Csr.tdata2, Csr.tdata3]) this.#define(number, zero);
    this.#define(Csr.tinfo, () => NO_TRIGGER);
    this.#define(
      Csr.mstatus,
      () => state.mstatus,
      (value) => this.#writeStatus(value, MSTATUS),
    );
    this.#define(Csr.mstatush, zero);
    this.#define(
      Csr.menvcfg,
      () => state.menvcfg,
      (value) => {
        state.menvcfg = value & FENCE_OF_IO;
      },
    );
    this.#define(Csr.menvcfgh, zero);
    this.#define(
      Csr.mscratch,
      () => state.mscratch,
      (value) => {
        state.mscratch = value;
      },
    );
    this.#define(
      Csr.mcounteren,
      () => state.mcounteren,
      (value) => {
        state.mcounteren = value;
      },
    );
  }

  #defineMachineTraps(): void {
    const state = this.#state;
    this.#define(
      Csr.medeleg,
      () => state.medeleg,
      (value) => {
        state.medeleg = value & DELEGABLE_EXCEPTIONS;
      },
    );
    this.#define(
      Csr.mideleg,
      () => state.mideleg,
      (value) => {
        state.mideleg = value & SUPERVISOR_INTERRUPTS;
      },
    );
    this.#define(
      Csr.mie,
      () => state.mie,
      (value) => {
        state.mie = value & ALL_INTERRUPTS;
      },
    );
    this.#define(
      Csr.mip,
      () => state.pending,
      (value) => {
        state.pendingBySoftware = value & WRITABLE_PENDING;
      },
    );
    this.#define(
      Csr.mtvec,
      () => state.mtvec,
      (value) => {
        state.mtvec = vectorOf(value, state.mtvec);
      },
    );
    this.#define(
      Csr.mepc,
      () => state.mepc,
      (value) => {
        state.mepc = value & ADDRESS_MASK;
      },
    );
    this.#define(
      Csr.mcause,
      () => state.mcause,
      (value) => {
        state.mcause = value;
      },
    );
    this.#define(
      Csr.mtval,
      () => state.mtval,
      (value) => {
        state.mtval = value;
      },
    );
  }

  #defineSupervisor(): void {
    const state = this.#state;
    this.#define(
      Csr.sstatus,
      () => state.mstatus & SSTATUS,
      (value) => this.#writeStatus(value, SSTATUS),
    );
    this.#define(
      Csr.sie,
      () => state.mie & state.mideleg,
      (value) => {
        state.mie = (state.mie & ~state.mideleg) | (value & state.mideleg);
      },
    );
    this.#define(
      Csr.sip,
      () => state.pending & state.mideleg,
      (value) => {
        const writable = state.mideleg & (1 << Interrupt.SupervisorSoftware);
        state.pendingBySoftware = (state.pendingBySoftware & ~writable) | (value & writable);
      },
    );
    this.#define(
      Csr.stvec,
      () => state.stvec,
      (value) => {
        state.stvec = vectorOf(value, state.stvec);
      },
    );
    this.#define(
      Csr.scounteren,
      () => state.scounteren,
      (value) => {
        state.scounteren = value;
      },
    );
    this.#define(
      Csr.senvcfg,
      () => state.senvcfg,
      (value) => {
        state.senvcfg = value & FENCE_OF_IO;
      },
    );
    this.#define(
      Csr.sscratch,
      () => state.sscratch,
      (value) => {
        state.sscratch = value;
      },
    );
    this.#define(
      Csr.sepc,
      () => state.sepc,
      (value) => {
        state.sepc = value & ADDRESS_MASK;
      },
    );
    this.#define(
      Csr.scause,
      () => state.scause,
      (value) => {
        state.scause = value;
      },
    );
    this.#define(
      Csr.stval,
      () => state.stval,
      (value) => {
        state.stval = value;
      },
    );
    // With MODE = Bare the other fields have no meaning and are kept as written; all nine ASID bits and twenty-two of
    // PPN exist.
    this.#define(
      Csr.satp,
      () => state.satp,
      (value) => {
        state.satp = value;
      },
    );
  }

  #defineProtection(): void {
    const { pmp } = this.#state;
    for (let i = 0; i < PMP_ENTRIES / 4; i++) {
      this.#define(
        Csr.pmpcfg0 + i,
        () => pmp.readConfiguration(i),
        (value) => pmp.writeConfiguration(i, value),
      );
    }
    for (let i = 0; i < PMP_ENTRIES; i++) {
      this.#define(
        Csr.pmpaddr0 + i,
        () => pmp.readAddress(i),
        (value) => pmp.writeAddress(i, value),
      );
    }
  }

  #defineCounters(): void {
    const state = this.#state;
    const { time } = this.#timer;
    const ticks = () => Math.floor(state.cycle / CYCLES_PER_TICK);
    // An instruction that writes a counter, or half of one, does not count besides: the next reads what was written,
    // and the other half as it was (Unprivileged, section 9.1).
    const cycleAfter = () => state.cycle + InstructionCost.csr;
    const instructionsAfter = () => state.instructions + 1;
    this.#defineCounter(Csr.mcycle, Csr.cycle, state.cycleCounter, () => state.cycle, cycleAfter);
    this.#defineCounter(
      Csr.minstret,
      Csr.instret,
      state.instructionCounter,
      () => state.instructions,
      instructionsAfter,
    );
    this.#define(Csr.time, () => time.low(ticks()));
    this.#define(Csr.timeh, () => time.high(ticks()));
    this.#define(
      Csr.mcountinhibit,
      () => state.mcountinhibit,
      (value) => {
        state.mcountinhibit = value & COUNTERS_STOPPABLE;
        state.cycleCounter.setStopped(cycleAfter(), (value & 1) !== 0);
        state.instructionCounter.setStopped(instructionsAfter(), (value & 4) !== 0);
      },
    );
    for (let i = 0; i < HPM_COUNTERS; i++) {
      for (const first of [Csr.mhpmevent3, Csr.mhpmcounter3, Csr.mhpmcounter3h, Csr.hpmcounter3, Csr.hpmcounter3h]) {
        this.#define(first + i, zero);
      }
    }
  }

  /** A counter's two writable halves and its two read-only views; each high half is 0x80 above its low half. */
  #defineCounter(machine: number, user: number, counter: Counter, now: () => number, after: () => number): void {
    const low = () => counter.low(now());
    const high = () => counter.high(now());
    this.#define(machine, low, (value) => counter.setLow(now(), value, after()));
    this.#define(machine + 0x80, high, (value) => counter.setHigh(now(), value, after()));
    this.#define(user, low);
    this.#define(user + 0x80, high);
  }

  #writeStatus(value: number, mask: number): void {
    const state = this.#state;
    state.mstatus = (state.mstatus & ~mask) | (value & mask);
    const mpp = (value & Status.Mpp) >> Status.MppShift;
    const isMppLegal = mpp === Mode.User || mpp === Mode.Supervisor || mpp === Mode.Machine;
    if (mask === MSTATUS && isMppLegal) state.mstatus = (state.mstatus & ~Status.Mpp) | (value & Status.Mpp);
  }
}

function zero(): number {
  return 0;
}

/** Direct and vectored exist; a reserved mode leaves the register as it was. */
function vectorOf(value: number, before: number): number {
  return (value & 3) > 1 ? before : value;
}

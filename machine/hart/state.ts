/**
 * All that a hart remembers: registers, mode, control and status registers, and where it stands in time.
 *
 * Only data and what keeps it consistent, and how a trap is entered; system.ts, csr.ts, mmu.ts and the engines act on
 * it. Registers hold 32-bit words as JavaScript's signed integers.
 */
import { Base, CYCLES_PER_TICK } from "../board/memory-map.ts";
import { EventCost } from "../cost.ts";
import { Interrupt, Mode, Status } from "../isa/registers.ts";
import type { LinearMemory } from "../linear-memory.ts";
import { type Archive, type Archived, Loader, Saver } from "../state/archive.ts";
import { Counter } from "./counter.ts";
import { Pmp } from "./pmp.ts";
import { StateWords } from "./state-words.ts";

/** Bits of mip that a hart in M-mode may write; the rest are wires. */
export const WRITABLE_PENDING =
  (1 << Interrupt.SupervisorSoftware) | (1 << Interrupt.SupervisorTimer) | (1 << Interrupt.SupervisorExternal);

/** In the place of an offset in RAM. */
export const NO_RESERVATION = -1;

export class HartState extends StateWords implements Archived {
  /** Stopped by `wfi` until an interrupt is pending and enabled. */
  waiting = false;

  readonly pmp = new Pmp();
  readonly cycleCounter = new Counter();
  readonly instructionCounter = new Counter();

  /** Time: the hart runs towards `horizon`, and `left` cycles remain; so it stands at their difference. */
  horizon = 0;
  /** Cycles beyond one per retired instruction before the current run. */
  #extraBefore = 0;
  /** The instruction just handled has set `pc` itself: by a trap, a return, or a wait. */
  departed = false;
  /** Devices, or whoever watches, must be looked after before the hart goes on. */
  outsideTouched = false;

  readonly #atPowerOn: Float64Array;

  /** In a memory that is new: the state of a hart at power-on. */
  constructor(memory: LinearMemory) {
    super(memory);
    this.pc = Base.Ram;
    this.mode = Mode.Machine;
    this.reservedOffset = NO_RESERVATION;
    const saver = new Saver();
    this.exchange(saver);
    this.#atPowerOn = saver.saved;
  }

  /** Cycles since power-on: when the current instruction began. */
  get cycle(): number {
    return this.horizon - this.left - this.cyclesBeyondTimer;
  }

  /** Instructions retired since power-on. */
  get instructions(): number {
    return this.cycle - this.#extraBefore - this.extra;
  }

  /** mip. */
  get pending(): number {
    return this.pendingBySoftware | this.pendingByWire;
  }

  /** The mode whose rights loads and stores have (MPRV, section 3.1.6.3). */
  get dataMode(): Mode {
    return this.mstatus & Status.Mprv ? (this.mstatus & Status.Mpp) >> Status.MppShift : this.mode;
  }

  setWire(interrupt: Interrupt, level: boolean): void {
    if (level) this.pendingByWire |= 1 << interrupt;
    else this.pendingByWire &= ~(1 << interrupt);
  }

  /** Begins to run until a cycle, at most 2^30 away. */
  runTowards(cycle: number): void {
    const now = this.cycle;
    this.#extraBefore += this.extra;
    this.extra = 0;
    this.horizon = cycle;
    this.left = cycle - now;
  }

  /** Stops short of the horizon where the timer rings before, at a cycle: only translated code knows how to go on. */
  expectTimer(cycle: number): void {
    this.cyclesBeyondTimer = Math.max(0, this.horizon - cycle);
    this.left -= this.cyclesBeyondTimer;
  }

  forgetTimer(): void {
    this.left += this.cyclesBeyondTimer;
    this.cyclesBeyondTimer = 0;
  }

  /** Lets translated code read the counters, and the timer's, during the current run. */
  showCounters(time: Counter): void {
    const { cycleCounter, instructionCounter, horizon } = this;
    this.countersStand = cycleCounter.stopped || instructionCounter.stopped ? 1 : 0;
    this.cycleAtHorizon = cycleCounter.low(horizon);
    this.cycleHighAtHorizon = cycleCounter.high(horizon);
    const instructions = horizon - this.#extraBefore;
    this.instructionAtHorizon = instructionCounter.low(instructions);
    this.instructionHighAtHorizon = instructionCounter.high(instructions);
    const tick = Math.floor(horizon / CYCLES_PER_TICK);
    this.timeAtHorizon = time.low(tick);
    this.timeHighAtHorizon = time.high(tick);
    this.cyclesIntoTick = horizon - tick * CYCLES_PER_TICK;
  }

  /** Makes the interpreter return before the next instruction, because what it relied on has changed. */
  leave(): void {
    this.horizon -= this.left;
    this.left = 0;
    this.mustLookAround = 1;
  }

  /** The same, and back to the machine: something outside the hart was touched. */
  leaveHart(): void {
    this.outsideTouched = true;
    this.leave();
  }

  /** The instruction has set `pc` itself, and the interpreter must return. */
  depart(): void {
    this.departed = true;
    this.mustLookAround = 1;
  }

  /** Time that passes without an instruction retiring for it. */
  charge(cycles: number): void {
    this.left -= cycles;
    this.extra += cycles;
  }

  /** An instruction that ends here, elsewhere than in the interpreter's loop. */
  retire(cycles: number): void {
    this.left -= cycles;
    this.extra += cycles - 1;
  }

  /** Sleeps until `cycle`. */
  idleUntil(cycle: number): void {
    this.#extraBefore += this.extra + cycle - this.cycle;
    this.extra = 0;
    this.horizon = cycle;
    this.left = 0;
  }

  /**
   * Enters the handler of an exception, or of an interrupt (cause with its top bit): Privileged Specification, 3.1.6 to
   * 3.1.15.
   */
  trap(cause: number, value: number): void {
    const isDelegated = ((cause < 0 ? this.mideleg : this.medeleg) >> (cause & 31)) & 1;
    if (isDelegated && this.mode !== Mode.Machine) this.#trapToSupervisor(cause, value);
    else this.#trapToMachine(cause, value);
    this.charge(EventCost.trap);
    this.depart();
  }

  #trapToSupervisor(cause: number, value: number): void {
    this.sepc = this.pc;
    this.scause = cause;
    this.stval = value;
    const wasEnabled = (this.mstatus & Status.Sie) !== 0;
    this.mstatus &= ~(Status.Sie | Status.Spie | Status.Spp);
    if (wasEnabled) this.mstatus |= Status.Spie;
    if (this.mode === Mode.Supervisor) this.mstatus |= Status.Spp;
    this.mode = Mode.Supervisor;
    this.pc = handler(this.stvec, cause);
  }

  #trapToMachine(cause: number, value: number): void {
    this.mepc = this.pc;
    this.mcause = cause;
    this.mtval = value;
    const wasEnabled = (this.mstatus & Status.Mie) !== 0;
    this.mstatus &= ~(Status.Mie | Status.Mpie | Status.Mpp);
    if (wasEnabled) this.mstatus |= Status.Mpie;
    this.mstatus |= this.mode << Status.MppShift;
    this.mode = Mode.Machine;
    this.pc = handler(this.mtvec, cause);
  }

  reserve(address: number, offset: number, value: number): void {
    this.reservedAddress = address;
    this.reservedOffset = offset;
    this.reservedValue = value;
  }

  dropReservation(): void {
    this.reservedOffset = NO_RESERVATION;
  }

  /** The state after reset (section 3.4). Time goes on, and wires keep their level. */
  reset(): void {
    const { cycle, instructions, pendingByWire } = this;
    this.exchange(new Loader(this.#atPowerOn));
    this.#stand(cycle, instructions);
    this.pendingByWire = pendingByWire;
  }

  exchange(archive: Archive): void {
    archive.words(this.x.subarray(0, 32));
    this.pc = archive.number(this.pc);
    this.mode = archive.number(this.mode);
    this.waiting = archive.boolean(this.waiting);
    this.#stand(archive.number(this.cycle), archive.number(this.instructions));
    this.#exchangeMachineRegisters(archive);
    this.#exchangeSupervisorRegisters(archive);
    this.pmp.exchange(archive);
    this.cycleCounter.exchange(archive);
    this.instructionCounter.exchange(archive);
    this.pendingBySoftware = archive.number(this.pendingBySoftware);
    this.pendingByWire = archive.number(this.pendingByWire);
    this.reservedAddress = archive.number(this.reservedAddress);
    this.reservedOffset = archive.number(this.reservedOffset);
    this.reservedValue = archive.number(this.reservedValue);
  }

  #exchangeMachineRegisters(archive: Archive): void {
    this.mstatus = archive.number(this.mstatus);
    this.medeleg = archive.number(this.medeleg);
    this.mideleg = archive.number(this.mideleg);
    this.mie = archive.number(this.mie);
    this.mtvec = archive.number(this.mtvec);
    this.mcounteren = archive.number(this.mcounteren);
    this.mcountinhibit = archive.number(this.mcountinhibit);
    this.menvcfg = archive.number(this.menvcfg);
    this.mscratch = archive.number(this.mscratch);
    this.mepc = archive.number(this.mepc);
    this.mcause = archive.number(this.mcause);
    this.mtval = archive.number(this.mtval);
  }

  #exchangeSupervisorRegisters(archive: Archive): void {
    this.stvec = archive.number(this.stvec);
    this.scounteren = archive.number(this.scounteren);
    this.senvcfg = archive.number(this.senvcfg);
    this.sscratch = archive.number(this.sscratch);
    this.sepc = archive.number(this.sepc);
    this.scause = archive.number(this.scause);
    this.stval = archive.number(this.stval);
    this.satp = archive.number(this.satp);
  }

  /** Puts the hart at a moment. */
  #stand(cycle: number, instructions: number): void {
    this.horizon = cycle;
    this.left = 0;
    this.extra = 0;
    this.#extraBefore = cycle - instructions;
  }
}

/** Where a trap goes: to the base, or in vectored mode, for interrupts, to one word per cause (section 3.1.7). */
function handler(vector: number, cause: number): number {
  const base = vector & ~3;
  const isVectored = (vector & 3) === 1 && cause < 0;
  return (isVectored ? base + 4 * (cause & 31) : base) | 0;
}

/**
 * Core-local interruptor: software interrupt, and a timer that counts at a tenth of the clock (SiFive U54 manual,
 * chapter 9).
 *
 * The timer interrupt is up while `mtime >= mtimecmp`: so the device's next event is the cycle at which they meet. What
 * it remembers besides mtime is the hart's (`ClintRegisters`), where translated code finds it: translate/timer.ts does
 * the same as `read` and `write` here, and what `advance` does when the timer is due.
 */
import { Clint as Register } from "../board/clint.ts";
import { CYCLES_PER_TICK } from "../board/memory-map.ts";
import { type Clock, type Device, NO_ANSWER, Reading } from "../bus.ts";
import { Counter } from "../hart/counter.ts";
import type { Width } from "../isa/meaning.ts";
import { Interrupt } from "../isa/registers.ts";
import type { Archive } from "../state/archive.ts";

const WORD = 2 ** 32;

/** Kept by the hart. */
export interface ClintRegisters {
  /** Words, signed or not. */
  timeCompareLow: number;
  timeCompareHigh: number;
  /** The level of each wire, by number of the interrupt. */
  readonly pendingByWire: number;
  setWire(interrupt: Interrupt, level: boolean): void;
}

export class Clint implements Device {
  /** mtime. */
  readonly time = new Counter();
  readonly #clock: Clock;
  readonly #registers: ClintRegisters;

  constructor(clock: Clock, registers: ClintRegisters) {
    this.#clock = clock;
    this.#registers = registers;
    this.reset();
  }

  read(offset: number, width: Width): number {
    if (width !== 4) return NO_ANSWER;
    switch (offset) {
      case Register.SoftwareInterrupt:
        return this.#isUp(Interrupt.MachineSoftware) ? 1 : 0;
      case Register.TimeCompare:
        return this.#registers.timeCompareLow >>> 0;
      case Register.TimeCompare + 4:
        return this.#registers.timeCompareHigh >>> 0;
      case Register.Time:
        return this.time.low(this.#ticks);
      case Register.Time + 4:
        return this.time.high(this.#ticks);
      default:
        return 0;
    }
  }

  /** Translated code writes here by itself: what was read says nothing about the next time. */
  effectOfReading(): Reading {
    return Reading.Looks;
  }

  write(offset: number, width: Width, value: number): boolean {
    if (width !== 4) return false;
    switch (offset) {
      case Register.SoftwareInterrupt:
        this.#registers.setWire(Interrupt.MachineSoftware, (value & 1) !== 0);
        break;
      case Register.TimeCompare:
        this.#registers.timeCompareLow = value;
        break;
      case Register.TimeCompare + 4:
        this.#registers.timeCompareHigh = value;
        break;
      case Register.Time:
        this.time.setLow(this.#ticks, value);
        break;
      case Register.Time + 4:
        this.time.setHigh(this.#ticks, value);
        break;
    }
    this.#compare();
    return true;
  }

  /** The timer rings once: until it is set anew, its wire stays up. */
  get nextEventCycle(): number {
    if (this.#isUp(Interrupt.MachineTimer)) return Number.POSITIVE_INFINITY;
    const next = (this.#ticks + this.#remainingTicks) * CYCLES_PER_TICK;
    return next <= Number.MAX_SAFE_INTEGER ? next : Number.POSITIVE_INFINITY;
  }

  advance(): void {
    this.#compare();
  }

  reset(): void {
    // The specification leaves open what this is after a reset (Privileged, section 3.2.1). Programs for RV32 that
    // never write the upper half rely on QEMU's zero, with which the interrupt is pending from the start.
    this.#registers.timeCompareLow = 0;
    this.#registers.timeCompareHigh = 0;
    this.#registers.setWire(Interrupt.MachineSoftware, false);
    this.#compare();
  }

  exchange(archive: Archive): void {
    this.time.exchange(archive);
    this.#registers.timeCompareLow = archive.number(this.#registers.timeCompareLow);
    this.#registers.timeCompareHigh = archive.number(this.#registers.timeCompareHigh);
  }

  get #ticks(): number {
    return Math.floor(this.#clock.cycle / CYCLES_PER_TICK);
  }

  /** Until `mtime` is `mtimecmp`; not positive where it has been. */
  get #remainingTicks(): number {
    const { timeCompareLow, timeCompareHigh } = this.#registers;
    const ticks = this.#ticks;
    return ((timeCompareHigh >>> 0) - this.time.high(ticks)) * WORD + ((timeCompareLow >>> 0) - this.time.low(ticks));
  }

  #compare(): void {
    this.#registers.setWire(Interrupt.MachineTimer, this.#remainingTicks <= 0);
  }

  #isUp(interrupt: Interrupt): boolean {
    return ((this.#registers.pendingByWire >> interrupt) & 1) !== 0;
  }
}

/**
 * Core-local interruptor: software interrupt, and a timer that counts at a tenth of the clock (SiFive U54 manual,
 * chapter 9).
 *
 * The timer interrupt is up while `mtime >= mtimecmp`: so the device's next event is the cycle at which they meet.
 */
import { Clint as Register } from "../board/clint.ts";
import { CYCLES_PER_TICK } from "../board/memory-map.ts";
import { type Clock, type Device, NO_ANSWER, type Wire } from "../bus.ts";
import { Counter } from "../hart/counter.ts";
import type { Width } from "../isa/meaning.ts";
import type { Archive } from "../state/archive.ts";

const ALL_ONES = 0xffff_ffff;
const WORD = 2 ** 32;

export class Clint implements Device {
  /** mtime. */
  readonly time = new Counter();
  nextEventCycle = Number.POSITIVE_INFINITY;
  #compareLow = ALL_ONES;
  #compareHigh = ALL_ONES;
  #software = false;
  readonly #clock: Clock;
  readonly #softwareWire: Wire;
  readonly #timerWire: Wire;

  constructor(clock: Clock, softwareWire: Wire, timerWire: Wire) {
    this.#clock = clock;
    this.#softwareWire = softwareWire;
    this.#timerWire = timerWire;
  }

  read(offset: number, width: Width): number {
    if (width !== 4) return NO_ANSWER;
    switch (offset) {
      case Register.SoftwareInterrupt:
        return this.#software ? 1 : 0;
      case Register.TimeCompare:
        return this.#compareLow;
      case Register.TimeCompare + 4:
        return this.#compareHigh;
      case Register.Time:
        return this.time.low(this.#ticks);
      case Register.Time + 4:
        return this.time.high(this.#ticks);
      default:
        return 0;
    }
  }

  write(offset: number, width: Width, value: number): boolean {
    if (width !== 4) return false;
    switch (offset) {
      case Register.SoftwareInterrupt:
        this.#software = (value & 1) !== 0;
        this.#softwareWire(this.#software);
        break;
      case Register.TimeCompare:
        this.#compareLow = value >>> 0;
        break;
      case Register.TimeCompare + 4:
        this.#compareHigh = value >>> 0;
        break;
      case Register.Time:
        this.time.setLow(this.#ticks, value);
        break;
      case Register.Time + 4:
        this.time.setHigh(this.#ticks, value);
        break;
    }
    this.#schedule();
    return true;
  }

  advance(cycle: number): void {
    if (cycle >= this.nextEventCycle) this.#schedule();
  }

  reset(): void {
    this.#compareLow = ALL_ONES;
    this.#compareHigh = ALL_ONES;
    this.#software = false;
    this.#softwareWire(false);
    this.#schedule();
  }

  exchange(archive: Archive): void {
    this.time.exchange(archive);
    this.nextEventCycle = archive.number(this.nextEventCycle);
    this.#compareLow = archive.number(this.#compareLow);
    this.#compareHigh = archive.number(this.#compareHigh);
    this.#software = archive.boolean(this.#software);
  }

  get #ticks(): number {
    return Math.floor(this.#clock.cycle / CYCLES_PER_TICK);
  }

  /** Sets the timer wire, and when it will next rise. */
  #schedule(): void {
    const ticks = this.#ticks;
    const remaining = (this.#compareHigh - this.time.high(ticks)) * WORD + (this.#compareLow - this.time.low(ticks));
    this.#timerWire(remaining <= 0);
    const next = (ticks + remaining) * CYCLES_PER_TICK;
    this.nextEventCycle = remaining > 0 && next <= Number.MAX_SAFE_INTEGER ? next : Number.POSITIVE_INFINITY;
  }
}

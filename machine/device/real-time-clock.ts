/**
 * Goldfish real-time clock: nanoseconds since 1970, and an alarm (Android's goldfish/rtc; QEMU's
 * hw/rtc/goldfish_rtc.c).
 *
 * It starts at the second the configuration says and runs with the cycles: the host's time of day never enters.
 */
import { CYCLES_PER_SECOND } from "../board/memory-map.ts";
import { RealTimeClock as Register } from "../board/real-time-clock.ts";
import { type Clock, type Device, NO_ANSWER, type Wire } from "../bus.ts";
import type { Width } from "../isa/meaning.ts";
import type { Archive } from "../state/archive.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000;
const NANOSECONDS_PER_CYCLE = NANOSECONDS_PER_SECOND / CYCLES_PER_SECOND;
const WORD_BITS = 32n;

export class RealTimeClock implements Device {
  nextEventCycle = Number.POSITIVE_INFINITY;
  /**
   * The time at cycle 0, modulo 2^64, for a program may set the clock to less than it has run: two halves, because 64
   * bits do not fit a number.
   */
  #originLow = 0;
  #originHigh = 0;
  /** High half of the time when the low half was last read. */
  #latchedHigh = 0;
  #alarmLow = 0;
  #alarmHigh = 0;
  #isArmed = false;
  #isPending = false;
  #isEnabled = false;
  readonly #clock: Clock;
  readonly #wire: Wire;

  constructor(startSeconds: number, clock: Clock, wire: Wire) {
    this.#clock = clock;
    this.#wire = wire;
    this.#setOrigin(BigInt(startSeconds) * BigInt(NANOSECONDS_PER_SECOND));
  }

  read(offset: number, width: Width): number {
    if (width !== 4) return NO_ANSWER;
    switch (offset) {
      case Register.TimeLow: {
        const now = this.#now;
        this.#latchedHigh = Number(now >> WORD_BITS);
        return Number(BigInt.asUintN(32, now));
      }
      case Register.TimeHigh:
        return this.#latchedHigh;
      case Register.AlarmLow:
        return this.#alarmLow;
      case Register.AlarmHigh:
        return this.#alarmHigh;
      case Register.InterruptEnabled:
        return this.#isEnabled ? 1 : 0;
      case Register.AlarmStatus:
        return this.#isArmed ? 1 : 0;
      default:
        return 0;
    }
  }

  write(offset: number, width: Width, value: number): boolean {
    if (width !== 4) return false;
    const word = value >>> 0;
    switch (offset) {
      case Register.TimeLow:
        this.#setTime((this.#now & ~0xffff_ffffn) | BigInt(word));
        break;
      case Register.TimeHigh:
        this.#setTime(BigInt.asUintN(32, this.#now) | (BigInt(word) << WORD_BITS));
        break;
      case Register.AlarmLow:
        this.#alarmLow = word;
        this.#isArmed = true;
        break;
      case Register.AlarmHigh:
        this.#alarmHigh = word;
        break;
      case Register.InterruptEnabled:
        this.#isEnabled = (word & 1) !== 0;
        break;
      case Register.ClearAlarm:
        this.#isArmed = false;
        break;
      case Register.ClearInterrupt:
        this.#isPending = false;
        break;
    }
    this.#schedule();
    return true;
  }

  advance(cycle: number): void {
    if (cycle >= this.nextEventCycle) this.#schedule();
  }

  reset(): void {
    this.#alarmLow = 0;
    this.#alarmHigh = 0;
    this.#isArmed = false;
    this.#isPending = false;
    this.#isEnabled = false;
    this.#schedule();
  }

  exchange(archive: Archive): void {
    this.nextEventCycle = archive.number(this.nextEventCycle);
    this.#originLow = archive.number(this.#originLow);
    this.#originHigh = archive.number(this.#originHigh);
    this.#latchedHigh = archive.number(this.#latchedHigh);
    this.#alarmLow = archive.number(this.#alarmLow);
    this.#alarmHigh = archive.number(this.#alarmHigh);
    this.#isArmed = archive.boolean(this.#isArmed);
    this.#isPending = archive.boolean(this.#isPending);
    this.#isEnabled = archive.boolean(this.#isEnabled);
  }

  get #now(): bigint {
    return BigInt.asUintN(64, this.#origin + BigInt(this.#clock.cycle * NANOSECONDS_PER_CYCLE));
  }

  get #origin(): bigint {
    return (BigInt(this.#originHigh) << WORD_BITS) | BigInt(this.#originLow);
  }

  #setOrigin(origin: bigint): void {
    this.#originLow = Number(BigInt.asUintN(32, origin));
    this.#originHigh = Number(BigInt.asUintN(32, origin >> WORD_BITS));
  }

  #setTime(now: bigint): void {
    this.#setOrigin(BigInt.asUintN(64, now - BigInt(this.#clock.cycle * NANOSECONDS_PER_CYCLE)));
  }

  /** Rings if the alarm's time has come, and says when it will. */
  #schedule(): void {
    const alarm = (BigInt(this.#alarmHigh) << WORD_BITS) | BigInt(this.#alarmLow);
    if (this.#isArmed && alarm <= this.#now) {
      this.#isArmed = false;
      this.#isPending = true;
    }
    this.#wire(this.#isPending && this.#isEnabled);
    const cycle = Math.ceil(Number(BigInt.asUintN(64, alarm - this.#origin)) / NANOSECONDS_PER_CYCLE);
    this.nextEventCycle = this.#isArmed && Number.isSafeInteger(cycle) ? cycle : Number.POSITIVE_INFINITY;
  }
}

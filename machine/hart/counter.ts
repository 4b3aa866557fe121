/**
 * A 64-bit counter that runs by itself: mcycle, minstret, mtime.
 *
 * It stores what it was last set to and when; reading adds what has passed since. "When" is whatever the counter counts
 * (cycles, instructions, ticks), an exact integer below 2^53.
 */
import type { Archive, Archived } from "../state/archive.ts";

const WORD = 2 ** 32;

export class Counter implements Archived {
  #low = 0;
  #high = 0;
  #since = 0;
  #stopped = false;

  /** Bits 31–0 at moment `now`, as an unsigned number. */
  low(now: number): number {
    return this.#sum(now) % WORD;
  }

  /** Bits 63–32 at moment `now`, as an unsigned number. */
  high(now: number): number {
    const elapsed = this.#elapsed(now);
    return (this.#high + Math.floor(elapsed / WORD) + Math.floor(this.#sum(now) / WORD)) % WORD;
  }

  /** Writes bits 31–0 at moment `now`; it counts on from moment `from`. */
  setLow(now: number, value: number, from = now): void {
    this.#set(from, value >>> 0, this.high(now));
  }

  setHigh(now: number, value: number, from = now): void {
    this.#set(from, this.low(now), value >>> 0);
  }

  /** Stops or continues it (mcountinhibit, Privileged Specification, section 3.1.12). */
  setStopped(now: number, stopped: boolean): void {
    this.#set(now, this.low(now), this.high(now));
    this.#stopped = stopped;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  exchange(archive: Archive): void {
    this.#low = archive.number(this.#low);
    this.#high = archive.number(this.#high);
    this.#since = archive.number(this.#since);
    this.#stopped = archive.boolean(this.#stopped);
  }

  #set(now: number, low: number, high: number): void {
    this.#low = low;
    this.#high = high;
    this.#since = now;
  }

  #elapsed(now: number): number {
    return this.#stopped ? 0 : now - this.#since;
  }

  #sum(now: number): number {
    return this.#low + (this.#elapsed(now) % WORD);
  }
}

/** A small generator of random numbers, for tests: the same seed gives the same image on every host. */

/** Marsaglia's xorshift32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** 32 random bits, signed; now and then a corner case. */
  word(): number {
    const bits = this.#next();
    const corners = [0, 1, -1, 0x7fff_ffff, -0x8000_0000, 0x8000, 0xff, 4];
    return this.#next() % 4 === 0 ? corners[bits & 7]! : bits;
  }

  /** 0 to `below` - 1. */
  integer(below: number): number {
    return (this.#next() >>> 0) % below;
  }

  /** A positive number, for another generator. */
  seed(): number {
    return this.#next() >>> 1;
  }

  chance(probability: number): boolean {
    return (this.#next() >>> 0) / 2 ** 32 < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!;
  }

  #next(): number {
    let s = this.#state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#state = s;
    return s;
  }
}

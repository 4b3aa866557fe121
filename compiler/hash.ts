/** SHA-256 (FIPS 180-4), so that the content cache needs nothing from the host. Begin reading at `contentHash`. */

/** 32 hexadecimal digits of the hash of some texts; where one ends and the next begins counts. */
export function contentHash(...texts: readonly string[]): string {
  const hash = new Sha256();
  for (const text of texts) {
    hash.word(text.length);
    hash.text(text);
  }
  return hash.finish().slice(0, 32);
}

const ROUND_CONSTANTS = fractions(64, 3);
const INITIAL_STATE = fractions(8, 2);

/** The first 32 bits of the fractional parts of the square or cube roots of the first primes. */
function fractions(count: number, root: number): Int32Array {
  const words = new Int32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) isPrime = false;
    if (isPrime) words[found++] = (candidate ** (1 / root) % 1) * 2 ** 32;
  }
  return words;
}

class Sha256 {
  readonly #state = INITIAL_STATE.slice();
  readonly #schedule = new Int32Array(64);
  #filled = 0;
  #words = 0;

  /** UTF-16 units, two to a word. */
  text(text: string): void {
    for (let index = 0; index < text.length; index += 2) {
      const low = index + 1 < text.length ? text.charCodeAt(index + 1) : 0;
      this.word((text.charCodeAt(index) << 16) | low);
    }
  }

  word(value: number): void {
    this.#schedule[this.#filled++] = value;
    this.#words++;
    if (this.#filled === 16) this.#block();
  }

  finish(): string {
    const bits = this.#words * 32;
    this.word(0x8000_0000);
    while (this.#filled !== 14) this.word(0);
    this.word(Math.floor(bits / 2 ** 32));
    this.word(bits);
    return [...this.#state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  #block(): void {
    this.#extend();
    const [w, state] = [this.#schedule, this.#state];
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    let e = state[4]!;
    let f = state[5]!;
    let g = state[6]!;
    let h = state[7]!;
    for (let i = 0; i < 64; i++) {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND_CONSTANTS[i]! + w[i]!) | 0;
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0]! += a;
    state[1]! += b;
    state[2]! += c;
    state[3]! += d;
    state[4]! += e;
    state[5]! += f;
    state[6]! += g;
    state[7]! += h;
    this.#filled = 0;
  }

  /** Sixteen words of message become sixty-four. */
  #extend(): void {
    const w = this.#schedule;
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
    }
  }
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

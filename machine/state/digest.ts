/**
 * The state's fingerprint: MurmurHash3 (x86, 128 bits) over whole blocks of sixteen bytes.
 *
 * It tells states apart at memory speed. It is no defence against someone who builds collisions on purpose, and need
 * not be: nobody gains by making his own replay agree.
 */
import { assert } from "../error.ts";

/** 128 bits, as four words. */
export type Digest = Int32Array;

const WORDS_PER_BLOCK = 4;

/** The digest of `words`, whose length is a multiple of four. */
export function digest(words: Int32Array): Digest {
  assert(words.length % WORDS_PER_BLOCK === 0, "digest of a broken block");
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  for (let i = 0; i < words.length; i += WORDS_PER_BLOCK) {
    h1 ^= Math.imul(rotate(Math.imul(words[i]!, 0x239b961b), 15), 0xab0e9789);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(words[i + 1]!, 0xab0e9789), 16), 0x38b34ae5);
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(words[i + 2]!, 0x38b34ae5), 17), 0xa1e38b93);
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(words[i + 3]!, 0xa1e38b93), 18), 0x239b961b);
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  const length = words.length * Int32Array.BYTES_PER_ELEMENT;
  return mixed(spread([h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length]));
}

/** The digest of a state, with digests of what is kept elsewhere. */
export function digestOf(state: Float64Array, others: readonly Digest[]): Digest {
  const stateWords = new Int32Array(state.buffer);
  const padded = Math.ceil(stateWords.length / WORDS_PER_BLOCK) * WORDS_PER_BLOCK;
  const words = new Int32Array(padded + others.length * WORDS_PER_BLOCK);
  words.set(stateWords);
  for (const [index, value] of others.entries()) words.set(value, padded + index * WORDS_PER_BLOCK);
  return digest(words);
}

/** Thirty-two hexadecimal digits. */
export function hexadecimal(value: Digest): string {
  return Array.from(value, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

type Four = [number, number, number, number];

function mixed(h: Four): Digest {
  return Int32Array.from(spread([avalanche(h[0]), avalanche(h[1]), avalanche(h[2]), avalanche(h[3])]));
}

/** Every word comes to depend on all four. */
function spread([h1, h2, h3, h4]: Four): Four {
  const sum = (h1 + h2 + h3 + h4) | 0;
  return [sum, (h2 + sum) | 0, (h3 + sum) | 0, (h4 + sum) | 0];
}

function avalanche(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 2,000 words of three to fourteen letters, made anew and sorted by merging. */
import { compareBytes } from "../../../lib/library/bytes.ts";

const COUNT = 2000;
const LONGEST = 14;

class Word {
  readonly letters = new Uint8Array(LONGEST);
  length: u16 = 0;
}

const words = table(Word, COUNT);
const sorted = new Uint16Array(COUNT);
const spare = new Uint16Array(COUNT);

export function main(): i32 {
  makeWords();
  for (let index = 0; index < COUNT; index++) sorted[index] = u16(index);
  sort(0, COUNT);
  let sum: u32 = 0;
  for (let index = 0; index < COUNT; index++) sum = sum * 31 + sorted[index];
  return i32(sum & 0x7fff_ffff);
}

/** Few letters, so that many words share their beginning. */
function makeWords(): void {
  let seed: u32 = 99;
  for (const word of words) {
    seed = seed * 1_664_525 + 1_013_904_223;
    word.length = u16(3 + ((seed >>> 16) % (LONGEST - 2)));
    for (let index = 0; index < word.length; index++) {
      seed = seed * 1_664_525 + 1_013_904_223;
      word.letters[index] = u8(97 + (seed >>> 29));
    }
  }
}

/** Sorts the words `from` to `to`, exclusive. */
function sort(from: i32, to: i32): void {
  if (to - from < 2) return;
  const middle = (from + to) / 2;
  sort(from, middle);
  sort(middle, to);
  merge(from, middle, to);
}

function merge(from: i32, middle: i32, to: i32): void {
  for (let index = from; index < to; index++) spare[index] = sorted[index];
  let left = from;
  let right = middle;
  for (let index = from; index < to; index++) {
    const takeLeft = right >= to || (left < middle && compare(spare[left], spare[right]) <= 0);
    sorted[index] = takeLeft ? spare[left++] : spare[right++];
  }
}

function compare(a: i32, b: i32): i32 {
  const left = words[a];
  const right = words[b];
  return compareBytes(left.letters.subarray(0, left.length), right.letters.subarray(0, right.length));
}

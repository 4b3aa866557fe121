/** The two bitmaps of a volume: which inodes and which zones are in use. Begin at `allocateBit`. */
import { log } from "../../lib/log.ts";
import { Status } from "../../lib/status.ts";
import { BlockKind, change, readBlock } from "./cache.ts";
import { BITS_PER_BLOCK } from "./format.ts";
import type { Volume } from "./volume.ts";

const ALL: u32 = 0xffff_ffff;
const BITS_PER_WORD = 32;

/**
 * Sets the first clear bit at or after `from`, then from the beginning on, of the bitmap that begins at block `map`; its bits are 1 to `count`.
 * Returns the bit, NoSpace or InputOutput.
 */
export function allocateBit(volume: Volume, map: u32, count: u32, from: u32): i32 {
  const first = from >= 1 && from <= count ? from : 1;
  const above = searchBits(volume, map, first, count);
  if (above !== Status.NoSpace || first === 1) return above;
  return searchBits(volume, map, 1, first - 1);
}

/** Clears a bit. Errors: InputOutput, when it was clear: the disk is damaged. */
export function freeBit(volume: Volume, map: u32, bit: u32): Status {
  const block = readBlock(volume, map + bit / BITS_PER_BLOCK);
  if (block === null) return Status.InputOutput;
  const index = (bit % BITS_PER_BLOCK) / BITS_PER_WORD;
  const mask: u32 = u32(1) << (bit % BITS_PER_WORD);
  const words = block.words();
  if ((words[index] & mask) === 0) {
    log`${volume.driver}: block or inode ${bit} is freed twice: the file system is damaged`;
    return Status.InputOutput;
  }
  words[index] &= ~mask;
  change(block, BlockKind.Bitmap);
  return Status.Ok;
}

/** How many of bits 1 to `count` are clear; InputOutput if that cannot be read. */
export function countFree(volume: Volume, map: u32, count: u32): i32 {
  let free = 0;
  for (let bit: u32 = 0; bit <= count; bit += BITS_PER_WORD) {
    const block = readBlock(volume, map + bit / BITS_PER_BLOCK);
    if (block === null) return Status.InputOutput;
    let clearBits = ~block.words()[(bit % BITS_PER_BLOCK) / BITS_PER_WORD] & inRange(bit, 1, count);
    for (; clearBits !== 0; clearBits &= clearBits - 1) free++;
  }
  return free;
}

/** Sets the first clear bit among `first` to `last`. */
function searchBits(volume: Volume, map: u32, first: u32, last: u32): i32 {
  for (let bit = first - (first % BITS_PER_WORD); bit <= last; bit += BITS_PER_WORD) {
    const block = readBlock(volume, map + bit / BITS_PER_BLOCK);
    if (block === null) return Status.InputOutput;
    const words = block.words();
    const index = (bit % BITS_PER_BLOCK) / BITS_PER_WORD;
    const clearBits = ~words[index] & inRange(bit, first, last);
    if (clearBits === 0) continue;
    const lowest = clearBits & (0 - clearBits);
    words[index] |= lowest;
    change(block, BlockKind.Bitmap);
    return i32(bit + numberOf(lowest));
  }
  return Status.NoSpace;
}

/** The bits of the word that begins with bit `bit` that lie within `first` to `last`. */
function inRange(bit: u32, first: u32, last: u32): u32 {
  let mask = ALL;
  if (bit < first) mask &= ALL << (first - bit);
  if (bit + (BITS_PER_WORD - 1) > last) mask &= ALL >>> (bit + (BITS_PER_WORD - 1) - last);
  return mask;
}

/** Which bit a word with one bit is. */
function numberOf(word: u32): u32 {
  let number: u32 = 0;
  if ((word & 0xffff_0000) !== 0) number += 16;
  if ((word & 0xff00_ff00) !== 0) number += 8;
  if ((word & 0xf0f0_f0f0) !== 0) number += 4;
  if ((word & 0xcccc_cccc) !== 0) number += 2;
  if ((word & 0xaaaa_aaaa) !== 0) number += 1;
  return number;
}

/**
 * Memory while the program runs: `allocate` and `release`, first fit over one list of free blocks in order of address, grown by brk.
 *
 * Free neighbours are joined, so what is released can be had again in any size. Begin reading at `allocate`.
 */

import { complain } from "./output.ts";
import { breakAddress, exit, moveBreak } from "./process.ts";

/** Stands before every block; the caller's bytes follow it. */
class Block {
  static readonly bytes = 8;
  /** Header included; a multiple of `GRAIN_BYTES`. */
  bytes: u32 = 0;
  /** The next free block at a higher address; null while the block is in use. */
  next: Block | null = null;
}
const HEADER_BYTES = 8;
const GRAIN_BYTES = 16;
const GROWTH_BYTES = 16384;

let firstFree: Block | null = null;
/** Where the heap ends, as far as we have asked for it. 0: not yet known. */
let heapEnd: vaddr = 0;

/** Answers the address of `bytes` bytes (aligned for any type, contents unknown), or 0 when there is no memory. */
export function allocate(bytes: u32): vaddr {
  const wanted = (bytes + HEADER_BYTES + GRAIN_BYTES - 1) & ~(GRAIN_BYTES - 1);
  const found = takeFirstFit(wanted);
  if (found !== 0) return found;
  if (!grow(wanted)) return 0;
  return takeFirstFit(wanted);
}

/** The same for programs that cannot go on without: complains and ends the program when there is no memory. */
export function take(bytes: u32): vaddr {
  const place = allocate(bytes);
  if (place !== 0) return place;
  complain`out of memory`;
  exit(1);
}

/** Gives back what `allocate` answered; 0 is nothing to give back. */
export function release(place: vaddr): void {
  if (place === 0) return;
  const block = view(place - HEADER_BYTES, Block);
  let before: Block | null = null;
  let after = firstFree;
  while (after !== null && address(after) < address(block)) {
    before = after;
    after = after.next;
  }
  block.next = after;
  if (before === null) firstFree = block;
  else before.next = block;
  joinWithNext(block);
  if (before !== null) joinWithNext(before);
}

/** The first free block that is large enough; what it has beyond the wish stays free. */
function takeFirstFit(wanted: u32): vaddr {
  let before: Block | null = null;
  let block = firstFree;
  while (block !== null && block.bytes < wanted) {
    before = block;
    block = block.next;
  }
  if (block === null) return 0;
  let rest = block.next;
  if (block.bytes >= wanted + GRAIN_BYTES) {
    const remainder = view(address(block) + wanted, Block);
    remainder.bytes = block.bytes - wanted;
    remainder.next = rest;
    rest = remainder;
    block.bytes = wanted;
  }
  if (before === null) firstFree = rest;
  else before.next = rest;
  block.next = null;
  return address(block) + HEADER_BYTES;
}

function joinWithNext(block: Block): void {
  const next = block.next;
  if (next === null || address(block) + block.bytes !== address(next)) return;
  block.bytes += next.bytes;
  block.next = next.next;
}

/**
 * Every block's address is 8 more than a multiple of 16, so that what follows its header is aligned.
 */
function grow(wanted: u32): boolean {
  if (heapEnd === 0) heapEnd = alignedStart(breakAddress());
  const bytes = wanted > GROWTH_BYTES ? wanted : GROWTH_BYTES;
  if (moveBreak(heapEnd + bytes) === 0) return false;
  const block = view(heapEnd, Block);
  block.bytes = bytes;
  block.next = null;
  heapEnd += bytes;
  release(address(block) + HEADER_BYTES);
  return true;
}

function alignedStart(start: vaddr): vaddr {
  return vaddr(((start + GRAIN_BYTES - 1) & ~(GRAIN_BYTES - 1)) + HEADER_BYTES);
}

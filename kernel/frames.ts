/**
 * Frames of RAM: which ones VM may hand out.
 *
 * The kernel, the archive and the first processes lie below `freeBase`; everything above is VM's, except that a frame which is
 * a page table must never be mapped, zeroed or copied to: that would let a process write its own translations.
 */
import { PAGE_BYTES } from "../lib/kernel-call/space.ts";
import { RAM_MAXIMUM_BYTES } from "../machine/board/memory-map.ts";
import { least } from "./memory.ts";

class Frames {
  /** RAM, in bytes on the bus. */
  ramBase: paddr = 0;
  ramEnd: paddr = 0;
  /** The first frame that the kernel has not taken. */
  freeBase: paddr = 0;
}
export const frames = new Frames();

/** One bit for each frame of RAM: it is a page table. */
const tables = new Uint32Array(RAM_MAXIMUM_BYTES / PAGE_BYTES / 32);

export function initializeFrames(ramBase: paddr, ramBytes: u32, firstFree: paddr): void {
  frames.ramBase = ramBase;
  frames.ramEnd = ramBase + least(ramBytes, RAM_MAXIMUM_BYTES);
  frames.freeBase = (firstFree + (PAGE_BYTES - 1)) & ~(PAGE_BYTES - 1);
}

/** While the system starts, before VM runs: the next frame, zeroed. */
export function takeBootFrame(): paddr {
  const frame = frames.freeBase;
  assert(frame < frames.ramEnd);
  frames.freeBase += PAGE_BYTES;
  zeroFrame(frame);
  return frame;
}

/** Whether all of these are VM's to use: aligned, in RAM, not the kernel's, and no page tables. */
export function areFree(frame: paddr, count: u32): boolean {
  if ((frame & (PAGE_BYTES - 1)) !== 0 || frame < frames.freeBase || frame >= frames.ramEnd) return false;
  if (count > (frames.ramEnd - frame) / PAGE_BYTES) return false;
  for (let index: u32 = 0; index < count; index++) if (isTable(frame + index * PAGE_BYTES)) return false;
  return true;
}

export function setTable(frame: paddr, isOne: boolean): void {
  const number = (frame - frames.ramBase) / PAGE_BYTES;
  const bit = u32(1) << (number & 31);
  if (isOne) tables[number >>> 5] |= bit;
  else tables[number >>> 5] &= ~bit;
}

export function zeroFrame(frame: paddr): void {
  wordsAt(frame, PAGE_BYTES / 4).fill(0);
}

function isTable(frame: paddr): boolean {
  const number = (frame - frames.ramBase) / PAGE_BYTES;
  return ((tables[number >>> 5] >>> (number & 31)) & 1) !== 0;
}

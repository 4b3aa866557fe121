/**
 * The plan of an address space to be: the page ranges of an executable's segments, checked before anything is built.
 *
 * Segments never share a page, since each has rights of its own. Begin at `addSegment`.
 */
import { flagsAreSound, pageCeiling, pageFloor, rangeIsSound } from "../../lib/elf.ts";
import { PAGE_BYTES } from "../../lib/kernel-call/space.ts";
import { SEGMENTS_MAXIMUM, USER_BASE } from "../../lib/protocol/vm.ts";

class PlannedSegment {
  /** Page boundaries. */
  address: vaddr = 0;
  end: vaddr = 0;
  /** `PageFlags` once it is filled. */
  flags: u32 = 0;
}

export class Plan {
  count: i32 = 0;
  readonly segments = table(PlannedSegment, SEGMENTS_MAXIMUM);
}

/** False where the segment lies outside the addresses of programs, overlaps another, is both writable and code, or is one too many. */
export function addSegment(plan: Plan, address: vaddr, memoryBytes: u32, flags: u32): boolean {
  if (plan.count === SEGMENTS_MAXIMUM || !rangeIsSound(address, memoryBytes) || !flagsAreSound(flags)) return false;
  const start = pageFloor(address);
  const end = pageCeiling(address + memoryBytes);
  for (let index = 0; index < plan.count; index++) {
    const other = plan.segments[index];
    if (start < other.end && other.address < end) return false;
  }
  const segment = plan.segments[plan.count];
  segment.address = start;
  segment.end = end;
  segment.flags = flags;
  plan.count++;
  return true;
}

export function planPages(plan: Plan): u32 {
  let pages: u32 = 0;
  for (let index = 0; index < plan.count; index++)
    pages += (plan.segments[index].end - plan.segments[index].address) / PAGE_BYTES;
  return pages;
}

/** The first page boundary above everything. */
export function planEnd(plan: Plan): vaddr {
  let end: vaddr = USER_BASE;
  for (let index = 0; index < plan.count; index++) if (plan.segments[index].end > end) end = plan.segments[index].end;
  return end;
}

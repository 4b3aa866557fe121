/** The end of a program's data: brk. The heap is a region whose end moves; its pages come when they are touched. */
import { PROGRAM_END, pageCeiling } from "../../lib/elf.ts";
import { PM } from "../../lib/endpoint.ts";
import { PAGE_BYTES, spaceUnmap } from "../../lib/kernel-call/space.ts";
import type { VmBreak, VmBrk } from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";
import { availableFrames } from "./frames.ts";
import { findSpace, heapOf, releasePages, type Space, setPromise } from "./space.ts";

/** Second-level page tables cover this much each. */
const TABLE_SPAN_BITS = 22;

/** PM asks. Errors: Denied, DeadEndpoint, NoMemory (also where addresses run out, or lie below the heap). */
export function setBreak(request: VmBrk, answer: VmBreak): Status {
  if (request.source !== PM) return Status.Denied;
  const space = findSpace(request.endpoint);
  if (space === null) return Status.DeadEndpoint;
  const status = request.address === 0 ? Status.Ok : moveBreak(space, request.address);
  answer.address = space.breakAddress;
  return status;
}

function moveBreak(space: Space, wanted: vaddr): Status {
  const heap = heapOf(space);
  if (wanted < heap.start || wanted > PROGRAM_END) return Status.NoMemory;
  const end = pageCeiling(wanted);
  if (end > heap.end && !grow(space, end)) return Status.NoMemory;
  if (end < heap.end) shrink(space, end);
  space.breakAddress = wanted;
  return Status.Ok;
}

/** False where there is no memory for the new pages and the tables that they may need. */
function grow(space: Space, end: vaddr): boolean {
  const heap = heapOf(space);
  const tables = (end >>> TABLE_SPAN_BITS) - (heap.end >>> TABLE_SPAN_BITS) + 1;
  const needed = (end - heap.end) / PAGE_BYTES + tables;
  if (needed > availableFrames()) return false;
  setPromise(space, space.promised + needed);
  heap.end = end;
  return true;
}

/** Frees the pages above the new end; those that were never touched need no longer be promised. */
function shrink(space: Space, end: vaddr): void {
  const heap = heapOf(space);
  const pages = (heap.end - end) / PAGE_BYTES;
  const released = releasePages(space, heap, end, heap.end);
  if (released > 0) spaceUnmap(space.endpoint, end, pages);
  const untouched = pages - released;
  setPromise(space, space.promised > untouched ? space.promised - untouched : 0);
  heap.end = end;
  if (heap.touchedEnd > end) heap.touchedEnd = end;
}

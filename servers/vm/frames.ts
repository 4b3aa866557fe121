/**
 * Frames: the pages of memory that nobody has, and how many may use each that somebody has.
 *
 * All of RAM from the kernel's `freeBase` on is here. The table of frames lies in the first of them, sized by the memory there is, and VM
 * maps it for itself. What an address space may still ask for is *promised*: a promise is refused when memory is short,
 * but never broken, so that running out is an answer to fork, exec or brk and not a surprise at a page fault. Begin at `takeFrame`.
 */
import { VM } from "../../lib/endpoint.ts";
import { About, information, MachineInformation } from "../../lib/kernel-call/service.ts";
import { frameZero, PAGE_BYTES, PageFlags, spaceMap } from "../../lib/kernel-call/space.ts";

/** A row of the table of frames. */
class Frame {
  /** How many mappings there are of it; 0: free. */
  references: u32 = 0;
  /** The next in the chain it is in (free frames, a space's page tables, quarantine); 0: the last. */
  next: paddr = 0;
}

class Memory {
  base: paddr = 0;
  /** Frames there are, the table's own included. */
  frames: u32 = 0;
  free: u32 = 0;
  /** Of the free ones, how many are promised. */
  promised: u32 = 0;
  /** Frames from this index on have never been used; what has been used and is free is in the chain. */
  fresh: u32 = 0;
  chain: paddr = 0;
  /** Frames of the dead that a device may still write to. */
  quarantine: paddr = 0;
}

export const memory = new Memory();

/** Where VM maps its table of frames: between the archive and the devices, in one 4 MiB piece. */
const FRAME_TABLE: vaddr = 0x5000_0000;

/** Takes over the memory that the kernel left, and lays out the table of frames in its first pages. */
export function initialiseFrames(): void {
  const machine = new MachineInformation();
  information(About.Machine, 0, address(machine), u32(sizeOf(MachineInformation)));
  memory.base = machine.freeBase;
  memory.frames = (machine.freeEnd - machine.freeBase) / PAGE_BYTES;
  const tablePages = (memory.frames * u32(sizeOf(Frame)) + PAGE_BYTES - 1) / PAGE_BYTES;
  const spare = machine.freeBase + tablePages * PAGE_BYTES;
  const mapped = spaceMap(VM, FRAME_TABLE, machine.freeBase, tablePages, PageFlags.Read | PageFlags.Write, spare);
  assert(mapped >= 0);
  memory.fresh = tablePages + 1;
  memory.free = memory.frames - memory.fresh;
}

/** Frames that are neither used nor promised. */
export function availableFrames(): u32 {
  return memory.free - memory.promised;
}

/** A frame with one reference and unknown content. The caller has seen to it that there is one: `Space.promised`, or `availableFrames`. */
export function takeFrame(): paddr {
  assert(memory.free > 0);
  memory.free--;
  const frame = memory.chain === 0 ? takeFresh() : takeChained();
  const row = rowOf(frame);
  row.references = 1;
  row.next = 0;
  return frame;
}

/** One more mapping of a frame that is in use. */
export function shareFrame(frame: paddr): void {
  rowOf(frame).references++;
}

/** One mapping less; the last one frees the frame. */
export function releaseFrame(frame: paddr): void {
  const row = rowOf(frame);
  assert(row.references > 0);
  row.references--;
  if (row.references > 0) return;
  row.next = memory.chain;
  memory.chain = frame;
  memory.free++;
}

/** Puts a frame in front of a chain, and answers the chain's new head. Only for frames with one reference. */
export function chainFrame(frame: paddr, head: paddr): paddr {
  rowOf(frame).next = head;
  return frame;
}

export function nextInChain(frame: paddr): paddr {
  return rowOf(frame).next;
}

/** Releases a frame that a device may still write to: it is used again when the kernel says that this is over. */
export function quarantineFrame(frame: paddr): void {
  const row = rowOf(frame);
  if (row.references > 1) row.references--;
  else memory.quarantine = chainFrame(frame, memory.quarantine);
}

/** Frees what no device has its hands on any more. The kernel refuses to zero a frame that is pinned: it alone knows. */
export function sweepQuarantine(): void {
  let frame = memory.quarantine;
  memory.quarantine = 0;
  while (frame !== 0) {
    const next = nextInChain(frame);
    if (frameZero(frame, 1) >= 0) releaseFrame(frame);
    else memory.quarantine = chainFrame(frame, memory.quarantine);
    frame = next;
  }
}

function takeFresh(): paddr {
  const frame = memory.base + memory.fresh * PAGE_BYTES;
  memory.fresh++;
  return frame;
}

function takeChained(): paddr {
  const frame = memory.chain;
  memory.chain = rowOf(frame).next;
  return frame;
}

function rowOf(frame: paddr): Frame {
  return tableAt(FRAME_TABLE, Frame, memory.frames)[(frame - memory.base) / PAGE_BYTES];
}

/** Kernel calls for address spaces, frames and page faults: VM's. */
import type { Endpoint } from "../endpoint.ts";
import { KERNEL_CALL } from "../ipc.ts";
import type { Status } from "../status.ts";
import { KernelCall } from "./number.ts";

export const PAGE_BYTES = 4096;

/** What a page allows: bits of `spaceMap`'s flags. Write with Execute is refused. */
export const enum PageFlags {
  Read = 1 << 0,
  Write = 1 << 1,
  Execute = 1 << 2,
  /** Device registers: the range must be among the process' devices. */
  Device = 1 << 3,
  /** Answered by `spaceQuery` alone: a device may transfer to or from this frame (`dmaOpen`), so it must not be used anew. */
  Pinned = 1 << 4,
}

/**
 * Gives `who` a new, empty address space whose root table is this (zeroed by the call) frame; the old one's tables fall to VM.
 * `root` 0: no space at all, for a process that has ended or is not filled yet; it cannot run, and copies from or to it answer Fault.
 */
export function spaceCreate(who: Endpoint, root: paddr): Status {
  return ecall(KERNEL_CALL + KernelCall.SpaceCreate, who, root);
}

/**
 * Maps `pages` pages at `address` to the frames from `frame` on, or changes what mapped ones allow.
 * Where a second-level table is missing it takes `spareTable` (0: none; zeroed by the call) for it. Returns 1 if it took
 * the spare, 0 if not; NeedTable (what was mapped so far stays) when it needs one more; Denied for a frame that is the
 * kernel's, a page table or outside RAM.
 */
export function spaceMap(who: Endpoint, address: vaddr, frame: paddr, pages: u32, flags: u32, spareTable: paddr): i32 {
  return ecall(KERNEL_CALL + KernelCall.SpaceMap, who, address, frame, pages, flags, spareTable);
}

/** Takes pages away. A message awaited there is lost: its receiver gets Fault. */
export function spaceUnmap(who: Endpoint, address: vaddr, pages: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.SpaceUnmap, who, address, pages);
}

/** Calls of VM for frames it owns: zero `count` frames from `frame` on; copy one. Errors: Busy where a frame to be written is pinned for a device. */
export function frameZero(frame: paddr, count: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.FrameZero, frame, count);
}
export function frameCopy(to: paddr, from: paddr): Status {
  return ecall(KERNEL_CALL + KernelCall.FrameCopy, to, from);
}

export class PageMapping {
  frame: paddr = 0;
  /** `PageFlags`; 0: not mapped. */
  flags: u32 = 0;
}

/** What is mapped at an address. */
export function spaceQuery(who: Endpoint, address: vaddr, result: PageMapping): Status {
  return ecall(KERNEL_CALL + KernelCall.SpaceQuery, who, address, result, 1);
}
/** The same for pages in a row, at most this many. Errors: Invalid. */
export function spaceQueryPages(who: Endpoint, first: vaddr, results: PageMapping[]): Status {
  return ecall(KERNEL_CALL + KernelCall.SpaceQuery, who, first, address(results), results.length);
}
export const QUERY_PAGES_MAXIMUM = 32;

export class PageFault {
  /** Whose page is missing. */
  endpoint: Endpoint = 0;
  address: vaddr = 0;
  /** `PageFlags` of the access. */
  access: u32 = 0;
  /** 1: the page was needed by a copy that somebody else (or the process) had asked for; 0: the process touched it itself. */
  copy: u32 = 0;
}

/** VM fetches the next page fault; Nothing when there is none. */
export function getFault(result: PageFault): Status {
  return ecall(KERNEL_CALL + KernelCall.GetFault, result);
}

/**
 * VM has mapped the page (Ok): whoever waits for it tries again. Or there is no such page (Fault): a process that touched it gets
 * Segmentation, a copy answers Fault to the one who asked for it.
 */
export function endFault(who: Endpoint, address: vaddr, status: Status): Status {
  return ecall(KERNEL_CALL + KernelCall.EndFault, who, address, status);
}

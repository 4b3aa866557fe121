/** What the memory manager is asked, with SENDREC. Answers are `Reply`s unless a line says otherwise. */
import type { Endpoint } from "../endpoint.ts";
import { Message, Range, Reply } from "../message.ts";

export const enum VmCall {
  Load = Range.Vm,
  ExecBegin,
  ExecEnd,
  Fork,
  Exit,
  Brk,
  MapDevice,
  ReleaseQuarantine,
  Information,
}

/** RS: a fresh address space for this (stopped) process, filled from an archive entry. Answer: `VmImage`. Errors: NoEntry, NotExecutable, NoMemory. */
export class VmLoad extends Message {
  override readonly type = VmCall.Load;
  endpoint: Endpoint = 0;
  readonly program = new Uint8Array(16);
}
export class VmImage extends Reply {
  pc: vaddr = 0;
  /** First address above the stack. */
  stackTop: vaddr = 0;
}

/** A loadable segment of an executable. `flags`: PageFlags. */
export class Segment {
  address: vaddr = 0;
  memoryBytes: u32 = 0;
  /** How many of them will be filled. */
  fileBytes: u32 = 0;
  flags: u32 = 0;
}
export const SEGMENTS_MAXIMUM = 8;

/**
 * VFS: replaces the process' address space by a new one with these segments (an array in the caller's memory), zero where they are not to be filled, and, until
 * `VmExecEnd`, writable and not executable. On failure the old space is still there. Answer: `VmImage` (pc 0). Errors: NoMemory, NotExecutable (overlapping or out of the user range).
 */
export class VmExecBegin extends Message {
  override readonly type = VmCall.ExecBegin;
  endpoint: Endpoint = 0;
  segments: vaddr = 0;
  count: u32 = 0;
}
/** VFS: the segments are filled; give each its own rights. */
export class VmExecEnd extends Message {
  override readonly type = VmCall.ExecEnd;
  endpoint: Endpoint = 0;
}
/** PM: the child (stopped, no space yet) gets a copy of everything the parent has. */
export class VmFork extends Message {
  override readonly type = VmCall.Fork;
  parent: Endpoint = 0;
  child: Endpoint = 0;
}
/** PM, RS: the process' memory is free; of a dead driver, what devices may still write to is quarantined first. Call before `clearProcess`. */
export class VmExit extends Message {
  override readonly type = VmCall.Exit;
  endpoint: Endpoint = 0;
}
/** PM: the end of the data segment becomes `address` (0 asks where it is). Answer: `VmBreak`. */
export class VmBrk extends Message {
  override readonly type = VmCall.Brk;
  endpoint: Endpoint = 0;
  address: vaddr = 0;
}
export class VmBreak extends Reply {
  address: vaddr = 0;
}
/** A driver: map my nth device. Answer: `VmDevice`. Errors: NoDevice. */
export class VmMapDevice extends Message {
  override readonly type = VmCall.MapDevice;
  index: u32 = 0;
}
export class VmDevice extends Reply {
  address: vaddr = 0;
  bytes: u32 = 0;
}
/** RS: this service's new incarnation has reset its device; frames that its dead predecessors had under DMA are free. */
export class VmReleaseQuarantine extends Message {
  override readonly type = VmCall.ReleaseQuarantine;
  slot: i32 = 0;
}
/** How memory is used. Answer: `VmUsage`. */
export class VmInformation extends Message {
  override readonly type = VmCall.Information;
  /** One process, or NONE for the whole. */
  endpoint: Endpoint = 0;
}
export class VmUsage extends Reply {
  totalBytes: u32 = 0;
  freeBytes: u32 = 0;
  /** Of the process asked for. */
  processBytes: u32 = 0;
}
export type VmRequest =
  | VmLoad
  | VmExecBegin
  | VmExecEnd
  | VmFork
  | VmExit
  | VmBrk
  | VmMapDevice
  | VmReleaseQuarantine
  | VmInformation;

/** Where things lie in every address space, beside the segments an executable asks for. */
export const USER_BASE: vaddr = 0x0001_0000;
/** Devices are mapped from here on. */
export const DEVICE_BASE: vaddr = 0x6000_0000;
/** First address above the stack. The page at `STACK_TOP - STACK_MAXIMUM_BYTES - PAGE_BYTES` is never mapped: the guard. */
export const STACK_TOP: vaddr = 0x7fff_f000;
export const STACK_MAXIMUM_BYTES = 0x10_0000;

/** Kernel calls that every service may use: its end, copies, its grants, alarms, the log, and what is known of the machine and its processes. */
import type { Endpoint } from "../endpoint.ts";
import { KERNEL_CALL } from "../ipc.ts";
import type { Grant } from "../message.ts";
import type { Status } from "../status.ts";
import { KernelCall } from "./number.ts";

/** Ends the calling service. RS sees exit code 0 to 255, or `PANIC_EXIT` for one that gave up with a message in the log. */
export function exitService(code: i32): never {
  ecall(KERNEL_CALL + KernelCall.Exit, code);
  unreachable();
}
export const PANIC_EXIT = 256;

/** Copies `bytes` from `offset` in what `granter` has granted to the caller into the caller's memory. Errors: DeadEndpoint, BadGrant. */
export function safeCopyFrom(granter: Endpoint, grant: Grant, offset: u32, target: vaddr, bytes: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.SafeCopyFrom, granter, grant, offset, target, bytes);
}

/** The other direction. */
export function safeCopyTo(granter: Endpoint, grant: Grant, offset: u32, source: vaddr, bytes: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.SafeCopyTo, granter, grant, offset, source, bytes);
}

/** Declares the caller's table of grants (`GrantEntry` rows, see grant.ts). */
export function setGrants(rows: vaddr, count: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.SetGrants, rows, count);
}

/** A notification from CLOCK in `milliseconds`; 0 cancels. One alarm for each service; returns the milliseconds that were left of the last one. */
export function setAlarm(milliseconds: u32): i32 {
  return ecall(KERNEL_CALL + KernelCall.SetAlarm, milliseconds);
}

/** Appends bytes to the kernel's log (a ring; `/dev/klog` reads it). */
export function writeLog(text: Uint8Array): Status {
  return ecall(KERNEL_CALL + KernelCall.Log, address(text), text.length);
}

/** What `information` can tell. */
export const enum About {
  /** `MachineInformation`. */
  Machine,
  /** The boot arguments' bytes; returns how many there are. `index` is where to begin. */
  BootArguments,
  /** `ProcessInformation` of slot `index`, or of the caller (`SELF`); NoProcess where nobody lives. */
  Process,
  /** Bytes of the kernel log from stream position `index` on; returns how many were copied. Positions count from boot; what the ring has lost is skipped. */
  Log,
}

/** In the place of a slot: the caller's own. */
export const SELF = 0xffff_ffff;

/** Writes up to `bytes` to `target`. */
export function information(about: About, index: u32, target: vaddr, bytes: u32): i32 {
  return ecall(KERNEL_CALL + KernelCall.Information, about, index, target, bytes);
}

export class MachineInformation {
  ramBase: paddr = 0;
  ramBytes: u32 = 0;
  /** First frame that the kernel, the archive and the first processes do not use; up to `freeEnd`. */
  freeBase: paddr = 0;
  freeEnd: paddr = 0;
  archiveBytes: u32 = 0;
  /** Stream positions of the kernel log: oldest byte still there, and the next to be written. */
  logBegin: u32 = 0;
  logEnd: u32 = 0;
  /** Nanoseconds since 1970 when the machine started, by its real-time clock. */
  bootTime: u64 = 0n;
  /** Cycles spent idle. */
  idleCycles: u64 = 0n;
}

/** Why a process does not run: bits of `ProcessInformation.blocked`. Zero: it can. */
export const enum Blocked {
  Sending = 1 << 0,
  Receiving = 1 << 1,
  /** Created or stopped; its manager lets it run. */
  Stopped = 1 << 2,
  /** A signal awaits its manager. */
  Signaled = 1 << 3,
  /** A page it needs is not there; VM has been asked. */
  PageFault = 1 << 4,
  /** It has crashed or exited, and its manager has not cleared it yet. */
  Dead = 1 << 5,
  Vacant = 1 << 6,
}

export class ProcessInformation {
  endpoint: Endpoint = 0;
  pid: i32 = 0;
  blocked: u32 = 0;
  /** Whom it waits for while Sending or Receiving (ANY possible). */
  peer: Endpoint = 0;
  /** 0 is the most urgent, 15 the least. */
  priority: u8 = 0;
  basePriority: u8 = 0;
  service: boolean = false;
  spare: u8 = 0;
  readonly name = new Uint8Array(16);
  /** Cycles it has had, in its own code and in the kernel on its behalf. */
  userCycles: u64 = 0n;
  kernelCycles: u64 = 0n;
}

/**
 * The calls into the kernel, as functions: what a service may ask of it, besides passing messages. Each has its file in
 * kernel/calls/, and a service may use those its row in system/services.ts names (`BASIC_CALLS`: every service). Programs may use none.
 *
 * a7 = KERNEL_CALL + number, arguments in a0 to a5, result in a0: a `Status`, or a value >= 0. Results of more than a
 * word are written to a struct whose address is passed. Every call can answer Denied, Fault or Invalid besides what it says.
 */
import type { Endpoint } from "./endpoint.ts";
import { KERNEL_CALL } from "./ipc.ts";
import type { Grant } from "./message.ts";
import type { Signal } from "./signal.ts";
import type { Status } from "./status.ts";

/** Numbers below 64: the set of calls a service may use is 64 bits. */
export const enum KernelCall {
  // Every service
  Exit = 0,
  SafeCopyFrom,
  SafeCopyTo,
  SetGrants,
  SetAlarm,
  Log,
  Information,
  // Processes: PM for programs, RS for services
  Create,
  Fork,
  Execute,
  Clear,
  RunControl,
  Schedule,
  Privilege,
  // Signals
  Kill,
  GetSignal,
  EndSignal,
  SendSignal,
  ReturnSignal,
  // Crashes
  GetCrash,
  // Copies between any two processes
  VirtualCopy,
  // Address spaces: VM
  SpaceCreate,
  SpaceMap,
  SpaceUnmap,
  SpaceQuery,
  FrameZero,
  FrameCopy,
  GetFault,
  EndFault,
  // Drivers
  DeviceInformation,
  InterruptControl,
  DmaOpen,
  DmaClose,
  // VM, for RS
  DmaRelease,
  // The machine
  Abort,
}

// --- Every service -----------------------------------------------------------------------------------------------

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

// --- Processes ---------------------------------------------------------------------------------------------------

/** What `createProcess` and `forkProcess` answer through. */
export class NewProcess {
  endpoint: Endpoint = 0;
  pid: i32 = 0;
}

/** Makes a process in a vacant slot, stopped, with no rights and no address space. Errors: Busy. */
export function createProcess(slot: i32, name: vaddr, result: NewProcess): Status {
  return ecall(KERNEL_CALL + KernelCall.Create, slot, name, result);
}

/** Makes a stopped copy of `parent`'s registers in a vacant program slot, with the same rights. Errors: NoMemory when no slot is vacant. */
export function forkProcess(parent: Endpoint, result: NewProcess): Status {
  return ecall(KERNEL_CALL + KernelCall.Fork, parent, result);
}

/** New registers for a process: pc, sp, everything else zero; forgets what it was waiting for; takes the name (NAME_BYTES); lets it run. */
export function executeProcess(who: Endpoint, pc: vaddr, sp: vaddr, name: vaddr): Status {
  return ecall(KERNEL_CALL + KernelCall.Execute, who, pc, sp, name);
}

/** Ends a process' life: peers that wait for it get DeadEndpoint, the slot falls vacant, its address space must be VM's to free. */
export function clearProcess(who: Endpoint): Status {
  return ecall(KERNEL_CALL + KernelCall.Clear, who);
}

/** Stops a process (it keeps what it waits for), or lets it run. */
export function runControl(who: Endpoint, stop: boolean): Status {
  return ecall(KERNEL_CALL + KernelCall.RunControl, who, stop ? 1 : 0);
}

/** 0 to 15, and the quantum in milliseconds. */
export function schedule(who: Endpoint, priority: u32, quantumMilliseconds: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.Schedule, who, priority, quantumMilliseconds);
}

/** A service's rights, as RS gives them to the kernel. */
export class Rights {
  /** Bit n: may send to the service in slot n; bit USER: to programs. */
  readonly sendTo = new Uint32Array(2);
  /** Bit n: may use `KernelCall` n. */
  readonly calls = new Uint32Array(2);
  /** `DeviceKind`s it may map and hear; 0 where there is none. */
  readonly devices = new Uint8Array(4);
  /** Who hears of its signals and its death. */
  manager: Endpoint = 0;
  priority: u32 = 0;
  quantumMilliseconds: u32 = 0;
  /** A program: shares the rights of USER, and its manager is PM. Nothing above counts but the priority. */
  program: boolean = false;
}

export function setRights(who: Endpoint, rights: Rights): Status {
  return ecall(KERNEL_CALL + KernelCall.Privilege, who, rights);
}

// --- Signals -----------------------------------------------------------------------------------------------------

/** Posts a signal to a process: its manager is notified, and fetches it with `getSignal`. For a service, Kill freezes it at once. */
export function killProcess(who: Endpoint, signal: Signal): Status {
  return ecall(KERNEL_CALL + KernelCall.Kill, who, signal);
}

export class PendingSignals {
  endpoint: Endpoint = 0;
  /** Bit `1 << signal` each. */
  signals: u32 = 0;
}

/** The next process that has signals for the caller to see to; Nothing when there is none. */
export function getSignal(result: PendingSignals): Status {
  return ecall(KERNEL_CALL + KernelCall.GetSignal, result);
}

/** The caller has seen to what `getSignal` gave it: the process runs on, unless more has come. */
export function endSignal(who: Endpoint): Status {
  return ecall(KERNEL_CALL + KernelCall.EndSignal, who);
}

/**
 * Makes a process run `handler(signal)` on its own stack, and `trampoline` after it. If it waits in SENDREC: a request that nobody has
 * taken yet is taken back, and the call begins anew after the handler; for one that awaits its answer, the call ends with Interrupted
 * (PM has cancelled what it can; who answers later finds nobody waiting). Errors: Fault when the stack is not there.
 */
export function sendSignal(who: Endpoint, signal: Signal, handler: vaddr, trampoline: vaddr): Status {
  return ecall(KERNEL_CALL + KernelCall.SendSignal, who, signal, handler, trampoline);
}

/** Restores what `sendSignal` saved on the stack of a process. */
export function returnSignal(who: Endpoint): Status {
  return ecall(KERNEL_CALL + KernelCall.ReturnSignal, who);
}

// --- Crashes -----------------------------------------------------------------------------------------------------

/** How a process came to its end. */
export const enum DeathCause {
  None = 0,
  Exit,
  /** It gave up by itself, with a message in the log. */
  Panic,
  /** A CPU exception: `mcause`, `address`. */
  Exception,
  /** A failed check: a breakpoint trap. */
  Check,
  Killed,
}

/** The most recent messages of a process, newest last. */
export class MessageTrace {
  peer: Endpoint = 0;
  type: u32 = 0;
  /** Low word of the cycle count. */
  cycle: u32 = 0;
  sent: boolean = false;
}
export const TRACED_MESSAGES = 8;

export class Crash {
  endpoint: Endpoint = 0;
  cause: DeathCause = 0;
  /** Exit code, or signal. */
  code: i32 = 0;
  mcause: u32 = 0;
  /** mtval: the address that faulted, or the instruction. */
  address: u32 = 0;
  pc: vaddr = 0;
  /** x0 to x31. */
  readonly registers = new Uint32Array(32);
  cycle: u64 = 0n;
  readonly messages = table(MessageTrace, 8);
}

/** What is known of a dead (or stopped) process; it stays until the process is cleared. */
export function getCrash(who: Endpoint, result: Crash): Status {
  return ecall(KERNEL_CALL + KernelCall.GetCrash, who, result);
}

// --- Copies ------------------------------------------------------------------------------------------------------

/** Copies between any two processes, dead ones included. Errors: DeadEndpoint; Fault when the address is not the process' own. */
export function virtualCopy(from: Endpoint, fromAddress: vaddr, to: Endpoint, toAddress: vaddr, bytes: u32): Status {
  return ecall(KERNEL_CALL + KernelCall.VirtualCopy, from, fromAddress, to, toAddress, bytes);
}

// --- Address spaces ----------------------------------------------------------------------------------------------

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

// --- Drivers -----------------------------------------------------------------------------------------------------

/** Devices by kind: what a row in system/services.ts names, and the kernel finds in the device tree. */
export const enum DeviceKind {
  None = 0,
  Uart,
  VirtioBlock,
  RealTimeClock,
}

export class DeviceInformation {
  base: paddr = 0;
  bytes: u32 = 0;
  line: u32 = 0;
}

/** Where `who`'s nth device (index into its `Rights.devices`) lies. A service may ask about itself, VM about anybody. Errors: NoDevice. */
export function deviceInformation(who: Endpoint, index: u32, result: DeviceInformation): Status {
  return ecall(KERNEL_CALL + KernelCall.DeviceInformation, who, index, result);
}

/**
 * Lets the interrupt of the caller's nth device through, once: the kernel masks it when it comes, notifies (from HARDWARE, bit n), and
 * waits for the next enable, which completes it. `enable` false masks it.
 */
export function interruptControl(index: u32, enable: boolean): Status {
  return ecall(KERNEL_CALL + KernelCall.InterruptControl, index, enable ? 1 : 0);
}

export const enum DmaDirection {
  /** The device reads memory. */
  FromMemory = 1,
  ToMemory = 2,
}

export class DmaRequest {
  /** Who has granted the memory; the caller itself (with `grant` 0) for memory of its own. */
  granter: Endpoint = 0;
  grant: Grant = 0;
  /** Offset in the grant, or an address of the caller's own. */
  offset: u32 = 0;
  bytes: u32 = 0;
  /** `DmaDirection` bits. */
  direction: u32 = 0;
  /** Which of the caller's devices. */
  device: u32 = 0;
  /** Out: where the first piece lies on the bus, and how long it is: up to the end of its page. */
  bus: paddr = 0;
  contiguousBytes: u32 = 0;
}

/**
 * Opens a piece of memory, at most up to the end of its page, for a device to transfer: pins the frame and opens a window of the DMA guard.
 * Returns a handle >= 0 for `dmaClose`. What a dead driver had open stays pinned until its successor is up. Errors: BadGrant, NoMemory (no window left).
 */
export function dmaOpen(request: DmaRequest): i32 {
  return ecall(KERNEL_CALL + KernelCall.DmaOpen, request);
}
export function dmaClose(handle: i32): Status {
  return ecall(KERNEL_CALL + KernelCall.DmaClose, handle);
}

/** Unpins what dead incarnations of the service in this slot had open: its device has been reset. */
export function dmaRelease(slot: i32): Status {
  return ecall(KERNEL_CALL + KernelCall.DmaRelease, slot);
}

// --- The machine -------------------------------------------------------------------------------------------------

export const enum Shutdown {
  PowerOff = 0,
  Reboot = 1,
}

/** Ends the machine's run through the test finisher, with an exit status 0 to 255. */
export function abort(how: Shutdown, status: u32): never {
  ecall(KERNEL_CALL + KernelCall.Abort, how, status);
  unreachable();
}

/** What every service may use, whatever its row says. */
export const BASIC_CALLS =
  (1 << KernelCall.Exit) |
  (1 << KernelCall.SafeCopyFrom) |
  (1 << KernelCall.SafeCopyTo) |
  (1 << KernelCall.SetGrants) |
  (1 << KernelCall.SetAlarm) |
  (1 << KernelCall.Log) |
  (1 << KernelCall.Information);

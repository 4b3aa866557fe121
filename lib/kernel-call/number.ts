/**
 * The calls into the kernel by number: what a service may ask of it, besides passing messages. Each has its function in a file beside this one, and
 * its implementation in kernel/calls/. A service may use those its row in system/services.ts names (`BASIC_CALLS`: every service). Programs may use none.
 *
 * a7 = KERNEL_CALL + number, arguments in a0 to a5, result in a0: a `Status`, or a value >= 0. Results of more than a
 * word are written to a struct whose address is passed. Every call can answer Denied, Fault or Invalid besides what it says.
 */

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

/** What every service may use, whatever its row says. */
export const BASIC_CALLS =
  (1 << KernelCall.Exit) |
  (1 << KernelCall.SafeCopyFrom) |
  (1 << KernelCall.SafeCopyTo) |
  (1 << KernelCall.SetGrants) |
  (1 << KernelCall.SetAlarm) |
  (1 << KernelCall.Log) |
  (1 << KernelCall.Information);

/**
 * What the process manager is asked by programs, with SENDREC. An answer is a `PmReply` unless a line says otherwise.
 * PM answers when it can: a wait, a pause or a sleep is a row in its table until then.
 */
import type { Endpoint } from "../endpoint.ts";
import { Message, Range, Reply } from "../message.ts";

export const enum PmCall {
  Fork = Range.Pm,
  Exec,
  Exit,
  Wait,
  Kill,
  GetIds,
  SetGroup,
  SetSession,
  SignalAction,
  SignalMask,
  SignalReturn,
  Pause,
  Alarm,
  Sleep,
  Brk,
  Times,
  Reboot,
  ProcessInfo,
  BootArguments,
  SystemInfo,
  /** From the terminal driver (SENDA). */
  SignalGroup,
}

/** A copy of the caller: answers its pid to the parent, 0 to the child. Errors: NoMemory, TryAgain (no slot). */
export class PmFork extends Message {
  override readonly type = PmCall.Fork;
}
/** Replaces the caller's program. `frame`: arguments and environment as they will lie on the new stack (see lib/start/program.ts). Answers only on failure: NoEntry, AccessDenied, NotExecutable, ArgumentsTooLong, NoMemory … */
export class PmExec extends Message {
  override readonly type = PmCall.Exec;
  path: vaddr = 0;
  pathBytes: u32 = 0;
  frame: vaddr = 0;
  frameBytes: u32 = 0;
}
export const EXEC_FRAME_MAXIMUM_BYTES = 32768;
/** Never answered. */
export class PmExit extends Message {
  override readonly type = PmCall.Exit;
  status: i32 = 0;
}
/** Waits for a child: `pid` > 0 that one, -1 any, 0 any of my group, < -1 any of group -pid. Answer: `PmWaited`. Errors: NoChild, Interrupted. */
export class PmWait extends Message {
  override readonly type = PmCall.Wait;
  pid: i32 = -1;
  options: u32 = 0;
}
export const enum WaitOptions {
  /** Answer pid 0 at once when no child has ended. */
  NoHang = 1,
  /** Stopped children count too. */
  Untraced = 2,
}
/** `pid` 0 in it: none has ended (NoHang). */
export class PmWaited extends Reply {
  pid: i32 = 0;
  /** Exit status in bits 8–15; or the signal that ended it in bits 0–6; 0x7f in bits 0–7 with the signal in 8–15: stopped. */
  wait: i32 = 0;
}
/** `pid` > 0 a process, 0 my group, -1 everybody but init and me, < -1 group -pid. Signal 0 only asks whether it is there. Errors: NoProcess, NotPermitted, Invalid. */
export class PmKill extends Message {
  override readonly type = PmCall.Kill;
  pid: i32 = 0;
  signal: i32 = 0;
}
/** Answer: `PmIds`. */
export class PmGetIds extends Message {
  override readonly type = PmCall.GetIds;
}
export class PmIds extends Reply {
  pid: i32 = 0;
  parent: i32 = 0;
  group: i32 = 0;
  session: i32 = 0;
}
/** Puts a process (0: me; or a child of mine) in a group (0: its own). Errors: NoProcess, NotPermitted. */
export class PmSetGroup extends Message {
  override readonly type = PmCall.SetGroup;
  pid: i32 = 0;
  group: i32 = 0;
}
export class PmSetSession extends Message {
  override readonly type = PmCall.SetSession;
}
/** What to do on a signal: `Disposition` or a handler's address; `trampoline` is where a handler returns to. Answer: status, the old disposition. Errors: Invalid (Kill, Stop, unknown). */
export class PmSignalAction extends Message {
  override readonly type = PmCall.SignalAction;
  signal: i32 = 0;
  handler: vaddr = 0;
  trampoline: vaddr = 0;
}
export class PmSignalActionReply extends Reply {
  previous: vaddr = 0;
}
/** Blocks signals in `set` (Kill and Stop cannot be). Answer: `PmSignalMaskReply`. */
export class PmSignalMask extends Message {
  override readonly type = PmCall.SignalMask;
  how: MaskHow = 0;
  set: u32 = 0;
}
export const enum MaskHow {
  Block,
  Unblock,
  Set,
}
export class PmSignalMaskReply extends Reply {
  previous: u32 = 0;
}
/** From the trampoline: back to where the signal came in. Never answered. */
export class PmSignalReturn extends Message {
  override readonly type = PmCall.SignalReturn;
}
/** Until a signal has been handled: Interrupted. */
export class PmPause extends Message {
  override readonly type = PmCall.Pause;
}
/** Signal.Alarm in `milliseconds`; 0 cancels. Answer: status = milliseconds that were left. */
export class PmAlarm extends Message {
  override readonly type = PmCall.Alarm;
  milliseconds: u32 = 0;
}
/** Answered after the time (Ok), or Interrupted. */
export class PmSleep extends Message {
  override readonly type = PmCall.Sleep;
  milliseconds: u32 = 0;
}
/** The end of the data segment; `address` 0 asks. Answer: `PmBreak`. Errors: NoMemory. */
export class PmBrk extends Message {
  override readonly type = PmCall.Brk;
  address: vaddr = 0;
}
export class PmBreak extends Reply {
  address: vaddr = 0;
}
/** Answer: `PmTimesReply`, of the caller and its children that have been waited for. */
export class PmTimes extends Message {
  override readonly type = PmCall.Times;
}
export class PmTimesReply extends Reply {
  userCycles: u64 = 0n;
  systemCycles: u64 = 0n;
  childUserCycles: u64 = 0n;
  childSystemCycles: u64 = 0n;
}
/** Syncs, ends every process, and the machine with it. `how`: Shutdown; `status` 0 to 255. Only init and programs started by it (everybody, as there are no users yet). */
export class PmReboot extends Message {
  override readonly type = PmCall.Reboot;
  how: u32 = 0;
  status: i32 = 0;
}
/** The process in slot `index` (0 to SLOTS - 1), services included. Answer: `PmProcess`. Errors: NoProcess (nobody lives there), Nothing (beyond the last). */
export class PmProcessInfo extends Message {
  override readonly type = PmCall.ProcessInfo;
  index: i32 = 0;
}
export class PmProcess extends Reply {
  pid: i32 = 0;
  parent: i32 = 0;
  endpoint: Endpoint = 0;
  group: i32 = 0;
  /** kernel-call/service.ts' `Blocked`, and `PROCESS_ZOMBIE`. */
  state: u32 = 0;
  /** Whom it waits for. */
  peer: Endpoint = 0;
  priority: u32 = 0;
  cpuMilliseconds: u32 = 0;
  readonly name = new Uint8Array(16);
}
export const PROCESS_ZOMBIE = 1 << 16;
/** Writes up to `bytes` of the boot arguments to the caller's `address`. Answer: status = how many there are. */
export class PmBootArguments extends Message {
  override readonly type = PmCall.BootArguments;
  address: vaddr = 0;
  bytes: u32 = 0;
}
/** Answer: `PmSystem`. */
export class PmSystemInfo extends Message {
  override readonly type = PmCall.SystemInfo;
}
export class PmSystem extends Reply {
  memoryBytes: u32 = 0;
  freeBytes: u32 = 0;
  processes: u32 = 0;
  /** Seconds since 1970, now. */
  timeSeconds: u64 = 0n;
  uptimeMilliseconds: u64 = 0n;
  idleMilliseconds: u64 = 0n;
}
/** From the terminal: a signal for everybody in the foreground group. Never answered. */
export class PmSignalGroup extends Message {
  override readonly type = PmCall.SignalGroup;
  group: i32 = 0;
  signal: i32 = 0;
}
export type PmRequest =
  | PmFork
  | PmExec
  | PmExit
  | PmWait
  | PmKill
  | PmGetIds
  | PmSetGroup
  | PmSetSession
  | PmSignalAction
  | PmSignalMask
  | PmSignalReturn
  | PmPause
  | PmAlarm
  | PmSleep
  | PmBrk
  | PmTimes
  | PmReboot
  | PmProcessInfo
  | PmBootArguments
  | PmSystemInfo
  | PmSignalGroup;

export class PmReply extends Reply {}

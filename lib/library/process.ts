/**
 * What a program is to the system: it begins, divides, waits for its children and ends. Each function is one request to PM.
 *
 * Results are a `Status` (below zero) or a value. Executing another program is in execute.ts, signals in signals.ts. Begin reading at `fork`.
 */
import { PM } from "../endpoint.ts";
import { sendReceive } from "../ipc.ts";
import type { Message } from "../message.ts";
import {
  type PmBreak,
  PmBrk,
  PmExit,
  PmFork,
  PmGetIds,
  type PmIds,
  PmReboot,
  PmSetGroup,
  PmSetSession,
  PmWait,
  type PmWaited,
} from "../protocol/pm.ts";
import { call } from "./call.ts";
import { complainAbout } from "./errors.ts";
import { flushOutput } from "./output.ts";

/** Ends the program when its output has been written, with 1 if it could not be. `status` is 0 to 255; zero means success. */
export function exit(status: i32): never {
  const failure = flushOutput();
  if (failure >= 0 || status !== 0) terminate(status);
  complainAbout("standard output", failure);
  terminate(1);
}

/** Ends the program at once; what it has not yet written is lost. */
export function terminate(status: i32): never {
  const request = new PmExit();
  request.status = status;
  sendReceive(PM, request);
  unreachable();
}

/**
 * Makes a copy of the caller. Answers the child's process id to the parent and 0 to the child. Pending output is written
 * first, so that only one of the two has it. Errors: NoMemory, TryAgain.
 */
export function fork(): i32 {
  flushOutput();
  return call(PM, new PmFork());
}

/** How a child ended. Use `hasExited` and its neighbours to read it. */
export class Ending {
  /** As in `PmWaited`. */
  wait: i32 = 0;
}

/**
 * Waits for a child (`pid`: see `PmWait`) and answers its process id; 0 with `WaitOptions.NoHang` when none has ended yet.
 * Errors: NoChild, Interrupted.
 */
export function waitFor(pid: i32, options: u32, ending: Ending): i32 {
  const request = new PmWait();
  request.pid = pid;
  request.options = options;
  const status = call(PM, request);
  if (status < 0) return status;
  const answer = request as Message as PmWaited;
  ending.wait = answer.wait;
  return answer.pid;
}

export function hasExited(ending: Ending): boolean {
  return (ending.wait & 0x7f) === 0;
}

export function isStopped(ending: Ending): boolean {
  return (ending.wait & 0xff) === 0x7f;
}

/** The signal that ended or stopped it. */
export function endingSignal(ending: Ending): i32 {
  return isStopped(ending) ? (ending.wait >> 8) & 0xff : ending.wait & 0x7f;
}

/** The exit status as a shell shows it: 0 to 255, or 128 plus the signal. */
export function exitStatus(ending: Ending): i32 {
  return hasExited(ending) ? (ending.wait >> 8) & 0xff : 128 + endingSignal(ending);
}

export function processId(): i32 {
  const request = new PmGetIds();
  call(PM, request);
  return (request as Message as PmIds).pid;
}

export function parentId(): i32 {
  const request = new PmGetIds();
  call(PM, request);
  return (request as Message as PmIds).parent;
}

/** The caller's process group. */
export function groupId(): i32 {
  const request = new PmGetIds();
  call(PM, request);
  return (request as Message as PmIds).group;
}

/** Puts `pid` (0: the caller) into a group (0: one of its own). Errors: NoProcess, NotPermitted. */
export function setGroup(pid: i32, group: i32): i32 {
  const request = new PmSetGroup();
  request.pid = pid;
  request.group = group;
  return call(PM, request);
}

/** Makes the caller the leader of a new session and group. Errors: NotPermitted. */
export function setSession(): i32 {
  return call(PM, new PmSetSession());
}

/** The end of the data segment; 0 if PM does not say. */
export function breakAddress(): vaddr {
  return moveBreak(0);
}

/** Moves the end of the data segment, and answers where it is now; 0 when there is no memory. */
export function moveBreak(target: vaddr): vaddr {
  const request = new PmBrk();
  request.address = target;
  if (call(PM, request) < 0) return 0;
  return (request as Message as PmBreak).address;
}

/** Ends the machine's run: `how` is a `Shutdown`, `status` 0 to 255 the machine's exit status. Returns only what failed. */
export function reboot(how: u32, status: i32): i32 {
  flushOutput();
  const request = new PmReboot();
  request.how = how;
  request.status = status;
  return call(PM, request);
}

/**
 * Signals: send them, wait for them, say what becomes of them. Begin reading at `handle`.
 *
 * A handler runs on the program's own stack, between two instructions; when it returns, `trampoline` asks PM to go on where the signal came in.
 */
import { PM } from "../endpoint.ts";
import { sendReceive } from "../ipc.ts";
import type { Message } from "../message.ts";
import {
  type MaskHow,
  PmAlarm,
  PmKill,
  PmPause,
  PmSignalAction,
  PmSignalMask,
  type PmSignalMaskReply,
  PmSignalReturn,
} from "../protocol/pm.ts";
import { Disposition, type Signal } from "../signal.ts";
import { call } from "./call.ts";

export type SignalHandler = (signal: i32) => void;

/** Calls `handler` when the signal comes. Errors: Invalid (Kill and Stop cannot be caught). */
export function handle(signal: Signal, handler: SignalHandler): i32 {
  return setAction(signal, address(handler));
}

/** The signal means nothing to this program and those it executes. */
export function ignore(signal: Signal): i32 {
  return setAction(signal, Disposition.Ignore);
}

export function restoreDefault(signal: Signal): i32 {
  return setAction(signal, Disposition.Default);
}

/** `pid`: see `PmKill`. Signal 0 only asks. Errors: NoProcess, NotPermitted, Invalid. */
export function kill(pid: i32, signal: i32): i32 {
  const request = new PmKill();
  request.pid = pid;
  request.signal = signal;
  return call(PM, request);
}

/** Blocks, unblocks or sets (`how`) the signals in `set` (bit `1 << signal`); answers the set before. */
export function maskSignals(how: MaskHow, set: u32): u32 {
  const request = new PmSignalMask();
  request.how = how;
  request.set = set;
  call(PM, request);
  return (request as Message as PmSignalMaskReply).previous;
}

/** Returns, with Interrupted, when a signal has been handled. */
export function pause(): i32 {
  return call(PM, new PmPause());
}

/** Signal.Alarm in `milliseconds`; 0 cancels. Answers how many were left of the alarm before. */
export function setAlarm(milliseconds: u32): i32 {
  const request = new PmAlarm();
  request.milliseconds = milliseconds;
  return call(PM, request);
}

function setAction(signal: Signal, handler: vaddr): i32 {
  const request = new PmSignalAction();
  request.signal = i32(signal);
  request.handler = handler;
  request.trampoline = address(trampoline);
  return call(PM, request);
}

/** Where a handler returns to. Not called by anybody: its address goes to PM. */
function trampoline(): void {
  sendReceive(PM, new PmSignalReturn());
  unreachable();
}

/**
 * Signals that programs get: which are pending, and what each program wants to become of them.
 *
 * Posting only leaves a bit. What comes of it happens in one place, when PM has done with the request that caused it (deliver.ts): so no
 * signal ever comes between a request and its answer. Begin at `postSignal`.
 */
import { INIT } from "../../lib/endpoint.ts";
import { runControl } from "../../lib/kernel-call/process.ts";
import {
  MaskHow,
  type PmSignalAction,
  PmSignalActionReply,
  type PmSignalMask,
  PmSignalMaskReply,
} from "../../lib/protocol/pm.ts";
import { Disposition, SIGNALS, Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { answerWith } from "./answer.ts";
import { HANDLERS_NESTED, type Program, State } from "./program.ts";

export const signalBit = (signal: i32): u32 => 1 << signal;

/** What nobody can catch, ignore or block. */
const UNSTOPPABLE: u32 = (1 << Signal.Kill) | (1 << Signal.Stop);
/** Their default is to stop the program. */
export const STOPPING: u32 =
  (1 << Signal.Stop) | (1 << Signal.TerminalStop) | (1 << Signal.TerminalInput) | (1 << Signal.TerminalOutput);
/** Their default is to do nothing: Continue has done its work when it is posted. */
const HARMLESS: u32 = (1 << Signal.Child) | (1 << Signal.Continue);

/** Some program may have signals that it can get now. */
let unsettled = false;

/** A program gets a signal as soon as it can. */
export function postSignal(program: Program, signal: i32): void {
  if (program.state !== State.Alive) return;
  if (signal === Signal.Continue) resume(program);
  if ((signalBit(signal) & STOPPING) !== 0) program.pending &= ~signalBit(Signal.Continue);
  if (isIgnored(program, signal)) return;
  program.pending |= signalBit(signal);
  unsettled = true;
}

/** True once after something has happened that may let signals through. */
export function takeUnsettled(): boolean {
  const was = unsettled;
  unsettled = false;
  return was;
}

/** The pending signal that comes next; 0: none can. Kill before all others. */
export function nextSignal(program: Program): i32 {
  if (program.state !== State.Alive || program.pending === 0) return 0;
  let ready = program.pending & ~program.mask;
  if (program.stopped) ready &= signalBit(Signal.Kill);
  if ((ready & signalBit(Signal.Kill)) !== 0) return Signal.Kill;
  const full = program.nested === HANDLERS_NESTED;
  for (let signal = 1; signal < SIGNALS; signal++) {
    if ((ready & signalBit(signal)) === 0) continue;
    if (!full || program.handlers[signal] === Disposition.Default) return signal;
  }
  return 0;
}

export function setAction(program: Program, request: PmSignalAction): void {
  const { signal } = request;
  const reply = new PmSignalActionReply();
  if (signal <= 0 || signal >= SIGNALS || (signalBit(signal) & UNSTOPPABLE) !== 0) {
    reply.status = Status.Invalid;
  } else {
    reply.previous = vaddr(program.handlers[signal]);
    program.handlers[signal] = request.handler;
    program.trampoline = request.trampoline;
    if (isIgnored(program, signal)) program.pending &= ~signalBit(signal);
  }
  answerWith(program, reply);
}

export function setMask(program: Program, request: PmSignalMask): void {
  const reply = new PmSignalMaskReply();
  const set = request.set & ~UNSTOPPABLE;
  reply.previous = program.mask;
  if (request.how === MaskHow.Block) program.mask |= set;
  else if (request.how === MaskHow.Unblock) program.mask &= ~set;
  else if (request.how === MaskHow.Set) program.mask = set;
  else reply.status = Status.Invalid;
  unsettled = true;
  answerWith(program, reply);
}

/** A handler begins: its signal is blocked until it returns. */
export function pushMask(program: Program, signal: i32): void {
  program.masks[program.nested] = program.mask;
  program.nested++;
  program.mask |= signalBit(signal);
}

/** The last handler that began has returned. */
export function popMask(program: Program): void {
  program.nested--;
  program.mask = program.masks[program.nested];
  unsettled = true;
}

/** Another image takes the program's place: its handlers are gone, what it ignores stays so. */
export function forgetHandlers(program: Program): void {
  for (let signal = 0; signal < SIGNALS; signal++)
    if (program.handlers[signal] !== Disposition.Ignore) program.handlers[signal] = Disposition.Default;
  if (program.nested > 0) program.mask = program.masks[0];
  program.nested = 0;
}

/** Init gets no signal that it does not handle: nobody could take its place. */
function isIgnored(program: Program, signal: i32): boolean {
  const handler = program.handlers[signal];
  if (handler === Disposition.Ignore) return true;
  if (handler !== Disposition.Default) return false;
  return program.endpoint === INIT || (signalBit(signal) & HARMLESS) !== 0;
}

function resume(program: Program): void {
  program.pending &= ~STOPPING;
  if (!program.stopped) return;
  program.stopped = false;
  runControl(program.endpoint, false);
  unsettled = true;
}

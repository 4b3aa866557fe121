/**
 * Signals: posted by whoever may, decided by the process' manager (PM for programs, RS for services).
 *
 * The kernel knows three things about a signal: that the process stands still while its manager has not seen to it, how to make
 * a process run a handler, and how to undo that. Begin at `postSignal`.
 */
import { KERNEL, NONE, SLOTS } from "../lib/endpoint.ts";
import { Blocked } from "../lib/kernel-call/service.ts";
import { PageFlags } from "../lib/kernel-call/space.ts";
import type { Signal } from "../lib/signal.ts";
import { Status } from "../lib/status.ts";
import { forgetWaiting, notifyFrom } from "./ipc.ts";
import { bytesToPageEnd, copyPlaces, fetch, least, translate, WRITABLE } from "./memory.ts";
import { awaitPage, cancelMissing, News } from "./missing.ts";
import { Frame, lookup, type Process, processes } from "./process.ts";
import { block, unblock } from "./schedule.ts";
import { NOBODY, SlotSet } from "./set.ts";

/** Processes with signals that their managers have not fetched. */
const signaled = new SlotSet();

/** The process does not run until its manager has seen to the signal. */
export function postSignal(process: Process, signal: Signal): void {
  process.signals |= u32(1) << signal;
  block(process, Blocked.Signaled);
  signaled.add(process.slot);
  const manager = lookup(process.manager);
  if (manager === null) return;
  manager.news |= News.Signals;
  notifyFrom(KERNEL, manager);
}

/** The next process with signals for this manager, or null. */
export function nextSignaled(manager: Process): Process | null {
  for (let slot = signaled.from(0); slot !== NOBODY; slot = slot + 1 < SLOTS ? signaled.from(slot + 1) : NOBODY) {
    if (processes[slot].manager === manager.endpoint) return processes[slot];
  }
  return null;
}

/** Hands its signals over: they are the manager's business from now on. */
export function takeSignals(process: Process): u32 {
  const { signals } = process;
  process.signals = 0;
  signaled.remove(process.slot);
  return signals;
}

/** The manager has seen to what it took. */
export function signalsSeenTo(process: Process): void {
  if (process.signals === 0) unblock(process, Blocked.Signaled);
}

/** Nobody will ask for the signals of this life any more. */
export function forgetSignals(process: Process): void {
  process.signals = 0;
  signaled.remove(process.slot);
}

/** What `enterHandler` puts on a process' stack: 16-byte aligned, as the calling convention wants the stack. */
class Context {
  static readonly bytes = 144;
  readonly frame = new Frame();
  /** The context that lies below this one: handlers can be interrupted. */
  outer: vaddr = 0;
}

const context = new Context();

/**
 * Makes a process run `handler(signal)`, then `trampoline`. What it did before is kept on its own stack, below its stack pointer.
 *
 * A process can be in the middle of a call. If its SENDREC waits to be taken, nobody has seen the request: it steps back to before its
 * `ecall`, and asks again after the handler. If it waits for the answer, PM has cancelled what it could; the call ends with Interrupted.
 * If it waits for a page, it will need the page again.
 */
export function enterHandler(
  manager: Process,
  process: Process,
  signal: Signal,
  handler: vaddr,
  trampoline: vaddr,
): i32 {
  const { frame } = process;
  const base = (frame.sp - u32(sizeOf(Context))) & ~u32(15);
  if (base >= frame.sp) return Status.Fault; // the stack pointer is nonsense
  const status = ensureStack(manager, process, base);
  if (status !== Status.Ok) return status;

  leaveCall(process);
  copy(context.frame, frame);
  context.outer = process.signalContext;
  writeContext(process, base);
  process.signalContext = base;
  frame.pc = handler;
  frame.sp = base;
  frame.ra = trampoline;
  frame.a0 = u32(signal);
  return Status.Ok;
}

/** Undoes the last `enterHandler`. The context comes from memory that the process can write, but holds nothing that it could not have had anyway. */
export function leaveHandler(manager: Process, process: Process): i32 {
  if (process.signalContext === 0) return Status.Invalid;
  const status = fetch(manager, process, process.signalContext, bytesOf(context));
  if (status !== Status.Ok) return status;
  forgetWaiting(process);
  unblock(process, Blocked.Sending | Blocked.Receiving);
  copy(process.frame, context.frame);
  process.signalContext = context.outer;
  return Status.Ok;
}

/** Ends whatever call the process is in, so that its registers are those it would have in its own code. */
function leaveCall(process: Process): void {
  const { frame, sendsTo } = process;
  if (sendsTo !== NONE) {
    frame.a0 = u32(sendsTo);
    frame.pc -= 4;
  } else if ((process.blocked & Blocked.Receiving) !== 0) frame.a0 = u32(Status.Interrupted);
  cancelMissing(process);
  forgetWaiting(process);
  unblock(process, Blocked.Sending | Blocked.Receiving);
}

function ensureStack(manager: Process, process: Process, base: vaddr): i32 {
  const last = base + u32(sizeOf(Context)) - 1;
  if (translate(process, base, WRITABLE) === 0) return awaitPage(manager, process, base, PageFlags.Write);
  if (translate(process, last, WRITABLE) === 0) return awaitPage(manager, process, last, PageFlags.Write);
  return Status.Ok;
}

function writeContext(process: Process, base: vaddr): void {
  const bytes = u32(sizeOf(Context));
  const first = least(bytes, bytesToPageEnd(base));
  copyPlaces(translate(process, base, WRITABLE), paddr(address(context)), first);
  if (first < bytes) {
    copyPlaces(translate(process, base + first, WRITABLE), paddr(address(context) + first), bytes - first);
  }
}

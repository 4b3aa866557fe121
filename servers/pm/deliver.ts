/**
 * Delivery of signals: the default happens, or a handler is made to run on the program's own stack.
 *
 * A program that waits is interrupted first. One that waits for PM gets Interrupted from PM; for one that waits in VFS, VFS is asked to give up. The
 * kernel sees to the rest (`sendSignal`): a request that nobody has taken yet is made again after the handler. Begin at `settleSignals`.
 */
import { slotOf, VFS } from "../../lib/endpoint.ts";
import { returnSignal, runControl, sendSignal } from "../../lib/kernel-call/process.ts";
import { About, Blocked, information, ProcessInformation } from "../../lib/kernel-call/service.ts";
import { Disposition, Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { answer } from "./answer.ts";
import { cancelFiles } from "./below.ts";
import { endProgram, wasKilled } from "./ending.ts";
import { HANDLERS_NESTED, type Program, programs, Waiting } from "./program.ts";
import { nextSignal, popMask, pushMask, STOPPING, signalBit, takeUnsettled } from "./signals.ts";
import { cancelTimer } from "./timers.ts";
import { reportStop } from "./wait.ts";

/** Gives every program the signals that it can have now. PM's last act after each message. */
export function settleSignals(): void {
  while (takeUnsettled()) for (const program of programs) deliver(program);
}

/** An exception of a program's own, which it cannot go on from. False: it has no handler that could see to it. */
export function catchException(program: Program, signal: i32): boolean {
  const handler = program.handlers[signal];
  if (handler === Disposition.Default || handler === Disposition.Ignore) return false;
  if ((program.mask & signalBit(signal)) !== 0 || program.nested === HANDLERS_NESTED) return false;
  runHandler(program, signal, handler);
  return true;
}

/** The trampoline asks: the program goes on where the signal came in. That is its answer. */
export function endHandler(program: Program): void {
  if (program.nested > 0 && returnSignal(program.endpoint) === Status.Ok) popMask(program);
  else endProgram(program, wasKilled(Signal.Segmentation));
}

function deliver(program: Program): void {
  for (let signal = nextSignal(program); signal !== 0; signal = nextSignal(program)) {
    program.pending &= ~signalBit(signal);
    const handler = program.handlers[signal];
    if (handler !== Disposition.Default) runHandler(program, signal, handler);
    else if ((signalBit(signal) & STOPPING) !== 0) stop(program, signal);
    else endProgram(program, wasKilled(signal));
  }
}

function runHandler(program: Program, signal: i32, handler: u32): void {
  runControl(program.endpoint, true);
  interruptWait(program);
  pushMask(program, signal);
  const status = sendSignal(program.endpoint, u32(signal), vaddr(handler), program.trampoline);
  if (status === Status.Ok) runControl(program.endpoint, false);
  else endProgram(program, wasKilled(Signal.Segmentation));
}

function interruptWait(program: Program): void {
  if (program.waiting !== Waiting.Nothing) {
    cancelTimer(program.sleep);
    answer(program, Status.Interrupted);
  } else if (waitsForFiles(program)) {
    cancelFiles(program.endpoint);
  }
}

/** VFS has taken its request, and not answered yet. */
function waitsForFiles(program: Program): boolean {
  const process = new ProcessInformation();
  const bytes = u32(sizeOf(ProcessInformation));
  if (information(About.Process, u32(slotOf(program.endpoint)), address(process), bytes) < 0) return false;
  const how = process.blocked & (Blocked.Sending | Blocked.Receiving);
  return how === Blocked.Receiving && process.peer === VFS;
}

/** A stopped program must not take what others are waiting for, such as the next line of the terminal: it asks again when it goes on. */
function stop(program: Program, signal: i32): void {
  runControl(program.endpoint, true);
  if (program.waiting === Waiting.Nothing && waitsForFiles(program)) cancelFiles(program.endpoint);
  program.stopped = true;
  program.ending = (signal << 8) | 0x7f;
  reportStop(program);
}

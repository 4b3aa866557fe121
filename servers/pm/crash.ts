/**
 * Programs that crash, and signals that others had the kernel post: the kernel notifies, and PM fetches.
 *
 * A program without a handler for its exception ends, and leaves one line in the kernel log. Begin at `serveKernel`.
 */
import { slotOf } from "../../lib/endpoint.ts";
import { exceptionName } from "../../lib/exception.ts";
import { Crash, DeathCause, getCrash } from "../../lib/kernel-call/crash.ts";
import { endSignal, getSignal, PendingSignals } from "../../lib/kernel-call/process.ts";
import { About, information, ProcessInformation } from "../../lib/kernel-call/service.ts";
import { log } from "../../lib/log.ts";
import { SIGNALS, Signal } from "../../lib/signal.ts";
import { catchException } from "./deliver.ts";
import { endProgram, wasKilled } from "./ending.ts";
import { type Program, programOf, State } from "./program.ts";
import { postSignal, signalBit } from "./signals.ts";

/** What the kernel posts when a program commits an exception. */
const EXCEPTIONS: u32 =
  (1 << Signal.Illegal) |
  (1 << Signal.Trap) |
  (1 << Signal.BusError) |
  (1 << Signal.Arithmetic) |
  (1 << Signal.Segmentation);

/** Sees to every program that has signals for PM to see to. */
export function serveKernel(): void {
  const pending = new PendingSignals();
  while (getSignal(pending) >= 0) {
    const program = programOf(pending.endpoint);
    if (program !== null) serveSignals(program, pending.signals);
    endSignal(pending.endpoint);
  }
}

function serveSignals(program: Program, signals: u32): void {
  for (let signal = 1; signal < SIGNALS; signal++) {
    if ((signals & signalBit(signal)) === 0 || program.state !== State.Alive) continue;
    if ((signalBit(signal) & EXCEPTIONS) === 0) postSignal(program, signal);
    else if (!catchException(program, signal)) endByException(program, signal);
  }
}

function endByException(program: Program, signal: i32): void {
  logCrash(program);
  endProgram(program, wasKilled(signal));
}

function logCrash(program: Program): void {
  const crash = new Crash();
  const process = new ProcessInformation();
  const bytes = u32(sizeOf(ProcessInformation));
  if (getCrash(program.endpoint, crash) < 0) return;
  information(About.Process, u32(slotOf(program.endpoint)), address(process), bytes);
  const what = crash.cause === DeathCause.Check ? "failed check" : exceptionName(crash.mcause);
  log`${process.name} (pid ${program.pid}): ${what} at pc 0x${hex(crash.pc)}, address 0x${hex(crash.address)}`;
}

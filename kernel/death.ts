/**
 * How processes end.
 *
 * A service that dies is frozen, with its crash kept, until RS has taken the record and clears it: its interrupts stay masked and its
 * device's windows to memory closed. A program that commits a fatal error is stopped with a signal for PM, which decides. RS and VM
 * are what everything else is healed by: their death is the machine's. Begin at `raise`.
 */
import { RS, VM } from "../lib/endpoint.ts";
import { DeathCause } from "../lib/kernel-call/crash.ts";
import { Blocked, PANIC_EXIT } from "../lib/kernel-call/service.ts";
import { Signal } from "../lib/signal.ts";
import { Status } from "../lib/status.ts";
import { failAsyncTo, forgetAsyncFrom } from "./async.ts";
import { Cause } from "./cause.ts";
import { cycleCount, findNextAlarm } from "./clock.ts";
import { releaseDevices, silenceDevices } from "./devices.ts";
import { revokeDma } from "./dma.ts";
import { forgetWaiting, giveUpWaiting } from "./ipc.ts";
import { cancelMissing, forgetMissingOf } from "./missing.ts";
import { dieVital } from "./panic.ts";
import { endLife, type Process, processes } from "./process.ts";
import { block } from "./schedule.ts";
import { forgetSignals, postSignal } from "./signal.ts";
import { replaceSpace } from "./space.ts";

/** A fatal exception in a process' own code. */
export function raise(process: Process, mcause: u32, place: u32): void {
  const signal = signalOf(mcause);
  record(process, mcause === Cause.Breakpoint ? DeathCause.Check : DeathCause.Exception, signal, mcause, place);
  if (process.isService()) freeze(process, signal);
  else postSignal(process, signal);
}

/** A service ends itself, with a code of 0 to 255 or PANIC_EXIT. */
export function exitService(process: Process, code: i32): void {
  record(process, code === PANIC_EXIT ? DeathCause.Panic : DeathCause.Exit, code, 0, 0);
  freeze(process, Signal.Abort);
}

/** A service is ended by somebody who may. */
export function killService(process: Process): void {
  if ((process.blocked & Blocked.Dead) !== 0) return;
  record(process, DeathCause.Killed, Signal.Kill, 0, 0);
  freeze(process, Signal.Kill);
}

/** The last of a process: peers that wait for it get DeadEndpoint, and its slot falls vacant. */
export function clearAway(process: Process): void {
  withdraw(process);
  forgetSignals(process);
  forgetMissingOf(process);
  failAsyncTo(process);
  if (process.isService()) forgetService(process);
  for (const peer of processes) {
    if (waitsFor(peer, process)) giveUpWaiting(peer, Status.DeadEndpoint);
  }
  replaceSpace(process, 0);
  endLife(process);
}

function record(process: Process, cause: DeathCause, code: i32, mcause: u32, place: u32): void {
  const { death } = process;
  death.cause = cause;
  death.code = code;
  death.mcause = mcause;
  death.address = place;
  death.cycle = cycleCount();
}

/** It stands still from now on, touches nothing, and its manager hears of it. */
function freeze(process: Process, signal: Signal): void {
  if (process.endpoint === RS || process.endpoint === VM) dieVital(process);
  block(process, Blocked.Dead);
  withdraw(process);
  process.alarmTime = 0n;
  findNextAlarm();
  silenceDevices(process);
  revokeDma(process);
  postSignal(process, signal);
}

/** Whatever it waited for, it does not any more. It stays blocked, as it is dead or about to be. */
function withdraw(process: Process): void {
  block(process, Blocked.Dead);
  cancelMissing(process);
  forgetWaiting(process);
  process.blocked &= ~(Blocked.Sending | Blocked.Receiving);
}

function forgetService(process: Process): void {
  process.alarmTime = 0n;
  findNextAlarm();
  silenceDevices(process);
  revokeDma(process);
  releaseDevices(process);
  forgetAsyncFrom(process);
  for (const peer of processes) peer.notifiers.remove(process.privilege);
}

function waitsFor(peer: Process, process: Process): boolean {
  const { endpoint } = process;
  return peer.sendsTo === endpoint || peer.awaitsReplyFrom === endpoint || peer.listensTo === endpoint;
}

/** The signal that an exception becomes, as POSIX has it. */
function signalOf(mcause: u32): Signal {
  switch (mcause) {
    case Cause.Breakpoint:
      return Signal.Trap;
    case Cause.IllegalInstruction:
      return Signal.Illegal;
    case Cause.FetchPageFault:
    case Cause.LoadPageFault:
    case Cause.StorePageFault:
      return Signal.Segmentation;
    default:
      return Signal.BusError;
  }
}

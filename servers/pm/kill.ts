/** Sending signals: kill, the terminal's signals for its foreground group, and the kernel's for programs that crash. */
import { INIT, MFS, SERVICES, slotOf } from "../../lib/endpoint.ts";
import { killProcess } from "../../lib/kernel-call/process.ts";
import { About, information, ProcessInformation } from "../../lib/kernel-call/service.ts";
import type { PmKill, PmSignalGroup } from "../../lib/protocol/pm.ts";
import { SIGNALS, Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { type Program, programs, programWithPid, State } from "./program.ts";
import { postSignal } from "./signals.ts";

/** See `PmKill`. */
export function kill(program: Program, request: PmKill): Status {
  const { pid, signal } = request;
  if (signal < 0 || signal >= SIGNALS) return Status.Invalid;
  if (pid > 0) return killOne(pid, signal);
  if (pid === -1) return killAll(program, signal);
  return killGroup(pid === 0 ? program.group : -pid, signal);
}

/** From a terminal, a service: what its keyboard says to everybody in the foreground. */
export function signalGroup(request: PmSignalGroup): void {
  const { group, signal } = request;
  if (slotOf(request.source) < SERVICES && signal > 0 && signal < SIGNALS) killGroup(group, signal);
}

function killOne(pid: i32, signal: i32): Status {
  const program = programWithPid(pid);
  if (program === null) return killService(pid, signal);
  if (signal !== 0) postSignal(program, signal);
  return Status.Ok;
}

function killAll(caller: Program, signal: i32): Status {
  let found = false;
  for (const program of programs) {
    if (program.state !== State.Alive || program === caller || program.endpoint === INIT) continue;
    found = true;
    if (signal !== 0) postSignal(program, signal);
  }
  return found ? Status.Ok : Status.NoProcess;
}

function killGroup(group: i32, signal: i32): Status {
  let found = false;
  for (const program of programs) {
    if (program.state === State.Vacant || program.group !== group) continue;
    found = true;
    if (signal !== 0) postSignal(program, signal);
  }
  return found ? Status.Ok : Status.NoProcess;
}

/**
 * Services know no signals: one that would end a program ends them, RS sees it and brings them back. Those up to MFS, which the
 * system cannot live without, are refused.
 */
function killService(pid: i32, signal: i32): Status {
  const process = new ProcessInformation();
  const bytes = u32(sizeOf(ProcessInformation));
  for (let slot: u32 = 0; slot < SERVICES; slot++) {
    if (information(About.Process, slot, address(process), bytes) < 0 || process.pid !== pid) continue;
    if (signal === 0) return Status.Ok;
    const ends = signal === Signal.Kill || signal === Signal.Terminate;
    if (!ends || slot <= u32(slotOf(MFS))) return Status.NotPermitted;
    return killProcess(process.endpoint, Signal.Kill);
  }
  return Status.NoProcess;
}

/**
 * The end of it all, in order: programs are asked to end, then made to; file systems are written out; the machine stops.
 *
 * PM waits for nobody meanwhile: the grace period is a timer, and `continueShutdown` looks after each message whether it is over.
 */
import { INIT } from "../../lib/endpoint.ts";
import { abort, Shutdown } from "../../lib/kernel-call/machine.ts";
import { runControl } from "../../lib/kernel-call/process.ts";
import { log } from "../../lib/log.ts";
import type { PmReboot } from "../../lib/protocol/pm.ts";
import { Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { answer } from "./answer.ts";
import { unmountFiles } from "./below.ts";
import { type Program, Purpose, programs, State, Timer } from "./program.ts";
import { postSignal } from "./signals.ts";
import { setTimer } from "./timers.ts";

const GRACE_MILLISECONDS = 1000;

const grace = new Timer();
let initiator: Program | null = null;
let graceIsOver = false;
let how: Shutdown = Shutdown.PowerOff;
let exitStatus: u32 = 0;

export function isShuttingDown(): boolean {
  return initiator !== null;
}

/** Never answered, unless it is refused: Busy (it is going on already), Invalid. */
export function beginShutdown(program: Program, request: PmReboot): void {
  if (initiator !== null) answer(program, Status.Busy);
  else if (request.how !== Shutdown.PowerOff && request.how !== Shutdown.Reboot) answer(program, Status.Invalid);
  else begin(program, request);
}

function begin(program: Program, request: PmReboot): void {
  initiator = program;
  how = request.how;
  exitStatus = u32(request.status & 0xff);
  // Init would start another shell.
  if (program.endpoint !== INIT) runControl(INIT, true);
  // Shells ignore Terminate; but their terminal is hanging up.
  postToOthers(Signal.Terminate);
  postToOthers(Signal.Hangup);
  postToOthers(Signal.Continue);
  setTimer(grace, Purpose.Grace, null, GRACE_MILLISECONDS);
}

/** The grace period is over. */
export function endGrace(): void {
  graceIsOver = true;
  postToOthers(Signal.Kill);
}

/** Stops the machine when nobody is left who should end first. */
export function continueShutdown(): void {
  if (initiator === null || (othersLive() && !graceIsOver)) return;
  const status = unmountFiles();
  if (status < 0) log`file systems could not be unmounted (${status})`;
  abort(how, exitStatus);
}

function postToOthers(signal: Signal): void {
  for (const program of programs) if (isOther(program)) postSignal(program, signal);
}

function othersLive(): boolean {
  for (const program of programs) if (isOther(program)) return true;
  return false;
}

/** Init goes down with the system, and so does the program that asked for it. */
function isOther(program: Program): boolean {
  return program.state === State.Alive && program !== initiator && program.endpoint !== INIT;
}

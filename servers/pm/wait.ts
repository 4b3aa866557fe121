/**
 * Wait: how a parent hears of its children that have ended or stopped, and how the ended ones leave the table.
 *
 * Begin at `waitForChild`.
 */
import { slotOf } from "../../lib/endpoint.ts";
import { clearProcess } from "../../lib/kernel-call/process.ts";
import { About, information, ProcessInformation } from "../../lib/kernel-call/service.ts";
import { type PmWait, PmWaited, WaitOptions } from "../../lib/protocol/pm.ts";
import { Disposition, Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { answer, answerWith } from "./answer.ts";
import { type Program, programs, State, Waiting } from "./program.ts";
import { postSignal } from "./signals.ts";

/** Answers at once if it can, else when a child has something to report. */
export function waitForChild(program: Program, request: PmWait): void {
  program.waitPid = request.pid;
  program.waitOptions = request.options;
  if (report(program)) return;
  if ((request.options & WaitOptions.NoHang) !== 0) answerWith(program, new PmWaited());
  else program.waiting = Waiting.Child;
}

/** A child has ended: its parent hears of it, unless it said that it does not want to. */
export function reportEnd(child: Program): void {
  const { parent } = child;
  if (parent === null) return;
  if (parent.handlers[Signal.Child] === Disposition.Ignore) reap(child, parent);
  changed(parent);
}

/** A child has stopped. */
export function reportStop(child: Program): void {
  child.stopReported = false;
  const { parent } = child;
  if (parent !== null) changed(parent);
}

function changed(parent: Program): void {
  postSignal(parent, Signal.Child);
  if (parent.waiting === Waiting.Child) report(parent);
}

/** Answers a parent's wait if a child has something to report, or if there is none that it could wait for. */
function report(parent: Program): boolean {
  let found = false;
  for (const child of programs) {
    if (child.state === State.Vacant || child.parent !== parent || !isWanted(parent, child)) continue;
    found = true;
    if (child.state !== State.Zombie && !reportsStop(parent, child)) continue;
    answerWaited(parent, child);
    return true;
  }
  if (!found) answer(parent, Status.NoChild);
  return !found;
}

/** See `PmWait`. */
function isWanted(parent: Program, child: Program): boolean {
  const { waitPid } = parent;
  if (waitPid > 0) return child.pid === waitPid;
  if (waitPid === -1) return true;
  return child.group === (waitPid === 0 ? parent.group : -waitPid);
}

function reportsStop(parent: Program, child: Program): boolean {
  return child.stopped && !child.stopReported && (parent.waitOptions & WaitOptions.Untraced) !== 0;
}

function answerWaited(parent: Program, child: Program): void {
  const waited = new PmWaited();
  waited.pid = child.pid;
  waited.wait = child.ending;
  if (child.state === State.Zombie) reap(child, parent);
  else child.stopReported = true;
  answerWith(parent, waited);
}

/** The end of a zombie: its time is its parent's now, and its slot anybody's. */
function reap(child: Program, parent: Program): void {
  const used = new ProcessInformation();
  information(About.Process, u32(slotOf(child.endpoint)), address(used), u32(sizeOf(ProcessInformation)));
  parent.childUserCycles += child.childUserCycles + used.userCycles;
  parent.childSystemCycles += child.childSystemCycles + used.kernelCycles;
  clearProcess(child.endpoint);
  child.state = State.Vacant;
}

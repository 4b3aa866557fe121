/**
 * Jobs: the processes that the shell has started and what has become of them. Begin reading at `waitForJob`.
 *
 * At a terminal every job is a process group of its own, and the terminal's foreground group while the shell waits for it: so ^C and ^Z reach it
 * and not the shell.
 */
import { STANDARD_INPUT } from "../../lib/library/file.ts";
import { complain, flushOutput, print } from "../../lib/library/output.ts";
import {
  Ending,
  endingSignal,
  exitStatus,
  fork,
  hasExited,
  isStopped,
  processId,
  setGroup,
  waitFor,
} from "../../lib/library/process.ts";
import { signalDescription } from "../../lib/library/signal-names.ts";
import { handle, ignore, kill, restoreDefault } from "../../lib/library/signals.ts";
import { setForeground } from "../../lib/library/terminal.ts";
import { makeText, releaseText } from "../../lib/library/text.ts";
import { WaitOptions } from "../../lib/protocol/pm.ts";
import { Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { shell } from "./state.ts";

const JOBS = 16;
const PROCESSES = 16;

export class Job {
  /** Counts from 1; 0: the row is free. */
  number: i32 = 0;
  /** Its process group, at a terminal; 0 until its first process is there. */
  group: i32 = 0;
  /** Process ids; 0 for one that has ended. */
  readonly processes = new Int32Array(PROCESSES);
  count: i32 = 0;
  running: i32 = 0;
  /** Of the last process: the job's. */
  lastProcess: i32 = 0;
  status: i32 = 0;
  stopped: boolean = false;
  background: boolean = false;
  /** The command, for reports; made when the job is reported for the first time. */
  text: string = "";
}

const jobs = table(Job, JOBS);
/** The group that the terminal belongs to while the shell reads. */
let shellGroup: i32 = 0;

/** At the start of a shell at a terminal: our own group, the terminal's foreground, and deaf to what stops jobs. */
export function beginJobControl(): void {
  shellGroup = processId();
  setGroup(0, 0);
  ignore(Signal.TerminalStop);
  ignore(Signal.TerminalInput);
  ignore(Signal.TerminalOutput);
  ignore(Signal.Quit);
  ignore(Signal.Terminate);
  handle(Signal.Interrupt, onInterrupt);
  setForeground(STANDARD_INPUT, shellGroup);
}

/** In a fresh child: what was different because somebody typed is as usual again. */
export function becomeChild(): void {
  if (shell.interactive) {
    restoreDefault(Signal.TerminalStop);
    restoreDefault(Signal.TerminalInput);
    restoreDefault(Signal.TerminalOutput);
    restoreDefault(Signal.Quit);
    restoreDefault(Signal.Terminate);
    restoreDefault(Signal.Interrupt);
  }
  shell.interactive = false;
  for (const job of jobs) job.number = 0;
}

/** Before a child that has run commands ends: what it has said goes out. */
export function finishChild(): void {
  flushOutput();
}

/** A new job; null, after a complaint, when there are too many. */
export function addJob(text: string, background: boolean): Job | null {
  reapEnded();
  for (let index = 0; index < jobs.length; index++) {
    const job = jobs[index];
    if (job.number !== 0) continue;
    clear(job);
    job.number = index + 1;
    job.background = background;
    job.text = makeText(text.bytes);
    return job;
  }
  complain`too many jobs`;
  return null;
}

/** Divides the shell, as `fork` does; the child is a process of the job. */
export function forkInto(job: Job): i32 {
  const child = fork();
  if (child < 0) return child;
  if (shell.interactive) enterGroup(job, child);
  if (child === 0) {
    becomeChild();
    return 0;
  }
  if (job.count < PROCESSES) {
    job.processes[job.count] = child;
    job.count++;
    job.running++;
  }
  job.lastProcess = child;
  return child;
}

/** Both parent and child do this, so that it is done whoever runs first. */
function enterGroup(job: Job, child: i32): void {
  const process = child === 0 ? processId() : child;
  if (job.group === 0) job.group = process;
  setGroup(process, job.group);
  if (!job.background && job.group === process) setForeground(STANDARD_INPUT, job.group);
}

/** Waits until the job has ended or stopped; the terminal is the shell's again after it. Answers its status. */
export function waitForJob(job: Job): i32 {
  const ending = new Ending();
  while (job.running > 0 && !job.stopped) {
    const process = waitFor(-1, shell.interactive ? WaitOptions.Untraced : 0, ending);
    if (process === Status.Interrupted) {
      if (shell.interrupted) break;
    } else if (process < 0) job.running = 0;
    else record(process, ending);
  }
  if (shell.interactive) setForeground(STANDARD_INPUT, shellGroup);
  if (job.stopped) {
    job.background = true;
    print`\n[${job.number}] Stopped  ${job.text}\n`;
    return 128 + Signal.TerminalStop;
  }
  if (job.running > 0) return 128 + Signal.Interrupt;
  const status = job.status;
  forget(job);
  return status;
}

/** Lets a stopped job run on, in the foreground or not. */
export function continueJob(job: Job, foreground: boolean): void {
  job.stopped = false;
  job.background = !foreground;
  if (foreground) setForeground(STANDARD_INPUT, job.group);
  kill(-job.group, Signal.Continue);
}

/** The job of this number; for 0, the youngest. Null if there is none. */
export function findJob(number: i32): Job | null {
  let found: Job | null = null;
  for (const job of jobs) if (job.number !== 0 && (number === 0 || job.number === number)) found = job;
  return found;
}

/** The job that this process belongs to, or null. */
export function jobOfProcess(process: i32): Job | null {
  for (const job of jobs) {
    if (job.number === 0) continue;
    for (let index = 0; index < job.count; index++) if (job.processes[index] === process) return job;
    if (job.lastProcess === process) return job;
  }
  return null;
}

/** Some job that has not ended, or null. */
export function anyRunningJob(): Job | null {
  for (const job of jobs) if (job.number !== 0 && job.running > 0 && !job.stopped) return job;
  return null;
}

/** Before a prompt: says which background jobs have ended, and forgets them. */
export function reportEndedJobs(): void {
  reapEnded();
  for (const job of jobs) {
    if (job.number === 0 || job.running > 0 || !job.background) continue;
    if (shell.interactive) print`[${job.number}] ${describe(job)}  ${job.text}\n`;
    forget(job);
  }
}

/** For `jobs`: all of them; those that have ended are forgotten. */
export function printJobs(): void {
  reapEnded();
  for (const job of jobs) {
    if (job.number === 0) continue;
    print`[${job.number}] ${describe(job)}  ${job.text}\n`;
    if (job.running === 0) forget(job);
  }
}

function describe(job: Job): string {
  if (job.stopped) return "Stopped";
  if (job.running > 0) return "Running";
  if (job.status === 0) return "Done";
  return job.status > 128 ? signalDescription(job.status - 128) : "Failed";
}

/** Notes what has ended without waiting for anything. */
function reapEnded(): void {
  const ending = new Ending();
  for (;;) {
    const options = shell.interactive ? WaitOptions.NoHang | WaitOptions.Untraced : WaitOptions.NoHang;
    const process = waitFor(-1, options, ending);
    if (process <= 0) return;
    record(process, ending);
  }
}

/** What has become of one process. It may be nobody's: a here-document's writer. */
function record(process: i32, ending: Ending): void {
  const job = jobOfProcess(process);
  if (job === null) return;
  if (isStopped(ending)) {
    job.stopped = true;
    return;
  }
  for (let index = 0; index < job.count; index++) if (job.processes[index] === process) job.processes[index] = 0;
  job.running--;
  if (process === job.lastProcess) job.status = exitStatus(ending);
  if (!hasExited(ending) && !job.background) reportSignal(endingSignal(ending));
}

/** A foreground process was killed: say so, unless it is ^C or a reader that went away. */
function reportSignal(signal: i32): void {
  if (signal !== Signal.Interrupt && signal !== Signal.Pipe) complain`${signalDescription(signal)}`;
}

function forget(job: Job): void {
  releaseText(job.text);
  clear(job);
}

function onInterrupt(_signal: i32): void {
  shell.interrupted = true;
}

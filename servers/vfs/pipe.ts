/**
 * Pipes: who may go on, and who has to wait until the other side has done something. Begin at `readPipe` and `writePipe`.
 *
 * Small writes (up to PIPE_ATOMIC_BYTES) go into the pipe in one piece or not yet. Whoever changes a pipe calls `settle`, which answers all
 * those that need not wait any longer, in the order they came.
 */
import type { Endpoint } from "../../lib/endpoint.ts";
import { killProcess } from "../../lib/kernel-call/process.ts";
import { reply } from "../../lib/service.ts";
import { Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { ANSWERED } from "./answer.ts";
import { FileKind, type OpenFile } from "./open-file.ts";
import { drain, type Pipe, pour } from "./pipe-buffer.ts";
import { beginWait, type Process, processes, type Wait, Waiting } from "./process.ts";

/** POSIX' PIPE_BUF. */
const PIPE_ATOMIC_BYTES = 4096;

/** Returns bytes, 0 when nobody can write any more, or ANSWERED. Errors: TryAgain, Fault. */
export function readPipe(process: Process, file: OpenFile, target: vaddr, bytes: u32): i32 {
  const pipe = file.pipe!;
  if (pipe.count !== 0) {
    const status = drain(pipe, process.endpoint, target, bytes);
    settle(pipe);
    return status;
  }
  if (pipe.writers === 0) return 0;
  if (file.nonblocking()) return Status.TryAgain;
  beginWait(process, Waiting.PipeRead, file, target, bytes);
  pipe.waiting += 1;
  return ANSWERED;
}

/** Returns bytes, or ANSWERED. Errors: BrokenPipe (and a signal), TryAgain, Fault. */
export function writePipe(process: Process, file: OpenFile, source: vaddr, bytes: u32): i32 {
  const wait = beginWait(process, Waiting.PipeWrite, file, source, bytes);
  const pipe = file.pipe!;
  pipe.waiting += 1;
  if (canGoOn(wait, pipe)) advance(process, pipe);
  if (wait.kind !== Waiting.Nothing && file.nonblocking())
    end(process, pipe, wait.done > 0 ? i32(wait.done) : Status.TryAgain);
  settle(pipe);
  return ANSWERED;
}

/** Nobody has this end open any more. */
export function closePipeEnd(file: OpenFile): void {
  const pipe = file.pipe!;
  if (file.kind === FileKind.PipeReader) pipe.readers -= 1;
  else pipe.writers -= 1;
  settle(pipe);
}

/** The process waits no longer; what it has written is written. */
export function cancelPipeWait(process: Process): void {
  const { wait } = process;
  const written = wait.kind === Waiting.PipeWrite && wait.done > 0;
  end(process, wait.file!.pipe!, written ? i32(wait.done) : Status.Interrupted);
}

/** Lets everybody go on who can, until nobody can. */
function settle(pipe: Pipe): void {
  while (pipe.waiting !== 0) {
    const process = firstAble(pipe);
    if (process === null) return;
    advance(process, pipe);
  }
}

function firstAble(pipe: Pipe): Process | null {
  let first: Process | null = null;
  for (const process of processes) {
    const { wait } = process;
    if (wait.kind !== Waiting.PipeRead && wait.kind !== Waiting.PipeWrite) continue;
    if (wait.file!.pipe !== pipe || !canGoOn(wait, pipe)) continue;
    if (first === null || wait.order < first.wait.order) first = process;
  }
  return first;
}

function canGoOn(wait: Wait, pipe: Pipe): boolean {
  if (wait.kind === Waiting.PipeRead) return pipe.count !== 0 || pipe.writers === 0;
  if (pipe.readers === 0) return true;
  const needed: u32 = wait.bytes <= PIPE_ATOMIC_BYTES ? wait.bytes : 1;
  return pipe.room() >= needed;
}

/** Does what can be done for a waiting process, and answers it when that is all. */
function advance(process: Process, pipe: Pipe): void {
  const { wait } = process;
  if (wait.kind === Waiting.PipeRead) {
    end(process, pipe, drain(pipe, process.endpoint, wait.address, wait.bytes));
    return;
  }
  if (pipe.readers === 0) {
    const { endpoint } = process;
    end(process, pipe, wait.done > 0 ? i32(wait.done) : Status.BrokenPipe);
    signalBrokenPipe(endpoint);
    return;
  }
  const status = pour(pipe, process.endpoint, wait.address + wait.done, wait.bytes - wait.done);
  if (status < 0) {
    end(process, pipe, wait.done > 0 ? i32(wait.done) : status);
    return;
  }
  wait.done += u32(status);
  if (wait.done === wait.bytes) end(process, pipe, i32(wait.done));
}

function end(process: Process, pipe: Pipe, status: i32): void {
  process.wait.kind = Waiting.Nothing;
  pipe.waiting -= 1;
  reply(process.endpoint, status);
}

/** After the answer: so that a handler returns to a program that knows how its write has ended. */
function signalBrokenPipe(process: Endpoint): void {
  killProcess(process, Signal.Pipe);
}

/**
 * A program about waiting in VFS: processes that share pipes, writers that must not mix their records, readers that wait for all of
 * them to be done, and signals that end a wait.
 */
import { close, makePipe, open, Pipe, read, write, writeAll } from "../../../../lib/library/file.ts";
import { Ending, endingSignal, exit, fork, hasExited, terminate, waitFor } from "../../../../lib/library/process.ts";
import { handle, kill, restoreDefault, setAlarm } from "../../../../lib/library/signals.ts";
import { OpenFlags } from "../../../../lib/protocol/vfs.ts";
import { Signal } from "../../../../lib/signal.ts";
import { Status } from "../../../../lib/status.ts";
import { check, checkTrue, findingsSoFar } from "./check.ts";

const WRITERS = 4;
const RECORDS = 300;
const RECORD_BYTES = 60;
const LARGE_BYTES = 100_000;
const record = new Uint8Array(60);
const large = new Uint8Array(100_000);
const ending = new Ending();

export function main(_args: readonly string[]): i32 {
  recordsStayWhole();
  largeWritesArrive();
  brokenPipeKills();
  signalsInterrupt();
  killedWaitersLeaveNothing();
  return findingsSoFar();
}

/** Small writes of several processes never mix, and none is lost. */
function recordsStayWhole(): void {
  const pipe = new Pipe();
  check("pipe", makePipe(pipe), Status.Ok);
  for (let writer = 0; writer < WRITERS; writer++) {
    if (fork() === 0) writeRecords(pipe, writer);
  }
  close(pipe.writeEnd);
  const counts = new Uint32Array(4);
  for (;;) {
    const bytes = readRecord(pipe.readEnd);
    if (bytes === 0) break;
    check("a whole record", bytes, RECORD_BYTES);
    for (const byte of record) check("a record of one writer", i32(byte), i32(record[0]));
    counts[record[0] - 0x41]++;
  }
  for (const count of counts) check("records", i32(count), RECORDS);
  close(pipe.readEnd);
  for (let writer = 0; writer < WRITERS; writer++) waitFor(-1, 0, ending);
}

function writeRecords(pipe: Pipe, writer: i32): never {
  close(pipe.readEnd);
  record.fill(0x41 + writer);
  for (let count = 0; count < RECORDS; count++) check("write", write(pipe.writeEnd, record), RECORD_BYTES);
  terminate(0);
}

function readRecord(descriptor: i32): i32 {
  let done = 0;
  while (done < RECORD_BYTES) {
    const bytes = read(descriptor, record.subarray(done));
    if (bytes <= 0) break;
    done += bytes;
  }
  return done;
}

/** More than a pipe holds, in one write; read in pieces of odd sizes. */
function largeWritesArrive(): void {
  const pipe = new Pipe();
  makePipe(pipe);
  if (fork() === 0) {
    close(pipe.readEnd);
    for (let index = 0; index < LARGE_BYTES; index++) large[index] = u8((index * 7) & 0xff);
    terminate(write(pipe.writeEnd, large) === LARGE_BYTES ? 0 : 1);
  }
  close(pipe.writeEnd);
  let done = 0;
  for (let size = 1; ; size = (size * 3) % 5000) {
    let end = done + size;
    if (end > LARGE_BYTES) end = LARGE_BYTES;
    const bytes = read(pipe.readEnd, large.subarray(done, end));
    if (bytes <= 0) break;
    done += bytes;
  }
  check("bytes", done, LARGE_BYTES);
  for (let index = 0; index < done; index++) {
    if (large[index] !== u8((index * 7) & 0xff)) {
      check("byte", index, -1);
      break;
    }
  }
  close(pipe.readEnd);
  waitFor(-1, 0, ending);
  checkTrue("the writer wrote all", hasExited(ending));
}

function brokenPipeKills(): void {
  const pipe = new Pipe();
  makePipe(pipe);
  if (fork() === 0) {
    close(pipe.readEnd);
    for (;;) write(pipe.writeEnd, record);
  }
  close(pipe.writeEnd);
  read(pipe.readEnd, record);
  close(pipe.readEnd);
  waitFor(-1, 0, ending);
  check("the writer's end", endingSignal(ending), Signal.Pipe);
}

let alarms = 0;

function onAlarm(_signal: i32): void {
  alarms++;
}

/** A handler ends the wait; what was written before it counts. */
function signalsInterrupt(): void {
  const pipe = new Pipe();
  makePipe(pipe);
  handle(Signal.Alarm, onAlarm);
  setAlarm(20);
  check("read", read(pipe.readEnd, record), Status.Interrupted);
  setAlarm(20);
  checkTrue("a write that fills the pipe", write(pipe.writeEnd, large) >= 4096);
  setAlarm(20);
  check("a write to a full pipe", write(pipe.writeEnd, record), Status.Interrupted);
  check("alarms", alarms, 3);
  const terminal = open("/dev/tty", OpenFlags.ReadOnly);
  setAlarm(20);
  check("read of the terminal", read(terminal, record), Status.Interrupted);
  close(terminal);
  restoreDefault(Signal.Alarm);
  close(pipe.readEnd);
  close(pipe.writeEnd);
}

/** Processes that are killed while they wait: their ends are closed, and others go on. */
function killedWaitersLeaveNothing(): void {
  for (let turn = 0; turn < 40; turn++) {
    const pipe = new Pipe();
    check("pipe", makePipe(pipe), Status.Ok);
    const reader = fork();
    if (reader === 0) {
      close(pipe.writeEnd);
      read(pipe.readEnd, record);
      exit(0);
    }
    check("kill", kill(reader, Signal.Kill), Status.Ok);
    waitFor(reader, 0, ending);
    check("the reader's end", endingSignal(ending), Signal.Kill);
    check("write", writeAll(pipe.writeEnd, record), Status.Ok);
    check("read", read(pipe.readEnd, record), RECORD_BYTES);
    close(pipe.readEnd);
    close(pipe.writeEnd);
  }
}

/**
 * `load WHAT ROUNDS`: work for the whole system, for `npm run bench -- qemu`, on whose disk alone it is. Ends with 1 where anything goes wrong.
 * Begin at `main`.
 */

import { execute } from "../../../lib/library/execute.ts";
import { close, makePipe, open, Pipe, Position, read, seek, writeAll } from "../../../lib/library/file.ts";
import { TextList } from "../../../lib/library/list.ts";
import { parseUnsigned } from "../../../lib/library/number.ts";
import { Ending, exitStatus, fork, processId, terminate, waitFor } from "../../../lib/library/process.ts";
import { OpenFlags, Whence } from "../../../lib/protocol/vfs.ts";

const CHUNK_BYTES = 4096;
/** Files are read and written this far, then from the beginning again: they stay in the cache. */
const FILE_CHUNKS = 16;

const chunk = new Uint8Array(CHUNK_BYTES);
const byte = new Uint8Array(1);
const there = new Pipe();
const back = new Pipe();
const position = new Position();

export function main(args: readonly string[]): i32 {
  return run(args[1], parseUnsigned(args[2].bytes)) ? 0 : 1;
}

function run(what: string, rounds: i32): boolean {
  if (what === "getpid") return askForId(rounds);
  if (what === "ping-pong") return playPingPong(rounds);
  if (what === "spawn") return spawn(rounds, "/bin/true", "");
  if (what === "script") return spawn(rounds, "/bin/sh", "/root/hundred");
  if (what === "pipe") return fillPipe(rounds);
  if (what === "read") return readFile(rounds);
  return what === "write" && writeFile(rounds);
}

function askForId(rounds: i32): boolean {
  const own = processId();
  for (let left = rounds; left > 0; left--) if (processId() !== own) return false;
  return true;
}

/** A byte goes to a child and comes back. */
function playPingPong(rounds: i32): boolean {
  if (makePipe(there) < 0 || makePipe(back) < 0) return false;
  const child = fork();
  if (child === 0) {
    close(there.writeEnd);
    while (read(there.readEnd, byte) === 1) writeAll(back.writeEnd, byte);
    terminate(0);
  }
  for (let left = rounds; left > 0; left--) {
    if (writeAll(there.writeEnd, byte) < 0 || read(back.readEnd, byte) !== 1) return false;
  }
  close(there.writeEnd);
  return hasSucceeded(child);
}

function fillPipe(rounds: i32): boolean {
  if (makePipe(there) < 0) return false;
  const child = fork();
  if (child === 0) {
    close(there.readEnd);
    for (let left = rounds; left > 0; left--) if (writeAll(there.writeEnd, chunk) < 0) terminate(1);
    terminate(0);
  }
  close(there.writeEnd);
  let bytes = 0;
  for (let got = read(there.readEnd, chunk); got > 0; got = read(there.readEnd, chunk)) bytes += got;
  return bytes === rounds * CHUNK_BYTES && hasSucceeded(child);
}

/** Runs a program so many times, one after the other. */
function spawn(rounds: i32, program: string, operand: string): boolean {
  const words = new TextList();
  const environment = new TextList();
  words.append(program);
  if (operand.length > 0) words.append(operand);
  environment.append("PATH=/bin");
  for (let left = rounds; left > 0; left--) {
    const child = fork();
    if (child === 0) {
      execute(program, words, environment);
      terminate(127);
    }
    if (!hasSucceeded(child)) return false;
  }
  return true;
}

function hasSucceeded(child: i32): boolean {
  const ending = new Ending();
  return child > 0 && waitFor(child, 0, ending) === child && exitStatus(ending) === 0;
}

function readFile(rounds: i32): boolean {
  const file = open("/bin/sh", OpenFlags.ReadOnly);
  for (let round = 0; round < rounds; round++) {
    if (round % FILE_CHUNKS === 0) seek(file, 0n, Whence.Set, position);
    if (read(file, chunk) !== CHUNK_BYTES) return false;
  }
  return true;
}

function writeFile(rounds: i32): boolean {
  const file = open("/tmp/load", OpenFlags.WriteOnly | OpenFlags.Create);
  for (let round = 0; round < rounds; round++) {
    if (round % FILE_CHUNKS === 0) seek(file, 0n, Whence.Set, position);
    if (writeAll(file, chunk) < 0) return false;
  }
  return true;
}

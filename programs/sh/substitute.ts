/** `$(command)`: what a command says, in the place where it stands. */
import { Ascii } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { errorText } from "../../lib/library/errors.ts";
import { close, duplicateTo, makePipe, Pipe, read, STANDARD_OUTPUT } from "../../lib/library/file.ts";
import { complain } from "../../lib/library/output.ts";
import { Ending, exitStatus, fork, terminate, waitFor } from "../../lib/library/process.ts";
import { Status } from "../../lib/status.ts";
import type { Expansion } from "./expansion.ts";
import { becomeChild, finishChild } from "./jobs.ts";
import { runText } from "./run.ts";
import { shell } from "./state.ts";

const PIECE_BYTES = 512;

/** Runs `command` in a child and appends its output, without the newlines at its end. Its status becomes `$?`. */
export function substitute(command: string, state: Expansion, quoted: boolean): void {
  const pipe = new Pipe();
  const status = makePipe(pipe);
  const child = status < 0 ? status : fork();
  if (child < 0) {
    complain`command substitution: ${errorText(child)}`;
    shell.expansionFailed = true;
    return;
  }
  if (child === 0) runChild(command, pipe);
  close(pipe.writeEnd);
  const output = new Builder();
  readAll(pipe.readEnd, output);
  close(pipe.readEnd);
  const ending = new Ending();
  while (waitFor(child, 0, ending) === Status.Interrupted);
  shell.status = exitStatus(ending);
  appendOutput(output.bytes(), state, quoted);
  output.release();
}

function runChild(command: string, pipe: Pipe): never {
  becomeChild();
  duplicateTo(pipe.writeEnd, STANDARD_OUTPUT);
  close(pipe.writeEnd);
  close(pipe.readEnd);
  runText(command.bytes, "", true);
  finishChild();
  terminate(shell.status);
}

function readAll(descriptor: i32, output: Builder): void {
  for (;;) {
    const count = read(descriptor, output.room(PIECE_BYTES));
    if (count === Status.Interrupted) continue;
    if (count <= 0) return;
    output.length += count;
  }
}

function appendOutput(output: Uint8Array, state: Expansion, quoted: boolean): void {
  let length = output.length;
  while (length > 0 && output[length - 1] === Ascii.Newline) length--;
  state.appendValue(output.subarray(0, length), quoted);
}

/** Builtins that run text: `.` and `eval`. */
import { Ascii } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { complainAbout } from "../../lib/library/errors.ts";
import { close, open, read } from "../../lib/library/file.ts";
import type { TextList } from "../../lib/library/list.ts";
import { complain } from "../../lib/library/output.ts";
import { OpenFlags } from "../../lib/protocol/vfs.ts";
import { runText } from "./run.ts";
import { shell, Unwind } from "./state.ts";

const PIECE_BYTES = 2048;

/** `. FILE`: runs the file's commands here. */
export function sourceBuiltin(words: TextList): i32 {
  if (words.count < 2) {
    complain`usage: . FILE`;
    return 2;
  }
  return runFile(words.at(1)) ? shell.status : 1;
}

/** `eval WORD…`: the words, joined by blanks, are a command. */
export function evalBuiltin(words: TextList): i32 {
  const text = new Builder();
  for (let index = 1; index < words.count; index++) {
    if (index > 1) text.appendByte(Ascii.Space);
    text.appendText(words.at(index));
  }
  shell.status = 0;
  runText(text.bytes(), shell.script);
  text.release();
  return shell.status;
}

/** Runs the commands in a file; false, after a complaint, when it cannot be read. */
export function runFile(path: string): boolean {
  const text = new Builder();
  const status = readFile(path, text);
  if (status < 0) complainAbout(path, status);
  else {
    shell.status = 0;
    runText(text.bytes(), path);
    if (shell.unwind === Unwind.Return) shell.unwind = Unwind.None;
  }
  text.release();
  return status >= 0;
}

function readFile(path: string, text: Builder): i32 {
  const descriptor = open(path, OpenFlags.ReadOnly | OpenFlags.CloseOnExec);
  if (descriptor < 0) return descriptor;
  let count = read(descriptor, text.room(PIECE_BYTES));
  while (count > 0) {
    text.length += count;
    count = read(descriptor, text.room(PIECE_BYTES));
  }
  close(descriptor);
  return count;
}

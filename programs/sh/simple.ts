/**
 * Simple commands: assignments, words, redirections. What the first word means: a function, a builtin, or a program. Begin reading at `runSimple`.
 */

import { Ascii } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { findByte, findBytes } from "../../lib/library/bytes.ts";
import { complainAbout, errorText } from "../../lib/library/errors.ts";
import { DEFAULT_PATH, execute, findProgram } from "../../lib/library/execute.ts";
import { STANDARD_ERROR, writeAll } from "../../lib/library/file.ts";
import { TextList } from "../../lib/library/list.ts";
import { complain, discardOutput, flushOutput, resetOutput } from "../../lib/library/output.ts";
import { terminate } from "../../lib/library/process.ts";
import { Status } from "../../lib/status.ts";
import { arenaText } from "./arena.ts";
import { type Builtin, findBuiltin } from "./builtins.ts";
import { describeCommand } from "./describe.ts";
import { expandText, expandWord } from "./expand.ts";
import { Expansion } from "./expansion.ts";
import { addJob, finishChild, forkInto, waitForJob } from "./jobs.ts";
import { assignmentName } from "./parse-simple.ts";
import { redirect, redirectForGood, restore, Saved } from "./redirect.ts";
import { noticeInterrupt, runText } from "./run.ts";
import { shell, Unwind } from "./state.ts";
import type { Node, Word } from "./tree.ts";
import { exportVariable, getFunction, getVariable, listEnvironment, setVariable } from "./variables.ts";

const NOT_EXECUTABLE_STATUS = 126;
const NOT_FOUND_STATUS = 127;

export function runSimple(node: Node): void {
  const expansion = new Expansion();
  shell.line = node.line;
  if (expand(node, expansion)) {
    const words = expansion.fields;
    if (words.count === 0) runAssignments(node);
    else runWords(node, words);
  } else shell.status = 1;
  expansion.release();
}

/** The same in a child of its own, which the command becomes. */
export function runSimpleInChild(node: Node): never {
  const expansion = new Expansion();
  shell.line = node.line;
  if (!expand(node, expansion) || !redirectForGood(node.redirections)) terminate(1);
  if (expansion.fields.count > 0) becomeCommand(node, expansion.fields);
  assign(node.assignments, false);
  terminate(0);
}

function expand(node: Node, expansion: Expansion): boolean {
  shell.expansionFailed = false;
  for (let word = node.words; word !== null; word = word.next) expandWord(word.text.bytes, expansion);
  if (shell.trace && expansion.fields.count > 0) showTrace(expansion.fields);
  return !shell.expansionFailed;
}

/** No words: the assignments are for the shell itself, and the status is that of a command substitution in them. */
function runAssignments(node: Node): void {
  const saved = new Saved();
  shell.status = node.assignments === null || !hasSubstitution(node.assignments) ? 0 : shell.status;
  const done = redirect(node.redirections, saved);
  if (done) assign(node.assignments, false);
  restore(saved);
  if (!done || shell.expansionFailed) shell.status = 1;
}

function hasSubstitution(first: Word): boolean {
  for (let word: Word | null = first; word !== null; word = word.next) {
    const text = word.text.bytes;
    if (findByte(text, Ascii.Backquote) >= 0 || findBytes(text, "$(".bytes) >= 0) return true;
  }
  return false;
}

function showTrace(words: TextList): void {
  const text = new Builder();
  for (let index = 0; index < words.count; index++) {
    text.appendByte(index === 0 ? Ascii.Plus : Ascii.Space);
    if (index === 0) text.appendByte(Ascii.Space);
    text.appendText(words.at(index));
  }
  text.appendByte(Ascii.Newline);
  flushOutput();
  writeAll(STANDARD_ERROR, text.bytes());
  text.release();
}

function runWords(node: Node, words: TextList): void {
  const name = words.at(0);
  const body = getFunction(name.bytes);
  const builtin = body === null ? findBuiltin(name) : null;
  if (body === null && builtin === null) {
    runProgram(node, words);
    return;
  }
  if (name === "exec") {
    replaceShell(node, words);
    return;
  }
  const saved = new Saved();
  if (redirect(node.redirections, saved)) {
    assign(node.assignments, false);
    if (body !== null) callFunction(body, words);
    else if (builtin !== null) shell.status = callBuiltin(builtin, words);
  } else shell.status = 1;
  restore(saved);
}

function callBuiltin(builtin: Builtin, words: TextList): i32 {
  const status = builtin(words);
  const failure = flushOutput();
  if (failure >= 0) return status;
  complainAbout(words.at(0), failure);
  resetOutput();
  return 1;
}

/** The words are the function's `$1` and up until it returns. */
function callFunction(body: string, words: TextList): void {
  const before = new TextList();
  for (let index = 0; index < shell.parameters.count; index++) before.append(shell.parameters.at(index));
  shell.parameters.count = 0;
  for (let index = 1; index < words.count; index++) shell.parameters.append(words.at(index));
  // A copy: the function may define itself anew while it runs.
  runText(arenaText(body.bytes).bytes, shell.script);
  if (shell.unwind === Unwind.Return) shell.unwind = Unwind.None;
  shell.parameters.count = 0;
  for (let index = 0; index < before.count; index++) shell.parameters.append(before.at(index));
  before.release();
}

function runProgram(node: Node, words: TextList): void {
  const job = addJob(shell.interactive ? describeCommand(node) : "", false);
  if (job === null) {
    shell.status = 1;
    return;
  }
  const child = forkInto(job);
  if (child === 0) {
    if (!redirectForGood(node.redirections)) terminate(1);
    becomeCommand(node, words);
  }
  if (child < 0) {
    complain`fork: ${errorText(child)}`;
    job.status = NOT_EXECUTABLE_STATUS;
  }
  shell.status = waitForJob(job);
  noticeInterrupt();
}

/** In a child: a function or a builtin runs here, a program takes our place. */
function becomeCommand(node: Node, words: TextList): never {
  const name = words.at(0);
  const body = getFunction(name.bytes);
  const builtin = body === null ? findBuiltin(name) : null;
  assign(node.assignments, true);
  if (body !== null) callFunction(body, words);
  else if (builtin !== null) shell.status = callBuiltin(builtin, words);
  else shell.status = becomeProgram(words);
  finishChild();
  terminate(shell.status);
}

/** Answers only if there is no such program, or it cannot be executed: the exit status for that. */
function becomeProgram(words: TextList): i32 {
  const name = words.at(0);
  const directories = getVariable("PATH".bytes);
  const path = findProgram(name, directories === null ? DEFAULT_PATH : directories);
  if (path.length === 0) {
    complain`${name}: not found`;
    return NOT_FOUND_STATUS;
  }
  const environment = new TextList();
  listEnvironment(environment);
  discardOutput();
  const status = execute(path, words, environment);
  if (status === Status.NotExecutable) return runScript(path, words);
  complainAbout(name, status);
  return status === Status.NoEntry ? NOT_FOUND_STATUS : NOT_EXECUTABLE_STATUS;
}

/** A file that the system cannot execute is a script: a shell of its own reads it. */
function runScript(path: string, words: TextList): i32 {
  const args = new TextList();
  const environment = new TextList();
  args.append("sh");
  args.append(path);
  for (let index = 1; index < words.count; index++) args.append(words.at(index));
  listEnvironment(environment);
  const status = execute("/bin/sh", args, environment);
  complainAbout(path, status);
  return NOT_EXECUTABLE_STATUS;
}

/** `exec`: the program takes the shell's place; without one, the redirections stay. */
function replaceShell(node: Node, words: TextList): void {
  if (!redirectForGood(node.redirections)) {
    shell.status = 1;
    return;
  }
  shell.status = 0;
  assign(node.assignments, true);
  if (words.count === 1) return;
  words.remove(0);
  flushOutput();
  shell.status = becomeProgram(words);
  terminate(shell.status);
}

function assign(first: Word | null, exported: boolean): void {
  for (let word = first; word !== null; word = word.next) {
    const length = assignmentName(word.text);
    const name = word.text.bytes.subarray(0, length);
    const value = expandText(word.text.bytes.subarray(length + 1));
    setVariable(name, value.bytes);
    if (exported) exportVariable(name);
  }
}

/**
 * Trees into deeds. Begin reading at `run`: a kind of command, a function. Simple commands are in simple.ts.
 *
 * What a command leaves behind is `shell.status`. A loop that is left, a return or ^C sets `shell.unwind`, and every function on the way
 * out looks at it.
 */

import { errorText } from "../../lib/library/errors.ts";
import { close, duplicateTo, makePipe, Pipe, STANDARD_INPUT, STANDARD_OUTPUT } from "../../lib/library/file.ts";
import { complain, print } from "../../lib/library/output.ts";
import { matches } from "../../lib/library/pattern.ts";
import { exit, terminate } from "../../lib/library/process.ts";
import { cutBack, mark } from "./arena.ts";
import { describeCommand } from "./describe.ts";
import { expandPatternText, expandText, expandWord } from "./expand.ts";
import { Expansion } from "./expansion.ts";
import { addJob, finishChild, forkInto, type Job, waitForJob } from "./jobs.ts";
import { Outcome, Parser, Token, tokenText } from "./lexer.ts";
import { parseCommand } from "./parser.ts";
import { redirect, restore, Saved } from "./redirect.ts";
import { runSimple, runSimpleInChild } from "./simple.ts";
import { isUnwinding, shell, Unwind } from "./state.ts";
import { Kind, type Node } from "./tree.ts";
import { setFunction, setVariable } from "./variables.ts";

/** Runs a command, with its redirections. */
export function run(node: Node): void {
  if (isUnwinding()) return;
  const place = mark();
  if (node.kind === Kind.Simple) runSimple(node);
  else if (node.redirections === null) runKind(node);
  else runRedirected(node);
  cutBack(place);
  if (shell.status !== 0 && shell.exitOnError && shell.testing === 0 && failsByItself(node)) exit(shell.status);
}

/**
 * Runs a whole text, command after command: a script, what `-c` or `eval` gives. Errors name `script`, if it has a name. `forGood`: nothing is to
 * be done after it, so a program at its end can take the shell's place.
 */
export function runText(text: Uint8Array, script: string, forGood: boolean = false): void {
  const before = shell.script;
  shell.script = script;
  const parser = new Parser();
  parser.place = address(text);
  parser.length = text.length;
  for (;;) {
    const place = mark();
    const command = parseCommand(parser);
    if (parser.outcome !== Outcome.Ok) {
      complainSyntax(parser);
      shell.status = 2;
      shell.unwind = Unwind.Abandon;
    }
    if (command === null || parser.outcome !== Outcome.Ok) break;
    if (forGood && command.kind === Kind.Simple && parser.token === Token.End) runSimpleInChild(command);
    run(command);
    cutBack(place);
    if (isUnwinding()) break;
  }
  shell.script = before;
}

export function complainSyntax(parser: Parser): void {
  const what = parser.outcome === Outcome.Incomplete ? "end of file".bytes : tokenText(parser);
  if (shell.script.length > 0) complain`${shell.script}: line ${parser.tokenLine}: syntax error at ${what}`;
  else complain`line ${parser.tokenLine}: syntax error at ${what}`;
}

function runKind(node: Node): void {
  switch (node.kind) {
    case Kind.Pipeline:
      runPipeline(node);
      return;
    case Kind.And:
    case Kind.Or:
      runAndOr(node);
      return;
    case Kind.Sequence:
      runPart(node.left);
      runPart(node.right);
      return;
    case Kind.Background:
      runBackground(node);
      return;
    case Kind.Not:
      runTested(node.left);
      shell.status = shell.status === 0 ? 1 : 0;
      return;
    case Kind.Subshell:
      runSubshell(node);
      return;
    case Kind.If:
      runIf(node);
      return;
    case Kind.While:
    case Kind.Until:
      runLoop(node);
      return;
    case Kind.For:
      runFor(node);
      return;
    case Kind.Case:
      runCase(node);
      return;
    case Kind.Function:
      if (node.words !== null) setFunction(node.name.bytes, node.words.text.bytes);
      shell.status = 0;
      return;
    default:
      runPart(node.left);
  }
}

/** Of a compound command it is a part that fails, and ends the shell if need be. */
function failsByItself(node: Node): boolean {
  return node.kind === Kind.Simple || node.kind === Kind.Pipeline || node.kind === Kind.Subshell;
}

function runPart(part: Node | null): void {
  if (part !== null) run(part);
}

/** A command whose status is asked for: with `set -e` its failure is no end. */
function runTested(part: Node | null): void {
  shell.testing++;
  runPart(part);
  shell.testing--;
}

function runRedirected(node: Node): void {
  const saved = new Saved();
  if (redirect(node.redirections, saved)) runKind(node);
  else shell.status = 1;
  restore(saved);
}

function runAndOr(node: Node): void {
  runTested(node.left);
  if (isUnwinding()) return;
  const succeeded = shell.status === 0;
  if (succeeded === (node.kind === Kind.And)) runPart(node.right);
}

function runIf(node: Node): void {
  runTested(node.left);
  if (isUnwinding()) return;
  const branch = shell.status === 0 ? node.right : node.other;
  shell.status = 0;
  runPart(branch);
}

// --- Loops -----------------------------------------------------------------------------------------------------------

function runLoop(node: Node): void {
  let status: i32 = 0;
  shell.loopDepth++;
  for (;;) {
    runTested(node.left);
    if (leavesLoop()) break;
    const goesOn = (shell.status === 0) === (node.kind === Kind.While);
    if (!goesOn) {
      shell.status = status;
      break;
    }
    runPart(node.right);
    status = shell.status;
    if (leavesLoop()) break;
  }
  shell.loopDepth--;
}

function runFor(node: Node): void {
  const list = new Expansion();
  if (node.overParameters) {
    for (let index = 0; index < shell.parameters.count; index++) list.fields.append(shell.parameters.at(index));
  } else for (let word = node.words; word !== null; word = word.next) expandWord(word.text.bytes, list);
  shell.status = 0;
  shell.loopDepth++;
  for (let index = 0; index < list.fields.count; index++) {
    setVariable(node.name.bytes, list.fields.at(index).bytes);
    runPart(node.right);
    if (leavesLoop()) break;
  }
  shell.loopDepth--;
  list.release();
}

/** After a round: whether `break`, ^C and the like end this loop. A `continue` meant for this one is over here. */
function leavesLoop(): boolean {
  if (!isUnwinding()) return false;
  if (shell.unwind !== Unwind.Break && shell.unwind !== Unwind.Continue) return true;
  shell.unwindLoops--;
  if (shell.unwindLoops > 0) return true;
  const leaves = shell.unwind === Unwind.Break;
  shell.unwind = Unwind.None;
  return leaves;
}

function runCase(node: Node): void {
  if (node.words === null) return;
  const subject = expandText(node.words.text.bytes);
  shell.status = 0;
  for (let arm = node.left; arm !== null; arm = arm.next) {
    for (let word = arm.words; word !== null; word = word.next) {
      if (!matches(expandPatternText(word.text.bytes, false).bytes, subject.bytes)) continue;
      runPart(arm.left);
      return;
    }
  }
}

// --- Processes ---------------------------------------------------------------------------------------------------------

function runBackground(node: Node): void {
  if (node.left === null) return;
  const job = addJob(describeCommand(node.left), true);
  if (job === null || !startElement(job, node.left, -1, -1)) return;
  shell.lastBackground = job.lastProcess;
  shell.status = 0;
  if (shell.interactive) print`[${job.number}] ${job.lastProcess}\n`;
}

function runSubshell(node: Node): void {
  const job = addJob(shell.interactive ? describeCommand(node) : "", false);
  if (job !== null && node.left !== null && startElement(job, node.left, -1, -1)) shell.status = waitForJob(job);
  noticeInterrupt();
}

function runPipeline(node: Node): void {
  const job = addJob(shell.interactive ? describeCommand(node) : "", false);
  if (job === null) return;
  startPipeline(job, node);
  shell.status = waitForJob(job);
  noticeInterrupt();
}

/** ^C that has ended a foreground job ends what the shell was doing with it. */
export function noticeInterrupt(): void {
  if (shell.interactive && shell.status === 130) shell.interrupted = true;
}

function startPipeline(job: Job, node: Node): void {
  let input: i32 = -1;
  const pipe = new Pipe();
  for (let element = node.left; element !== null; element = element.next) {
    pipe.readEnd = -1;
    pipe.writeEnd = -1;
    const status = element.next === null ? 0 : makePipe(pipe);
    if (status < 0) {
      complain`pipe: ${errorText(status)}`;
      break;
    }
    const started = startElement(job, element, input, pipe.writeEnd, pipe.readEnd);
    if (input >= 0) close(input);
    if (pipe.writeEnd >= 0) close(pipe.writeEnd);
    input = pipe.readEnd;
    if (!started) break;
  }
  if (input >= 0) close(input);
}

/** Runs an element in a child of its own, with these ends of pipes (-1: none); `unused` is an end that only the next element needs. */
function startElement(job: Job, element: Node, input: i32, output: i32, unused: i32 = -1): boolean {
  const child = forkInto(job);
  if (child < 0) {
    complain`fork: ${errorText(child)}`;
    shell.status = 126;
    job.status = 126;
    return false;
  }
  if (child > 0) return true;
  if (unused >= 0) close(unused);
  moveDescriptor(input, STANDARD_INPUT);
  moveDescriptor(output, STANDARD_OUTPUT);
  if (element.kind === Kind.Simple) runSimpleInChild(element);
  shell.loopDepth = 0;
  run(element);
  finishChild();
  terminate(shell.status);
}

function moveDescriptor(descriptor: i32, target: i32): void {
  if (descriptor < 0 || descriptor === target) return;
  duplicateTo(descriptor, target);
  close(descriptor);
}

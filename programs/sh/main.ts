/**
 * sh, the shell: reads commands from a terminal, a file, a pipe or `-c`, and runs them.
 *
 * The way of a command: lines.ts (and editor.ts) read it, lexer.ts and parser.ts make it a tree, run.ts and simple.ts run that, with expand.ts
 * for what its words mean. Begin reading at `main`.
 */
import { Ascii } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { findByte } from "../../lib/library/bytes.ts";
import { environment } from "../../lib/library/environment.ts";
import { STANDARD_INPUT } from "../../lib/library/file.ts";
import { complain, print, setProgramName } from "../../lib/library/output.ts";
import { exit, processId } from "../../lib/library/process.ts";
import { isTerminal } from "../../lib/library/terminal.ts";
import { cutBack, mark } from "./arena.ts";
import { Edited } from "./editor.ts";
import { beginJobControl, reportEndedJobs } from "./jobs.ts";
import { Outcome, Parser } from "./lexer.ts";
import { readCommandLine } from "./lines.ts";
import { parseCommand } from "./parser.ts";
import { complainSyntax, run, runText } from "./run.ts";
import { shell, Unwind } from "./state.ts";
import { runFile } from "./text-builtins.ts";
import { setOption } from "./variable-builtins.ts";
import { exportVariable, getVariable, setVariable } from "./variables.ts";

const USAGE = "sh [-eix] [-c COMMAND | FILE] [WORD...]";
const PROMPT = "# ";
const CONTINUATION_PROMPT = "> ";
const NOT_FOUND_STATUS = 127;
/** What a shell reports after ^C. */
const INTERRUPTED_STATUS = 130;

export function main(args: readonly string[]): i32 {
  setProgramName("sh");
  shell.processId = processId();
  importEnvironment();
  const first = parseArguments(args);
  const isCommand = first > 1 && isCommandOption(args[first - 1]);
  if (isCommand) {
    if (first === args.length) return complainUsage();
    takeParameters(args, first + 1);
    runText(args[first].bytes, "", true);
  } else if (first < args.length) {
    takeParameters(args, first);
    if (!runFile(args[first])) return NOT_FOUND_STATUS;
  } else runLines();
  return shell.status;
}

/** Answers the index of the first argument that is no option; `-c` is the last option. */
function parseArguments(args: readonly string[]): i32 {
  let index = 1;
  let interactive = isTerminal(STANDARD_INPUT);
  let command = false;
  while (index < args.length && !command) {
    const word = args[index];
    if (word.length < 2 || word.charCodeAt(0) !== Ascii.Minus) break;
    index++;
    if (word === "--") break;
    if (word === "--help") showUsage();
    for (const letter of word.bytes.subarray(1)) {
      if (letter === LETTER_C) command = true;
      else if (letter === LETTER_I) interactive = true;
      else if (!setOption(letter, true)) exit(complainUsage());
    }
  }
  shell.interactive = interactive && !command && index === args.length;
  return index;
}

const LETTER_C = 99;
const LETTER_I = 105;

function isCommandOption(word: string): boolean {
  return word.length > 1 && word.charCodeAt(0) === Ascii.Minus && findByte(word.bytes, LETTER_C) > 0;
}

function showUsage(): never {
  print`usage: ${USAGE}\n`;
  exit(0);
}

function complainUsage(): i32 {
  complain`usage: ${USAGE}`;
  return 2;
}

/** `$0` and, after it, `$1` and up. */
function takeParameters(args: readonly string[], first: i32): void {
  if (first < args.length) shell.name = args[first];
  for (let index = first + 1; index < args.length; index++) shell.parameters.append(args[index]);
}

function importEnvironment(): void {
  for (const entry of environment()) {
    const equals = findByte(entry.bytes, Ascii.Equals);
    if (equals <= 0) continue;
    setVariable(entry.bytes.subarray(0, equals), entry.bytes.subarray(equals + 1));
    exportVariable(entry.bytes.subarray(0, equals));
  }
}

/** Commands from standard input, until it ends. */
function runLines(): void {
  const text = new Builder();
  if (shell.interactive) beginJobControl();
  for (;;) {
    if (shell.interactive) reportEndedJobs();
    text.clear();
    const place = mark();
    const edited = runNextLine(text);
    cutBack(place);
    if (edited === Edited.End) return;
    if (edited === Edited.Interrupted || shell.interrupted) shell.status = INTERRUPTED_STATUS;
    if (shell.interrupted && shell.interactive) print`\n`;
    const abandoned = shell.unwind === Unwind.Abandon;
    shell.unwind = Unwind.None;
    shell.interrupted = false;
    shell.testing = 0;
    shell.loopDepth = 0;
    if (abandoned && !shell.interactive) return;
  }
}

/** Reads lines until they are a command, and runs it. */
function runNextLine(text: Builder): Edited {
  const parser = new Parser();
  let prompt = firstPrompt();
  for (;;) {
    const edited = readCommandLine(prompt, text);
    if (edited === Edited.Interrupted || (edited === Edited.End && text.length === 0)) return edited;
    const bytes = text.bytes();
    parser.place = address(bytes);
    parser.length = bytes.length;
    parser.position = 0;
    parser.line = 1;
    const command = parseCommand(parser);
    if (parser.outcome === Outcome.Incomplete && edited === Edited.Line) {
      prompt = CONTINUATION_PROMPT;
      continue;
    }
    if (parser.outcome !== Outcome.Ok) {
      complainSyntax(parser);
      shell.status = 2;
      shell.unwind = Unwind.Abandon;
    } else if (command !== null) run(command);
    return edited;
  }
}

function firstPrompt(): string {
  const prompt = getVariable("PS1".bytes);
  return prompt === null ? PROMPT : prompt;
}

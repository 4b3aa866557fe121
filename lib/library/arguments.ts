/**
 * A program's arguments: options as in POSIX's utility conventions, and what follows them.
 *
 * `parseOptions(args, "alR", usage)` accepts `-a -l`, `-al` and `--`; a letter with a colon after it takes a value (`-n 5`, `-n5`; where
 * that letter is `n`, also `-5`). A wrong option ends the program with the usage line and status 2, `--help` with the usage on standard
 * output and status 0.
 */
import { Ascii, isDigit } from "./ascii.ts";
import { parseUnsigned } from "./number.ts";
import { complain, print, setProgramName } from "./output.ts";
import { exit } from "./process.ts";

/** Exit status of a program that was called wrongly. */
export const USAGE_STATUS = 2;

/** What the options said. There is one, `parseOptions`' result. */
export class Options {
  /** Index of the first operand in the arguments. */
  first: i32 = 1;
  readonly seen = new Uint8Array(128);
  /** Where each letter's value lies. */
  readonly valueAddresses = new Uint32Array(128);
  readonly valueLengths = new Uint32Array(128);

  /** Whether the option was given, by its letter. */
  has(letter: string): boolean {
    return this.seen[letter.charCodeAt(0)] !== 0;
  }

  /** The option's value; empty if it was not given. */
  value(letter: string): Uint8Array {
    const code = letter.charCodeAt(0);
    return bytesAt(this.valueAddresses[code], this.valueLengths[code]);
  }

  /** The same as a number, 0 and up; a usage error if it is none. */
  number(letter: string, otherwise: i32): i32 {
    if (!this.has(letter)) return otherwise;
    const value = parseUnsigned(this.value(letter));
    if (value < 0) usageError();
    return value;
  }
}

const options = new Options();
let usageText = "";

/** See above. Also names the program for its complaints, after its first argument. */
export function parseOptions(args: readonly string[], allowed: string, usage: string): Options {
  beginProgram(args, usage);
  let index = 1;
  while (index < args.length && isOption(args[index])) {
    const argument = args[index];
    index++;
    if (argument === "--") break;
    if (argument === "--help") showUsage();
    index = parseCluster(args, index, argument, allowed);
  }
  options.first = index;
  return options;
}

/** For programs that read their arguments in a way of their own (`dd`, `kill`). */
export function beginProgram(args: readonly string[], usage: string): void {
  usageText = usage;
  if (args.length > 0) setProgramName(args[0]);
}

/** The usage line on standard error, and status 2. */
export function usageError(): never {
  setProgramName("");
  complain`usage: ${usageText}`;
  exit(USAGE_STATUS);
}

function unknownOption(letter: u8): never {
  complain`-${char(u32(letter))}: no such option`;
  usageError();
}

/** What `--help` does. */
export function showUsage(): never {
  print`usage: ${usageText}\n`;
  exit(0);
}

/** Ends with the usage line unless there are at least `minimum` and at most `maximum` operands. */
export function expectOperands(args: readonly string[], minimum: i32, maximum: i32): void {
  const count = args.length - options.first;
  if (count < minimum || count > maximum) usageError();
}

/** A minus alone is an operand: standard input. */
function isOption(argument: string): boolean {
  return argument.length > 1 && argument.charCodeAt(0) === Ascii.Minus;
}

/** One argument of letters, or a number in place of the option `n`. Answers the index of the next argument, which a value may have used up. */
function parseCluster(args: readonly string[], next: i32, argument: string, allowed: string): i32 {
  if (isDigit(argument.charCodeAt(1)) && takesValue(allowed, letterPlace(allowed, Ascii.LowerN))) {
    options.seen[Ascii.LowerN] = 1;
    setValue(Ascii.LowerN, argument.bytes.subarray(1));
    return next;
  }
  for (let position = 1; position < argument.length; position++) {
    const letter = argument.charCodeAt(position);
    const place = letterPlace(allowed, letter);
    if (place < 0) unknownOption(letter);
    options.seen[letter] = 1;
    if (!takesValue(allowed, place)) continue;
    if (position + 1 < argument.length) {
      setValue(letter, argument.bytes.subarray(position + 1));
      return next;
    }
    if (next === args.length) usageError();
    setValue(letter, args[next].bytes);
    return next + 1;
  }
  return next;
}

function setValue(letter: i32, value: Uint8Array): void {
  options.valueAddresses[letter] = address(value);
  options.valueLengths[letter] = u32(value.length);
}

function takesValue(allowed: string, place: i32): boolean {
  return place >= 0 && place + 1 < allowed.length && allowed.charCodeAt(place + 1) === Ascii.Colon;
}

function letterPlace(allowed: string, letter: i32): i32 {
  if (letter === Ascii.Colon) return -1;
  for (let index = 0; index < allowed.length; index++) if (allowed.charCodeAt(index) === letter) return index;
  return -1;
}

/** grep: lines that contain a text (a fixed one, no pattern). */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { lowerCase } from "../lib/library/ascii.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { print } from "../lib/library/output.ts";
import { closeOperand, LineReader, openOperand } from "../lib/library/reader.ts";

const USAGE = "grep [-cFilnqv] TEXT [FILE...]";

const reader = new LineReader();
let ignoreCase = false;
let invert = false;
let countOnly = false;
let namesOnly = false;
let numbers = false;
let quiet = false;
let showName = false;
let found = false;
let failed = false;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "cFilnqv", USAGE);
  expectOperands(args, 1, args.length);
  ignoreCase = options.has("i");
  invert = options.has("v");
  countOnly = options.has("c");
  namesOnly = options.has("l");
  numbers = options.has("n");
  quiet = options.has("q");
  const text = args[options.first].bytes;
  const files = options.first + 1;
  showName = args.length - files > 1;
  if (files === args.length) search("-", "(standard input)", text);
  for (let index = files; index < args.length; index++) search(args[index], args[index], text);
  return failed ? 2 : found ? 0 : 1;
}

function search(path: string, name: string, text: Uint8Array): void {
  const descriptor = openOperand(path);
  if (descriptor < 0) {
    failed = true;
    return;
  }
  let count: u32 = 0;
  let number: u32 = 0;
  reader.begin(descriptor);
  while (reader.next()) {
    number++;
    if (contains(reader.line.bytes(), text) === invert) continue;
    count++;
    if (quiet || namesOnly) break;
    if (!countOnly) showLine(name, number);
  }
  closeOperand(descriptor);
  if (count > 0) found = true;
  if (reader.status < 0) {
    complainAbout(path, reader.status);
    failed = true;
  }
  if (quiet) return;
  if (namesOnly && count > 0) print`${name}\n`;
  if (countOnly && showName) print`${name}:`;
  if (countOnly) print`${count}\n`;
}

function showLine(name: string, number: u32): void {
  if (showName) print`${name}:`;
  if (numbers) print`${number}:`;
  print`${reader.line.bytes()}\n`;
}

function contains(line: Uint8Array, text: Uint8Array): boolean {
  const last = line.length - text.length;
  for (let begin = 0; begin <= last; begin++) {
    let length = 0;
    while (length < text.length && isSame(line[begin + length], text[length])) length++;
    if (length === text.length) return true;
  }
  return false;
}

function isSame(a: i32, b: i32): boolean {
  return a === b || (ignoreCase && lowerCase(a) === lowerCase(b));
}

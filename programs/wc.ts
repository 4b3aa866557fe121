/** wc: counts lines, words and bytes. */
import { parseOptions } from "../lib/library/arguments.ts";
import { Ascii, isBlank } from "../lib/library/ascii.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { read } from "../lib/library/file.ts";
import { print, printRightUnsigned } from "../lib/library/output.ts";
import { closeOperand, openOperand } from "../lib/library/reader.ts";
import { Status } from "../lib/status.ts";

const USAGE = "wc [-lwc] [FILE...]";
const COLUMN = 7;

class Counts {
  lines: u32 = 0;
  words: u32 = 0;
  bytes: u32 = 0;
}

const buffer = new Uint8Array(8192);
const total = new Counts();
let showLines = false;
let showWords = false;
let showBytes = false;
/** A single count of a single input stands alone: no columns. */
let padded = true;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "lwc", USAGE);
  const everything = !options.has("l") && !options.has("w") && !options.has("c");
  showLines = everything || options.has("l");
  showWords = everything || options.has("w");
  showBytes = everything || options.has("c");
  const operands = args.length - options.first;
  const kinds = (showLines ? 1 : 0) + (showWords ? 1 : 0) + (showBytes ? 1 : 0);
  padded = kinds > 1 || operands > 1;
  if (operands === 0) return countFile("-", "") ? 0 : 1;
  let result = 0;
  for (let index = options.first; index < args.length; index++) if (!countFile(args[index], args[index])) result = 1;
  if (operands > 1) show(total, "total");
  return result;
}

function countFile(path: string, name: string): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  const counts = new Counts();
  const status = countAll(descriptor, counts);
  closeOperand(descriptor);
  if (status < 0) {
    complainAbout(path, status);
    return false;
  }
  show(counts, name);
  total.lines += counts.lines;
  total.words += counts.words;
  total.bytes += counts.bytes;
  return true;
}

function countAll(descriptor: i32, counts: Counts): i32 {
  let inWord = false;
  for (;;) {
    const count = read(descriptor, buffer);
    if (count === Status.Interrupted) continue;
    if (count <= 0) return count;
    counts.bytes += u32(count);
    for (const byte of buffer.subarray(0, count)) {
      if (byte === Ascii.Newline) counts.lines++;
      const blank = isBlank(byte) || byte === Ascii.Return || byte === Ascii.FormFeed;
      if (!blank && !inWord) counts.words++;
      inWord = !blank;
    }
  }
}

function show(counts: Counts, name: string): void {
  if (showLines) showCount(counts.lines, false);
  if (showWords) showCount(counts.words, showLines);
  if (showBytes) showCount(counts.bytes, showLines || showWords);
  if (name.length > 0) print` ${name}`;
  print`\n`;
}

function showCount(count: u32, follows: boolean): void {
  if (follows) print` `;
  if (padded) printRightUnsigned(count, COLUMN);
  else print`${count}`;
}

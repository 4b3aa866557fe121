/** head: the first lines of files. */
import { parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { read } from "../lib/library/file.ts";
import { lesser } from "../lib/library/number.ts";
import { print } from "../lib/library/output.ts";
import { closeOperand, LineReader, openOperand } from "../lib/library/reader.ts";
import { Status } from "../lib/status.ts";

const USAGE = "head [-n LINES | -c BYTES] [FILE...]";
const DEFAULT_LINES = 10;

const reader = new LineReader();
const buffer = new Uint8Array(4096);

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "n:c:", USAGE);
  const lines = options.number("n", DEFAULT_LINES);
  const bytes = options.number("c", -1);
  if (options.first === args.length) return showHead("-", lines, bytes) ? 0 : 1;
  let result = 0;
  const titles = args.length - options.first > 1;
  for (let index = options.first; index < args.length; index++) {
    if (titles) print`${index > options.first ? "\n" : ""}==> ${args[index]} <==\n`;
    if (!showHead(args[index], lines, bytes)) result = 1;
  }
  return result;
}

/** `bytes` below zero: lines count. */
function showHead(path: string, lines: i32, bytes: i32): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  const status = bytes >= 0 ? showBytes(descriptor, bytes) : showLines(descriptor, lines);
  if (status < 0) complainAbout(path, status);
  closeOperand(descriptor);
  return status >= 0;
}

function showLines(descriptor: i32, lines: i32): i32 {
  reader.begin(descriptor);
  for (let count = 0; count < lines && reader.next(); count++) {
    print`${reader.line.bytes()}${reader.complete ? "\n" : ""}`;
  }
  return reader.status;
}

function showBytes(descriptor: i32, bytes: i32): i32 {
  let left = bytes;
  while (left > 0) {
    const count = read(descriptor, buffer.subarray(0, lesser(left, buffer.length)));
    if (count === Status.Interrupted) continue;
    if (count <= 0) return count;
    print`${buffer.subarray(0, count)}`;
    left -= count;
  }
  return 0;
}

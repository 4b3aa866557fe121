/** head: the first lines of files. */
import { parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { print } from "../lib/library/output.ts";
import { closeOperand, LineReader, openOperand } from "../lib/library/reader.ts";

const USAGE = "head [-n LINES | -c BYTES] [FILE...]";
const DEFAULT_LINES = 10;

const reader = new LineReader();

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
  reader.begin(descriptor);
  if (bytes >= 0) showBytes(bytes);
  else
    for (let count = 0; count < lines && reader.next(); count++) {
      print`${reader.line.bytes()}${reader.complete ? "\n" : ""}`;
    }
  if (reader.status < 0) complainAbout(path, reader.status);
  closeOperand(descriptor);
  return reader.status >= 0;
}

function showBytes(bytes: i32): void {
  let left = bytes;
  while (left > 0 && reader.next()) {
    if (reader.complete) reader.line.appendByte(0x0a);
    const part = reader.line.bytes();
    print`${part.length > left ? part.subarray(0, left) : part}`;
    left -= part.length;
  }
}

/** hexdump: a file's bytes as numbers and letters. */
import { parseOptions } from "../lib/library/arguments.ts";
import { sameBytes } from "../lib/library/bytes.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { read } from "../lib/library/file.ts";
import { lesser } from "../lib/library/number.ts";
import { print } from "../lib/library/output.ts";
import { closeOperand, openOperand } from "../lib/library/reader.ts";
import { Status } from "../lib/status.ts";
import { DUMP_LINE_BYTES, printDumpLine, printHexadecimalDigits } from "./common/dump.ts";

const USAGE = "hexdump [-Cv] [-n BYTES] [FILE...]";
const BUFFER_BYTES = 4096;

const buffer = new Uint8Array(BUFFER_BYTES);
const previous = new Uint8Array(DUMP_LINE_BYTES);
let position: u32 = 0;
/** Bytes still to show. */
let left: u32 = 0xffff_ffff;
/** The line before was the same as the one before it: a star stands for both. */
let starred = false;
let showAll = false;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "Cvn:", USAGE);
  if (options.has("n")) left = u32(options.number("n", 0));
  showAll = options.has("v");
  let result = 0;
  if (options.first === args.length && !dumpFile("-")) result = 1;
  for (let index = options.first; index < args.length; index++) if (!dumpFile(args[index])) result = 1;
  if (position > 0) {
    printHexadecimalDigits(position, 8);
    print`\n`;
  }
  return result;
}

function dumpFile(path: string): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  let status = fill(descriptor);
  while (status > 0) {
    for (let begin = 0; begin < status; begin += DUMP_LINE_BYTES) {
      showLine(buffer.subarray(begin, lesser(begin + DUMP_LINE_BYTES, status)));
    }
    status = fill(descriptor);
  }
  if (status < 0) complainAbout(path, status);
  closeOperand(descriptor);
  return status >= 0;
}

/** A full buffer, unless the file ends: only its last line may be short. */
function fill(descriptor: i32): i32 {
  let filled = 0;
  const wanted = left < BUFFER_BYTES ? i32(left) : BUFFER_BYTES;
  while (filled < wanted) {
    const count = read(descriptor, buffer.subarray(filled, wanted));
    if (count === Status.Interrupted) continue;
    if (count < 0) return count;
    if (count === 0) break;
    filled += count;
  }
  left -= u32(filled);
  return filled;
}

function showLine(bytes: Uint8Array): void {
  const repeats = !showAll && position > 0 && bytes.length === DUMP_LINE_BYTES && sameBytes(bytes, previous);
  if (!repeats) printDumpLine(position, bytes);
  else if (!starred) print`*\n`;
  starred = repeats;
  previous.set(bytes);
  position += u32(bytes.length);
}

/** cat: copies files, or standard input, to standard output. */
import { parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { read, STANDARD_OUTPUT, writeAll } from "../lib/library/file.ts";
import { closeOperand, openOperand } from "../lib/library/reader.ts";
import { Status } from "../lib/status.ts";

const USAGE = "cat [FILE...]";

const buffer = new Uint8Array(16384);

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  if (options.first === args.length) return copyFile("-") ? 0 : 1;
  let result = 0;
  for (let index = options.first; index < args.length; index++) if (!copyFile(args[index])) result = 1;
  return result;
}

function copyFile(path: string): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  const status = copyAll(descriptor);
  if (status < 0) complainAbout(path, status);
  closeOperand(descriptor);
  return status >= 0;
}

function copyAll(descriptor: i32): i32 {
  for (;;) {
    const count = read(descriptor, buffer);
    if (count === 0) return 0;
    if (count === Status.Interrupted) continue;
    if (count < 0) return count;
    const status = writeAll(STANDARD_OUTPUT, buffer.subarray(0, count));
    if (status < 0) return status;
  }
}

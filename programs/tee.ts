/** tee: copies standard input to standard output and to files. */
import { parseOptions, usageError } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { open, read, STANDARD_INPUT, STANDARD_OUTPUT, writeAll } from "../lib/library/file.ts";
import { OpenFlags } from "../lib/protocol/vfs.ts";
import { Status } from "../lib/status.ts";

const USAGE = "tee [-a] [FILE...]";
const FILES_MAXIMUM = 16;

const buffer = new Uint8Array(4096);
/** Below zero: could not be opened, or has failed. */
const outputs = new Int32Array(FILES_MAXIMUM);

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "a", USAGE);
  const count = args.length - options.first;
  if (count > FILES_MAXIMUM) usageError();
  const how = options.has("a") ? OpenFlags.Append : OpenFlags.Truncate;
  let result = 0;
  for (let index = 0; index < count; index++) {
    outputs[index] = open(args[options.first + index], OpenFlags.WriteOnly | OpenFlags.Create | how);
    if (outputs[index] >= 0) continue;
    complainAbout(args[options.first + index], outputs[index]);
    result = 1;
  }
  for (;;) {
    const got = read(STANDARD_INPUT, buffer);
    if (got === Status.Interrupted) continue;
    if (got < 0) complainAbout("standard input", got);
    if (got <= 0) return got < 0 ? 1 : result;
    const part = buffer.subarray(0, got);
    if (writeAll(STANDARD_OUTPUT, part) < 0) result = 1;
    for (let index = 0; index < count; index++) {
      if (outputs[index] < 0) continue;
      const status = writeAll(outputs[index], part);
      if (status >= 0) continue;
      complainAbout(args[options.first + index], status);
      outputs[index] = status;
      result = 1;
    }
  }
}

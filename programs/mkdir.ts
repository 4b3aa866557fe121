/** mkdir: makes directories; with -p also those above, and none of them need be new. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { findByte } from "../lib/library/bytes.ts";
import { isDirectoryPath, makeDirectory } from "../lib/library/directory.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { makeText, releaseText } from "../lib/library/text.ts";
import { Status } from "../lib/status.ts";

const USAGE = "mkdir [-p] DIRECTORY...";
const SLASH = 0x2f;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "p", USAGE);
  expectOperands(args, 1, args.length);
  let result = 0;
  for (let index = options.first; index < args.length; index++) {
    const path = args[index];
    const status = options.has("p") ? makeAll(path) : makeDirectory(path);
    if (status >= 0) continue;
    complainAbout(path, status);
    result = 1;
  }
  return result;
}

/** Every step of the path that is not there yet. */
function makeAll(path: string): i32 {
  let slash = findByte(path.bytes, SLASH, 1);
  for (;;) {
    const prefix = makeText(slash < 0 ? path.bytes : path.bytes.subarray(0, slash));
    const status = makeDirectory(prefix);
    const there = status >= 0 || (status === Status.Exists && isDirectoryPath(prefix));
    releaseText(prefix);
    if (!there) return status;
    if (slash < 0) return 0;
    slash = findByte(path.bytes, SLASH, slash + 1);
  }
}

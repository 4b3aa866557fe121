/** touch: makes empty files, and gives files that are there the time of now. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { close, open, stat, truncate } from "../lib/library/file.ts";
import { FileStatus, Mode, OpenFlags } from "../lib/protocol/vfs.ts";

const USAGE = "touch [-c] FILE...";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "c", USAGE);
  expectOperands(args, 1, args.length);
  let result = 0;
  for (let index = options.first; index < args.length; index++) {
    const status = touch(args[index], !options.has("c"));
    if (status >= 0) continue;
    complainAbout(args[index], status);
    result = 1;
  }
  return result;
}

/** A file that is cut to the length it has is changed now. */
function touch(path: string, create: boolean): i32 {
  const status = new FileStatus();
  if (stat(path, status) >= 0) {
    return (status.mode & Mode.TypeMask) === Mode.Regular ? truncate(path, u32(status.bytes)) : 0;
  }
  if (!create) return 0;
  const descriptor = open(path, OpenFlags.WriteOnly | OpenFlags.Create);
  return descriptor < 0 ? descriptor : close(descriptor);
}

/** umount: takes a mounted file system away. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { unmount } from "../lib/library/mounts.ts";

const USAGE = "umount DIRECTORY";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  expectOperands(args, 1, 1);
  const status = unmount(args[options.first]);
  if (status < 0) complainAbout(args[options.first], status);
  return status < 0 ? 1 : 0;
}

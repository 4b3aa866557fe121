/** rmdir: removes directories that are empty. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { removeDirectory } from "../lib/library/directory.ts";
import { complainAbout } from "../lib/library/errors.ts";

const USAGE = "rmdir DIRECTORY...";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  expectOperands(args, 1, args.length);
  let result = 0;
  for (let index = options.first; index < args.length; index++) {
    const status = removeDirectory(args[index]);
    if (status >= 0) continue;
    complainAbout(args[index], status);
    result = 1;
  }
  return result;
}

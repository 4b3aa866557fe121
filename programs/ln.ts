/** ln: gives files more names. */
import { expectOperands, parseOptions, usageError } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { link, unlink } from "../lib/library/file.ts";
import { releaseText } from "../lib/library/text.ts";
import { isDirectoryPath, targetPath } from "./common/target.ts";

const USAGE = "ln [-f] SOURCE... TARGET";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "f", USAGE);
  expectOperands(args, 2, args.length);
  const target = args[args.length - 1];
  const intoDirectory = isDirectoryPath(target);
  if (!intoDirectory && args.length - options.first > 2) usageError();
  let result = 0;
  for (let index = options.first; index + 1 < args.length; index++) {
    const path = targetPath(args[index], target, intoDirectory);
    if (options.has("f")) unlink(path);
    const status = link(args[index], path);
    if (status < 0) {
      complainAbout(path, status);
      result = 1;
    }
    releaseText(path);
  }
  return result;
}

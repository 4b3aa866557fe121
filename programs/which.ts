/** which: where programs are found. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { environmentValue } from "../lib/library/environment.ts";
import { DEFAULT_PATH, findProgram } from "../lib/library/execute.ts";
import { print } from "../lib/library/output.ts";
import { makeText } from "../lib/library/text.ts";

const USAGE = "which NAME...";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  expectOperands(args, 1, args.length);
  const value = environmentValue("PATH");
  const directories = value.length === 0 ? DEFAULT_PATH : makeText(value);
  let result = 0;
  for (let index = options.first; index < args.length; index++) {
    const path = findProgram(args[index], directories);
    if (path.length > 0) print`${path}\n`;
    else result = 1;
  }
  return result;
}

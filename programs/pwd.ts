/** pwd: the working directory. */
import { parseOptions } from "../lib/library/arguments.ts";
import { workingDirectory } from "../lib/library/directory.ts";
import { print } from "../lib/library/output.ts";

export function main(args: readonly string[]): i32 {
  parseOptions(args, "LP", "pwd");
  print`${workingDirectory()}\n`;
  return 0;
}

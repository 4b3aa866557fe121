/** dirname: a path without its last step. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { directoryName } from "../lib/library/bytes.ts";
import { print } from "../lib/library/output.ts";

const USAGE = "dirname PATH";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  expectOperands(args, 1, 1);
  print`${directoryName(args[options.first].bytes)}\n`;
  return 0;
}

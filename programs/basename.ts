/** basename: the last step of a path, without an ending if one is named. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { baseName, sameBytes } from "../lib/library/bytes.ts";
import { print } from "../lib/library/output.ts";

const USAGE = "basename PATH [ENDING]";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  expectOperands(args, 1, 2);
  let name = baseName(args[options.first].bytes);
  if (options.first + 1 < args.length) {
    const ending = args[options.first + 1].bytes;
    const rest = name.length - ending.length;
    if (rest > 0 && sameBytes(name.subarray(rest), ending)) name = name.subarray(0, rest);
  }
  print`${name}\n`;
  return 0;
}

/** yes: the same line, for ever. */
import { beginProgram, showUsage } from "../lib/library/arguments.ts";
import { outputFailed, print } from "../lib/library/output.ts";

export function main(args: readonly string[]): i32 {
  beginProgram(args, "yes [WORD...]");
  if (args.length > 1 && args[1] === "--help") showUsage();
  for (;;) {
    if (args.length < 2) print`y`;
    for (let index = 1; index < args.length; index++) print`${index > 1 ? " " : ""}${args[index]}`;
    print`\n`;
    if (outputFailed()) return 1;
  }
}

/** kill: sends a signal to processes. */
import { beginProgram, showUsage, usageError } from "../lib/library/arguments.ts";
import { listOf } from "../lib/library/list.ts";
import { KILL_USAGE, sendSignals } from "./common/kill.ts";

export function main(args: readonly string[]): i32 {
  beginProgram(args, KILL_USAGE);
  if (args.length > 1 && args[1] === "--help") showUsage();
  const result = sendSignals(listOf(args), "");
  if (result < 0) usageError();
  return result;
}

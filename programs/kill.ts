/** kill: sends a signal to processes. */
import { beginProgram, usageError } from "../lib/library/arguments.ts";
import { listOf } from "../lib/library/list.ts";
import { KILL_USAGE, sendSignals } from "./common/kill.ts";

export function main(args: readonly string[]): i32 {
  beginProgram(args, KILL_USAGE);
  const result = sendSignals(listOf(args));
  if (result < 0) usageError();
  return result;
}

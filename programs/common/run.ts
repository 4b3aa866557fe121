/** Becoming the program that a command's operands name: for env, time and nice company. */

import { environmentValue } from "../../lib/library/environment.ts";
import { complainAbout } from "../../lib/library/errors.ts";
import { DEFAULT_PATH, execute, findProgram } from "../../lib/library/execute.ts";
import { TextList } from "../../lib/library/list.ts";
import { complain } from "../../lib/library/output.ts";
import { makeText } from "../../lib/library/text.ts";
import { Status } from "../../lib/status.ts";

/** Executes `args` from `first` on. Answers only if it cannot: the exit status for that, 126 or 127. */
export function runProgram(args: readonly string[], first: i32, environment: TextList): i32 {
  const words = new TextList();
  for (let index = first; index < args.length; index++) words.append(args[index]);
  const directories = environmentValue("PATH");
  const path = findProgram(args[first], directories.length === 0 ? DEFAULT_PATH : makeText(directories));
  if (path.length === 0) {
    complain`${args[first]}: not found`;
    return 127;
  }
  const status = execute(path, words, environment);
  complainAbout(args[first], status);
  return status === Status.NoEntry ? 127 : 126;
}

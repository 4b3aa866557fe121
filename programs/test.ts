/** test: a condition on files, strings and numbers as an exit status. */

import { listOf } from "../lib/library/list.ts";
import { setProgramName } from "../lib/library/output.ts";
import { testCondition } from "./common/condition.ts";

export function main(args: readonly string[]): i32 {
  setProgramName("test");
  return testCondition(listOf(args));
}

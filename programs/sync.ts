/** sync: returns when everything written before is on the disks. */
import { parseOptions } from "../lib/library/arguments.ts";
import { errorText } from "../lib/library/errors.ts";
import { sync } from "../lib/library/file.ts";
import { complain } from "../lib/library/output.ts";

export function main(args: readonly string[]): i32 {
  parseOptions(args, "", "sync");
  const status = sync();
  if (status < 0) complain`${errorText(status)}`;
  return status < 0 ? 1 : 0;
}

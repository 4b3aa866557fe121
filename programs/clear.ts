/** clear: an empty screen. */
import { parseOptions } from "../lib/library/arguments.ts";
import { print } from "../lib/library/output.ts";

const ESCAPE = 0x1b;

export function main(args: readonly string[]): i32 {
  parseOptions(args, "", "clear");
  print`${char(ESCAPE)}[H${char(ESCAPE)}[2J`;
  return 0;
}

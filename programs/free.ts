/** free: how much memory there is, in KiB. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { errorText } from "../lib/library/errors.ts";
import { complain, print, printRightUnsigned } from "../lib/library/output.ts";
import { systemInformation } from "../lib/library/time.ts";
import { PmSystem } from "../lib/protocol/pm.ts";

export function main(args: readonly string[]): i32 {
  parseOptions(args, "", "free");
  expectOperands(args, 0, 0);
  const system = new PmSystem();
  const status = systemInformation(system);
  if (status < 0) {
    complain`${errorText(status)}`;
    return 1;
  }
  print`        total     used     free  KiB\nMemory`;
  printRightUnsigned(system.memoryBytes / 1024, 7);
  printRightUnsigned((system.memoryBytes - system.freeBytes) / 1024, 9);
  printRightUnsigned(system.freeBytes / 1024, 9);
  print`\n`;
  return 0;
}

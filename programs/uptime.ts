/** uptime: how long the system has run, and how much of that it was idle. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { errorText } from "../lib/library/errors.ts";
import { complain, print } from "../lib/library/output.ts";
import { systemInformation } from "../lib/library/time.ts";
import { PmSystem } from "../lib/protocol/pm.ts";

export function main(args: readonly string[]): i32 {
  parseOptions(args, "", "uptime");
  expectOperands(args, 0, 0);
  const system = new PmSystem();
  const status = systemInformation(system);
  if (status < 0) {
    complain`${errorText(status)}`;
    return 1;
  }
  const seconds = system.uptimeMilliseconds / 1000n;
  const hundredths = u32((system.uptimeMilliseconds / 10n) % 100n);
  const minutes = u32((seconds / 60n) % 60n);
  const rest = u32(seconds % 60n);
  print`up ${seconds / 3600n}:${minutes / 10}${minutes % 10}:${rest / 10}${rest % 10}.${hundredths / 10}${hundredths % 10}`;
  const idle = system.uptimeMilliseconds === 0n ? 0n : (system.idleMilliseconds * 100n) / system.uptimeMilliseconds;
  print`, idle ${idle}%, ${system.processes} processes\n`;
  return 0;
}

/** poweroff: ends every process, saves everything, and switches the machine off. */
import { Shutdown } from "../lib/kernel-call/machine.ts";
import { shutDown } from "./common/shutdown.ts";

export function main(args: readonly string[]): i32 {
  return shutDown(args, Shutdown.PowerOff, "poweroff [STATUS]");
}

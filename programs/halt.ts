/** halt: the same as poweroff; this machine has no other way to stop. */
import { Shutdown } from "../lib/kernel-call/machine.ts";
import { shutDown } from "./common/shutdown.ts";

export function main(args: readonly string[]): i32 {
  return shutDown(args, Shutdown.PowerOff, "halt [STATUS]");
}

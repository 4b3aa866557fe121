/** Abort: the machine's run ends. a0: how (`Shutdown`); a1: exit status 0 to 255. Where RS gives up, what it has logged is told on the console. */
import { RS } from "../../lib/endpoint.ts";
import { Shutdown } from "../../lib/kernel-call/machine.ts";
import { logToConsole } from "../log.ts";
import { shutDown } from "../machine.ts";
import type { Process } from "../process.ts";

export function abortCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  if (caller.endpoint === RS && a1 !== 0) logToConsole();
  shutDown(a0 === Shutdown.Reboot ? Shutdown.Reboot : Shutdown.PowerOff, a1);
}

/** RunControl: stops a process, which keeps what it waits for, or lets it run. a0: the process; a1: 1 stops it, 0 lets it run. */
import { Blocked } from "../../lib/kernel-call/service.ts";
import { Status } from "../../lib/status.ts";
import { lookup, type Process } from "../process.ts";
import { block, unblock } from "../schedule.ts";
import { hasSpace } from "../space.ts";

export function runControlCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (process === caller) return Status.Invalid;
  if (a1 !== 0) block(process, Blocked.Stopped);
  else if (hasSpace(process)) unblock(process, Blocked.Stopped);
  else return Status.Invalid;
  return Status.Ok;
}

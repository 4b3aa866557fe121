/** Schedule: a process' base priority and quantum. a0: the process; a1: priority 0 to 15; a2: quantum in milliseconds. */
import { Status } from "../../lib/status.ts";
import { lookup, type Process } from "../process.ts";
import { QUEUES, setPriority } from "../schedule.ts";

export function scheduleCall(caller: Process): i32 {
  const { a0, a1, a2 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (a1 >= QUEUES) return Status.Invalid;
  setPriority(process, i32(a1), a2);
  return Status.Ok;
}

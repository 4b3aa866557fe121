/** Clear: a process' life ends; peers that wait for it get DeadEndpoint, and the slot falls vacant. a0: the process, not the caller itself. */
import { Status } from "../../lib/status.ts";
import { clearAway } from "../death.ts";
import { lookup, type Process } from "../process.ts";

export function clearCall(caller: Process): i32 {
  const process = lookup(i32(caller.frame.a0));
  if (process === null) return Status.DeadEndpoint;
  if (process === caller) return Status.Invalid;
  clearAway(process);
  return Status.Ok;
}

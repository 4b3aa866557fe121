/** ReturnSignal: undoes SendSignal; whatever the process waits for now is forgotten. a0: the process. Invalid: it is in no handler. */
import { Status } from "../../lib/status.ts";
import { lookup, type Process } from "../process.ts";
import { leaveHandler } from "../signal.ts";

export function returnSignalCall(caller: Process): i32 {
  const process = lookup(i32(caller.frame.a0));
  if (process === null) return Status.DeadEndpoint;
  if (process === caller) return Status.Invalid;
  return leaveHandler(caller, process);
}

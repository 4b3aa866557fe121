/** EndSignal: the manager has seen to what it fetched; the process runs on, unless more has come. a0: the process. */
import { Status } from "../../lib/status.ts";
import { lookup, type Process } from "../process.ts";
import { signalsSeenTo } from "../signal.ts";

export function endSignalCall(caller: Process): i32 {
  const process = lookup(i32(caller.frame.a0));
  if (process === null) return Status.DeadEndpoint;
  if (process.manager !== caller.endpoint) return Status.Denied;
  signalsSeenTo(process);
  return Status.Ok;
}

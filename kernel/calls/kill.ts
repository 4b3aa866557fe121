/** Kill: posts a signal. For a service, Kill freezes it at once. a0: the process; a1: the signal. */
import { SIGNALS, Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { killService } from "../death.ts";
import { lookup, type Process } from "../process.ts";
import { postSignal } from "../signal.ts";

export function killCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (a1 === 0 || a1 >= SIGNALS) return Status.Invalid;
  if (process.isService() && a1 === Signal.Kill) killService(process);
  else postSignal(process, a1 as Signal);
  return Status.Ok;
}

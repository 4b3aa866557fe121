/** SendSignal: makes a process run a handler. a0: the process; a1: the signal; a2: the handler; a3: the trampoline it returns to. */
import { SIGNALS, type Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { lookup, type Process } from "../process.ts";
import { enterHandler } from "../signal.ts";

export function sendSignalCall(caller: Process): i32 {
  const { a0, a1, a2, a3 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (process === caller || a1 === 0 || a1 >= SIGNALS) return Status.Invalid;
  return enterHandler(caller, process, a1 as Signal, vaddr(a2), vaddr(a3));
}

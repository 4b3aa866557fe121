/** GetSignal: the next process that has signals for the caller to see to; Nothing when there is none. a0: where to write `PendingSignals`. */
import { PendingSignals } from "../../lib/kernel-call/process.ts";
import { Status } from "../../lib/status.ts";
import { ensureWritable, store } from "../memory.ts";
import type { Process } from "../process.ts";
import { nextSignaled, takeSignals } from "../signal.ts";

const answer = new PendingSignals();

export function getSignalCall(caller: Process): i32 {
  const to = vaddr(caller.frame.a0);
  const status = ensureWritable(caller, to, sizeOf(PendingSignals));
  if (status !== Status.Ok) return status;
  const process = nextSignaled(caller);
  if (process === null) return Status.Nothing;
  answer.endpoint = process.endpoint;
  answer.signals = takeSignals(process);
  return store(caller, to, bytesOf(answer));
}

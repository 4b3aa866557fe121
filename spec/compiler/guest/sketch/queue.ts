/** Who waits for whom, and who can run: as little of it as ipc.ts needs. */
import { ANY, type Endpoint } from "./endpoint.ts";
import type { Blocked, Process } from "./process.ts";

export function enqueue(receiver: Process, sender: Process): void {
  sender.nextSender = receiver.firstSender;
  receiver.firstSender = sender;
}

/** The first sender that the receiver admits, taken off its queue. */
export function dequeue(receiver: Process, from: Endpoint): Process | null {
  const first = receiver.firstSender;
  if (first === null || (from !== ANY && first.endpoint !== from)) return null;
  receiver.firstSender = first.nextSender;
  return first;
}

export function suspend(process: Process, reason: Blocked): void {
  process.blocked |= reason;
}

export function ready(process: Process, reason: Blocked): void {
  process.blocked &= ~reason;
}

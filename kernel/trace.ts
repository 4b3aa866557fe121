/**
 * The last messages of each process, for its crash record: a ring of rows in its row of the process table, written at every delivery in a
 * few instructions.
 */
import type { Endpoint } from "../lib/endpoint.ts";
import { type Crash, TRACED_MESSAGES } from "../lib/kernel-call.ts";
import type { Process } from "./process.ts";

/** In a row's type: the process has sent the message, rather than received it. No message type is that great. */
const SENT = 0x8000_0000;

/** One message has gone from `sender` to `receiver`. */
export function traceMessage(sender: Process, receiver: Process, type: u32): void {
  const cycle = csr.mcycle;
  write(sender, receiver.endpoint, type | SENT, cycle);
  write(receiver, sender.endpoint, type, cycle);
}

/** The same for a notification, which only its receiver remembers. */
export function traceReceived(receiver: Process, source: Endpoint, type: u32): void {
  write(receiver, source, type, csr.mcycle);
}

function write(process: Process, peer: Endpoint, type: u32, cycle: u32): void {
  const { traced } = process;
  const row = process.trace[traced & (TRACED_MESSAGES - 1)];
  row.peer = peer;
  row.type = type;
  row.cycle = cycle;
  process.traced = traced + 1;
}

/** Fills a crash record's messages, the newest last; rows that were never written stay zero, at the front. */
export function readTrace(process: Process, crash: Crash): void {
  for (let age: u32 = 0; age < TRACED_MESSAGES; age++) {
    const row = process.trace[(process.traced + age) & (TRACED_MESSAGES - 1)];
    const message = crash.messages[age];
    message.peer = row.peer;
    message.type = row.type & ~SENT;
    message.cycle = row.cycle;
    message.sent = (row.type & SENT) !== 0;
  }
}

/**
 * The last messages of each process, for its crash record: a ring of rows in its row of the process table, written at every delivery in a
 * few instructions.
 */
import type { Endpoint } from "../lib/endpoint.ts";
import { type Crash, TRACED_MESSAGES } from "../lib/kernel-call/crash.ts";
import { type Process, TraceRow } from "./process.ts";

/** What a process has sent stands in its row with the peer's complement: no endpoint is negative. */
export function traceSent(sender: Process, to: Endpoint, type: u32, cycle: u32): void {
  write(sender, ~to, type, cycle);
}

export function traceReceived(receiver: Process, source: Endpoint, type: u32, cycle: u32): void {
  write(receiver, source, type, cycle);
}

function write(process: Process, peer: i32, type: u32, cycle: u32): void {
  const row = view(process.oldestTrace, TraceRow);
  row.peer = peer;
  row.type = type;
  row.cycle = cycle;
  process.oldestTrace = row.next;
}

/** Fills a crash record's messages, the newest last; rows that were never written stay zero, at the front. */
export function readTrace(process: Process, crash: Crash): void {
  let row = view(process.oldestTrace, TraceRow);
  for (let age: u32 = 0; age < TRACED_MESSAGES; age++) {
    const message = crash.messages[age];
    message.sent = row.peer < 0;
    message.peer = message.sent ? ~row.peer : row.peer;
    message.type = row.type;
    message.cycle = row.cycle;
    row = view(row.next, TraceRow);
  }
}

/**
 * The last messages of each service, for its crash record: a ring of rows for each, written at every delivery in a few instructions.
 * Programs, who only ever ask and are answered, are not traced.
 */
import { type Endpoint, SERVICES } from "../lib/endpoint.ts";
import { type Crash, TRACED_MESSAGES } from "../lib/kernel-call.ts";
import { lastBoundary } from "./clock.ts";
import type { Process } from "./process.ts";

class Row {
  static readonly bytes = 16;
  peer: Endpoint = 0;
  type: u32 = 0;
  cycle: u32 = 0;
  sent: u32 = 0;
}

class Ring {
  static readonly bytes = 256;
  readonly rows = table(Row, TRACED_MESSAGES);
  /** Rows written so far. */
  count: u32 = 0;
}

const rings = table(Ring, SERVICES);

/** One message has gone from `sender` to `receiver`. The time is that of the kernel's entry. */
export function traceMessage(sender: Process, receiver: Process, type: u32): void {
  if (sender.isService()) write(rings[sender.slot], receiver.endpoint, type, 1);
  if (receiver.isService()) write(rings[receiver.slot], sender.endpoint, type, 0);
}

/** The same for a notification, which only its receiver remembers. */
export function traceReceived(receiver: Process, source: Endpoint, type: u32): void {
  if (receiver.isService()) write(rings[receiver.slot], source, type, 0);
}

function write(ring: Ring, peer: Endpoint, type: u32, sent: u32): void {
  const row = ring.rows[ring.count & (TRACED_MESSAGES - 1)];
  ring.count++;
  row.peer = peer;
  row.type = type;
  row.cycle = lastBoundary;
  row.sent = sent;
}

/** A new life begins with nothing said. */
export function clearTrace(process: Process): void {
  if (process.isService()) clear(rings[process.slot]);
}

/** Fills a crash record's messages, the newest last; rows that were never written stay zero, at the front. */
export function readTrace(process: Process, crash: Crash): void {
  if (!process.isService()) return;
  const ring = rings[process.slot];
  for (let age: u32 = 0; age < TRACED_MESSAGES; age++) {
    const row = ring.rows[(ring.count + age) & (TRACED_MESSAGES - 1)];
    const message = crash.messages[age];
    message.peer = row.peer;
    message.type = row.type;
    message.cycle = row.cycle;
    message.sent = row.sent !== 0;
  }
}

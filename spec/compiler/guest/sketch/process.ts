/** The process table: who exists, and what each one is waiting for. */
import { type Endpoint, NONE, SLOTS, slotOf } from "./endpoint.ts";
import { Message } from "./message.ts";

/** Why a process cannot run. Zero is runnable; two reasons can hold at once. */
export const enum Blocked {
  Sending = 1 << 0,
  Receiving = 1 << 1,
  Vacant = 1 << 2,
}

/** The registers of a process that is not running, where trap.ts leaves them. */
export class Frame {
  pc: vaddr = 0;
  readonly x = new Uint32Array(32);
}

export class Process {
  readonly frame = new Frame();
  readonly name = new Uint8Array(16);
  slot: i32 = 0; // its row in the table
  privilege: i32 = 0; // a service's bit in a set of services
  endpoint: Endpoint = NONE;
  blocked: u32 = Blocked.Vacant;
  mayCall: u32 = 0; // one bit per service it may send to (the real set has 64)
  notifiers: u32 = 0; // one bit per service that has notified it
  awaitsReply: boolean = false; // inside SENDREC: notifications wait

  peer: Endpoint = NONE; // whom it waits for, while blocked
  inbox: vaddr = 0; // where it wants its next message
  readonly outgoing = new Message(); // what it is blocked on sending
  firstSender: Process | null = null; // the queue of those blocked on it
  nextSender: Process | null = null; // its own place in such a queue
}

export const processes = table(Process, SLOTS);

/** The process behind an endpoint, if that life of it is still going on. */
export function lookup(endpoint: Endpoint): Process | null {
  if (endpoint < 0) return null;
  const process = processes[slotOf(endpoint)];
  return process.endpoint === endpoint ? process : null;
}

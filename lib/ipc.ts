/**
 * The traps of message passing, as functions. A program may only `sendReceive`; services may do everything
 * that their rights allow. Semantics: docs/ipc.md and kernel/ipc.ts.
 */
import type { Endpoint } from "./endpoint.ts";
import { Message } from "./message.ts";
import type { Status } from "./status.ts";

/** What a7 holds at `ecall`: one of these, or `KERNEL_CALL` plus a `KernelCall`. */
export const enum Trap {
  Send = 1,
  Receive = 2,
  SendReceive = 3,
  Notify = 4,
  SendNonblocking = 5,
  SendAsync = 6,
  ReplyReceive = 7,
}
export const KERNEL_CALL = 0x100;

/** Blocks until `to` has taken the message. Errors: DeadEndpoint, Denied, Deadlock, Fault. */
export function send(to: Endpoint, message: Message): Status {
  return ecall(Trap.Send, to, message);
}

/** Blocks until a message from `from` (or ANY) has arrived in `message`. Errors: DeadEndpoint, Deadlock, Fault. */
export function receive(from: Endpoint, message: Message): Status {
  return ecall(Trap.Receive, from, message);
}

/** Sends, and blocks until the answer has taken the request's place. Notifications wait meanwhile. */
export function sendReceive(to: Endpoint, message: Message): Status {
  return ecall(Trap.SendReceive, to, message);
}

/** Leaves one bit with `to`; never blocks, and several before it is heard are one. */
export function notify(to: Endpoint): Status {
  return ecall(Trap.Notify, to);
}

/** Delivers if `to` is waiting for it now; otherwise NotReady. How a server answers: it never waits for a client. */
export function sendNonblocking(to: Endpoint, message: Message): Status {
  return ecall(Trap.SendNonblocking, to, message);
}

/**
 * Answers `to` as `sendNonblocking` does, whatever comes of it, and waits for the next message as `receive` from ANY does: one trap where a
 * server would need two. Errors: Fault, and nothing has happened.
 */
export function replyReceive(to: Endpoint, answer: Message, inbox: Message): Status {
  return ecall(Trap.ReplyReceive, to, answer, inbox);
}

/** A row of the table that `sendAsync` hands to the kernel. The kernel writes `flags` and `result`. */
export class AsyncMessage {
  static readonly bytes = 128;
  static readonly alignment = 64;
  readonly message = new Message();
  to: Endpoint = 0;
  /** `AsyncFlags`. */
  flags: u32 = 0;
  result: i32 = 0;
}

export const enum AsyncFlags {
  /** The row holds a message to deliver. The sender sets it, and clears it to take the row back. */
  Valid = 1 << 0,
  /** The kernel has delivered it, or failed to: `result` says which. */
  Done = 1 << 1,
}

/**
 * Hands the kernel a table of messages to deliver whenever their receivers are ready; never blocks. The table stays the sender's
 * current one, and the kernel looks at it whenever a receiver waits, until another (or an empty one) is given. An asynchronous
 * message never satisfies a `sendReceive`. The kernel notifies nobody about completion. Most services use async.ts instead.
 */
export function sendAsync(rows: AsyncMessage[]): Status {
  return ecall(Trap.SendAsync, address(rows), rows.length);
}

/**
 * Asynchronous messages: a table of them in the sender's memory, which the kernel delivers from whenever a receiver waits.
 *
 * The sender never blocks and the kernel buffers nothing: each receiver only remembers which services may have something for it.
 * An asynchronous message never answers a SENDREC. Begin at `sendAsync`.
 */
import { ANY, type Endpoint } from "../lib/endpoint.ts";
import { AsyncFlags, AsyncMessage } from "../lib/ipc.ts";
import { Message, Range } from "../lib/message.ts";
import { Status } from "../lib/status.ts";
import { deliver, inboxOf, listens, put } from "./ipc.ts";
import { ensureWritable, READABLE, translate, WRITABLE } from "./memory.ts";
import { Letter, lookup, type Process, processes } from "./process.ts";
import { NOBODY } from "./set.ts";

/** Longer tables are refused: a receiver's wait would take too long. */
const ROWS_MAXIMUM: u32 = 64;

/** What stands behind the message in a row; the row may cross a page between the two. */
class RowState {
  to: Endpoint = 0;
  flags: u32 = 0;
  result: i32 = 0;
}

/** Takes the caller's current table, delivers what can be delivered now, and leaves word with the receivers of the rest. */
export function sendAsync(caller: Process): i32 {
  const rows = vaddr(caller.frame.a0);
  const count = caller.frame.a1;
  if (count > ROWS_MAXIMUM || (rows & (Message.alignment - 1)) !== 0) return Status.Invalid;
  const status = ensureWritable(caller, rows, i32(count) * sizeOf(AsyncMessage));
  if (status !== Status.Ok) return status;
  caller.asyncRows = rows;
  caller.asyncCount = count;
  for (let index: u32 = 0; index < count; index++) offer(caller, index);
  return Status.Ok;
}

/** Delivers to a receiver that is about to wait. False: nobody has anything for it. */
export function takeAsync(receiver: Process, from: Endpoint, place: paddr): boolean {
  const senders = receiver.asyncSenders;
  if (from !== ANY) {
    const sender = lookup(from);
    return sender !== null && senders.has(sender.privilege) && takeFrom(receiver, sender, place);
  }
  for (let id = senders.lowest(); id !== NOBODY; id = senders.lowest()) {
    if (takeFrom(receiver, processes[id], place)) return true;
  }
  return false;
}

/** False: the sender has nothing more for this receiver. */
function takeFrom(receiver: Process, sender: Process, place: paddr): boolean {
  const taken = takeRow(receiver, sender, place);
  if (!taken) receiver.asyncSenders.remove(sender.privilege);
  return taken;
}

/** The receiver's life ends: what was meant for it has failed. */
export function failAsyncTo(receiver: Process): void {
  for (let id = receiver.asyncSenders.lowest(); id !== NOBODY; id = receiver.asyncSenders.lowest()) {
    receiver.asyncSenders.remove(id);
    const sender = processes[id];
    for (let index: u32 = 0; index < sender.asyncCount; index++) {
      const row = pendingRow(sender, index);
      if (row !== null && row.to === receiver.endpoint) finish(row, Status.DeadEndpoint);
    }
  }
}

/** The sender's life ends, and its messages with it. */
export function forgetAsyncFrom(sender: Process): void {
  sender.asyncCount = 0;
  for (const process of processes) process.asyncSenders.remove(sender.privilege);
}

function offer(sender: Process, index: u32): void {
  const row = pendingRow(sender, index);
  if (row === null) return;
  const receiver = lookup(row.to);
  const place = letterOf(sender, index);
  if (receiver === null) finish(row, Status.DeadEndpoint);
  else if (!sender.sendTo.has(receiver.privilege)) finish(row, Status.Denied);
  else if (place === 0 || view(place, Letter).type < Range.FirstProtocol) finish(row, Status.Invalid);
  else if (listens(receiver, sender.endpoint) && inboxOf(receiver) !== 0) {
    deliver(receiver, sender, place);
    finish(row, Status.Ok);
  } else {
    receiver.asyncSenders.add(sender.privilege);
    receiver.mayHaveMail = true;
  }
}

function takeRow(receiver: Process, sender: Process, place: paddr): boolean {
  for (let index: u32 = 0; index < sender.asyncCount; index++) {
    const row = pendingRow(sender, index);
    if (row === null || row.to !== receiver.endpoint) continue;
    const letter = letterOf(sender, index);
    if (letter === 0 || view(letter, Letter).type < Range.FirstProtocol) {
      finish(row, Status.Invalid); // changed after it was offered
      continue;
    }
    put(receiver, place, sender, letter);
    finish(row, Status.Ok);
    return true;
  }
  return false;
}

/** A row that holds a message to deliver; null for any other, and where the sender's memory has gone. */
function pendingRow(sender: Process, index: u32): RowState | null {
  const behind = u32(offsetOf(AsyncMessage, "to"));
  const place = translate(sender, rowAddress(sender, index) + behind, WRITABLE);
  if (place === 0) return null;
  const row = view(place, RowState);
  return (row.flags & (AsyncFlags.Valid | AsyncFlags.Done)) === AsyncFlags.Valid ? row : null;
}

function letterOf(sender: Process, index: u32): paddr {
  return translate(sender, rowAddress(sender, index), READABLE);
}

function rowAddress(sender: Process, index: u32): vaddr {
  return sender.asyncRows + index * u32(sizeOf(AsyncMessage));
}

function finish(row: RowState, result: Status): void {
  row.result = result;
  row.flags |= AsyncFlags.Done;
}

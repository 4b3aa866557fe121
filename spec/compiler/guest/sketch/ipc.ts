/**
 * Message passing, the one thing this kernel exists to do.
 *
 * A sender blocks until its message is taken, a receiver until there is one to take.
 * A notifier never blocks: it leaves one bit and moves on. Nothing is buffered, so
 * nothing can overflow: a message waits inside its sender.
 */
import { ANY, type Endpoint, NONE } from "./endpoint.ts";
import { copyIn, copyOut } from "./memory.ts";
import { type Message, Notification } from "./message.ts";
import { Blocked, lookup, type Process, processes } from "./process.ts";
import { dequeue, enqueue, ready, suspend } from "./queue.ts";
import { Status } from "./status.ts";

const notification = new Notification();

export function send(sender: Process, to: Endpoint, message: vaddr): Status {
  const receiver = lookup(to);
  if (receiver === null) return Status.DeadEndpoint;
  if ((sender.mayCall & bit(receiver)) === 0) return Status.Denied;
  if (wouldDeadlock(sender, receiver)) return Status.Deadlock;
  if (!copyIn(sender, message, sender.outgoing)) return Status.Fault;

  sender.outgoing.source = sender.endpoint; // whatever the sender claimed
  if (awaits(receiver, sender.endpoint)) return deliver(receiver, sender.outgoing);

  enqueue(receiver, sender);
  sender.peer = to;
  suspend(sender, Blocked.Sending);
  return Status.Ok;
}

export function receive(receiver: Process, from: Endpoint, inbox: vaddr): Status {
  if (from !== ANY && lookup(from) === null) return Status.DeadEndpoint;
  receiver.inbox = inbox;
  receiver.peer = from;

  // Notifications first: they are how interrupts and the reincarnation server are heard.
  // But never in place of a reply.
  for (const notifier of processes) {
    if (receiver.awaitsReply) break;
    if ((receiver.notifiers & bit(notifier)) === 0) continue;
    if (!admits(from, notifier.endpoint)) continue;
    receiver.notifiers &= ~bit(notifier);
    return announce(receiver, notifier);
  }

  const sender = dequeue(receiver, from);
  if (sender === null) {
    suspend(receiver, Blocked.Receiving);
    return Status.Ok;
  }
  ready(sender, Blocked.Sending);
  return deliver(receiver, sender.outgoing);
}

/** Ask and wait for the answer: what a program's system call is made of. */
export function sendReceive(caller: Process, to: Endpoint, message: vaddr): Status {
  caller.awaitsReply = true; // deliver() ends it
  const status = send(caller, to, message);
  if (status !== Status.Ok) caller.awaitsReply = false;
  return status === Status.Ok ? receive(caller, to, message) : status;
}

export function notify(notifier: Process, to: Endpoint): Status {
  const receiver = lookup(to);
  if (receiver === null) return Status.DeadEndpoint;
  if (!receiver.awaitsReply && awaits(receiver, notifier.endpoint)) return announce(receiver, notifier);
  receiver.notifiers |= bit(notifier);
  return Status.Ok;
}

function announce(receiver: Process, notifier: Process): Status {
  notification.source = notifier.endpoint;
  return deliver(receiver, notification);
}

function deliver(receiver: Process, message: Message): Status {
  ready(receiver, Blocked.Receiving);
  receiver.peer = NONE;
  receiver.awaitsReply = false;
  return copyOut(receiver, message, receiver.inbox) ? Status.Ok : Status.Fault;
}

/** Follow who waits for whom; a chain that comes back to the sender is a deadlock. */
function wouldDeadlock(sender: Process, receiver: Process): boolean {
  let next: Process | null = receiver;
  for (let hops = 0; next !== null; hops++) {
    if (next === sender) return true;
    assert(hops < processes.length);
    next = (next.blocked & Blocked.Sending) !== 0 ? lookup(next.peer) : null;
  }
  return false;
}

function awaits(receiver: Process, peer: Endpoint): boolean {
  return receiver.blocked === Blocked.Receiving && admits(receiver.peer, peer);
}

function admits(wanted: Endpoint, peer: Endpoint): boolean {
  return wanted === ANY || wanted === peer;
}

function bit(process: Process): u32 {
  return 1 << process.privilege;
}

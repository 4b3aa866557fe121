/**
 * Message passing, the one thing this kernel exists to do.
 *
 * A sender blocks until its message is taken, a receiver until there is one to take. A notifier never blocks: it leaves one
 * bit and moves on. Nothing is buffered, so nothing can overflow: a message waits inside its sender. The rules are MINIX's
 * (docs/ipc.md). Begin at `sendReceive`. Nearly every request and every answer is handed over by `trap` already (trap.ts), by the same rules.
 *
 * Each of these returns what the caller finds in a0. A caller that blocks gets Ok now, and whoever unblocks it for another
 * reason than a message changes that.
 */
import { ANY, CLOCK, type Endpoint, HARDWARE, KERNEL, NONE, SLOTS } from "../lib/endpoint.ts";
import { Blocked } from "../lib/kernel-call/service.ts";
import { PageFlags } from "../lib/kernel-call/space.ts";
import { Message, Notification, Range } from "../lib/message.ts";
import { Status } from "../lib/status.ts";
import { takeAsync } from "./async.ts";
import { now } from "./clock.ts";
import { READABLE, translate, WRITABLE } from "./memory.ts";
import { awaitPage, RETRY } from "./missing.ts";
import { Letter, lookup, type Process, processes } from "./process.ts";
import { unblock } from "./schedule.ts";
import { traceReceived, traceSent } from "./trace.ts";

const notification = new Notification();

/** Ask, and wait for the answer: what a program's system call is made of. */
export function sendReceive(caller: Process, to: Endpoint, message: vaddr): i32 {
  const receiver = lookup(to);
  if (receiver === null) return Status.DeadEndpoint;
  if (!caller.sendTo.has(receiver.privilege)) return Status.Denied;
  const place = inboxPlaceOf(caller, message); // the answer comes to the same place
  if (place === 0) return refuse(caller, message, PageFlags.Write);
  if (view(place, Letter).type < Range.FirstProtocol) return Status.Invalid;

  caller.inbox = message;
  caller.inboxPlace = place;
  if (listens(receiver, caller.endpoint) && inboxOf(receiver) !== 0) {
    caller.awaitsReplyFrom = to;
    caller.blocked = Blocked.Receiving; // first, so that the receiver takes its turn at once
    deliver(receiver, caller, place);
    return Status.Ok;
  }
  if (wouldDeadlock(caller, receiver)) return Status.Deadlock;
  waitToSend(caller, receiver, place);
  caller.blocked = Blocked.Sending | Blocked.Receiving;
  return Status.Ok;
}

/** Blocks until the receiver has taken the message. */
export function send(caller: Process, to: Endpoint, message: vaddr): i32 {
  const receiver = lookup(to);
  if (receiver === null) return Status.DeadEndpoint;
  if (!caller.sendTo.has(receiver.privilege)) return Status.Denied;
  const place = outboxOf(caller, message);
  if (place === 0) return refuse(caller, message, PageFlags.Read);
  if (view(place, Letter).type < Range.FirstProtocol) return Status.Invalid;

  if (takesAnswer(receiver, caller.endpoint) && inboxOf(receiver) !== 0) {
    deliver(receiver, caller, place);
    return Status.Ok;
  }
  if (wouldDeadlock(caller, receiver)) return Status.Deadlock;
  waitToSend(caller, receiver, place);
  caller.blocked = Blocked.Sending; // it is running: no queue has to be left
  return Status.Ok;
}

/** Delivers if the receiver waits for it now; otherwise NotReady. */
export function sendNonblocking(caller: Process, to: Endpoint, message: vaddr): i32 {
  const receiver = lookup(to);
  if (receiver === null) return Status.DeadEndpoint;
  if (!caller.sendTo.has(receiver.privilege)) return Status.Denied;
  const place = outboxOf(caller, message);
  if (place === 0) return refuse(caller, message, PageFlags.Read);
  if (view(place, Letter).type < Range.FirstProtocol) return Status.Invalid;

  if (!takesAnswer(receiver, caller.endpoint) || inboxOf(receiver) === 0) return Status.NotReady;
  deliver(receiver, caller, place);
  return Status.Ok;
}

/** Answers as SENDNB does, whatever comes of it; then waits for anybody as RECEIVE does: a server's turn, in one trap. a2: the inbox. */
export function replyReceive(caller: Process, to: Endpoint, message: vaddr): i32 {
  const inbox = vaddr(caller.frame.a2);
  if (inboxPlaceOf(caller, inbox) === 0) return refuse(caller, inbox, PageFlags.Write); // before anything has happened
  if (sendNonblocking(caller, to, message) === RETRY) return RETRY;
  return receive(caller, ANY, inbox);
}

/** Notifications first, then asynchronous messages, then whoever has been blocked on sending the longest. */
export function receive(caller: Process, from: Endpoint, message: vaddr): i32 {
  const place = inboxPlaceOf(caller, message);
  if (place === 0) return refuse(caller, message, PageFlags.Write);
  if (caller.mayHaveMail && takeMail(caller, from, place)) return Status.Ok;
  if (from !== ANY) {
    const status = mayListenTo(caller, from);
    if (status !== Status.Ok) return status;
  }
  caller.inbox = message;
  caller.inboxPlace = place;
  caller.listensTo = from;
  caller.blocked = Blocked.Receiving;
  return Status.Ok;
}

/** Leaves one bit with the receiver; never blocks. */
export function notify(caller: Process, to: Endpoint): i32 {
  const receiver = lookup(to);
  if (receiver === null) return Status.DeadEndpoint;
  if (!caller.sendTo.has(receiver.privilege)) return Status.Denied;
  notifyFrom(caller.privilege, receiver);
  return Status.Ok;
}

/** The same, from a service or one of the kernel's own voices. */
export function notifyFrom(notifier: i32, receiver: Process): void {
  const source = voiceOf(notifier);
  if (listens(receiver, source) && inboxOf(receiver) !== 0) {
    announce(receiver, notifier, receiver.inboxPlace);
    stopWaiting(receiver);
  } else if (receiver.isAlive()) {
    receiver.notifiers.add(notifier);
    receiver.mayHaveMail = true;
  }
}

// --- Delivery ----------------------------------------------------------------------------------------------------

/** Whether a process waits in RECEIVE for this peer. */
export function listens(receiver: Process, peer: Endpoint): boolean {
  return receiver.listensTo === ANY || receiver.listensTo === peer;
}

/** The same, or in SENDREC for its answer: only SEND and SENDNB can give that. */
function takesAnswer(receiver: Process, peer: Endpoint): boolean {
  return receiver.awaitsReplyFrom === peer || listens(receiver, peer);
}

/** Where a waiting receiver wants its message. 0: its memory has gone, and it has been told so. */
export function inboxOf(receiver: Process): paddr {
  return receiver.inboxPlace !== 0 ? receiver.inboxPlace : findInbox(receiver);
}

/** Its address space has changed since it began to wait. */
function findInbox(receiver: Process): paddr {
  receiver.inboxPlace = translate(receiver, receiver.inbox, WRITABLE);
  if (receiver.inboxPlace === 0) giveUpWaiting(receiver, Status.Fault);
  return receiver.inboxPlace;
}

/** The message goes straight from one memory to the other, and the receiver runs. Its inbox has been looked up. */
export function deliver(receiver: Process, sender: Process, place: paddr): void {
  put(receiver, receiver.inboxPlace, sender, place);
  stopWaiting(receiver);
}

/** Sixteen words, of which the kernel writes the first: nobody can speak in another's name. */
export function put(receiver: Process, target: paddr, sender: Process, place: paddr): void {
  const letter = view(target, Letter);
  copy(letter, view(place, Letter));
  letter.source = sender.endpoint;
  const { type } = letter;
  const cycle = csr.mcycle;
  traceSent(sender, receiver.endpoint, type, cycle);
  traceReceived(receiver, sender.endpoint, type, cycle);
}

function stopWaiting(receiver: Process): void {
  receiver.listensTo = NONE;
  receiver.awaitsReplyFrom = NONE;
  unblock(receiver, Blocked.Receiving);
}

/** Ends a process' waiting, whatever for, without a message. */
export function giveUpWaiting(process: Process, status: Status): void {
  forgetWaiting(process);
  process.frame.a0 = u32(status);
  unblock(process, Blocked.Sending | Blocked.Receiving);
}

/** The process waits for nobody any more, though it may still count as blocked. */
export function forgetWaiting(process: Process): void {
  if (process.sendsTo !== NONE) leaveQueue(process);
  process.listensTo = NONE;
  process.awaitsReplyFrom = NONE;
}

// --- Receiving what is there already ---------------------------------------------------------------------------------

function takeMail(receiver: Process, from: Endpoint, place: paddr): boolean {
  if (takeNotification(receiver, from, place) || takeAsync(receiver, from, place) || takeSender(receiver, from, place))
    return true;
  if (from === ANY) receiver.mayHaveMail = false;
  return false;
}

function takeNotification(receiver: Process, from: Endpoint, place: paddr): boolean {
  const notifier = from === ANY ? receiver.notifiers.lowest() : notifierOf(from);
  if (notifier < 0 || !receiver.notifiers.has(notifier)) return false;
  receiver.notifiers.remove(notifier);
  announce(receiver, notifier, place);
  return true;
}

/** Builds the message that NOTIFY did not send: what it says is what is true now. */
function announce(receiver: Process, notifier: i32, place: paddr): void {
  notification.source = voiceOf(notifier);
  notification.pending = 0;
  if (notifier === HARDWARE) {
    notification.pending = receiver.interrupts;
    receiver.interrupts = 0;
  } else if (notifier === KERNEL) {
    notification.pending = receiver.news;
    receiver.news = 0;
  }
  notification.time = now();
  copy(view(place, Notification), notification);
  traceReceived(receiver, notification.source, notification.type, csr.mcycle);
}

function takeSender(receiver: Process, from: Endpoint, place: paddr): boolean {
  let sender = receiver.firstSender;
  while (sender !== null && from !== ANY && sender.endpoint !== from) sender = sender.nextSender;
  if (sender === null) return false;
  leaveQueue(sender);
  put(receiver, place, sender, paddr(address(sender.outgoing)));
  if ((sender.blocked & Blocked.Receiving) !== 0) sender.awaitsReplyFrom = receiver.endpoint;
  unblock(sender, Blocked.Sending);
  return true;
}

// --- Waiting -----------------------------------------------------------------------------------------------------

/** The message moves into the kernel, and its sender into the receiver's queue. */
function waitToSend(sender: Process, receiver: Process, place: paddr): void {
  copy(sender.outgoing, view(place, Letter));
  sender.sendsTo = receiver.endpoint;
  sender.nextSender = null;
  if (receiver.lastSender === null) receiver.firstSender = sender;
  else receiver.lastSender.nextSender = sender;
  receiver.lastSender = sender;
  receiver.mayHaveMail = true;
}

function leaveQueue(sender: Process): void {
  const receiver = lookup(sender.sendsTo)!;
  let before: Process | null = null;
  let at = receiver.firstSender;
  while (at !== null && at !== sender) {
    before = at;
    at = at.nextSender;
  }
  assert(at !== null);
  if (before === null) receiver.firstSender = sender.nextSender;
  else before.nextSender = sender.nextSender;
  if (receiver.lastSender === sender) receiver.lastSender = before;
  sender.sendsTo = NONE;
  sender.nextSender = null;
}

/** Whether it makes sense to wait for a message from this peer and no other. */
function mayListenTo(caller: Process, from: Endpoint): Status {
  if (from === HARDWARE || from === CLOCK || from === KERNEL) return Status.Ok;
  const peer = lookup(from);
  if (peer === null) return Status.DeadEndpoint;
  return wouldDeadlock(caller, peer) ? Status.Deadlock : Status.Ok;
}

/**
 * Follows who waits for whom: a chain that comes back to the caller is a deadlock. Two processes of which one sends to the other
 * while that one receives from it are none, but they never come here: their message is delivered at once.
 */
function wouldDeadlock(caller: Process, peer: Process): boolean {
  let next: Process | null = peer;
  for (let hops = 0; next !== null; hops++) {
    if (next === caller) return true;
    assert(hops < SLOTS);
    next = awaited(next);
  }
  return false;
}

/** The one process that this one waits for, if it is one. */
function awaited(process: Process): Process | null {
  if (process.sendsTo !== NONE) return lookup(process.sendsTo);
  if (process.awaitsReplyFrom !== NONE) return lookup(process.awaitsReplyFrom);
  return process.listensTo < 0 ? null : lookup(process.listensTo);
}

/** Whom a process waits for, while it does: an endpoint, ANY, or NONE. */
export function peerOf(process: Process): Endpoint {
  if (process.sendsTo !== NONE) return process.sendsTo;
  return process.awaitsReplyFrom !== NONE ? process.awaitsReplyFrom : process.listensTo;
}

// --- Small things ------------------------------------------------------------------------------------------------

/** Where in RAM the caller would receive; 0 if that is misaligned or not writable. Most receive where they have received before. */
function inboxPlaceOf(caller: Process, message: vaddr): paddr {
  if (message === caller.inbox && caller.inboxPlace !== 0) return caller.inboxPlace;
  return translateMessage(caller, message, WRITABLE);
}

/** The same of a message that the caller sends; it is remembered. */
function outboxOf(caller: Process, message: vaddr): paddr {
  if (message !== caller.outbox || caller.outboxPlace === 0) {
    caller.outbox = message;
    caller.outboxPlace = translateMessage(caller, message, READABLE);
  }
  return caller.outboxPlace;
}

/** A message never crosses a page: one look at the page table finds it. */
function translateMessage(caller: Process, message: vaddr, access: u32): paddr {
  return (message & (Message.alignment - 1)) !== 0 ? 0 : translate(caller, message, access);
}

/** Why there is no message at this address; or the caller is suspended until it is there. */
function refuse(caller: Process, message: vaddr, access: PageFlags): i32 {
  if ((message & (Message.alignment - 1)) !== 0) return Status.Invalid;
  return awaitPage(caller, caller, message, access);
}

/** In whose name a notification comes: the service of this id, or a voice of the kernel. */
function voiceOf(notifier: i32): Endpoint {
  return notifier <= CLOCK ? notifier : processes[notifier & (SLOTS - 1)].endpoint;
}

/** The privilege id behind an endpoint that may have notified; below 0: there is none. */
function notifierOf(from: Endpoint): i32 {
  if (from <= CLOCK) return from;
  const peer = lookup(from);
  return peer === null || !peer.isService() ? -1 : peer.privilege;
}

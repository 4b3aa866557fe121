/**
 * Names of services and who lives behind them, and the subscriptions to their changes.
 *
 * A change marks the name as unseen for every subscriber whose prefix it begins with, and notifies them; each then fetches the names
 * that are marked for it, one by one. So no change is lost, and any number of them before a subscriber listens is one. Begin at `publish`.
 */
import { type Endpoint, NONE, RS, SERVICES, slotOf } from "../../lib/endpoint.ts";
import { notify } from "../../lib/ipc.ts";
import type { DsPublish, DsReply, DsRetrieve, DsSubscribe } from "../../lib/protocol/ds.ts";
import { Status } from "../../lib/status.ts";

class Entry {
  /** All zero: a vacant row. */
  readonly name = new Uint8Array(16);
  endpoint: Endpoint = NONE;
  /** Bit n: the subscriber in slot n has not seen the last change. */
  readonly unseen = new Uint32Array(2);
}

class Subscription {
  /** NONE: a vacant row. */
  subscriber: Endpoint = NONE;
  readonly prefix = new Uint8Array(16);
}

const entries = table(Entry, 64);
const subscriptions = table(Subscription, 128);
/** What one service may hold, so that none can fill the table. */
const SUBSCRIPTIONS_EACH = 8;

/** RS says who lives behind a name. Errors: Denied (not RS), Invalid (no name), NoMemory. */
export function publish(request: DsPublish): Status {
  if (request.source !== RS) return Status.Denied;
  if (request.name[0] === 0) return Status.Invalid;
  const entry = find(request.name) ?? takeEntry(request.name);
  if (entry === null) return Status.NoMemory;
  entry.endpoint = request.endpoint;
  for (const subscription of subscriptions) {
    if (subscription.subscriber === NONE || !beginsWith(entry.name, subscription.prefix)) continue;
    mark(entry, subscription.subscriber);
    notify(subscription.subscriber);
  }
  return Status.Ok;
}

/** Who lives behind a name. Errors: NoEntry, ServiceDown. */
export function retrieve(request: DsRetrieve, answer: DsReply): Status {
  const entry = find(request.name);
  if (entry === null) return Status.NoEntry;
  describe(entry, answer);
  return entry.endpoint === NONE ? Status.ServiceDown : Status.Ok;
}

/** The caller wants to hear of changes; those names that are there already count as changed. Errors: Denied (not a service), NoMemory. */
export function subscribe(request: DsSubscribe): Status {
  const who = request.source;
  if (slotOf(who) >= SERVICES) return Status.Denied;
  forgetEarlierLives(who);
  const row = findSubscription(who, request.prefix) ?? takeSubscription(who);
  if (row === null) return Status.NoMemory;
  row.subscriber = who;
  row.prefix.set(request.prefix);
  let changed = false;
  for (const entry of entries) {
    if (entry.name[0] === 0 || !beginsWith(entry.name, row.prefix)) continue;
    mark(entry, who);
    changed = true;
  }
  if (changed) notify(who);
  return Status.Ok;
}

/** The next change that the caller has not seen; endpoint NONE in it: the service is down. Errors: Nothing. */
export function nextChange(who: Endpoint, answer: DsReply): Status {
  if (slotOf(who) >= SERVICES) return Status.Denied;
  forgetEarlierLives(who);
  for (const entry of entries) {
    if (!isMarked(entry, who)) continue;
    unmark(entry, who);
    describe(entry, answer);
    return Status.Ok;
  }
  return Status.Nothing;
}

function describe(entry: Entry, answer: DsReply): void {
  answer.endpoint = entry.endpoint;
  answer.name.set(entry.name);
}

function find(name: Uint8Array): Entry | null {
  if (name[0] === 0) return null;
  for (const entry of entries) if (sameName(entry.name, name)) return entry;
  return null;
}

function takeEntry(name: Uint8Array): Entry | null {
  for (const entry of entries) {
    if (entry.name[0] !== 0) continue;
    entry.name.set(name);
    return entry;
  }
  return null;
}

function findSubscription(who: Endpoint, prefix: Uint8Array): Subscription | null {
  for (const row of subscriptions) if (row.subscriber === who && sameName(row.prefix, prefix)) return row;
  return null;
}

function takeSubscription(who: Endpoint): Subscription | null {
  let vacant: Subscription | null = null;
  let held = 0;
  for (const row of subscriptions) {
    if (row.subscriber === who) held++;
    else if (row.subscriber === NONE && vacant === null) vacant = row;
  }
  return held < SUBSCRIPTIONS_EACH ? vacant : null;
}

/** A restarted service begins anew: what its dead predecessors had subscribed to, and had not seen, is gone. */
function forgetEarlierLives(who: Endpoint): void {
  let found = false;
  for (const row of subscriptions) {
    if (row.subscriber === NONE || row.subscriber === who || slotOf(row.subscriber) !== slotOf(who)) continue;
    row.subscriber = NONE;
    found = true;
  }
  if (found) for (const entry of entries) unmark(entry, who);
}

function mark(entry: Entry, who: Endpoint): void {
  entry.unseen[slotOf(who) >> 5] |= 1 << (slotOf(who) & 31);
}

function unmark(entry: Entry, who: Endpoint): void {
  entry.unseen[slotOf(who) >> 5] &= ~(1 << (slotOf(who) & 31));
}

function isMarked(entry: Entry, who: Endpoint): boolean {
  return (entry.unseen[slotOf(who) >> 5] & (1 << (slotOf(who) & 31))) !== 0;
}

function sameName(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Zeros end a prefix. */
function beginsWith(name: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) {
    if (prefix[i] === 0) return true;
    if (prefix[i] !== name[i]) return false;
  }
  return true;
}

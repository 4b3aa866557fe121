/**
 * How a director works puppets: gives an order, lets everybody run until nothing more happens, and sees what came of it. The director is
 * RS, more urgent than every puppet; while it sleeps, they all run as far as they can.
 */
import { CLOCK, type Endpoint, RS, slotOf } from "../../../lib/endpoint.ts";
import { receive, sendNonblocking } from "../../../lib/ipc.ts";
import { clearProcess } from "../../../lib/kernel-call/process.ts";
import { About, Blocked, information, ProcessInformation, setAlarm } from "../../../lib/kernel-call/service.ts";
import { Message } from "../../../lib/message.ts";
import { Status } from "../../../lib/status.ts";
import { Order, Outcome } from "./orders.ts";

const order = new Order();
const bell = new Message();
const described = new ProcessInformation();
/** What the puppet asked last has reported. */
export const outcome = new Outcome();

/** What `result` answers for a puppet that has not reported. */
export const PENDING = -0x5000;

/** Time for everybody to run as far as they can. */
export function settle(): void {
  sleep(2);
}

export function sleep(milliseconds: u32): void {
  setAlarm(milliseconds);
  receive(CLOCK, bell);
}

/** Tells a puppet what to do, and lets it. It must not be blocked in its last order; a report that nobody has asked for is dropped. */
export function tell(puppet: Endpoint, what: u32, peer: Endpoint, value: u32 = 0): void {
  result(puppet);
  settle(); // until it waits for orders again
  order.what = what;
  order.peer = peer;
  order.value = value;
  assert(sendNonblocking(puppet, order) === Status.Ok);
  settle();
}

/** An order that is an environment call, with its arguments. */
export function tellToAsk(
  puppet: Endpoint,
  what: u32,
  call: u32,
  first: u32,
  second: u32,
  third: u32,
  fourth: u32,
  fifth: u32,
): i32 {
  order.third = second;
  order.fourth = third;
  order.fifth = fourth;
  order.sixth = fifth;
  tell(puppet, what, i32(first), call);
  return result(puppet);
}

/** What came of the last order: the status that the puppet got, or PENDING. The rest is in `outcome`. */
export function result(puppet: Endpoint): i32 {
  if ((blockedOf(puppet) & Blocked.Sending) === 0 || described.peer !== RS) return PENDING;
  receive(puppet, outcome);
  return outcome.status;
}

/** Orders, and what came of it at once. */
export function ask(puppet: Endpoint, what: u32, peer: Endpoint, value: u32 = 0): i32 {
  tell(puppet, what, peer, value);
  return result(puppet);
}

/** Why a process does not run; Vacant when it is not there. */
export function blockedOf(who: Endpoint): u32 {
  const status = information(About.Process, u32(slotOf(who)), address(described), u32(sizeOf(ProcessInformation)));
  return status < 0 || described.endpoint !== who ? Blocked.Vacant : described.blocked;
}

/** The same process, in detail. */
export function describe(who: Endpoint): ProcessInformation {
  blockedOf(who);
  return described;
}

/** Ends a process' life, whatever it does. */
export function end(who: Endpoint): void {
  if (blockedOf(who) !== Blocked.Vacant) clearProcess(who);
}

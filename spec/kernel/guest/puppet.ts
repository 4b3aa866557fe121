/**
 * A process that does what the director tells it, one order at a time, and reports what came of it: so that a test can put it into any
 * state of message passing. Orders come by SEND from RS; the outcome is sent back, unless the order has blocked the puppet for good.
 */
import { type Endpoint, RS } from "../../../lib/endpoint.ts";
import {
  AsyncFlags,
  AsyncMessage,
  notify,
  receive,
  replyReceive,
  send,
  sendAsync,
  sendNonblocking,
  sendReceive,
  Trap,
} from "../../../lib/ipc.ts";
import { exitService } from "../../../lib/kernel-call/service.ts";
import type { Message } from "../../../lib/message.ts";
import { LETTER, Letter, Order, Outcome, Special } from "./orders.ts";

const order = new Order();
const letter = new Letter();
/** What `replyReceive` hears. */
const received = new Letter();
const outcome = new Outcome();
const rows = table(AsyncMessage, 4);

export function main(): never {
  for (;;) {
    receive(RS, order);
    outcome.status = obey();
    outcome.from = letter.source;
    outcome.heard = letter.type;
    outcome.value = letter.value;
    outcome.asyncFlags = rows[0].flags;
    outcome.asyncResult = rows[0].result;
    send(RS, outcome);
  }
}

function obey(): i32 {
  const { what, peer, value } = order;
  prepareLetter(letter, value);
  switch (what) {
    case Trap.Send:
      return send(peer, letter);
    case Trap.Receive:
      return receive(peer, letter);
    case Trap.SendReceive:
      return sendReceive(peer, letter);
    case Trap.Notify:
      return notify(peer);
    case Trap.SendNonblocking:
      return sendNonblocking(peer, letter);
    case Trap.SendAsync:
      return offer();
    case Trap.ReplyReceive:
      return answer(peer);
    default:
      return special(what, value);
  }
}

function prepareLetter(message: Letter, value: u32): void {
  const raw = view(address(message), Raw); // what was received last may still be there
  raw.source = RS; // a lie, which the kernel corrects
  raw.type = LETTER;
  message.value = value;
}

function answer(client: Endpoint): i32 {
  const status = replyReceive(client, letter, received);
  copy(letter, received);
  return status;
}

function offer(): i32 {
  const row = rows[0];
  prepareLetter(row.message as Message as Letter, order.value);
  row.to = order.peer;
  row.flags = AsyncFlags.Valid;
  row.result = 1;
  return sendAsync(rows);
}

class Word {
  value: u32 = 0;
}
class Raw {
  source: Endpoint = 0;
  type: u32 = 0;
}

/** What is no message: ways to die, and memory. */
function special(what: Special, value: u32): i32 {
  switch (what) {
    case Special.Exit:
      exitService(i32(value));
      break;
    case Special.Spin:
      for (;;);
    case Special.Count:
      for (;;) at(value, Word).value++;
    case Special.Load:
      return i32(at(value, Word).value);
    case Special.Store:
      at(value, Word).value = 0x1234;
      return 0;
    case Special.Illegal:
      asm`.word 0`;
      break;
    case Special.Check:
      assert(value === 0);
      break;
    case Special.Ask:
      return ecall(value, order.peer, order.third, order.fourth, order.fifth, order.sixth);
    case Special.AsyncRow:
      return 0;
  }
  return -1;
}

/** Message passing beyond the matrix: deadlocks, notifications, rights, names, deaths, and what a message may be. Begin at `main`. */
import { ANY, DS, type Endpoint, KERNEL, NONE, nextLife, RS } from "../../../lib/endpoint.ts";
import { KERNEL_CALL, notify, sendNonblocking, Trap } from "../../../lib/ipc.ts";
import { KernelCall } from "../../../lib/kernel-call/number.ts";
import { clearProcess, killProcess, setRights } from "../../../lib/kernel-call/process.ts";
import { Blocked } from "../../../lib/kernel-call/service.ts";
import { Message, MessageType } from "../../../lib/message.ts";
import { Signal } from "../../../lib/signal.ts";
import { Status } from "../../../lib/status.ts";
import { ask, blockedOf, describe, end, outcome, PENDING, result, settle, tell } from "./direct.ts";
import { LETTER, Special } from "./orders.ts";
import { beginReport, check, claim, endReport } from "./report.ts";
import { allRights, FIRST_SLOT, PROGRAM_SLOT, spawn } from "./spawn.ts";

let a: Endpoint = 0;
let b: Endpoint = 0;
let c: Endpoint = 0;

export function main(): never {
  beginReport();
  inNewWorld();
  deadlocks();
  inNewWorld();
  order();
  inNewWorld();
  notifications();
  inNewWorld();
  deaths();
  inNewWorld();
  answers();
  inNewWorld();
  rights();
  inNewWorld();
  messages();
  inNewWorld();
  endpoints();
  endReport();
}

/** Three puppets that wait for orders. */
function inNewWorld(): void {
  end(a);
  end(b);
  end(c);
  a = spawn(FIRST_SLOT, "puppet", allRights());
  b = spawn(FIRST_SLOT + 1, "puppet", allRights());
  c = spawn(FIRST_SLOT + 2, "puppet", allRights());
  settle();
}

function deadlocks(): void {
  check("a send to oneself is a deadlock", ask(a, Trap.Send, a), Status.Deadlock);
  check("a receive from oneself is a deadlock", ask(a, Trap.Receive, a), Status.Deadlock);
  tell(a, Trap.Send, b);
  check("two that send to each other are a deadlock", ask(b, Trap.Send, a), Status.Deadlock);
  check("a message that waits is received all the same", ask(b, Trap.Receive, a), Status.Ok);
  check("and its sender goes on", result(a), Status.Ok);
  tell(a, Trap.SendReceive, b);
  tell(b, Trap.SendReceive, c);
  check("three that wait in a circle are a deadlock", ask(c, Trap.SendReceive, a), Status.Deadlock);
  check("nor may the third wait for a message of the first", ask(c, Trap.Receive, a), Status.Deadlock);
}

function order(): void {
  tell(b, Trap.Send, a, 1);
  tell(c, Trap.Send, a, 2);
  check("blocked senders are heard", ask(a, Trap.Receive, ANY), Status.Ok);
  check("in the order in which they came", i32(outcome.value), 1);
  check("the second is not lost", ask(a, Trap.Receive, c), Status.Ok);
  check("and brings its own message", i32(outcome.value), 2);
  tell(b, Trap.Send, a, 3);
  tell(c, Trap.Notify, a);
  check("a notification overtakes a blocked sender", ask(a, Trap.Receive, ANY), Status.Ok);
  check("it says who", outcome.from, c);
  result(b);
  result(c);
  tell(c, Trap.SendAsync, a, 4);
  check("an asynchronous message overtakes a blocked sender", ask(a, Trap.Receive, ANY), Status.Ok);
  check("it brings its content", i32(outcome.value), 4);
  check("a receiver can pick one sender among several", ask(a, Trap.Receive, b), Status.Ok);
}

function notifications(): void {
  ask(b, Trap.Notify, a);
  ask(b, Trap.Notify, a);
  check("two notifications from one are one", ask(a, Trap.Receive, b), Status.Ok);
  check("and it is a notification", i32(outcome.heard), i32(MessageType.Notify));
  check("there is no second", ask(a, Trap.Receive, b), PENDING);
  inNewWorld();
  ask(c, Trap.Notify, a);
  ask(b, Trap.Notify, a);
  ask(a, Trap.Receive, ANY);
  check("the lowest id is heard first", outcome.from, b);
  ask(a, Trap.Receive, ANY);
  check("then the next", outcome.from, c);
  tell(a, Trap.SendReceive, b, 5);
  ask(b, Trap.Receive, a);
  ask(c, Trap.Notify, a);
  check("a notification does not answer a request", result(a), PENDING);
  ask(b, Trap.SendNonblocking, a, 6);
  check("the answer does", result(a), Status.Ok);
  check("with its content", i32(outcome.value), 6);
  check("the notification is still there", ask(a, Trap.Receive, ANY), Status.Ok);
  check("from whom it came", outcome.from, c);
}

function deaths(): void {
  tell(a, Trap.Send, c);
  tell(b, Trap.SendReceive, c);
  killProcess(c, Signal.Kill);
  settle();
  check("the frozen dead keep their senders waiting", result(a), PENDING);
  clearProcess(c);
  settle();
  check("clearing the dead frees who sends to it", result(a), Status.DeadEndpoint);
  check("and who asks it", result(b), Status.DeadEndpoint);

  inNewWorld();
  tell(a, Trap.SendReceive, c);
  ask(c, Trap.Receive, a);
  tell(b, Trap.Receive, c);
  clearProcess(c);
  settle();
  check("clearing frees who awaits an answer", result(a), Status.DeadEndpoint);
  check("and who listens to it", result(b), Status.DeadEndpoint);

  inNewWorld();
  ask(c, Trap.Notify, a);
  ask(c, Trap.SendAsync, a, 7);
  clearProcess(c);
  check("the notifications of the dead vanish, and their asynchronous messages", ask(a, Trap.Receive, ANY), PENDING);

  inNewWorld();
  ask(a, Trap.SendAsync, c, 8);
  clearProcess(c);
  ask(a, Special.AsyncRow, 0);
  check("an asynchronous message to one that dies says so", outcome.asyncResult, Status.DeadEndpoint);
}

function answers(): void {
  tell(a, Trap.SendReceive, b, 1);
  ask(b, Trap.Receive, ANY);
  tell(b, Trap.ReplyReceive, a, 2);
  check("an answer that waits for more is an answer", result(a), Status.Ok);
  check("with what it says", i32(outcome.value), 2);
  check("and its sender waits", result(b), PENDING);
  tell(a, Trap.SendReceive, b, 3);
  check("until somebody asks again", result(b), Status.Ok);
  check("and is heard", i32(outcome.value), 3);
  tell(b, Trap.ReplyReceive, a, 4); // from here on the short way
  result(a);
  check("the second answer comes as the first did", i32(outcome.value), 4);
  check("from the same", outcome.from, b);
  tell(a, Trap.SendReceive, b, 5);
  result(b);
  check("and the third request", i32(outcome.value), 5);

  ask(c, Trap.Notify, b);
  check("one that has mail does not wait", ask(b, Trap.ReplyReceive, a, 6), Status.Ok);
  check("but hears it", outcome.from, c);
  check("when it has answered", result(a), Status.Ok);
  check("an answer to nobody who waits for one is dropped", ask(b, Trap.ReplyReceive, c), PENDING);
  tell(a, Trap.SendReceive, b, 7);
  result(b);
  check("there is no memory to answer from", ask(b, Special.Ask, a, Trap.ReplyReceive), Status.Fault);
  check("so nothing has been said", result(a), PENDING);
  const few = allRights();
  few.sendTo[0] = 1 << RS;
  setRights(b, few);
  check("whoever may not send may not answer", ask(b, Trap.ReplyReceive, a), PENDING);
  check("though it has before", result(a), PENDING);
}

function rights(): void {
  const few = allRights();
  few.sendTo[0] = 1 << RS;
  few.calls[0] = 0;
  few.calls[1] = 0;
  setRights(a, few);
  check("a send to whom one may not send to is denied", ask(a, Trap.Send, b), Status.Denied);
  check("so is a request", ask(a, Trap.SendReceive, b), Status.Denied);
  check("a notification", ask(a, Trap.Notify, b), Status.Denied);
  check("a non-blocking send", ask(a, Trap.SendNonblocking, b), Status.Denied);
  ask(a, Trap.SendAsync, b);
  check("and an asynchronous one", outcome.asyncResult, Status.Denied);
  check(
    "a kernel call that one may not use is denied",
    ask(a, Special.Ask, b, KERNEL_CALL + KernelCall.RunControl),
    Status.Denied,
  );
  check("one that nobody knows is refused", ask(b, Special.Ask, a, KERNEL_CALL + 60), Status.NoSuchCall);
  check("and so is an unknown trap", ask(b, Special.Ask, a, 77), Status.NoSuchCall);

  const program = spawn(PROGRAM_SLOT, "puppet", allRights());
  settle();
  claim("a program that tries to RECEIVE is not blocked by it", (blockedOf(program) & Blocked.Receiving) === 0);
  end(program);
}

const misaligned = new Uint8Array(256);
const letter = new Message();

function messages(): void {
  check("the kernel writes the true source into a message", ask(a, Trap.Receive, b), PENDING);
  ask(b, Trap.Send, a, 9);
  result(a);
  check("whatever its sender wrote there", outcome.from, b);
  check("and leaves the rest alone", i32(outcome.value), 9);
  const place = (address(misaligned) & ~63) + 68;
  check("a misaligned message is invalid", ecall(Trap.SendNonblocking, a, place), Status.Invalid);
  check("a type of the kernel's cannot be sent", sendNonblocking(a, letter), Status.Invalid);
  check("a message where there is no memory is a fault", ask(a, Special.Ask, b, Trap.SendNonblocking), Status.Fault);
}

function endpoints(): void {
  check("nobody lives at NONE", ask(a, Trap.Send, NONE), Status.DeadEndpoint);
  check("nobody can send to ANY", ask(a, Trap.Send, ANY), Status.DeadEndpoint);
  check("nobody lives where the kernel's voices come from", ask(a, Trap.Send, KERNEL), Status.DeadEndpoint);
  check("nor in a slot that is vacant", ask(a, Trap.Send, DS), Status.DeadEndpoint);
  const before = c;
  end(c);
  check("the next life of a slot is nobody yet", ask(a, Trap.Send, nextLife(before)), Status.DeadEndpoint);
  c = spawn(FIRST_SLOT + 2, "puppet", allRights());
  check("the next life has the next generation", c, nextLife(before));
  check("and letters to the last do not reach it", ask(a, Trap.Send, before), Status.DeadEndpoint);
  claim("a name is kept", describe(c).name[0] === 0x70);
  check("one can notify oneself by notifying the director", notify(RS), Status.Ok);
  check("letters are of their own type", LETTER, 0x910);
}

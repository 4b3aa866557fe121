/**
 * What every service has in common: it says when it is ready, gives signs of life, answers its clients, and commits a fault when
 * RS asks for one.
 *
 * A service's `main` prepares itself, calls `startService`, and then loops over `receiveRequest`. Nothing else has to be done to
 * be watched and restarted.
 */
import { ANY, DS, type Endpoint, NONE, RS } from "./endpoint.ts";
import { notify, receive, replyReceive, sendNonblocking, sendReceive } from "./ipc.ts";
import { About, exitService, information, ProcessInformation, SELF } from "./kernel-call/service.ts";
import { type Message, MessageType, Reply } from "./message.ts";
import { type DsReply, DsRetrieve } from "./protocol/ds.ts";
import { type CommitFault, Fault, RsCall } from "./protocol/rs.ts";
import { Status } from "./status.ts";

/** The first notification RS gets from an incarnation says: ready. */
export function startService(): void {
  notify(RS);
}

/**
 * The next message for the service, from anybody: a request, or a notification of KERNEL, CLOCK, HARDWARE or DS. What RS
 * wants of every service (a sign of life, a fault) is seen to here.
 */
export function receiveRequest<T>(inbox: Message): T {
  const status = receive(ANY, inbox);
  assert(status === Status.Ok);
  if (inbox.source === RS) obey(inbox);
  return inbox as T;
}

/** The same, and answers a request on the way: what a server's loop does in a single trap, where nothing is left to do between the two. */
export function answerAndReceive<T>(client: Endpoint, answer: Message, inbox: Message): T {
  const status = replyReceive(client, answer, inbox);
  assert(status === Status.Ok);
  if (inbox.source === RS) obey(inbox);
  return inbox as T;
}

/** Does what RS wants of every service, until there is a message that is for this one. */
function obey(inbox: Message): void {
  while (inbox.source === RS) {
    if (inbox.type === MessageType.Notify) notify(RS);
    else if (inbox.type === RsCall.CommitFault) commit(inbox as CommitFault);
    else return;
    const status = receive(ANY, inbox);
    assert(status === Status.Ok);
  }
}

const plain = new Reply();

/** The answer that is nothing but a status. Good until the next one. */
export function plainAnswer(status: i32): Message {
  plain.status = status;
  return plain;
}

/** Answers a request with nothing but a status. A client that does not wait any more is gone, and misses nothing. */
export function reply(client: Endpoint, status: Status): void {
  sendNonblocking(client, plainAnswer(status));
}

/** Answers a request with more than a status. */
export function replyWith(client: Endpoint, answer: Message): void {
  sendNonblocking(client, answer);
}

/** Where the service of this name lives now; NONE: it is down, or nobody has heard of it yet. */
export function publishedEndpoint(name: string): Endpoint {
  const request = new DsRetrieve();
  request.name.set(name.bytes);
  if (sendReceive(DS, request) < 0) return NONE;
  const answer = request as Message as DsReply;
  return answer.status < 0 ? NONE : answer.endpoint;
}

class Anything {
  value: u32 = 0;
}
const few = new Uint8Array(4);

/** Commits a fault, for real: the machine, not this function, says what comes of it. */
function commit(request: CommitFault): void {
  switch (request.fault) {
    case Fault.Null:
      at(0, Anything).value = 1;
      break;
    case Fault.Index:
      few[i32(request.fault) + few.length] = 1;
      break;
    case Fault.Assert:
      assert(request.fault !== Fault.Assert);
      break;
    case Fault.Illegal:
      asm`.word 0`;
      break;
    case Fault.Loop:
      loop();
      break;
    case Fault.Exit:
      exitService(3);
      break;
    case Fault.Jump:
      asm`jalr ra, 0(${0x10})`;
      break;
    default:
  }
}

/** The endpoint of this incarnation. */
export function ownEndpoint(): Endpoint {
  const self = new ProcessInformation();
  const status = information(About.Process, SELF, address(self), u32(sizeOf(ProcessInformation)));
  assert(status >= 0);
  return self.endpoint;
}

function loop(): never {
  for (;;) fence();
}

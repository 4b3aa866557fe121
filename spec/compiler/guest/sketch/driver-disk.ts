/**
 * The disk driver: one request at a time, one interrupt per request.
 *
 * It remembers nothing between requests, so killing it loses nothing: the reincarnation
 * server starts another, and the file server asks again.
 */
import { ANY, type Endpoint, KERNEL, REINCARNATION } from "./endpoint.ts";
import { type Interrupt, Message, type Notification, type Read, Reply, Type, type Write } from "./message.ts";
import { busAddress, device, notify, receive, send } from "./service.ts";
import { Status } from "./status.ts";

const enum Command {
  Read = 1,
  Write = 2,
}
const enum State {
  Ready = 1 << 0,
  Failed = 1 << 1,
}

class Controller {
  command: u32 = 0;
  state: u32 = 0;
  sector: u32 = 0;
  count: u32 = 0;
  buffer: paddr = 0; // the bus knows no processes; a vaddr here does not compile
}

type Request = Read | Write | Notification;

const controller = device("disk", Controller); // found in the device tree, mapped for this service alone
const inbox = new Message();
const line = new Message();
const answer = new Reply();

export function main(): never {
  for (;;) {
    const request = receive<Request>(ANY, inbox);
    const client = request.source;
    switch (request.type) {
      case Type.Read:
        reply(client, transfer(Command.Read, request));
        break;
      case Type.Write:
        reply(client, transfer(Command.Write, request));
        break;
      case Type.Notify:
        notify(REINCARNATION);
        break; // still alive
      default:
        reply(client, Status.NoSuchCall);
    }
  }
}

function transfer(command: Command, request: Read | Write): Status {
  if ((controller.state & State.Ready) === 0) return Status.DeviceError;
  controller.sector = request.sector;
  controller.count = request.count;
  controller.buffer = busAddress(request.source, request.grant); // checked and pinned by the kernel
  controller.command = command; // last, because this starts it

  receive<Interrupt>(KERNEL, line);
  return (controller.state & State.Failed) === 0 ? Status.Ok : Status.DeviceError;
}

function reply(client: Endpoint, status: Status): void {
  answer.status = status;
  send(client, answer);
}

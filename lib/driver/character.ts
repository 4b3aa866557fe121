/**
 * What every character driver has in common: its loop, and its answers. A driver is a `CharacterDriver`, a function for each request;
 * what cannot be answered now is `WAITS`, and answered later with `answerCharacter`.
 *
 * VFS and the driver talk asynchronously, so neither ever waits for the other. After a driver's death VFS asks its successor again.
 */
import { post } from "../async.ts";
import type { Endpoint } from "../endpoint.ts";
import { Message, MessageType, type Notification } from "../message.ts";
import {
  CharacterCall,
  type CharacterCancel,
  type CharacterControl,
  type CharacterMessage,
  type CharacterRead,
  CharacterReply,
  type CharacterRequest,
  type CharacterWrite,
} from "../protocol/character.ts";
import { receiveRequest, startService } from "../service.ts";
import { Status } from "../status.ts";

/** A hook's answer: not yet. */
export const WAITS = -1000;

/** Hooks answer with bytes or Ok (>= 0), what failed (< 0), or `WAITS`. */
export interface CharacterDriver {
  /** Whether there is such a minor device: Ok or NoDevice. Asked before every other request. */
  open: (minor: u32) => Status;
  read: (request: CharacterRead) => i32;
  write: (request: CharacterWrite) => i32;
  control: (request: CharacterControl) => i32;
  /** Drops the waiting request `id` of `client` without answering it; false when it does not wait here. */
  cancel: (client: Endpoint, id: u32) => boolean;
  /** A notification of HARDWARE, CLOCK or DS. */
  notified: (notification: Notification) => void;
  /** A message of another protocol, for drivers that have one. */
  other: (message: Message) => void;
}

const inbox = new Message();

/** The driver's life. */
export function runCharacterDriver(driver: CharacterDriver): never {
  startService();
  for (;;) {
    const message = receiveRequest<CharacterMessage | Notification>(inbox);
    if (message.type === MessageType.Notify) driver.notified(message);
    else if (message.type >= CharacterCall.Open && message.type <= CharacterCall.Cancel) serve(driver, message);
    else driver.other(inbox);
  }
}

/** Answers a request that has waited. */
export function answerCharacter(client: Endpoint, id: u32, status: i32): void {
  const answer = new CharacterReply();
  answer.id = id;
  answer.status = status;
  const posted = post(client, answer);
  assert(posted === Status.Ok || posted === Status.DeadEndpoint);
}

function serve(driver: CharacterDriver, request: CharacterMessage): void {
  const client = request.source;
  const { id } = request as CharacterRequest;
  if (request.type === CharacterCall.Cancel) {
    cancel(driver, request);
    return;
  }
  const result = perform(driver, request);
  if (result !== WAITS) answerCharacter(client, id, result);
}

function perform(driver: CharacterDriver, request: CharacterMessage): i32 {
  const status = driver.open(request.minor);
  if (status !== Status.Ok) return status;
  switch (request.type) {
    case CharacterCall.Read:
      return driver.read(request);
    case CharacterCall.Write:
      return driver.write(request);
    case CharacterCall.Control:
      return driver.control(request);
    case CharacterCall.Open:
    case CharacterCall.Close:
      return Status.Ok;
    default:
      return Status.NoSuchCall;
  }
}

function cancel(driver: CharacterDriver, request: CharacterCancel): void {
  const client = request.source;
  const { id } = request;
  if (driver.cancel(client, id)) answerCharacter(client, id, Status.Interrupted);
}

// --- What drivers without a need for a hook put in its place ----------------------------------------------------------

export function noControl(_request: CharacterControl): i32 {
  return Status.NotTerminal;
}
export function nothingWaits(_client: Endpoint, _id: u32): boolean {
  return false;
}
export function notInterested(_notification: Notification): void {}
export function noOtherProtocol(_message: Message): void {}

/**
 * The messages that MFS gets. While it waits for a driver it hears whatever comes; a request that comes then is kept for later.
 */
import { CLOCK, DS, VFS } from "../../lib/endpoint.ts";
import { Message, MessageType, type Notification } from "../../lib/message.ts";
import type { FsRequest } from "../../lib/protocol/file-server.ts";
import { answerAndReceive, receiveRequest, replyWith } from "../../lib/service.ts";
import { armSync } from "./clock.ts";

const inbox = new Message();
/** A request that came while MFS waited for DS. There is one at most: VFS alone asks, and waits for each answer. */
const kept = new Message();
let isKept = false;
const heard = new Message();

/** The next request or notification. */
export function nextMessage(): FsRequest | Notification {
  return isKept ? takeKept() : receiveRequest<FsRequest | Notification>(inbox);
}

/** The same, after VFS has been answered. */
export function answerAndNext(answer: Message): FsRequest | Notification {
  if (!isKept) return answerAndReceive<FsRequest | Notification>(VFS, answer, inbox);
  replyWith(VFS, answer);
  return takeKept();
}

function takeKept(): FsRequest {
  isKept = false;
  copy(inbox, kept);
  return inbox as FsRequest;
}

/** Waits until DS announces something. RS gets its signs of life meanwhile (`receiveRequest` sees to that). */
export function awaitStore(): void {
  for (;;) {
    const message = receiveRequest<FsRequest | Notification>(heard);
    if (message.type !== MessageType.Notify) keep(message);
    else if (message.source === DS) return;
    else if (message.source === CLOCK) armSync(); // it is no time to write things back
  }
}

function keep(request: FsRequest): void {
  assert(!isKept);
  copy(kept, request as Message);
  isKept = true;
}

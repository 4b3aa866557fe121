/**
 * What every block driver has in common: its loop. A driver is a `BlockDriver`, functions that begin a request and see what became of it;
 * the loop here takes requests one at a time, in the order they come, keeps the others waiting, and answers.
 *
 * A driver remembers nothing between requests, so killing it loses nothing: the file server asks its successor again.
 */
import { CLOCK, HARDWARE } from "../endpoint.ts";
import { setAlarm } from "../kernel-call/service.ts";
import { Message, MessageType, type Notification } from "../message.ts";
import { BlockCall, BlockReply, type BlockRequest } from "../protocol/block.ts";
import { receiveRequest, replyWith, startService } from "../service.ts";
import { Status } from "../status.ts";

/** Answers of the hooks: bytes transferred (>= 0), what failed (< 0), or `UNDER_WAY`. */
export const UNDER_WAY = -1000;

export interface BlockDriver {
  /** Begins a Read, Write or Flush. */
  begin: (request: BlockRequest) => i32;
  /** The device has interrupted: what became of the request that is under way. Called without one too. */
  interrupted: () => i32;
  /** `timeoutMilliseconds` have passed without an answer of the device. */
  expired: () => i32;
  /** Capacity and sector of a minor device: NoDevice where there is none. */
  describe: (minor: u32, answer: BlockReply) => Status;
  /** Longest that a device may take. */
  timeoutMilliseconds: u32;
}

const inbox = new Message();
/** Requests that wait for the one that is under way; every client has at most one. */
const waiting = table(Message, 8);
let firstWaiting = 0;
let waitingCount = 0;
const current = new Message();
let isBusy = false;

/** The driver's life. */
export function runBlockDriver(driver: BlockDriver): never {
  startService();
  for (;;) {
    const message = receiveRequest<BlockRequest | Notification>(inbox);
    if (message.type !== MessageType.Notify) accept(driver);
    else if (message.source === HARDWARE) settle(driver, driver.interrupted());
    else if (message.source === CLOCK && isBusy) settle(driver, driver.expired());
    while (!isBusy && waitingCount > 0) beginNext(driver);
  }
}

/** Puts the request in the inbox into the row of those that wait. */
function accept(driver: BlockDriver): void {
  if (inbox.type === BlockCall.Information) {
    describe(driver);
  } else if (waitingCount === waiting.length) {
    respond(inbox, Status.TryAgain);
  } else {
    copy(waiting[(firstWaiting + waitingCount) % waiting.length], inbox);
    waitingCount++;
  }
}

function beginNext(driver: BlockDriver): void {
  copy(current, waiting[firstWaiting]);
  firstWaiting = (firstWaiting + 1) % waiting.length;
  waitingCount--;
  isBusy = true;
  setAlarm(driver.timeoutMilliseconds);
  settle(driver, begin(driver, current as BlockRequest));
}

function begin(driver: BlockDriver, request: BlockRequest): i32 {
  switch (request.type) {
    case BlockCall.Read:
    case BlockCall.Write:
    case BlockCall.Flush:
      return driver.begin(request);
    default:
      return Status.NoSuchCall;
  }
}

/** Answers the request that was under way, unless it still is. */
function settle(driver: BlockDriver, result: i32): void {
  if (!isBusy) return;
  if (result === UNDER_WAY) {
    setAlarm(driver.timeoutMilliseconds);
    return;
  }
  isBusy = false;
  setAlarm(0);
  respond(current, result);
}

function respond(request: Message, result: i32): void {
  const answer = new BlockReply();
  answer.status = result < 0 ? result : Status.Ok;
  answer.bytes = result < 0 ? 0 : u32(result);
  replyWith(request.source, answer);
}

function describe(driver: BlockDriver): void {
  const request = inbox as BlockRequest;
  const answer = new BlockReply();
  answer.status = driver.describe(request.minor, answer);
  replyWith(request.source, answer);
}

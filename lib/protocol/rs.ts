/** What the reincarnation server is asked by the `service` program (SENDREC), and what it tells services (SENDA). */
import { type Endpoint, NONE } from "../endpoint.ts";
import { Message, Range, Reply } from "../message.ts";

export const enum RsCall {
  Status = Range.Rs,
  Up,
  Down,
  Restart,
  Crash,
  Log,
  /** From RS to a service. */
  CommitFault,
  /** From a service's client to RS (SENDA): it answered malformed or late. */
  Complain,
}

export const enum ServiceState {
  Down = 0,
  Starting,
  Running,
  /** Dead, and waiting for its backoff to end. */
  Waiting,
  GivenUp,
  /** Dead; its crash record is being taken. */
  Dead,
}

/** The nth service, in the order of system/services.ts. Answer: `RsServiceReply`. Errors: Nothing (no more). */
export class RsStatus extends Message {
  override readonly type = RsCall.Status;
  index: u32 = 0;
}
export class RsServiceReply extends Reply {
  endpoint: Endpoint = NONE;
  pid: i32 = 0;
  state: ServiceState = 0;
  restarts: u32 = 0;
  /** Zero-padded. */
  readonly name = new Uint8Array(16);
  /** Of the last death, a word or two (`killed`, `load fault`, `no heartbeat`); empty if none. */
  readonly cause = new Uint8Array(20);
}
/** `name` for the requests that mean one service. Errors: NoEntry; Busy when it is in that state already; Denied for a vital one. */
export class RsNamed extends Message {
  readonly name = new Uint8Array(16);
  fault: u32 = 0;
}
export class RsUp extends RsNamed {
  override readonly type = RsCall.Up;
}
export class RsDown extends RsNamed {
  override readonly type = RsCall.Down;
}
export class RsRestart extends RsNamed {
  override readonly type = RsCall.Restart;
}
/** Makes the service commit a fault (`Fault`) when it next listens. */
export class RsCrash extends RsNamed {
  override readonly type = RsCall.Crash;
}
/** Crash records as text: up to `bytes` from stream position `position` on, written to the caller's `address`. Answer: status = how many; 0: the end. */
export class RsLog extends Message {
  override readonly type = RsCall.Log;
  position: u32 = 0;
  address: vaddr = 0;
  bytes: u32 = 0;
}
export class RsComplain extends Message {
  override readonly type = RsCall.Complain;
  endpoint: Endpoint = NONE;
}
export type RsRequest = RsStatus | RsUp | RsDown | RsRestart | RsCrash | RsLog | RsComplain;

export const enum Fault {
  Null = 1,
  Index,
  Assert,
  Illegal,
  Loop,
  Exit,
  Jump,
}
export class CommitFault extends Message {
  override readonly type = RsCall.CommitFault;
  fault: Fault = Fault.Null;
}

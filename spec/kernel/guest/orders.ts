/** What the director tells puppets, and what they report. Each is a message; the kernel looks at nothing but the first two words. */
import type { Endpoint } from "../../../lib/endpoint.ts";
import { Message } from "../../../lib/message.ts";

/** Types outside every protocol's range. */
export const ORDER = 0x900;
export const LETTER = 0x910;
export const OUTCOME = 0x920;

export class Order extends Message {
  override readonly type = ORDER;
  /** A `Trap` or a `Special`. */
  what: u32 = 0;
  peer: Endpoint = 0;
  value: u32 = 0;
  third: u32 = 0;
  fourth: u32 = 0;
  fifth: u32 = 0;
  sixth: u32 = 0;
}

/** What puppets send each other. */
export class Letter extends Message {
  override readonly type = LETTER;
  value: u32 = 0;
}

export class Outcome extends Message {
  override readonly type = OUTCOME;
  status: i32 = 0;
  from: Endpoint = 0;
  heard: u32 = 0;
  value: u32 = 0;
  asyncFlags: u32 = 0;
  asyncResult: i32 = 0;
}

export const enum Special {
  Exit = 100,
  /** Runs for ever. */
  Spin,
  /** Counts in the word at `value`, for ever. */
  Count,
  /** Touches the word at `value`. */
  Load,
  Store,
  Illegal,
  /** Fails an assertion. */
  Check,
  /** `ecall` number `value`, with peer, third, fourth … as arguments. */
  Ask,
  /** Nothing, but reports the state of its asynchronous message. */
  AsyncRow,
}

/**
 * The message: sixty-four bytes that every conversation in the system is made of.
 *
 * `Message` is the envelope. Each protocol (folder `protocol/`) declares its letters as subclasses, and the
 * union of those letters is the protocol: a `switch` on `type` opens the envelope.
 */
import { type Endpoint, NONE } from "./endpoint.ts";
import { Status } from "./status.ts";

/** A row in the granter's table: who may read or write which of its bytes. See grant.ts. */
export type Grant = u32;

/** Types below `FirstProtocol` are the kernel's: nobody else can send them. Each protocol has a range of its own. */
export const enum Range {
  Kernel = 0x000,
  FirstProtocol = 0x080,
  Reply = 0x080,
  Pm = 0x100,
  Vfs = 0x200,
  FileServer = 0x300,
  Block = 0x400,
  Character = 0x500,
  Vm = 0x600,
  Ds = 0x700,
  Rs = 0x800,
}

export const enum MessageType {
  Notify = Range.Kernel + 1,
  Reply = Range.Reply,
}

export class Message {
  /** Every letter is laid out in exactly this many bytes, and never crosses a page. */
  static readonly bytes = 64;
  static readonly alignment = 64;

  source: Endpoint = NONE;
  readonly type: u32 = 0;
}

/** What NOTIFY delivers: that the source has something to say, and when. */
export class Notification extends Message {
  override readonly type = MessageType.Notify;
  /** From HARDWARE: bit n is the service's nth interrupt (`InterruptEnable`'s index). From KERNEL: 1 signals, 2 page faults. */
  pending: u32 = 0;
  /** Ticks of mtime, at delivery. */
  time: u64 = 0n;
}

/** The plain answer. Answers with more to say extend it. */
export class Reply extends Message {
  override readonly type = MessageType.Reply;
  status: i32 = Status.Ok;
}

/** Names inside messages: zero-padded bytes. */
export const NAME_BYTES = 16;

/** What file servers ask of block drivers, with SENDREC: each request is answered before the next. */
import { type Grant, Message, Range, Reply } from "../message.ts";

export const enum BlockCall {
  Read = Range.Block,
  Write,
  Flush,
  Information,
}

/** Reads `bytes` (a multiple of the sector) at `position` into what was granted. Answer: `BlockReply`. Errors: InputOutput, Invalid, BadGrant, NoDevice. */
export class BlockRead extends Message {
  override readonly type = BlockCall.Read;
  /** Which of the driver's devices: minor number. */
  minor: u32 = 0;
  grant: Grant = 0;
  position: u64 = 0n;
  bytes: u32 = 0;
}
/** The same fields as `BlockRead`. Answered when the device has the data. */
export class BlockWrite extends Message {
  override readonly type = BlockCall.Write;
  minor: u32 = 0;
  grant: Grant = 0;
  position: u64 = 0n;
  bytes: u32 = 0;
}
/** Answered when everything written before is on stable storage. */
export class BlockFlush extends Message {
  override readonly type = BlockCall.Flush;
  minor: u32 = 0;
}
export class BlockInformation extends Message {
  override readonly type = BlockCall.Information;
  minor: u32 = 0;
}
export type BlockRequest = BlockRead | BlockWrite | BlockFlush | BlockInformation;

export class BlockReply extends Reply {
  /** Bytes transferred. */
  bytes: u32 = 0;
  /** To `BlockInformation`: the device's size, and its sector. */
  capacityBytes: u64 = 0n;
  sectorBytes: u32 = 0;
}

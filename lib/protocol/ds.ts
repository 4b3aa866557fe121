/** What the data store is asked, with SENDREC: who is where, tell me when that changes, and keep this for my next life. */
import { type Endpoint, NONE } from "../endpoint.ts";
import { type Grant, Message, Range, Reply } from "../message.ts";

export const enum DsCall {
  Publish = Range.Ds,
  Retrieve,
  Subscribe,
  Check,
  Save,
  Load,
  Delete,
}

/** RS only: the service of this name is `endpoint` now; NONE: it is down. Its subscribers are notified. */
export class DsPublish extends Message {
  override readonly type = DsCall.Publish;
  readonly name = new Uint8Array(16);
  endpoint: Endpoint = NONE;
}
/** Answer: `DsReply`. Errors: NoEntry (never published), ServiceDown. */
export class DsRetrieve extends Message {
  override readonly type = DsCall.Retrieve;
  readonly name = new Uint8Array(16);
}
/** Notify me when a name that begins with this changes; one that is there already counts as changed. All zero: every name. */
export class DsSubscribe extends Message {
  override readonly type = DsCall.Subscribe;
  readonly prefix = new Uint8Array(16);
}
/** The next change that the caller has not seen: `DsReply`, or Nothing. */
export class DsCheck extends Message {
  override readonly type = DsCall.Check;
}
/** Keeps `bytes` (at most `STATE_BYTES`) under the caller's service name and `key`, across its death. */
export class DsSave extends Message {
  override readonly type = DsCall.Save;
  key: u32 = 0;
  grant: Grant = 0;
  bytes: u32 = 0;
}
/** Gives them back: `DsReply` with how many there are. Errors: NoEntry. */
export class DsLoad extends Message {
  override readonly type = DsCall.Load;
  key: u32 = 0;
  grant: Grant = 0;
  bytes: u32 = 0;
}
export class DsDelete extends Message {
  override readonly type = DsCall.Delete;
  key: u32 = 0;
}
export type DsRequest = DsPublish | DsRetrieve | DsSubscribe | DsCheck | DsSave | DsLoad | DsDelete;

export class DsReply extends Reply {
  endpoint: Endpoint = NONE;
  bytes: u32 = 0;
  readonly name = new Uint8Array(16);
}
export const STATE_BYTES = 256;

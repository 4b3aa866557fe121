/**
 * State blocks: a few bytes that a service keeps here, and its next incarnation finds again.
 *
 * A block belongs to a slot, not to an endpoint: the slot is what a service keeps across its deaths. Begin at `saveState`.
 */
import { SERVICES, slotOf } from "../../lib/endpoint.ts";
import { safeCopyFrom, safeCopyTo } from "../../lib/kernel-call/service.ts";
import { type DsDelete, type DsLoad, type DsReply, type DsSave, STATE_BYTES } from "../../lib/protocol/ds.ts";
import { Status } from "../../lib/status.ts";

class StateBlock {
  used: boolean = false;
  owner: i32 = 0;
  key: u32 = 0;
  bytes: u32 = 0;
  readonly content = new Uint8Array(256);
}

const blocks = table(StateBlock, 64);
/** What one service may keep, so that none can fill the table. */
const BLOCKS_EACH = 8;
/** A save arrives here first, so that one that fails half-way leaves the old state whole. */
const arriving = new Uint8Array(256);

/** Errors: Denied (not a service), Invalid (more than STATE_BYTES), NoMemory, and what the copy answers. */
export function saveState(request: DsSave): Status {
  if (slotOf(request.source) >= SERVICES) return Status.Denied;
  if (request.bytes > STATE_BYTES) return Status.Invalid;
  const status = safeCopyFrom(request.source, request.grant, 0, address(arriving), request.bytes);
  if (status !== Status.Ok) return status;
  const owner = slotOf(request.source);
  const block = find(owner, request.key) ?? takeBlock(owner, request.key);
  if (block === null) return Status.NoMemory;
  block.bytes = request.bytes;
  block.content.set(arriving);
  return Status.Ok;
}

/** As many bytes as fit the caller's grant; the answer says how many there are. Errors: NoEntry, and what the copy answers. */
export function loadState(request: DsLoad, answer: DsReply): Status {
  const block = find(slotOf(request.source), request.key);
  if (block === null) return Status.NoEntry;
  let bytes = block.bytes;
  if (bytes > request.bytes) bytes = request.bytes;
  answer.bytes = block.bytes;
  return safeCopyTo(request.source, request.grant, 0, address(block.content), bytes);
}

/** Errors: NoEntry. */
export function deleteState(request: DsDelete): Status {
  const block = find(slotOf(request.source), request.key);
  if (block === null) return Status.NoEntry;
  block.used = false;
  return Status.Ok;
}

function find(owner: i32, key: u32): StateBlock | null {
  for (const block of blocks) if (block.used && block.owner === owner && block.key === key) return block;
  return null;
}

function takeBlock(owner: i32, key: u32): StateBlock | null {
  let vacant: StateBlock | null = null;
  let held = 0;
  for (const block of blocks) {
    if (!block.used) vacant = block;
    else if (block.owner === owner) held++;
  }
  if (vacant === null || held >= BLOCKS_EACH) return null;
  vacant.used = true;
  vacant.owner = owner;
  vacant.key = key;
  return vacant;
}

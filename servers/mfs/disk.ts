/**
 * Blocks to and from the driver of a volume, whatever happens to the driver.
 *
 * MFS waits for each answer, so no buffer changes while its request is under way: when the driver dies, the same request
 * goes to its next incarnation and comes to the same. Programs see nothing of it. Begin at `carryOut`.
 */
import { post } from "../../lib/async.ts";
import { DS, NONE, RS } from "../../lib/endpoint.ts";
import { GrantFlags, grantDirect, NO_GRANT, revoke } from "../../lib/grant.ts";
import { sendReceive } from "../../lib/ipc.ts";
import { log } from "../../lib/log.ts";
import { type Grant, type Message, MessageType, type Reply } from "../../lib/message.ts";
import {
  BlockCall,
  BlockFlush,
  BlockInformation,
  BlockRead,
  type BlockReply,
  BlockWrite,
} from "../../lib/protocol/block.ts";
import { DsCheck, type DsReply, DsRetrieve, DsSubscribe } from "../../lib/protocol/ds.ts";
import { RsComplain } from "../../lib/protocol/rs.ts";
import { Status } from "../../lib/status.ts";
import { BLOCK_BYTES } from "./format.ts";
import { awaitStore } from "./inbox.ts";
import type { Volume } from "./volume.ts";

/** A request that the disk itself fails is tried this often, and one whose driver dies. */
const FAILURES_MAXIMUM = 5;
const DEATHS_MAXIMUM = 10;

/** Reads `blocks` blocks from `block` on into memory at `buffer`, which crosses no page. Errors: InputOutput, NoDevice, ServiceDown. */
export function readDisk(volume: Volume, block: u32, buffer: vaddr, blocks: u32): Status {
  return carryOut(volume, BlockCall.Read, block, buffer, blocks);
}

/** Writes them. The device has the data when this returns, if perhaps not yet in a place that survives a loss of power: see `flushDisk`. */
export function writeDisk(volume: Volume, block: u32, buffer: vaddr, blocks: u32): Status {
  return carryOut(volume, BlockCall.Write, block, buffer, blocks);
}

export function flushDisk(volume: Volume): Status {
  return carryOut(volume, BlockCall.Flush, 0, 0, 0);
}

/** Asks how large the device is, and notes it in `volume.blocks`. */
export function measureDisk(volume: Volume): Status {
  return carryOut(volume, BlockCall.Information, 0, 0, 0);
}

/** DS has announced something while nobody waited for it. A driver's death is noticed when it is next asked, so there is nothing to do but listen. */
export function hearStore(): void {
  for (;;) {
    const letter = new DsCheck();
    if (sendReceive(DS, letter) !== Status.Ok) return;
    if ((letter as Message as Reply).status !== Status.Ok) return;
  }
}

function carryOut(volume: Volume, call: BlockCall, block: u32, buffer: vaddr, blocks: u32): Status {
  let failures = 0;
  let deaths = 0;
  for (;;) {
    const found = findDriver(volume);
    if (found !== Status.Ok) return found;
    const status = attempt(volume, call, block, buffer, blocks);
    if (status === Status.DeadEndpoint) {
      deaths++;
      volume.lost = volume.endpoint;
      volume.endpoint = NONE;
    } else if (status === Status.InputOutput) {
      failures++;
    } else {
      return status;
    }
    if (failures > FAILURES_MAXIMUM || deaths > DEATHS_MAXIMUM) return Status.InputOutput;
  }
}

/** One request to one incarnation of the driver. */
function attempt(volume: Volume, call: BlockCall, block: u32, buffer: vaddr, blocks: u32): Status {
  const bytes = blocks * BLOCK_BYTES;
  const position = u64(block) * u64(BLOCK_BYTES);
  switch (call) {
    case BlockCall.Read: {
      const letter = new BlockRead();
      letter.minor = volume.minor;
      letter.position = position;
      letter.bytes = bytes;
      letter.grant = grantDirect(volume.endpoint, buffer, bytes, GrantFlags.Write);
      return ask(volume, letter, letter.grant, bytes);
    }
    case BlockCall.Write: {
      const letter = new BlockWrite();
      letter.minor = volume.minor;
      letter.position = position;
      letter.bytes = bytes;
      letter.grant = grantDirect(volume.endpoint, buffer, bytes, GrantFlags.Read);
      return ask(volume, letter, letter.grant, bytes);
    }
    case BlockCall.Flush: {
      const letter = new BlockFlush();
      letter.minor = volume.minor;
      return ask(volume, letter, NO_GRANT, 0);
    }
    case BlockCall.Information: {
      const letter = new BlockInformation();
      letter.minor = volume.minor;
      const status = ask(volume, letter, NO_GRANT, 0);
      if (status === Status.Ok) volume.blocks = u32((letter as Message as BlockReply).capacityBytes / 1024n);
      return status;
    }
  }
}

/** Sends the request and judges the answer: it is a reply, it says Ok and that all bytes went, or an error that drivers have. */
function ask(volume: Volume, letter: Message, grant: Grant, bytes: u32): Status {
  const delivery = sendReceive(volume.endpoint, letter);
  if (grant !== NO_GRANT) revoke(grant);
  if (delivery !== Status.Ok) return delivery === Status.DeadEndpoint ? delivery : Status.InputOutput;
  const answer = letter as BlockReply;
  if (letter.type === MessageType.Reply) {
    if (answer.status === Status.Ok && answer.bytes === bytes) return Status.Ok;
    if (answer.status === Status.NoDevice) return Status.NoDevice;
    if (answer.status === Status.InputOutput || answer.status === Status.Invalid) return Status.InputOutput;
  }
  complain(volume);
  return Status.InputOutput;
}

/** Tells RS that the driver answers nonsense. */
function complain(volume: Volume): void {
  log`${volume.driver} gave a malformed answer`;
  const letter = new RsComplain();
  letter.endpoint = volume.endpoint;
  post(RS, letter);
}

/** Sees that `volume.endpoint` is a driver that is believed to be alive; waits for DS to name one if need be. Errors: ServiceDown (it has been given up). */
function findDriver(volume: Volume): Status {
  if (volume.endpoint === NONE) subscribe(volume);
  while (volume.endpoint === NONE) {
    const letter = new DsRetrieve();
    letter.name.set(volume.driver);
    const delivery = sendReceive(DS, letter);
    if (delivery !== Status.Ok) return Status.InputOutput;
    const answer = letter as Message as DsReply;
    if (answer.status === Status.ServiceDown) return Status.ServiceDown;
    if (answer.status === Status.Ok && answer.endpoint !== volume.lost) volume.endpoint = answer.endpoint;
    else {
      awaitStore();
      hearStore();
    }
  }
  return Status.Ok;
}

function subscribe(volume: Volume): void {
  if (volume.subscribed) return;
  const letter = new DsSubscribe();
  letter.prefix.set(volume.driver);
  if (sendReceive(DS, letter) === Status.Ok) volume.subscribed = true;
}

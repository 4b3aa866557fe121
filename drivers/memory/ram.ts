/** The disk of memory: block requests, answered at once. */
import { safeCopyFrom, safeCopyTo } from "../../lib/kernel-call.ts";
import type { Message } from "../../lib/message.ts";
import { BlockCall, type BlockRead, BlockReply, type BlockRequest } from "../../lib/protocol/block.ts";
import { MemoryMinor } from "../../lib/protocol/vfs.ts";
import { replyWith } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";

const RAM_BYTES = 0x10_0000;
const SECTOR_BYTES = 512;
const ram = new Uint8Array(RAM_BYTES);

/** Answers a block request; anything else with NoSuchCall. */
export function serveRam(message: Message): void {
  const client = message.source;
  const answer = new BlockReply();
  const result = perform(message as BlockRequest);
  answer.status = result < 0 ? result : Status.Ok;
  answer.bytes = result < 0 ? 0 : u32(result);
  answer.capacityBytes = u64(ram.length);
  answer.sectorBytes = SECTOR_BYTES;
  replyWith(client, answer);
}

/** Bytes transferred, or what failed. */
function perform(request: BlockRequest): i32 {
  switch (request.type) {
    case BlockCall.Information:
    case BlockCall.Flush:
      return checkMinor(request.minor);
    case BlockCall.Read:
    case BlockCall.Write:
      return transfer(request as BlockRead, request.type === BlockCall.Read);
    default:
      return Status.NoSuchCall;
  }
}

function transfer(request: BlockRead, isRead: boolean): i32 {
  const { source, minor, grant, position, bytes } = request;
  const status = checkMinor(minor);
  if (status !== Status.Ok) return status;
  if (position > u64(RAM_BYTES) || bytes > RAM_BYTES - u32(position)) return Status.Invalid;
  const place = vaddr(address(ram) + u32(position));
  const copied = isRead ? safeCopyTo(source, grant, 0, place, bytes) : safeCopyFrom(source, grant, 0, place, bytes);
  return copied === Status.Ok ? i32(bytes) : copied;
}

function checkMinor(minor: u32): Status {
  return minor === MemoryMinor.Ram ? Status.Ok : Status.NoDevice;
}

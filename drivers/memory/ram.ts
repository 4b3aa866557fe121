/** The disk of memory: block requests of file servers, and programs that read and write it like a file. All are answered at once. */
import { safeCopyFrom, safeCopyTo } from "../../lib/kernel-call/service.ts";
import type { Message } from "../../lib/message.ts";
import { BlockCall, type BlockRead, BlockReply, type BlockRequest } from "../../lib/protocol/block.ts";
import type { CharacterRead, CharacterWrite } from "../../lib/protocol/character.ts";
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

/** As many bytes as there are up to the disk's end; 0 behind it. */
export function readRam(request: CharacterRead): i32 {
  const { source, grant, position, bytes } = request;
  const count = within(position, bytes);
  const status = safeCopyTo(source, grant, 0, placeOf(position), count);
  return status === Status.Ok ? i32(count) : status;
}

/** Likewise; behind the disk's end there is no space. */
export function writeRam(request: CharacterWrite): i32 {
  const { source, grant, position, bytes } = request;
  const count = within(position, bytes);
  if (count === 0 && bytes !== 0) return Status.NoSpace;
  const status = safeCopyFrom(source, grant, 0, placeOf(position), count);
  return status === Status.Ok ? i32(count) : status;
}

/** How many of the bytes from a position on the disk has. */
function within(position: u64, bytes: u32): u32 {
  if (position >= u64(RAM_BYTES)) return 0;
  const left = RAM_BYTES - u32(position);
  return bytes < left ? bytes : left;
}

function placeOf(position: u64): vaddr {
  return vaddr(address(ram) + u32(position));
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
  const place = placeOf(position);
  const copied = isRead ? safeCopyTo(source, grant, 0, place, bytes) : safeCopyFrom(source, grant, 0, place, bytes);
  return copied === Status.Ok ? i32(bytes) : copied;
}

function checkMinor(minor: u32): Status {
  return minor === MemoryMinor.Ram ? Status.Ok : Status.NoDevice;
}

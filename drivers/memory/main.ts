/**
 * The memory driver: `/dev/null`, `/dev/zero`, and `/dev/ram`, a disk of memory for file servers and programs (ram.ts). The first two keep nothing;
 * the disk's content dies with the driver, as memory does.
 */
import {
  type CharacterDriver,
  noControl,
  nothingWaits,
  notInterested,
  runCharacterDriver,
} from "../../lib/driver/character.ts";
import { safeCopyTo } from "../../lib/kernel-call/service.ts";
import type { Message } from "../../lib/message.ts";
import type { CharacterRead, CharacterWrite } from "../../lib/protocol/character.ts";
import { MemoryMinor } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { readRam, serveRam, writeRam } from "./ram.ts";

const CHUNK_BYTES = 4096;
const zeros = new Uint8Array(CHUNK_BYTES);

const driver: CharacterDriver = {
  open,
  read,
  write,
  control: noControl,
  cancel: nothingWaits,
  notified: notInterested,
  other: serveOther,
};

export function main(): never {
  runCharacterDriver(driver);
}

function open(minor: u32): Status {
  const exists = minor === MemoryMinor.Null || minor === MemoryMinor.Zero || minor === MemoryMinor.Ram;
  return exists ? Status.Ok : Status.NoDevice;
}

/** The null device is always at its end; the zero device never. */
function read(request: CharacterRead): i32 {
  if (request.minor === MemoryMinor.Null) return 0;
  if (request.minor === MemoryMinor.Ram) return readRam(request);
  for (let done: u32 = 0; done < request.bytes; done += CHUNK_BYTES) {
    const left = request.bytes - done;
    const status = safeCopyTo(
      request.source,
      request.grant,
      done,
      address(zeros),
      left < CHUNK_BYTES ? left : CHUNK_BYTES,
    );
    if (status !== Status.Ok) return status;
  }
  return i32(request.bytes);
}

/** Null and zero swallow everything. */
function write(request: CharacterWrite): i32 {
  return request.minor === MemoryMinor.Ram ? writeRam(request) : i32(request.bytes);
}

function serveOther(message: Message): void {
  serveRam(message);
}

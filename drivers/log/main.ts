/**
 * The log driver: `/dev/klog`, what the kernel and the services have written. Reading begins at the oldest line still there and ends at the
 * newest, as from a file; `dmesg` prints it. What is written to it becomes a line of the log. It keeps nothing of its own: the ring is the kernel's.
 */
import {
  type CharacterDriver,
  noControl,
  noOtherProtocol,
  nothingWaits,
  notInterested,
  runCharacterDriver,
} from "../../lib/driver/character.ts";
import {
  About,
  information,
  MachineInformation,
  safeCopyFrom,
  safeCopyTo,
  writeLog,
} from "../../lib/kernel-call/service.ts";
import type { CharacterRead, CharacterWrite } from "../../lib/protocol/character.ts";
import { Status } from "../../lib/status.ts";

const CHUNK_BYTES = 1024;
const chunk = new Uint8Array(CHUNK_BYTES);
const machine = new MachineInformation();

const driver: CharacterDriver = {
  open,
  read,
  write,
  control: noControl,
  cancel: nothingWaits,
  notified: notInterested,
  other: noOtherProtocol,
};

export function main(): never {
  runCharacterDriver(driver);
}

function open(minor: u32): Status {
  return minor === 0 ? Status.Ok : Status.NoDevice;
}

/** A reader's position counts from the oldest byte that the ring held when the machine's log was still whole; what is lost is skipped. */
function read(request: CharacterRead): i32 {
  information(About.Machine, 0, address(machine), u32(sizeOf(MachineInformation)));
  let done: u32 = 0;
  while (done < request.bytes) {
    const position = u32(request.position) + machine.logBegin + done;
    if (position >= machine.logEnd) break;
    const wanted = request.bytes - done;
    const copied = information(About.Log, position, address(chunk), wanted < CHUNK_BYTES ? wanted : CHUNK_BYTES);
    if (copied <= 0) break;
    const status = safeCopyTo(request.source, request.grant, done, address(chunk), u32(copied));
    if (status !== Status.Ok) return status;
    done += u32(copied);
  }
  return i32(done);
}

function write(request: CharacterWrite): i32 {
  const bytes = request.bytes < CHUNK_BYTES ? request.bytes : CHUNK_BYTES;
  const status = safeCopyFrom(request.source, request.grant, 0, address(chunk), bytes);
  if (status !== Status.Ok) return status;
  writeLog(chunk.subarray(0, i32(bytes)));
  return i32(bytes);
}

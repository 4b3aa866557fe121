/**
 * The terminal driver: a person at a serial port. input.ts edits lines and raises signals, output.ts sends what is written and echoed,
 * settings.ts keeps what must outlive the driver, uart.ts is the port.
 *
 * A killed driver loses at most the keys that nobody has read yet: waiting reads and writes are VFS's, and come again. Begin at `driver`.
 */
import {
  answerCharacter,
  type CharacterDriver,
  noOtherProtocol,
  runCharacterDriver,
  WAITS,
} from "../../lib/driver/character.ts";
import { type Endpoint, HARDWARE } from "../../lib/endpoint.ts";
import { safeCopyTo } from "../../lib/kernel-call.ts";
import type { Grant, Notification } from "../../lib/message.ts";
import type { CharacterRead, CharacterWrite } from "../../lib/protocol/character.ts";
import { Status } from "../../lib/status.ts";
import { control } from "./control.ts";
import { hasRoom, isReadable, receiveByte, takeInput } from "./input.ts";
import { acceptWrite, cancelWrite, pump } from "./output.ts";
import { loadSettings } from "./settings.ts";
import { hasReceived, listen, rearm, startUart, takeReceived } from "./uart.ts";

class Read {
  isWaiting: boolean = false;
  client: Endpoint = 0;
  id: u32 = 0;
  grant: Grant = 0;
  bytes: u32 = 0;
  /** Its place in the row of those that wait. */
  turn: u32 = 0;
}
const reads = table(Read, 16);
let nextTurn: u32 = 0;
/** At most so much is read at once. */
const line = new Uint8Array(2048);

const driver: CharacterDriver = { open, read, write, control, cancel, notified, other: noOtherProtocol };

export function main(): never {
  loadSettings();
  startUart();
  takeKeys();
  runCharacterDriver(driver);
}

function open(minor: u32): Status {
  return minor === 0 ? Status.Ok : Status.NoDevice;
}

function read(request: CharacterRead): i32 {
  for (const row of reads) {
    if (row.isWaiting) continue;
    row.client = request.source;
    row.id = request.id;
    row.grant = request.grant;
    row.bytes = request.bytes;
    row.turn = nextTurn;
    nextTurn++;
    row.isWaiting = true;
    return answerOrWait(row, request.nonblocking !== 0);
  }
  return Status.TryAgain;
}

function write(request: CharacterWrite): i32 {
  return acceptWrite(request);
}

/** A read that has just come: behind those that wait already. */
function answerOrWait(row: Read, nonblocking: boolean): i32 {
  if (isReadable() && firstRead() === row) {
    row.isWaiting = false;
    return transfer(row);
  }
  if (!nonblocking) return WAITS;
  row.isWaiting = false;
  return Status.TryAgain;
}

function cancel(client: Endpoint, id: u32): boolean {
  for (const row of reads) {
    if (!row.isWaiting || row.client !== client || row.id !== id) continue;
    row.isWaiting = false;
    return true;
  }
  return cancelWrite(client, id);
}

function notified(notification: Notification): void {
  if (notification.source !== HARDWARE) return;
  takeKeys();
  pump();
  rearm();
}

/** Takes in what has been typed, as far as there is room, and answers who waits for it. */
function takeKeys(): void {
  while (hasRoom() && hasReceived()) receiveByte(takeReceived());
  answerReads();
  pump();
}

/** Answers waiting reads while there is something to read; then there is room again. */
function answerReads(): void {
  let row = firstRead();
  while (row !== null && isReadable()) {
    row.isWaiting = false;
    answerCharacter(row.client, row.id, transfer(row));
    row = firstRead();
  }
  listen(hasRoom());
}

/** Whoever has waited longest. */
function firstRead(): Read | null {
  let found: Read | null = null;
  for (const row of reads) {
    if (row.isWaiting && (found === null || i32(row.turn - found.turn) < 0)) found = row;
  }
  return found;
}

function transfer(row: Read): i32 {
  const wanted = row.bytes < u32(line.length) ? i32(row.bytes) : line.length;
  if (wanted === 0) return 0;
  const taken = takeInput(line.subarray(0, wanted));
  if (taken === 0) return 0;
  const status = safeCopyTo(row.client, row.grant, 0, address(line), u32(taken));
  return status === Status.Ok ? taken : status;
}

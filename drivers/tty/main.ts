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
import { CLOCK, type Endpoint, HARDWARE } from "../../lib/endpoint.ts";
import { safeCopyTo, setAlarm } from "../../lib/kernel-call/service.ts";
import type { Grant, Notification } from "../../lib/message.ts";
import type { CharacterRead, CharacterWrite } from "../../lib/protocol/character.ts";
import { Status } from "../../lib/status.ts";
import { control } from "./control.ts";
import { countTick, prepareRead, receiveKey, releaseKeys, takeInput } from "./input.ts";
import { hasRoom } from "./keys.ts";
import { acceptWrite, cancelWrite, hasEchoRoom, pump } from "./output.ts";
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
/** A row for each program. */
const reads = table(Read, 192);
let nextTurn: u32 = 0;
/** The port is looked at this often even if it does not interrupt. */
const PATIENCE_MILLISECONDS = 100;
/** At most so much is read at once. */
const line = new Uint8Array(2048);

const driver: CharacterDriver = { open, read, write, control, cancel, notified, other: noOtherProtocol };

export function main(): never {
  loadSettings();
  startUart();
  takeKeys();
  setAlarm(PATIENCE_MILLISECONDS);
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
    releaseKeys();
    return answerOrWait(row, request.nonblocking !== 0);
  }
  return Status.TryAgain;
}

function write(request: CharacterWrite): i32 {
  return acceptWrite(request);
}

/** A read that has just come: behind those that wait already. */
function answerOrWait(row: Read, nonblocking: boolean): i32 {
  if (firstRead() === row && prepareRead()) {
    row.isWaiting = false;
    const status = transfer(row);
    pump();
    return status;
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

/** The port has something to say; or it has said nothing for a while, and an interrupt may have been lost. */
function notified(notification: Notification): void {
  if (notification.source === CLOCK) {
    countTick();
    setAlarm(PATIENCE_MILLISECONDS);
  } else if (notification.source !== HARDWARE) return;
  takeKeys();
  rearm();
}

/** Takes in what has been typed, as far as there is room, answers who waits for it, and shows it. What does not fit waits in the port. */
function takeKeys(): void {
  while (hasRoom() && hasEchoRoom() && hasReceived()) receiveKey(takeReceived());
  answerReads();
  pump();
  listenIfRoom();
}

function listenIfRoom(): void {
  listen(hasRoom() && hasEchoRoom());
}

/** Answers waiting reads while there is something to read; then there is room again. */
function answerReads(): void {
  for (;;) {
    const row = firstRead();
    if (row === null || !prepareRead()) return;
    row.isWaiting = false;
    answerCharacter(row.client, row.id, transfer(row));
  }
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
  listenIfRoom();
  const status = safeCopyTo(row.client, row.grant, 0, address(line), u32(taken));
  return status === Status.Ok ? taken : status;
}

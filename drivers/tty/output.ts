/**
 * What goes out: the echo of what is typed, and what programs write. Both share the transmitter; the echo goes first, at most a FIFO at a time.
 *
 * A write is answered when its last byte is in the transmitter. After each FIFO's worth the driver notes in VFS how far it is, so that a successor
 * repeats no more than that. Begin at `pump`.
 */
import { answerCharacter, WAITS } from "../../lib/driver/character.ts";
import type { Endpoint } from "../../lib/endpoint.ts";
import { NO_GRANT } from "../../lib/grant.ts";
import { safeCopyFrom, safeCopyTo } from "../../lib/kernel-call/service.ts";
import type { Grant } from "../../lib/message.ts";
import { type CharacterWrite, OutputFlags } from "../../lib/protocol/character.ts";
import { Status } from "../../lib/status.ts";
import { settings } from "./settings.ts";
import { awaitTransmitter, transmit, transmitterRoom } from "./uart.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const ECHO_BYTES = 1024;
/** Nothing short of erasing a word takes more. */
const ECHO_OF_KEY_BYTES = 256;
const echoes = new Uint8Array(ECHO_BYTES);
let echoBegin: u32 = 0;
let echoEnd: u32 = 0;

class Write {
  isWaiting: boolean = false;
  client: Endpoint = 0;
  id: u32 = 0;
  grant: Grant = 0;
  progress: Grant = 0;
  bytes: u32 = 0;
  /** How many of them are in the transmitter, or beyond. */
  done: u32 = 0;
}
/** Writes in the order they came: the first is under way. There is a row for each program. */
const WRITES = 192;
const writes = table(Write, 192);
let first = 0;
let count = 0;

/** A piece of the first write's bytes. */
const CHUNK_BYTES = 256;
const chunk = new Uint8Array(CHUNK_BYTES);
let chunkBegin: u32 = 0;
let chunkEnd: u32 = 0;
/** The carriage return before the next newline is out already. */
let returnSent = false;

/** Takes a write into the row; it is answered later. */
export function acceptWrite(request: CharacterWrite): i32 {
  if (request.bytes <= request.done) return i32(request.done);
  if (count === WRITES) return Status.TryAgain;
  const write = writes[(first + count) % WRITES];
  count++;
  write.isWaiting = true;
  write.client = request.source;
  write.id = request.id;
  write.grant = request.grant;
  write.progress = request.progress;
  write.bytes = request.bytes;
  write.done = request.done;
  pump();
  return WAITS;
}

/** Drops a write; what is out stays out. */
export function cancelWrite(client: Endpoint, id: u32): boolean {
  for (let index = 0; index < count; index++) {
    const write = writes[(first + index) % WRITES];
    if (!write.isWaiting || write.client !== client || write.id !== id) continue;
    write.isWaiting = false;
    if (index === 0) nextWrite();
    return true;
  }
  return false;
}

/** Whether everything that one more key can make appear, short of a whole line (^R), has room. */
export function hasEchoRoom(): boolean {
  return ECHO_BYTES - (echoEnd - echoBegin) >= ECHO_OF_KEY_BYTES;
}

/** One byte for the person at the keyboard. With its queue full the echo is lost, never the input. */
export function echo(byte: u8): void {
  if (echoEnd - echoBegin === ECHO_BYTES) return;
  echoes[i32(echoEnd % ECHO_BYTES)] = byte;
  echoEnd++;
}

/** Fills the transmitter, if it is empty. */
export function pump(): void {
  let room = transmitterRoom();
  if (room === 0) {
    awaitTransmitter(true);
    return;
  }
  while (room > 0 && echoBegin !== echoEnd) {
    transmit(echoes[i32(echoBegin % ECHO_BYTES)]);
    echoBegin++;
    room--;
  }
  while (room > 0 && count > 0) room = pumpWrite(writes[first], room);
  awaitTransmitter(echoBegin !== echoEnd || count > 0);
}

/** Moves bytes of the write into the transmitter, notes how far it got, and answers when it is done. Returns the room that is left. */
function pumpWrite(write: Write, wanted: i32): i32 {
  let room = wanted;
  while (room > 0 && write.isWaiting && write.done < write.bytes) {
    if (chunkBegin === chunkEnd && !fetchChunk(write)) return room;
    const byte = chunk[i32(chunkBegin)];
    room--;
    if (byte === NEWLINE && !returnSent && (settings.attributes.output & OutputFlags.NewlineToReturn) !== 0) {
      transmit(RETURN);
      returnSent = true;
      continue;
    }
    transmit(byte);
    returnSent = false;
    chunkBegin++;
    write.done++;
  }
  if (write.done === write.bytes) finish(write, i32(write.done));
  else noteProgress(write);
  return room;
}

/** Reads the next bytes of the write; where its memory is gone, it ends. */
function fetchChunk(write: Write): boolean {
  const left = write.bytes - write.done;
  const bytes = left < CHUNK_BYTES ? left : CHUNK_BYTES;
  const status = safeCopyFrom(write.client, write.grant, write.done, address(chunk), bytes);
  if (status !== Status.Ok) {
    finish(write, status);
    return false;
  }
  chunkBegin = 0;
  chunkEnd = bytes;
  return true;
}

function noteProgress(write: Write): void {
  if (write.progress === NO_GRANT || !write.isWaiting) return;
  const done = new Uint32Array(1);
  done[0] = write.done;
  safeCopyTo(write.client, write.progress, 0, address(done), 4);
}

function finish(write: Write, status: i32): void {
  if (write.isWaiting) answerCharacter(write.client, write.id, status);
  write.isWaiting = false;
  nextWrite();
}

/** Forgets the first write, and those behind it that were cancelled. */
function nextWrite(): void {
  chunkBegin = 0;
  chunkEnd = 0;
  returnSent = false;
  while (count > 0 && !writes[first].isWaiting) {
    first = (first + 1) % WRITES;
    count--;
  }
}

/** The ring of text that crash records are written into, counted in stream positions, and the tag that writes there. */
import { writeLog } from "../lib/kernel-call/service.ts";
import { formatLong, formatSigned, formatUnsigned, NUMBER_BYTES } from "../lib/library/number.ts";

const RING_BYTES = 16384;
/** The kernel takes no more at once. */
const LOG_PIECE_BYTES = 256;
const ring = new Uint8Array(RING_BYTES);
/** Stream position of the next byte. */
let end: u32 = 0;
/** Where the last record begins. */
let lastBegin: u32 = 0;

/** Text into the ring. */
export declare function print(text: TemplateStringsArray, ...values: Printable[]): void;

/**
 * What the ring holds from a stream position on, at most `bytes`, in one piece. A position that the ring has lost gives what begins at the
 * oldest byte: positions are the reader's, and begin at 0.
 */
export function recordedPiece(position: u32, bytes: u32): Uint8Array {
  const lost = end > RING_BYTES ? end - RING_BYTES : 0;
  const piece = pieceFrom(position + lost < end ? position + lost : end);
  return bytes < u32(piece.length) ? piece.subarray(0, i32(bytes)) : piece;
}

/** What is printed from now on is a new record. */
export function beginRecord(): void {
  lastBegin = end;
}

/** The last record goes to the kernel's log too. */
export function logLastRecord(): void {
  let position = lastBegin;
  while (position !== end) {
    let piece = pieceFrom(position);
    if (piece.length > LOG_PIECE_BYTES) piece = piece.subarray(0, LOG_PIECE_BYTES);
    writeLog(piece);
    position += u32(piece.length);
  }
}

/** From a stream position that the ring holds up to the ring's end, or the text's. */
function pieceFrom(position: u32): Uint8Array {
  const offset = position % RING_BYTES;
  const left = end - position;
  const toWrap = RING_BYTES - offset;
  return ring.subarray(i32(offset), i32(offset + (left < toWrap ? left : toWrap)));
}

/** Up to the first zero: names are zero-padded. */
export function printBytes(bytes: Uint8Array): void {
  for (const byte of bytes) {
    if (byte === 0) return;
    put(byte);
  }
}
export function printText(text: string): void {
  printBytes(text.bytes);
}
export function printUnsigned(value: u32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  printBytes(formatUnsigned(value, digits));
}
export function printSigned(value: i32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  printBytes(formatSigned(value, digits));
}
export function printLong(value: u64): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  printBytes(formatLong(value, digits));
}
/** Eight digits, as addresses are. */
export function printHexadecimal(value: u32): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = (value >>> shift) & 0xf;
    put(u8(digit < 10 ? 0x30 + digit : 0x57 + digit));
  }
}
export function printCharacter(value: u32): void {
  put(u8(value));
}
export function printEnd(): void {}

function put(byte: u8): void {
  ring[i32(end % RING_BYTES)] = byte;
  end++;
}

/**
 * The kernel's log: a ring of the last 64 KiB that the kernel and the services have written, counted in stream positions from boot.
 * `` log`…` `` writes a line of the kernel's own. While the kernel panics, what it writes goes to the serial port too.
 */
import { Base } from "../machine/board/memory-map.ts";
import { LineStatus, Uart } from "../machine/board/uart.ts";
import { least } from "./memory.ts";

const LOG_BYTES = 0x1_0000;
/** What is told of it when the system ends: a crash record, and some lines before it. */
const TAIL_BYTES = 3072;
const ring = new Uint8Array(LOG_BYTES);
/** Stream position of the next byte. */
let nextPosition: u32 = 0;
let isOnConsole = false;

/** A line of the kernel's own. */
export declare function log(text: TemplateStringsArray, ...values: Printable[]): void;

/** Appends to the log. */
export function appendToLog(bytes: Uint8Array): void {
  for (const byte of bytes) put(byte);
}

/** Stream positions: the oldest byte still there, and the one to be written next. */
export function logBegins(): u32 {
  return nextPosition > LOG_BYTES ? nextPosition - LOG_BYTES : 0;
}
export function logEnds(): u32 {
  return nextPosition;
}

/** The piece of the log that begins at a stream position and lies in one piece in memory. */
export function logPiece(position: u32): Uint8Array {
  const begin = position < logBegins() ? logBegins() : position < nextPosition ? position : nextPosition;
  const offset = begin & (LOG_BYTES - 1);
  const left = nextPosition - begin;
  const toWrap = LOG_BYTES - offset;
  return ring.subarray(i32(offset), i32(offset + least(left, toWrap)));
}

/**
 * From now on everything goes to the serial port too, byte by byte, and so do the last lines that there are: nothing else will happen any
 * more, and they may say why.
 */
export function logToConsole(): void {
  if (isOnConsole) return;
  isOnConsole = true;
  let position = nextPosition - least(nextPosition, TAIL_BYTES);
  let isWhole = position === 0; // the first line of the tail may have lost its beginning
  write(0x0a);
  for (; position !== nextPosition; position++) {
    const byte = ring[i32(position & (LOG_BYTES - 1))];
    if (isWhole) write(byte);
    else isWhole = byte === 0x0a;
  }
}

export function logText(text: string): void {
  appendToLog(text.bytes);
}
export function logBytes(bytes: Uint8Array): void {
  for (const byte of bytes) {
    if (byte === 0) return; // a zero-padded name
    put(byte);
  }
}
export function logUnsigned(value: u32): void {
  if (value >= 10) logUnsigned(value / 10);
  put(u8(0x30 + (value % 10)));
}
export function logSigned(value: i32): void {
  if (value < 0) put(0x2d);
  logUnsigned(value < 0 ? ~u32(value) + 1 : u32(value));
}
export function logLong(value: u64): void {
  if (value >= 10n) logLong(value / 10n);
  put(u8(0x30n + (value % 10n)));
}
export function logHexadecimal(value: u32): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = (value >>> shift) & 0xf;
    put(u8(digit < 10 ? 0x30 + digit : 0x57 + digit));
  }
}
export function logCharacter(value: u32): void {
  put(u8(value));
}
export function logEnd(): void {
  put(0x0a);
}

class Port {
  readonly registers = new Uint8Array(8);
}
const port = at(Base.Uart, Port);

function put(byte: u8): void {
  ring[nextPosition & (LOG_BYTES - 1)] = byte;
  nextPosition++;
  if (isOnConsole) write(byte);
}

function write(byte: u8): void {
  if (byte === 0x0a) write(0x0d);
  while ((port.registers[Uart.LineStatus] & LineStatus.TransmitterHoldingEmpty) === 0);
  port.registers[Uart.Data] = byte;
}

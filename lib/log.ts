/**
 * What a service has to say: `` log`…` `` is a line in the kernel's log, `` panic`…` `` is its last.
 *
 * A line is put together in a buffer of the service's own, begins with its name, and goes to the kernel in one piece. The tags' pieces
 * are named as core.d.ts says at `Printable`.
 */
import {
  About,
  exitService,
  information,
  PANIC_EXIT,
  ProcessInformation,
  SELF,
  writeLog,
} from "./kernel-call/service.ts";
import { formatHexadecimal, formatLong, formatSigned, formatUnsigned, NUMBER_BYTES } from "./library/number.ts";

/** A longer line is cut. */
const LINE_BYTES = 256;
const line = new Uint8Array(LINE_BYTES);
let lineBytes = 0;

/** One line to the kernel's log. */
export declare function log(text: TemplateStringsArray, ...values: Printable[]): void;

/** The same, and the service ends: RS sees a panic, and the line in its crash record. */
export declare function panic(text: TemplateStringsArray, ...values: Printable[]): never;

export function logBytes(bytes: Uint8Array): void {
  if (lineBytes === 0) beginLine();
  for (const byte of bytes) {
    if (byte === 0) return; // the end of a zero-padded name
    append(byte);
  }
}
export function logText(text: string): void {
  logBytes(text.bytes);
}
export function logUnsigned(value: u32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  logBytes(formatUnsigned(value, digits));
}
export function logSigned(value: i32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  logBytes(formatSigned(value, digits));
}
export function logLong(value: u64): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  logBytes(formatLong(value, digits));
}
export function logHexadecimal(value: u32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  logBytes(formatHexadecimal(value, digits));
}
export function logCharacter(value: u32): void {
  if (lineBytes === 0) beginLine();
  append(u8(value));
}
export function logEnd(): void {
  line[lineBytes] = 0x0a;
  writeLog(line.subarray(0, lineBytes + 1));
  lineBytes = 0;
}

export function panicBytes(bytes: Uint8Array): void {
  logBytes(bytes);
}
export function panicText(text: string): void {
  logText(text);
}
export function panicUnsigned(value: u32): void {
  logUnsigned(value);
}
export function panicSigned(value: i32): void {
  logSigned(value);
}
export function panicLong(value: u64): void {
  logLong(value);
}
export function panicHexadecimal(value: u32): void {
  logHexadecimal(value);
}
export function panicCharacter(value: u32): void {
  logCharacter(value);
}
export function panicEnd(): never {
  logEnd();
  exitService(PANIC_EXIT);
}

/** A line begins with the name of the service that writes it. */
function beginLine(): void {
  const self = new ProcessInformation();
  if (information(About.Process, SELF, address(self), u32(sizeOf(ProcessInformation))) < 0) return;
  for (const byte of self.name) {
    if (byte === 0) break;
    append(byte);
  }
  append(0x3a); // ":"
  append(0x20);
}

/** One byte stays for the end of the line. */
function append(byte: u8): void {
  if (lineBytes === LINE_BYTES - 1) return;
  line[lineBytes] = byte;
  lineBytes++;
}

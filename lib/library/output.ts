/**
 * What a program says: `` print`…` `` to standard output, `` complain`…` `` to standard error.
 *
 * Output is buffered, and written when the buffer is full, when the program ends or divides, and at the end of each text that
 * completes a line on a terminal. A complaint is one line, begins with the program's name, and is written at once, after the output that came before
 * it. Begin reading at `print`; the tags' pieces are named as core.d.ts says at `Printable`.
 */
import { Ascii } from "./ascii.ts";
import { baseName } from "./bytes.ts";
import { STANDARD_ERROR, STANDARD_OUTPUT, writeAll } from "./file.ts";
import { formatHexadecimal, formatLong, formatSigned, formatUnsigned, lesser, NUMBER_BYTES } from "./number.ts";
import { isTerminal } from "./terminal.ts";

const OUTPUT_BYTES = 4096;
const COMPLAINT_BYTES = 512;

/** Formats to standard output. */
export declare function print(text: TemplateStringsArray, ...values: Printable[]): void;

/** Formats one line to standard error, after the program's name and a colon. */
export declare function complain(text: TemplateStringsArray, ...values: Printable[]): void;

const output = new Uint8Array(OUTPUT_BYTES);
let outputBytes = 0;
let outputFailure: i32 = 0;

const enum Buffering {
  Unknown,
  Full,
  Line,
}
let buffering: u32 = Buffering.Unknown;

/** What complaints begin with the last step of. */
let programName = "";

export function setProgramName(name: string): void {
  programName = name;
}

/** Writes what is in the buffer. Answers Ok, or the first failure there has been. */
export function flushOutput(): i32 {
  if (outputBytes === 0) return outputFailure;
  const bytes = outputBytes;
  outputBytes = 0;
  const status = writeAll(STANDARD_OUTPUT, output.subarray(0, bytes));
  if (status < 0) outputFailure = status;
  return outputFailure;
}

/** Whether something could not be written: for programs that would go on for ever. */
export function outputFailed(): boolean {
  return outputFailure < 0;
}

/** Takes back what has not been written: for a child that must not repeat its parent. */
export function discardOutput(): void {
  outputBytes = 0;
}

/** Standard output is another file now: find out again whether it is a terminal. */
export function resetOutput(): void {
  buffering = Buffering.Unknown;
  outputFailure = 0;
}

export function printByte(byte: u8): void {
  if (outputBytes === OUTPUT_BYTES) flushOutput();
  output[outputBytes] = byte;
  outputBytes++;
}

export function printBytes(bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    if (outputBytes === OUTPUT_BYTES) flushOutput();
    const room = OUTPUT_BYTES - outputBytes;
    const part = lesser(rest.length, room);
    output.set(rest.subarray(0, part), outputBytes);
    outputBytes += part;
    rest = rest.subarray(part);
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

export function printHexadecimal(value: u32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  printBytes(formatHexadecimal(value, digits));
}

export function printCharacter(value: u32): void {
  printByte(u8(value));
}

/** After each text: a terminal sees lines when they are complete. */
export function printEnd(): void {
  if (outputBytes === 0 || output[outputBytes - 1] !== Ascii.Newline) return;
  if (buffering === Buffering.Unknown) buffering = isTerminal(STANDARD_OUTPUT) ? Buffering.Line : Buffering.Full;
  if (buffering === Buffering.Line) flushOutput();
}

/** Right-justified in `width` columns. */
export function printRight(bytes: Uint8Array, width: i32): void {
  printSpaces(width - bytes.length);
  printBytes(bytes);
}

/** Left-justified in `width` columns. */
export function printLeft(bytes: Uint8Array, width: i32): void {
  printBytes(bytes);
  printSpaces(width - bytes.length);
}

export function printRightUnsigned(value: u32, width: i32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  printRight(formatUnsigned(value, digits), width);
}

export function printSpaces(count: i32): void {
  for (let index = 0; index < count; index++) printByte(Ascii.Space);
}

// --- Complaints ----------------------------------------------------------------------------------------------------

const complaint = new Uint8Array(COMPLAINT_BYTES);
let complaintBytes = 0;

export function complainBytes(bytes: Uint8Array): void {
  if (complaintBytes === 0 && programName.length > 0) {
    complainAppend(baseName(programName.bytes));
    complainAppend(": ".bytes);
  }
  complainAppend(bytes);
}

export function complainText(text: string): void {
  complainBytes(text.bytes);
}

export function complainUnsigned(value: u32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  complainBytes(formatUnsigned(value, digits));
}

export function complainSigned(value: i32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  complainBytes(formatSigned(value, digits));
}

export function complainLong(value: u64): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  complainBytes(formatLong(value, digits));
}

export function complainHexadecimal(value: u32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  complainBytes(formatHexadecimal(value, digits));
}

export function complainCharacter(value: u32): void {
  const byte = new Uint8Array(1);
  byte[0] = u8(value);
  complainBytes(byte);
}

export function complainEnd(): void {
  flushOutput();
  complaint[complaintBytes] = Ascii.Newline;
  writeAll(STANDARD_ERROR, complaint.subarray(0, complaintBytes + 1));
  complaintBytes = 0;
}

/** A longer complaint is cut: one byte stays for the end of the line. */
function complainAppend(bytes: Uint8Array): void {
  const room = COMPLAINT_BYTES - 1 - complaintBytes;
  const part = bytes.length < room ? bytes : bytes.subarray(0, room);
  complaint.set(part, complaintBytes);
  complaintBytes += part.length;
}

/**
 * Numbers as text, both ways. Formatting writes into a buffer of the caller's and answers the part that was used.
 */
import { Ascii, isDigit } from "./ascii.ts";

/** Room for any number, sign included. */
export const NUMBER_BYTES = 24;

/** Decimal digits, right-justified in `buffer` (`NUMBER_BYTES`). */
export function formatUnsigned(value: u32, buffer: Uint8Array): Uint8Array {
  return formatBase(value, 10, buffer);
}

export function formatSigned(value: i32, buffer: Uint8Array): Uint8Array {
  if (value >= 0) return formatBase(u32(value), 10, buffer);
  const digits = formatBase(u32(-value), 10, buffer);
  return withSign(buffer, digits.length);
}

export function formatOctal(value: u32, buffer: Uint8Array): Uint8Array {
  return formatBase(value, 8, buffer);
}

/** Without leading zeros or a prefix. */
export function formatHexadecimal(value: u32, buffer: Uint8Array): Uint8Array {
  return formatBase(value, 16, buffer);
}

export function formatLong(value: u64, buffer: Uint8Array): Uint8Array {
  let rest = value;
  let begin = buffer.length;
  do {
    begin--;
    buffer[begin] = u8(Ascii.Zero + i32(rest % 10n));
    rest = rest / 10n;
  } while (rest !== 0n);
  return buffer.subarray(begin);
}

function formatBase(value: u32, base: u32, buffer: Uint8Array): Uint8Array {
  let rest = value;
  let begin = buffer.length;
  do {
    const digit = rest % base;
    begin--;
    buffer[begin] = u8(digit < 10 ? Ascii.Zero + digit : Ascii.LowerA + digit - 10);
    rest = rest / base;
  } while (rest !== 0);
  return buffer.subarray(begin);
}

function withSign(buffer: Uint8Array, digits: i32): Uint8Array {
  const begin = buffer.length - digits - 1;
  buffer[begin] = Ascii.Minus;
  return buffer.subarray(begin);
}

export function lesser(a: i32, b: i32): i32 {
  if (a < b) return a;
  return b;
}

export function greater(a: i32, b: i32): i32 {
  if (a > b) return a;
  return b;
}

/** A number that was read from text. */
export class Parsed {
  value: i32 = 0;
  long: u64 = 0n;
}

/** Reads decimal digits, with a `-` in front if negative; false when the text is anything else or does not fit. */
export function parseSigned(text: Uint8Array, result: Parsed): boolean {
  const negative = text.length > 0 && text[0] === Ascii.Minus;
  if (!parseLong(negative ? text.subarray(1) : text, result)) return false;
  if (result.long > (negative ? 0x8000_0000n : 0x7fff_ffffn)) return false;
  const magnitude = u32(result.long);
  result.value = negative ? -i32(magnitude) : i32(magnitude);
  return true;
}

/** Reads decimal digits and nothing else, up to 19 of them. */
export function parseLong(text: Uint8Array, result: Parsed): boolean {
  if (text.length === 0 || text.length > 19) return false;
  let value = 0n;
  for (const byte of text) {
    if (!isDigit(byte)) return false;
    value = value * 10n + u64(byte - Ascii.Zero);
  }
  result.long = value;
  return true;
}

/** The value of a decimal text up to 2^31 - 1; -1 for anything else. */
export function parseUnsigned(text: Uint8Array): i32 {
  const result = new Parsed();
  if (!parseLong(text, result) || result.long > 0x7fff_ffffn) return -1;
  return i32(result.long);
}

/** The value of octal digits (permissions); -1 for anything else. */
export function parseOctal(text: Uint8Array): i32 {
  if (text.length === 0 || text.length > 10) return -1;
  let value = 0;
  for (const byte of text) {
    if (byte < Ascii.Zero || byte > Ascii.Zero + 7) return -1;
    value = value * 8 + (byte - Ascii.Zero);
  }
  return value;
}

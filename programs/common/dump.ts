/** Bytes for people: sixteen to a line, as numbers and as letters. For hexdump. */
import { Ascii, isPrintable } from "../../lib/library/ascii.ts";
import { print, printByte } from "../../lib/library/output.ts";

export const DUMP_LINE_BYTES = 16;

/** `position` counts from the begin of the file. */
export function printDumpLine(position: u32, bytes: Uint8Array): void {
  printHexadecimalDigits(position, 8);
  print` `;
  for (let index = 0; index < DUMP_LINE_BYTES; index++) {
    print`${index === 8 ? "  " : " "}`;
    if (index < bytes.length) printHexadecimalDigits(u32(bytes[index]), 2);
    else print`  `;
  }
  print`  |`;
  for (const byte of bytes) printByte(isPrintable(byte) ? byte : Ascii.Period);
  print`|\n`;
}

/** With leading zeros. */
export function printHexadecimalDigits(value: u32, digits: i32): void {
  for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) print`${hex((value >>> shift) & 0xf)}`;
}

/** cksum: POSIX's checksum of files (CRC-32 with the polynomial 0x04c11db7, the length appended), and how long they are. */
import { parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { read } from "../lib/library/file.ts";
import { print } from "../lib/library/output.ts";
import { closeOperand, openOperand } from "../lib/library/reader.ts";
import { Status } from "../lib/status.ts";

const USAGE = "cksum [FILE...]";
const POLYNOMIAL = 0x04c1_1db7;
const TOP_BIT = 0x8000_0000;

/** What each top byte adds to the remainder. */
const remainders = new Uint32Array(256);
const buffer = new Uint8Array(16384);

class Sum {
  remainder: u32 = 0;
  bytes: u32 = 0;
}

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  fillTable();
  if (options.first === args.length) return sumFile("-", "") ? 0 : 1;
  let result = 0;
  for (let index = options.first; index < args.length; index++) if (!sumFile(args[index], args[index])) result = 1;
  return result;
}

function fillTable(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let remainder: u32 = byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      const carry = (remainder & TOP_BIT) !== 0;
      remainder = remainder << 1;
      if (carry) remainder = remainder ^ POLYNOMIAL;
    }
    remainders[byte] = remainder;
  }
}

function sumFile(path: string, name: string): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  const sum = new Sum();
  const status = sumAll(descriptor, sum);
  closeOperand(descriptor);
  if (status < 0) {
    complainAbout(path, status);
    return false;
  }
  print`${finish(sum)} ${sum.bytes}`;
  if (name.length > 0) print` ${name}`;
  print`\n`;
  return true;
}

function sumAll(descriptor: i32, sum: Sum): i32 {
  for (;;) {
    const count = read(descriptor, buffer);
    if (count === Status.Interrupted) continue;
    if (count <= 0) return count;
    let remainder = sum.remainder;
    for (const byte of buffer.subarray(0, count)) {
      remainder = (remainder << 8) ^ remainders[(remainder >>> 24) ^ u32(byte)];
    }
    sum.remainder = remainder;
    sum.bytes += u32(count);
  }
}

/** The length follows, least byte first, as many bytes as it has; then everything is inverted. */
function finish(sum: Sum): u32 {
  let remainder = sum.remainder;
  for (let length = sum.bytes; length !== 0; length = length >>> 8) {
    remainder = (remainder << 8) ^ remainders[(remainder >>> 24) ^ (length & 0xff)];
  }
  return ~remainder;
}

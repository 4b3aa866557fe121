/** tr: replaces, removes or squeezes characters on the way from standard input to standard output. */
import { expectOperands, parseOptions, usageError } from "../lib/library/arguments.ts";
import { Ascii } from "../lib/library/ascii.ts";
import { errorText } from "../lib/library/errors.ts";
import { read, STANDARD_INPUT } from "../lib/library/file.ts";
import { complain, printByte } from "../lib/library/output.ts";
import { Status } from "../lib/status.ts";

const USAGE = "tr [-cds] SET1 [SET2]   (a-z is a range, \\n \\t \\\\ as in C)";

/** The bytes of a set, in its order. */
class ByteSet {
  length: i32 = 0;
  readonly bytes = new Uint8Array(256);
  readonly has = new Uint8Array(256);
}

const first = new ByteSet();
const second = new ByteSet();
/** What each byte becomes. */
const images = new Uint8Array(256);
const buffer = new Uint8Array(4096);

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "cds", USAGE);
  expectOperands(args, 1, 2);
  const operands = args.length - options.first;
  const deletes = options.has("d");
  const squeezes = options.has("s");
  if (!deletes && !squeezes && operands < 2) usageError();
  readSet(args[options.first].bytes, first);
  if (options.has("c")) complement(first);
  if (operands === 2) readSet(args[options.first + 1].bytes, second);
  fillImages(!deletes && operands === 2);
  return translate(deletes, squeezes, operands === 2 ? second : first);
}

function translate(deletes: boolean, squeezes: boolean, squeezed: ByteSet): i32 {
  let last: i32 = -1;
  for (;;) {
    const count = read(STANDARD_INPUT, buffer);
    if (count === Status.Interrupted) continue;
    if (count < 0) complain`${errorText(count)}`;
    if (count <= 0) return count < 0 ? 1 : 0;
    for (const byte of buffer.subarray(0, count)) {
      if (deletes && first.has[byte] !== 0) continue;
      const image = images[byte];
      if (squeezes && last === image && squeezed.has[image] !== 0) continue;
      printByte(image);
      last = image;
    }
  }
}

/** The last byte of the second set stands for all that the first has more. */
function fillImages(replace: boolean): void {
  for (let byte = 0; byte < 256; byte++) images[byte] = u8(byte);
  if (!replace || second.length === 0) return;
  for (let index = 0; index < first.length; index++) {
    const place = index < second.length ? index : second.length - 1;
    images[first.bytes[index]] = second.bytes[place];
  }
}

function readSet(text: Uint8Array, set: ByteSet): void {
  let index = 0;
  while (index < text.length) {
    const low = byteAt(text, index);
    index += elementBytes(text, index);
    let high = low;
    if (index + 1 < text.length && text[index] === Ascii.Minus) {
      high = byteAt(text, index + 1);
      index += 1 + elementBytes(text, index + 1);
    }
    for (let byte = low; byte <= high; byte++) add(set, byte);
  }
}

function add(set: ByteSet, byte: i32): void {
  set.has[byte] = 1;
  if (set.length === 256) return;
  set.bytes[set.length] = u8(byte);
  set.length++;
}

function complement(set: ByteSet): void {
  set.length = 0;
  for (let byte = 0; byte < 256; byte++) {
    const belongs = set.has[byte] === 0;
    set.has[byte] = 0;
    if (belongs) add(set, byte);
  }
}

function elementBytes(text: Uint8Array, index: i32): i32 {
  return text[index] === Ascii.Backslash && index + 1 < text.length ? 2 : 1;
}

function byteAt(text: Uint8Array, index: i32): i32 {
  if (elementBytes(text, index) === 1) return text[index];
  switch (text[index + 1]) {
    case 0x6e:
      return Ascii.Newline;
    case 0x74:
      return Ascii.Tab;
    case 0x72:
      return Ascii.Return;
    case 0x30:
      return Ascii.Null;
    default:
      return text[index + 1];
  }
}

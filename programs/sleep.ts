/** sleep: waits for so many seconds; a fraction is allowed. */
import { expectOperands, parseOptions, usageError } from "../lib/library/arguments.ts";
import { Ascii, isDigit } from "../lib/library/ascii.ts";
import { findByte } from "../lib/library/bytes.ts";
import { parseUnsigned } from "../lib/library/number.ts";
import { sleep } from "../lib/library/time.ts";

const USAGE = "sleep SECONDS[.FRACTION]";
const SECONDS_MAXIMUM = 2_000_000;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  expectOperands(args, 1, 1);
  const milliseconds = parseSeconds(args[options.first].bytes);
  if (milliseconds < 0) usageError();
  return milliseconds === 0 || sleep(u32(milliseconds)) >= 0 ? 0 : 1;
}

/** Milliseconds; -1 if the text is no such number. */
function parseSeconds(text: Uint8Array): i32 {
  const point = findByte(text, Ascii.Period);
  const whole = point < 0 ? text : text.subarray(0, point);
  const seconds = whole.length === 0 && point === 0 && text.length > 1 ? 0 : parseUnsigned(whole);
  if (seconds < 0 || seconds > SECONDS_MAXIMUM) return -1;
  let milliseconds = seconds * 1000;
  let unit = 100;
  for (let index = whole.length + 1; index < text.length; index++) {
    if (!isDigit(text[index])) return -1;
    milliseconds += (text[index] - Ascii.Zero) * unit;
    unit = unit / 10;
  }
  return milliseconds;
}

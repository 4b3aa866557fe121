/** seq: prints numbers from the first to the last. */
import { beginProgram, showUsage, usageError } from "../lib/library/arguments.ts";
import { Parsed, parseSigned } from "../lib/library/number.ts";
import { complain, print } from "../lib/library/output.ts";

const USAGE = "seq [FIRST [STEP]] LAST";

/** Its operands may begin with a minus, so there are no options. */
export function main(args: readonly string[]): i32 {
  beginProgram(args, USAGE);
  if (args.length === 2 && args[1] === "--help") showUsage();
  if (args.length < 2 || args.length > 4) usageError();
  const first: i32 = args.length > 2 ? numberOf(args[1]) : 1;
  const step: i32 = args.length > 3 ? numberOf(args[2]) : 1;
  const last = numberOf(args[args.length - 1]);
  if (step === 0) {
    complain`the step is zero`;
    return 1;
  }
  let value = first;
  while (step > 0 ? value <= last : value >= last) {
    print`${value}\n`;
    // The end of the numbers is an end too.
    if (step > 0 ? value > 0x7fff_ffff - step : value < -0x8000_0000 - step) break;
    value += step;
  }
  return 0;
}

function numberOf(text: string): i32 {
  const number = new Parsed();
  if (!parseSigned(text.bytes, number)) usageError();
  return number.value;
}

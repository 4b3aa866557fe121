/** The end of the machine's run: for poweroff, halt and reboot. */
import { expectOperands, parseOptions, usageError } from "../../lib/library/arguments.ts";
import { errorText } from "../../lib/library/errors.ts";
import { parseUnsigned } from "../../lib/library/number.ts";
import { complain } from "../../lib/library/output.ts";
import { reboot } from "../../lib/library/process.ts";

/** Asks PM to end everything; an operand is the machine's exit status. `how` is a `Shutdown`. */
export function shutDown(args: readonly string[], how: u32, usage: string): i32 {
  const options = parseOptions(args, "", usage);
  expectOperands(args, 0, 1);
  const status = options.first < args.length ? parseUnsigned(args[options.first].bytes) : 0;
  if (status < 0 || status > 255) usageError();
  const failure = reboot(how, status);
  complain`${errorText(failure)}`;
  return 1;
}

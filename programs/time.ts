/** time: runs a program, and says how long it took. */
import { now, TICKS_PER_MILLISECOND } from "../lib/clock.ts";
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { environment } from "../lib/library/environment.ts";
import { errorText } from "../lib/library/errors.ts";
import { TextList } from "../lib/library/list.ts";
import { complain } from "../lib/library/output.ts";
import { Ending, exitStatus, fork, terminate, waitFor } from "../lib/library/process.ts";
import { CYCLES_PER_MILLISECOND, processTimes } from "../lib/library/time.ts";
import { PmTimesReply } from "../lib/protocol/pm.ts";
import { Status } from "../lib/status.ts";
import { runProgram } from "./common/run.ts";

const USAGE = "time COMMAND [ARGUMENT...]";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "p", USAGE);
  expectOperands(args, 1, args.length);
  const began = now();
  const child = fork();
  if (child < 0) {
    complain`${errorText(child)}`;
    return 126;
  }
  if (child === 0) {
    const variables = new TextList();
    for (const entry of environment()) variables.append(entry);
    terminate(runProgram(args, options.first, variables));
  }
  const ending = new Ending();
  while (waitFor(child, 0, ending) === Status.Interrupted);
  const real = (now() - began) / TICKS_PER_MILLISECOND;
  const times = new PmTimesReply();
  processTimes(times);
  report("real", real);
  report("user", times.childUserCycles / CYCLES_PER_MILLISECOND);
  report("system", times.childSystemCycles / CYCLES_PER_MILLISECOND);
  return exitStatus(ending);
}

function report(what: string, milliseconds: u64): void {
  const fraction = u32(milliseconds % 1000n);
  complain`${what} ${milliseconds / 1000n}.${fraction / 100}${(fraction / 10) % 10}${fraction % 10} s`;
}

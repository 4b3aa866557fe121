/** GetCrash: what is known of a dead or stopped process. a0: the process; a1: where to write a `Crash`. */
import { Crash } from "../../lib/kernel-call/crash.ts";
import { Status } from "../../lib/status.ts";
import { store } from "../memory.ts";
import { lookup, type Process } from "../process.ts";
import { readTrace } from "../trace.ts";

const crash = new Crash();

export function getCrashCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (process === caller) return Status.Invalid;
  clear(crash);
  describe(process);
  readTrace(process, crash);
  return store(caller, vaddr(a1), bytesOf(crash));
}

function describe(process: Process): void {
  const { death, frame } = process;
  crash.endpoint = process.endpoint;
  crash.cause = death.cause;
  crash.code = death.code;
  crash.mcause = death.mcause;
  crash.address = death.address;
  crash.cycle = death.cycle;
  crash.pc = frame.pc;
  const registers = wordsAt(address(frame), 32); // the pc stands in the place of x0
  for (let number = 1; number < 32; number++) crash.registers[number] = registers[number];
}

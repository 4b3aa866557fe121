/** The kernel call that tells how a process came to its end. */
import type { Endpoint } from "../endpoint.ts";
import { KERNEL_CALL } from "../ipc.ts";
import type { Status } from "../status.ts";
import { KernelCall } from "./number.ts";

/** How a process came to its end. */
export const enum DeathCause {
  None = 0,
  Exit,
  /** It gave up by itself, with a message in the log. */
  Panic,
  /** A CPU exception: `mcause`, `address`. */
  Exception,
  /** A failed check: a breakpoint trap. */
  Check,
  Killed,
}

/** The most recent messages of a process, newest last. */
export class MessageTrace {
  peer: Endpoint = 0;
  type: u32 = 0;
  /** Low word of the cycle count. */
  cycle: u32 = 0;
  sent: boolean = false;
}
export const TRACED_MESSAGES = 8;

export class Crash {
  endpoint: Endpoint = 0;
  cause: DeathCause = 0;
  /** Exit code, or signal. */
  code: i32 = 0;
  mcause: u32 = 0;
  /** mtval: the address that faulted, or the instruction. */
  address: u32 = 0;
  pc: vaddr = 0;
  /** x0 to x31. */
  readonly registers = new Uint32Array(32);
  cycle: u64 = 0n;
  readonly messages = table(MessageTrace, 8);
}

/** What is known of a dead (or stopped) process; it stays until the process is cleared. */
export function getCrash(who: Endpoint, result: Crash): Status {
  return ecall(KERNEL_CALL + KernelCall.GetCrash, who, result);
}

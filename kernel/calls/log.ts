/** Log: appends to the kernel's log. a0: where the bytes are; a1: how many. */
import { Status } from "../../lib/status.ts";
import { appendToLog } from "../log.ts";
import { fetch, least } from "../memory.ts";
import type { Process } from "../process.ts";

/** Longer texts are cut off. */
const LINE_BYTES = 512;
const line = new Uint8Array(LINE_BYTES);

export function logCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  const text = line.subarray(0, i32(least(a1, LINE_BYTES)));
  const status = fetch(caller, caller, vaddr(a0), text);
  if (status === Status.Ok) appendToLog(text);
  return status;
}

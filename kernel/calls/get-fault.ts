/** GetFault: the next page that somebody waits for; Nothing when there is none. a0: where to write a `PageFault`. */
import { PageFault } from "../../lib/kernel-call/space.ts";
import { Status } from "../../lib/status.ts";
import { ensureWritable, store } from "../memory.ts";
import { takeMissing } from "../missing.ts";
import type { Process } from "../process.ts";

const fault = new PageFault();

export function getFaultCall(caller: Process): i32 {
  const to = vaddr(caller.frame.a0);
  const status = ensureWritable(caller, to, sizeOf(PageFault));
  if (status !== Status.Ok) return status;
  return takeMissing(fault) ? store(caller, to, bytesOf(fault)) : Status.Nothing;
}

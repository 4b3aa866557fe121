/** VirtualCopy: between any two processes, dead ones included. a0, a1: from whom and where; a2, a3: to whom and where; a4: bytes. */
import { Status } from "../../lib/status.ts";
import { copyBetween } from "../memory.ts";
import { lookup, type Process } from "../process.ts";

export function virtualCopyCall(caller: Process): i32 {
  const { a0, a1, a2, a3, a4 } = caller.frame;
  const from = lookup(i32(a0));
  const to = lookup(i32(a2));
  if (from === null || to === null) return Status.DeadEndpoint;
  return copyBetween(caller, from, vaddr(a1), to, vaddr(a3), a4);
}

/** SpaceUnmap: takes pages away. a0: whose; a1: address; a2: pages. A message awaited there is lost: its receiver gets Fault. */
import { PAGE_BYTES } from "../../lib/kernel-call/space.ts";
import { Status } from "../../lib/status.ts";
import { lookup, type Process } from "../process.ts";
import { unmapPages } from "../space.ts";

const PAGES_MAXIMUM: u32 = 0x10_0000;

export function spaceUnmapCall(caller: Process): i32 {
  const { a0, a1, a2 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if ((a1 & (PAGE_BYTES - 1)) !== 0 || a2 > PAGES_MAXIMUM) return Status.Invalid;
  unmapPages(process, vaddr(a1), a2);
  return Status.Ok;
}

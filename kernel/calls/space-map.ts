/**
 * SpaceMap: pages of an address space. a0: whose; a1: address; a2: first frame; a3: pages; a4: `PageFlags`; a5: a spare frame for a table, or 0.
 * Answers 1 if it took the spare, 0 if not; NeedTable when it needs one more; Denied for frames or rights that are not to be had.
 */
import { PAGE_BYTES, PageFlags } from "../../lib/kernel-call/space.ts";
import { Status } from "../../lib/status.ts";
import { lookup, type Process } from "../process.ts";
import { hasSpace, mapPage, mayMap, maySpare } from "../space.ts";

export function spaceMapCall(caller: Process): i32 {
  const { a0, a1, a2, a3, a4, a5 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if ((a1 & (PAGE_BYTES - 1)) !== 0 || !hasSpace(process)) return Status.Invalid;
  if (!mayMap(process, paddr(a2), a3, a4) || !maySpare(paddr(a5), paddr(a2), a3)) return Status.Denied;
  if ((a4 & PageFlags.Execute) !== 0) asm`fence.i`; // what was written there may be run
  return mapPages(caller, process);
}

function mapPages(caller: Process, process: Process): i32 {
  const { a1, a2, a3, a4, a5 } = caller.frame;
  let spare = paddr(a5);
  for (let index: u32 = 0; index < a3; index++) {
    const offset = index * PAGE_BYTES;
    const result = mapPage(process, vaddr(a1 + offset), paddr(a2 + offset), a4, spare);
    if (result < 0) return result;
    if (result === 1) spare = 0;
  }
  return spare === a5 ? 0 : 1;
}

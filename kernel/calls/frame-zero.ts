/** FrameZero: zeroes frames of VM's. a0: the first; a1: how many. Denied: not VM's. Busy: a device may still transfer to or from one. */
import { PAGE_BYTES } from "../../lib/kernel-call/space.ts";
import { Status } from "../../lib/status.ts";
import { isPinned } from "../dma.ts";
import { areFree, zeroFrame } from "../frames.ts";
import type { Process } from "../process.ts";

export function frameZeroCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  if (!areFree(paddr(a0), a1)) return Status.Denied;
  for (let index: u32 = 0; index < a1; index++) if (isPinned(paddr(a0 + index * PAGE_BYTES))) return Status.Busy;
  for (let index: u32 = 0; index < a1; index++) zeroFrame(paddr(a0 + index * PAGE_BYTES));
  return Status.Ok;
}

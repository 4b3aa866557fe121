/** FrameCopy: copies a frame of VM's to another. a0: to; a1: from. Denied: not VM's. Busy: a device may still transfer to the target. */
import { PAGE_BYTES } from "../../lib/kernel-call/space.ts";
import { Status } from "../../lib/status.ts";
import { isPinned } from "../dma.ts";
import { areFree } from "../frames.ts";
import { copyPlaces } from "../memory.ts";
import type { Process } from "../process.ts";

export function frameCopyCall(caller: Process): i32 {
  const to = paddr(caller.frame.a0);
  const from = paddr(caller.frame.a1);
  if (!areFree(to, 1) || !areFree(from, 1)) return Status.Denied;
  if (isPinned(to)) return Status.Busy;
  copyPlaces(to, from, PAGE_BYTES);
  return Status.Ok;
}

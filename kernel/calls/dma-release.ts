/** DmaRelease: the device of the service in this slot has been reset; what its dead incarnations had open is not pinned any more. a0: the slot. */
import { SERVICES } from "../../lib/endpoint.ts";
import { Status } from "../../lib/status.ts";
import { releaseDma } from "../dma.ts";
import { type Process, processes } from "../process.ts";

export function dmaReleaseCall(caller: Process): i32 {
  const slot = caller.frame.a0;
  if (slot >= SERVICES) return Status.Invalid;
  releaseDma(i32(slot), processes[slot].endpoint);
  return Status.Ok;
}

/** DmaClose: the caller's device is done with a piece. a0: its handle. */
import { closeDma } from "../dma.ts";
import type { Process } from "../process.ts";

export function dmaCloseCall(caller: Process): i32 {
  return closeDma(caller, i32(caller.frame.a0));
}

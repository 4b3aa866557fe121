/** InterruptControl: lets the interrupt of the caller's nth device through once, or masks it. a0: n; a1: 1 lets it through. */
import { Status } from "../../lib/status.ts";
import { deviceOf } from "../devices.ts";
import { disableLine, enableLine } from "../interrupt.ts";
import type { Process } from "../process.ts";

export function interruptControlCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  const device = deviceOf(caller, a0);
  if (device === null || device.driver !== caller) return Status.NoDevice;
  if (a1 !== 0) enableLine(device.line);
  else disableLine(device.line);
  return Status.Ok;
}

/** placeholder while lib/line-table.ts is on its way */
import type { Crash } from "../lib/kernel-call.ts";
import type { Service } from "./services.ts";
export function traceCalls(_service: Service, _crash: Crash): void {}
export function checkReason(_service: Service, _crash: Crash): string {
  return "failed check";
}

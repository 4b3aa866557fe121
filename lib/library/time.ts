/** Time: sleep, and what has been used of it. */
import { PM } from "../endpoint.ts";
import type { Message } from "../message.ts";
import { PmSleep, type PmSystem, PmSystemInfo, PmTimes, type PmTimesReply } from "../protocol/pm.ts";
import { call } from "./call.ts";

/** Cycles of the board's nominal clock in a millisecond. */
export const CYCLES_PER_MILLISECOND = 100_000n;

/** Errors: Interrupted by a signal. */
export function sleep(milliseconds: u32): i32 {
  const request = new PmSleep();
  request.milliseconds = milliseconds;
  return call(PM, request);
}

/** Fills `result` with what the caller and the children it has waited for have used. */
export function processTimes(result: PmTimesReply): i32 {
  const request = new PmTimes();
  const status = call(PM, request);
  if (status >= 0) copy(result, request as Message as PmTimesReply);
  return status;
}

/** Memory, time of day, time since boot. */
export function systemInformation(result: PmSystem): i32 {
  const request = new PmSystemInfo();
  const status = call(PM, request);
  if (status >= 0) copy(result, request as Message as PmSystem);
  return status;
}

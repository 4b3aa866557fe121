/** SetAlarm: a notification from CLOCK in a0 milliseconds; 0: none. Answers the milliseconds that were left of the one before. */
import { setAlarm } from "../clock.ts";
import type { Process } from "../process.ts";

export function setAlarmCall(caller: Process): i32 {
  return i32(setAlarm(caller, caller.frame.a0));
}

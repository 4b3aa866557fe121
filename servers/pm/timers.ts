/**
 * Timers: any number of them on the one alarm that the kernel gives a service, as a list sorted by deadline.
 *
 * Begin at `setTimer`; `takeExpired` hands out those whose time has come.
 */
import { now, TICKS_PER_MILLISECOND } from "../../lib/clock.ts";
import { setAlarm } from "../../lib/kernel-call/service.ts";
import type { Program, Purpose, Timer } from "./program.ts";

let first: Timer | null = null;

/** Sets a timer for a program (null: for PM itself), whether or not it was set. */
export function setTimer(timer: Timer, purpose: Purpose, program: Program | null, milliseconds: u32): void {
  unlink(timer);
  timer.purpose = purpose;
  timer.program = program;
  timer.deadline = now() + u64(milliseconds) * TICKS_PER_MILLISECOND;
  link(timer);
  setAlarmForFirst();
}

/** Answers the milliseconds that were left, rounded up; 0: it was not set. */
export function cancelTimer(timer: Timer): u32 {
  if (timer.deadline === 0n) return 0;
  const left = millisecondsUntil(timer.deadline);
  unlink(timer);
  setAlarmForFirst();
  return left;
}

/** The next timer whose deadline has passed, unset, or null. When there is none, the alarm is set for the first of the others. */
export function takeExpired(): Timer | null {
  const timer = first;
  if (timer !== null && timer.deadline <= now()) {
    unlink(timer);
    return timer;
  }
  setAlarmForFirst();
  return null;
}

/** Equal deadlines keep the order in which they were set. */
function link(timer: Timer): void {
  let before: Timer | null = null;
  let after = first;
  while (after !== null && after.deadline <= timer.deadline) {
    before = after;
    after = after.next;
  }
  timer.next = after;
  if (before === null) first = timer;
  else before.next = timer;
}

function unlink(timer: Timer): void {
  if (timer.deadline === 0n) return;
  if (first === timer) first = timer.next;
  for (let each = first; each !== null; each = each.next) if (each.next === timer) each.next = timer.next;
  timer.deadline = 0n;
  timer.next = null;
}

function setAlarmForFirst(): void {
  setAlarm(first === null ? 0 : millisecondsUntil(first.deadline));
}

/** Rounded up, and at least 1, so that an alarm never rings early nor is cancelled by being due. */
function millisecondsUntil(deadline: u64): u32 {
  const time = now();
  if (deadline <= time) return 1;
  return u32((deadline - time + TICKS_PER_MILLISECOND - 1n) / TICKS_PER_MILLISECOND);
}

/**
 * Time: the tick that ends quanta, the alarms of services, and idleness.
 *
 * The timer is set to whatever comes first, the next tick or the next alarm. There are no ticks while nobody runs:
 * an idle machine sleeps until an alarm or a device wakes it. Begin at `timerInterrupt`.
 */
import { CLOCK, SERVICES } from "../lib/endpoint.ts";
import { Clint } from "../machine/board/clint.ts";
import { Base, TICKS_PER_SECOND } from "../machine/board/memory-map.ts";
import { hart } from "./hart.ts";
import { takeInterrupts } from "./interrupt.ts";
import { notifyFrom } from "./ipc.ts";
import { type Process, processes } from "./process.ts";
import { chargeTick, isAnybodyReady, rebalance } from "./schedule.ts";

/** What quanta are counted in. */
export const MILLISECONDS_PER_TICK = 10;
/** In ticks of mtime, from here on. */
const MILLISECOND: u64 = u64(TICKS_PER_SECOND / 1000);
const TICK: u64 = u64((TICKS_PER_SECOND / 1000) * MILLISECONDS_PER_TICK);
const SECOND: u64 = u64(TICKS_PER_SECOND);
const NEVER: u64 = 0xffff_ffff_ffff_ffffn;

/** A 64-bit device register, low word first. */
class Register64 {
  low: u32 = 0;
  high: u32 = 0;
}
const timeCompare = at(Base.Clint + Clint.TimeCompare, Register64);

let nextTick: u64 = NEVER;
let nextAlarm: u64 = NEVER;
let lastRebalance: u64 = 0n;

/** Ticks of mtime since the machine started. */
export function now(): u64 {
  for (;;) {
    const high = csr.timeh;
    const low = csr.time;
    if (csr.timeh === high) return (u64(high) << 32n) | u64(low);
  }
}

/** The cycle count. */
export function cycleCount(): u64 {
  for (;;) {
    const high = csr.mcycleh;
    const low = csr.mcycle;
    if (csr.mcycleh === high) return (u64(high) << 32n) | u64(low);
  }
}

export function startClock(): void {
  nextTick = now() + TICK;
  setTimer();
}

/** The timer has reached what it was set to. */
export function timerInterrupt(): void {
  const time = now();
  if (time >= nextAlarm) ringAlarms(time);
  if (time >= nextTick) {
    nextTick = time + TICK;
    chargeTick();
    const seconds = (time - lastRebalance) / SECOND;
    if (seconds !== 0n) {
      lastRebalance += seconds * SECOND;
      rebalance(i32(seconds));
    }
  }
  setTimer();
}

/** Sleeps until somebody can run. Answers how many cycles that took. */
export function idle(): u32 {
  const began = cycleCount();
  nextTick = NEVER;
  setTimer();
  do {
    asm`wfi`;
    takeInterrupts();
  } while (!isAnybodyReady());
  nextTick = now() + TICK;
  setTimer();
  const slept = cycleCount() - began;
  hart.idleCycles += slept;
  return u32(slept & 0xffff_ffffn);
}

/**
 * A service's one alarm rings in so many milliseconds; 0: not at all. Returns the milliseconds that were left of the one before.
 */
export function setAlarm(process: Process, milliseconds: u32): u32 {
  const time = now();
  const before = process.alarmTime;
  process.alarmTime = milliseconds === 0 ? 0n : time + u64(milliseconds) * MILLISECOND;
  findNextAlarm();
  setTimer();
  return before <= time ? 0 : u32((before - time + MILLISECOND - 1n) / MILLISECOND);
}

function ringAlarms(time: u64): void {
  for (let slot = 0; slot < SERVICES; slot++) {
    const process = processes[slot];
    if (process.alarmTime === 0n || process.alarmTime > time) continue;
    process.alarmTime = 0n;
    notifyFrom(CLOCK, process);
  }
  findNextAlarm();
}

/** Also after a service has died, with its alarm. */
export function findNextAlarm(): void {
  nextAlarm = NEVER;
  for (let slot = 0; slot < SERVICES; slot++) {
    const { alarmTime } = processes[slot];
    if (alarmTime !== 0n && alarmTime < nextAlarm) nextAlarm = alarmTime;
  }
}

/** The high word last but one, so that no value in between is in the past (privileged specification, 3.2.1). */
function setTimer(): void {
  const time = nextTick < nextAlarm ? nextTick : nextAlarm;
  timeCompare.high = 0xffff_ffff;
  timeCompare.low = u32(time & 0xffff_ffffn);
  timeCompare.high = u32(time >> 32n);
}

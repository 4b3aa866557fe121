/** The time of day, for what files remember of it; and the alarm that writes things back. */
import { TICKS_PER_MILLISECOND, now as uptimeTicks } from "../../lib/clock.ts";
import { About, information, MachineInformation, setAlarm } from "../../lib/kernel-call/service.ts";

/** What has changed is written back after this long, at the latest. */
const SYNC_MILLISECONDS = 5000;

const TICKS_PER_SECOND: u64 = TICKS_PER_MILLISECOND * 1000n;
const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000n;

/** The second that `now` last told, and the value of mtime when it is over. */
let second: u32 = 0;
let secondEnds: u64 = 0n;

/** Seconds since 1970. */
export function now(): u32 {
  const ticks = uptimeTicks();
  if (ticks >= secondEnds) {
    const uptime = ticks / TICKS_PER_SECOND;
    second = u32(bootSeconds() + uptime);
    secondEnds = (uptime + 1n) * TICKS_PER_SECOND;
  }
  return second;
}

export function armSync(): void {
  setAlarm(SYNC_MILLISECONDS);
}

function bootSeconds(): u64 {
  const machine = new MachineInformation();
  information(About.Machine, 0, address(machine), u32(sizeOf(MachineInformation)));
  return machine.bootTime / NANOSECONDS_PER_SECOND;
}

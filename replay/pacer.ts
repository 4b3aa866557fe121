/**
 * Holds machine time to the wall clock, for someone who sits at the terminal: in Node and in a page. It only says how long to wait between
 * slices; the pace is never visible inside.
 */
import { CYCLES_PER_SECOND } from "../machine/board/memory-map.ts";

/** How far to run between two looks at the host: short enough for a keystroke to feel immediate. */
export const SLICE_CYCLES = 1_000_000;
/** How far machine time may fall behind the wall clock before it stops trying to catch up. */
const LAG_MILLISECONDS = 100;

export class Pacer {
  private startCycle: number;
  private startMilliseconds: number;

  /** Both clocks as they are now. */
  constructor(cycle: number, milliseconds: number) {
    this.startCycle = cycle;
    this.startMilliseconds = milliseconds;
  }

  /** How long to wait until the wall clock has caught up; 0 where it is ahead. */
  aheadMilliseconds(cycle: number, milliseconds: number): number {
    const machineMilliseconds = ((cycle - this.startCycle) / CYCLES_PER_SECOND) * 1000;
    const ahead = machineMilliseconds - (milliseconds - this.startMilliseconds);
    if (ahead < -LAG_MILLISECONDS) {
      this.startCycle = cycle;
      this.startMilliseconds = milliseconds;
    }
    return Math.max(0, ahead);
  }
}

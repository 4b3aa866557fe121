/**
 * What the kernel knows of the hart: whose turn it is, who could run, what has been counted. All in one
 * place, as every trap uses most of it. schedule.ts decides about the turn, trap.ts carries it out.
 */
import { Process } from "./process.ts";

/** Stands in for a running process where there is none. */
export const idler = new Process();

class Hart {
  /** Whose turn it is. While the kernel works on its behalf it may become somebody else. */
  running: Process = idler;
  /** Bit n: somebody waits in queue n for a turn. */
  waiting: u32 = 0;
  /** The cycle count (its low word) when the kernel was last left. */
  leftAtCycle: u32 = 0;
  /** Cycles spent waiting for something to do. */
  idleCycles: u64 = 0n;
}
export const hart = new Hart();

/** What every group of benchmarks is told. */

import type { ENGINES } from "../machine/machine.ts";

/** What runs the instructions; lock-step, which runs both, is nothing to time. */
export type Engine = Exclude<(typeof ENGINES)[number], "lockstep">;

export interface BenchOptions {
  readonly engine: Engine;
  /** Once instead of five times, and shorter: shows that it works, and only roughly how fast. */
  readonly quick: boolean;
  /** How long to look for growth, in minutes of machine time. */
  readonly minutes: number;
  /** Told what is being measured, for a person who waits. */
  readonly progress: (text: string) => void;
}

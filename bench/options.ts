/** What every group of benchmarks is told. */

/** How the machine executes instructions: the engines that `renix machine --engine` knows. */
export type Engine = "interpreter" | "translator";

export interface BenchOptions {
  readonly engine: Engine;
  /** Once instead of five times, and shorter: shows that it works, and only roughly how fast. */
  readonly quick: boolean;
  /** How long to look for growth, in minutes of machine time. */
  readonly minutes: number;
  /** Told what is being measured, for a person who waits. */
  readonly progress: (text: string) => void;
}

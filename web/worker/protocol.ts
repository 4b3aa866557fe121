/** What the page and the worker that holds the machine tell each other. */

import type { Engine } from "../../machine/machine.ts";

/** The page asks. `start` comes first, and once. */
export type Request =
  | {
      readonly type: "start";
      readonly elf: Uint8Array;
      readonly disk: Uint8Array;
      readonly bootArguments: string;
      readonly engine: Engine;
      /** Skip idle time instead of holding it to the wall clock. */
      readonly fast: boolean;
    }
  | { readonly type: "input"; readonly text: string }
  | { readonly type: "pause" }
  | { readonly type: "continue" };

/** How far the machine is. */
export interface Progress {
  readonly cycle: number;
  readonly instructions: number;
  /** Of the slices in which the machine was not mostly idle: their instructions, and their wall time. */
  readonly busyInstructions: number;
  readonly busySeconds: number;
}

/** The worker reports. */
export type Report =
  | { readonly type: "output"; readonly bytes: Uint8Array }
  | { readonly type: "checkpoint"; readonly cycle: number; readonly hash: string }
  | ({ readonly type: "progress" } & Progress)
  | ({ readonly type: "stopped"; readonly status: number; readonly hash: string } & Progress)
  | { readonly type: "failed"; readonly message: string };

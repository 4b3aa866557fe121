/**
 * Drives a session: runs the machine in slices, lets the host's input in between them, and holds idle time to the wall clock. The pace
 * is never visible inside.
 */
import type { Stop } from "../machine/machine.ts";
import { Pacer, SLICE_CYCLES } from "../replay/pacer.ts";
import type { Session } from "../replay/session.ts";

export interface Pace {
  /** Skip idle time instead of waiting. */
  readonly fast: boolean;
  /** Called between slices; returns true to leave. */
  readonly between?: () => boolean;
}

/** Runs until the machine stops by itself, or `between` wants to leave (null). */
export async function drive(session: Session, pace: Pace): Promise<Stop | null> {
  const { machine } = session;
  const pacer = new Pacer(machine.cycle, performance.now());
  for (;;) {
    const stop = session.advance(machine.cycle + SLICE_CYCLES);
    if (stop.kind !== "cycle") return stop;
    if (pace.between?.()) return null;
    await turn(pace.fast ? 0 : pacer.aheadMilliseconds(machine.cycle, performance.now()));
  }
}

/** Lets the event loop handle input; waits at least so long. */
export function turn(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds < 1) setImmediate(resolve);
    else setTimeout(resolve, milliseconds);
  });
}

/**
 * Drives a session: runs the machine in slices, lets the host's input in between them, and holds idle time to the wall clock. The pace
 * is never visible inside.
 */
import { CYCLES_PER_SECOND } from "../machine/board/memory-map.ts";
import type { Stop } from "../machine/machine.ts";
import type { Session } from "../replay/session.ts";

/** How far the machine runs between two looks at the host: short enough for a keystroke to feel immediate. */
const SLICE_CYCLES = 1_000_000;
/** How far machine time may fall behind the wall clock before it stops trying to catch up. */
const LAG_SECONDS = 0.1;

export interface Pace {
  /** Skip idle time instead of waiting. */
  readonly fast: boolean;
  /** Called between slices; returns true to leave. */
  readonly between?: () => boolean;
}

/** Runs until the machine stops by itself, or `between` wants to leave (null). */
export async function drive(session: Session, pace: Pace): Promise<Stop | null> {
  const { machine } = session;
  let wallStart = performance.now();
  let cycleStart = machine.cycle;
  for (;;) {
    const stop = session.advance(machine.cycle + SLICE_CYCLES);
    if (stop.kind !== "cycle") return stop;
    if (pace.between?.()) return null;
    const ahead = (machine.cycle - cycleStart) / CYCLES_PER_SECOND - (performance.now() - wallStart) / 1000;
    if (pace.fast || ahead < 0) await turn(0);
    else await turn(ahead * 1000);
    if (ahead < -LAG_SECONDS) {
      wallStart = performance.now();
      cycleStart = machine.cycle;
    }
  }
}

/** Lets the event loop handle input; waits at least so long. */
export function turn(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds < 1) setImmediate(resolve);
    else setTimeout(resolve, milliseconds);
  });
}

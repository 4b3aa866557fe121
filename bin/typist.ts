/**
 * Types what comes down a pipe: a line whenever the system has nothing to do but wait for it, so that the same input makes the same run.
 */
import { CYCLES_PER_SECOND } from "../machine/board/memory-map.ts";
import type { Session } from "../replay/session.ts";
import type { Input } from "./input.ts";

const END_OF_FILE = "\x04"; // ^D
/** After the last line and so much idle time, a run without `--exec` is over. */
const PATIENCE_CYCLES = 2 * CYCLES_PER_SECOND;

/** Between two slices the clock and the signs of life cost less than this; anything that works costs more. */
const IDLE_INSTRUCTIONS = 20_000;

export class Typist {
  private readonly session: Session;
  private readonly input: Input;
  private readonly exec: boolean;
  private endedAt: number | null = null;
  private instructions = 0;

  /** `exec`: the run ends by itself, so the end of the pipe is typed as ^D. */
  constructor(session: Session, input: Input, exec: boolean) {
    this.session = session;
    this.input = input;
    this.exec = exec;
  }

  /** Types the next line if it is time for it; true when everything is done. */
  type(): boolean {
    const { machine } = this.session;
    if (!this.isIdle()) return false;
    if (this.input.waiting) this.session.type(this.input.take(true).replace(/\n$/, "\r"));
    else if (this.input.ended) return this.end(machine.cycle);
    return false;
  }

  /** Whether the system has done next to nothing since the last time. */
  private isIdle(): boolean {
    const { instructions } = this.session.machine;
    const done = instructions - this.instructions;
    this.instructions = instructions;
    return done < IDLE_INSTRUCTIONS;
  }

  private end(cycle: number): boolean {
    if (this.endedAt === null) {
      this.endedAt = cycle;
      if (this.exec) this.session.type(END_OF_FILE);
    }
    return !this.exec && cycle - this.endedAt > PATIENCE_CYCLES;
  }
}

/** A person at the terminal, as a scenario plays one: types, and waits for what must appear. */
import type { Session } from "./session.ts";

const SLICE_CYCLES = 200_000;
/** A prompt is this at the end of the output, on a line of its own. */
const PROMPT = /(^|\n)# $/;
/** The same, or what the shell shows when it wants the rest of a command. */
const ANY_PROMPT = /(^|\n)[#>] $/;

/** Whether the shell waits for a line, by what has been shown, carriage returns left out. */
export function endsWithPrompt(shown: string): boolean {
  return ANY_PROMPT.test(shown);
}

export class Terminal {
  /** Everything that has been shown, carriage returns left out. */
  text = "";
  private readonly session: Session;
  private readonly advance: (untilCycle: number) => boolean;
  private stepBegin = 0;

  /** `advance` runs the machine to a cycle; false when it has stopped. */
  constructor(session: Session, advance: (untilCycle: number) => boolean) {
    this.session = session;
    this.advance = advance;
    session.machine.onOutput((byte) => {
      if (byte !== 0x0d) this.text += String.fromCharCode(byte);
    });
  }

  /** What has come since the last thing typed. */
  get sinceStep(): string {
    return this.text.slice(this.stepBegin);
  }

  type(text: string): void {
    this.stepBegin = this.text.length;
    this.session.type(text);
  }

  /** Types a command, and returns what it has printed; null if no prompt comes within the limit. */
  run(command: string, limitCycles: number): string | null {
    this.type(`${command}\r`);
    if (!this.until(() => this.sinceStep.includes("\n"), limitCycles)) return null;
    const begin = this.stepBegin + this.sinceStep.indexOf("\n");
    if (!this.until(() => PROMPT.test(this.text.slice(begin)), limitCycles)) return null;
    return this.text.slice(begin + 1).replace(/(^|\n)# $/, "$1");
  }

  waitFor(text: string, limitCycles: number): boolean {
    return this.until(() => this.sinceStep.includes(text), limitCycles);
  }

  waitForPrompt(limitCycles: number): boolean {
    return this.until(() => PROMPT.test(this.text), limitCycles);
  }

  pause(cycles: number): boolean {
    return this.advance(this.session.machine.cycle + cycles);
  }

  private until(done: () => boolean, limitCycles: number): boolean {
    const limit = this.session.machine.cycle + limitCycles;
    while (!done()) {
      if (this.session.machine.cycle >= limit || !this.advance(this.session.machine.cycle + SLICE_CYCLES))
        return done();
    }
    return true;
  }
}

/**
 * Types what comes down a pipe, a line at a time, so that the same input makes the same run: the next one when the system has nothing to do and shows
 * a prompt, as a person would. Where no prompt comes, a program may be reading, or sleeping: then it waits a while first. Begin at `type`.
 */
import { CYCLES_PER_SECOND } from "../machine/board/memory-map.ts";
import type { Session } from "../replay/session.ts";
import { endsWithPrompt } from "../replay/terminal.ts";
import type { Input } from "./input.ts";

const END_OF_FILE = "\x04"; // ^D
/** What is idle for so long and shows no prompt is taken to wait for input. */
const QUIET_CYCLES = 10 * CYCLES_PER_SECOND;
/** After the last line: so long at a prompt, or so long without one, and a run without `--exec` is over. */
const PATIENCE_CYCLES = 2 * CYCLES_PER_SECOND;
const PATIENCE_WITHOUT_PROMPT_CYCLES = 100 * CYCLES_PER_SECOND;
/** Between two slices the clock and the signs of life cost less than this; anything that works costs more. */
const IDLE_INSTRUCTIONS = 20_000;
/** As much of the screen as a prompt can be. */
const SCREEN_END_CHARACTERS = 16;

export class Typist {
  private readonly session: Session;
  private readonly input: Input;
  private readonly exec: boolean;
  private instructions = 0;
  /** The end of what has been shown. */
  private screenEnd = "";
  /** When the system came to rest; null while it works. */
  private idleSince: number | null = null;
  /** What runs shows no prompt, and is taken to read what is typed. */
  private isRead = false;
  /** The last thing typed was no whole line: one ^D ends it, another one is the end of the file. */
  private isLineOpen = false;
  /** The end of the file has been typed once; it is again, for whoever reads then. */
  private hasEnded = false;

  /** `exec`: the run ends by itself, nobody prompts, and at the end of the pipe every read finds the end of the file. */
  constructor(session: Session, input: Input, exec: boolean) {
    this.session = session;
    this.input = input;
    this.exec = exec;
    session.machine.onOutput((byte) => {
      if (byte !== 0x0d) this.screenEnd = (this.screenEnd + String.fromCharCode(byte)).slice(-SCREEN_END_CHARACTERS);
    });
  }

  /** Types the next line if it is time for it; true when everything is done. */
  type(): boolean {
    const idleCycles = this.idleCycles();
    if (idleCycles === null) return false;
    const prompts = endsWithPrompt(this.screenEnd);
    if (prompts) this.isRead = false;
    else if (idleCycles >= QUIET_CYCLES) this.isRead = true;
    if (this.input.ended) return this.end(idleCycles, prompts);
    if (this.input.waiting && (prompts || this.isRead || this.exec)) this.typeLine();
    return false;
  }

  private typeLine(): void {
    const line = this.input.take(true).replace(/\n$/, "\r");
    this.isLineOpen = !line.endsWith("\r");
    this.session.type(line);
    this.idleSince = null;
  }

  /** How long the system has done next to nothing; null when it has done more since the last time. */
  private idleCycles(): number | null {
    const { instructions, cycle } = this.session.machine;
    const done = instructions - this.instructions;
    this.instructions = instructions;
    this.idleSince = done < IDLE_INSTRUCTIONS ? (this.idleSince ?? cycle) : null;
    return this.idleSince === null ? null : cycle - this.idleSince;
  }

  private end(idleCycles: number, prompts: boolean): boolean {
    if (!this.exec) return idleCycles > (prompts ? PATIENCE_CYCLES : PATIENCE_WITHOUT_PROMPT_CYCLES);
    if (!this.hasEnded || idleCycles >= QUIET_CYCLES) {
      this.session.type(this.isLineOpen ? END_OF_FILE + END_OF_FILE : END_OF_FILE);
      this.hasEnded = true;
      this.isLineOpen = false;
      this.idleSince = null;
    }
    return false;
  }
}

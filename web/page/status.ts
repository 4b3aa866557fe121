/** What stands beside the terminal: how the machine does, and the hash of its whole state at every checkpoint. Begin at `Status`. */
import { CYCLES_PER_SECOND } from "../../machine/board/memory-map.ts";
import type { Progress } from "../worker/protocol.ts";

/** What is shown as speed is the mean over about so long. */
const SPEED_SECONDS = 1;

export class Status {
  private readonly state = element("state");
  private readonly time = element("time");
  private readonly instructions = element("instructions");
  private readonly speed = element("speed");
  private readonly checkpoints = element("checkpoints");
  private since: Progress = NOTHING;

  reset(): void {
    this.say("loading", "loading");
    this.since = NOTHING;
    this.checkpoints.replaceChildren();
    this.progress(NOTHING);
    this.speed.textContent = "–";
  }

  running(): void {
    this.say("running", "running");
  }

  paused(isPaused: boolean): void {
    if (isPaused) this.say("paused", "paused");
    else this.running();
  }

  failed(message: string): void {
    this.say("failed", message);
  }

  /** The end, with the machine's last state. */
  stopped({ status, cycle, hash }: { status: number; cycle: number; hash: string }): void {
    this.checkpoint(cycle, hash);
    this.say("stopped", `powered off, status ${status}`);
  }

  progress(now: Progress): void {
    this.time.textContent = `${(now.cycle / CYCLES_PER_SECOND).toFixed(2)} s`;
    this.instructions.textContent = now.instructions.toLocaleString("en");
    this.instructions.dataset.count = String(now.instructions);
    this.speed.dataset.perSecond = String(now.busyInstructions / now.busySeconds);
    const seconds = now.busySeconds - this.since.busySeconds;
    if (seconds === 0) return;
    const rate = (now.busyInstructions - this.since.busyInstructions) / seconds;
    this.speed.textContent = `${Math.round(rate / 1e6)} million instructions/s`;
    if (seconds >= SPEED_SECONDS) this.since = now;
  }

  checkpoint(cycle: number, hash: string): void {
    const row = document.createElement("tr");
    for (const text of [cycle.toLocaleString("en"), hash]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    row.dataset.cycle = String(cycle);
    row.dataset.hash = hash;
    this.checkpoints.prepend(row);
  }

  private say(state: string, text: string): void {
    this.state.dataset.state = state;
    this.state.textContent = text;
  }
}

const NOTHING: Progress = { cycle: 0, instructions: 0, busyInstructions: 0, busySeconds: 0 };

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/**
 * A run of the system: the machine with an image and a disk in it, and everything from outside on record.
 *
 * Whatever reaches the machine goes through `type` and `inject`, which write it down with its cycle; `advance` runs in slices of
 * any size and takes a checkpoint at every multiple of `CHECKPOINT_CYCLES`, so that the slices leave no trace. Like the machine, it runs in a
 * page as well as in Node.
 */
import { RAM_DEFAULT_BYTES } from "../machine/board/memory-map.ts";
import { DEFAULT_ENGINE, type Edit, type Engine, Machine, type Stop } from "../machine/machine.ts";
import type { Recorder } from "./recorder.ts";
import type { Header } from "./recording.ts";

/** Distance between checkpoints: a tenth of a second of machine time. */
export const CHECKPOINT_CYCLES = 10_000_000;
/** When every run begins, by the machine's clock, unless it is told otherwise: 2026-01-01. */
export const RTC_START_SECONDS = 1_767_225_600;

/** What is booted. */
export interface Image {
  readonly elf: Uint8Array;
  readonly disk: Uint8Array;
}

export type Configuration = Header["configuration"];

export const defaultConfiguration: Configuration = {
  ramBytes: RAM_DEFAULT_BYTES,
  bootArguments: "",
  rtcStartSeconds: RTC_START_SECONDS,
  dmaGuard: true,
};

export class Session {
  readonly machine: Machine;
  private readonly recorder: Recorder | null;
  /** Called at each checkpoint, recorded or not. */
  onCheckpoint: ((cycle: number, hash: string) => void) | null = null;

  /** The engine makes no difference, so it is no part of what is recorded. */
  constructor(
    image: Image,
    configuration: Configuration,
    recorder: Recorder | null = null,
    engine: Engine = DEFAULT_ENGINE,
  ) {
    this.machine = new Machine({ ...configuration, disk: image.disk, engine });
    this.machine.loadElf(image.elf);
    this.recorder = recorder;
  }

  /** Types at the terminal, now. */
  type(text: string): void {
    const at = this.machine.cycle;
    this.machine.post({ at, type: "input", text });
    this.recorder?.input(at, text);
  }

  /** Edits the machine's state, now. */
  inject(edit: Edit): void {
    const at = this.machine.cycle;
    this.machine.post({ at, type: "inject", edit });
    this.recorder?.inject(at, edit);
  }

  /** Keeps the original content of a sector of the user's disk, which the run has changed there. */
  keepSector(sector: number, before: Uint8Array): void {
    this.recorder?.sector(this.machine.cycle, sector, before);
  }

  /** Runs to the cycle, or until the machine stops for another reason. */
  advance(untilCycle: number): Stop {
    for (;;) {
      const nextCheckpoint = (Math.floor(this.machine.cycle / CHECKPOINT_CYCLES) + 1) * CHECKPOINT_CYCLES;
      const stop = this.machine.run(Math.min(untilCycle, nextCheckpoint));
      if (stop.kind === "reset") this.machine.reboot();
      else if (stop.kind !== "cycle") return stop;
      if (this.machine.cycle >= nextCheckpoint) this.checkpoint();
      if (this.machine.cycle >= untilCycle) return stop;
    }
  }

  /** Closes the recording. */
  end(stop: "finished" | "left", status: number): void {
    this.recorder?.end({ at: this.machine.cycle, stop, status, hash: this.machine.hash() });
  }

  private checkpoint(): void {
    if (!this.recorder && !this.onCheckpoint) return;
    const hash = this.machine.hash();
    this.recorder?.checkpoint(this.machine.cycle, hash);
    this.onCheckpoint?.(this.machine.cycle, hash);
  }
}

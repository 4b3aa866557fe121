/**
 * Plays a recording back and compares: the same events at the same cycles, and the state's hash at every checkpoint.
 */
import { type Edit, type Engine, Machine, type Stop } from "../machine/machine.ts";
import { fingerprint } from "./recorder.ts";
import { type Line, type Recording, RecordingError } from "./recording.ts";
import type { Image } from "./session.ts";

/** What a replay found. */
export interface Verdict {
  readonly identical: boolean;
  /** How many checkpoints were compared and equal, the end included. */
  readonly checkpoints: number;
  readonly cycles: number;
  /** The first checkpoint that differs, or where the runs parted otherwise. */
  readonly difference: { readonly at: number; readonly expected: string; readonly found: string } | null;
}

/**
 * Replays on the image and the disk as they are now. `sliceCycles` is how far the machine runs at a time (it makes no
 * difference, and a test says so); `progress` hears of every slice. Throws a RecordingError where the image or disk is another one.
 */
export function replay(
  recording: Recording,
  image: Image,
  options: {
    sliceCycles?: number;
    progress?: (cycle: number) => void;
    output?: (byte: number) => void;
    engine?: Engine;
  } = {},
): Verdict {
  const disk = restoreSectors(recording, image.disk);
  checkIdentity(recording, image.elf, disk);
  const machine = new Machine({
    ...recording.header.configuration,
    disk,
    ...(options.engine === undefined ? {} : { engine: options.engine }),
  });
  machine.loadElf(image.elf);
  if (options.output) machine.onOutput(options.output);
  let checkpoints = 0;
  for (const line of recording.lines) {
    if (line.type === "sector") continue;
    const stop = runTo(machine, line.at, options);
    const parted = partedAt(machine, stop, line);
    if (parted) return { identical: false, checkpoints, cycles: machine.cycle, difference: parted };
    if (line.type === "input") machine.post({ at: line.at, type: "input", text: line.text });
    else if (line.type === "inject") machine.post({ at: line.at, type: "inject", edit: line.edit as Edit });
    else checkpoints++;
  }
  return { identical: true, checkpoints, cycles: machine.cycle, difference: null };
}

function runTo(
  machine: Machine,
  cycle: number,
  options: { sliceCycles?: number; progress?: (cycle: number) => void },
): Stop {
  const slice = options.sliceCycles ?? 50_000_000;
  let stop: Stop = { kind: "cycle" };
  while (machine.cycle < cycle && stop.kind === "cycle") {
    stop = machine.run(Math.min(cycle, machine.cycle + slice));
    if (stop.kind === "reset") {
      machine.reboot();
      stop = { kind: "cycle" };
    }
    options.progress?.(machine.cycle);
  }
  return stop;
}

/** Whether the machine is not where the recording says it was. */
function partedAt(machine: Machine, stop: Stop, line: Line): Verdict["difference"] {
  const finished = stop.kind !== "cycle";
  const shouldFinish = line.type === "end" && line.stop === "finished";
  if (finished && !shouldFinish)
    return { at: line.at, expected: "running", found: `stopped at cycle ${machine.cycle}` };
  if (line.type !== "checkpoint" && line.type !== "end") return null;
  const found = machine.cycle === line.at ? machine.hash() : `at cycle ${machine.cycle}`;
  return found === line.hash ? null : { at: line.at, expected: line.hash, found };
}

/** The disk as it was before the recorded run changed it. */
function restoreSectors(recording: Recording, disk: Uint8Array): Uint8Array {
  const original = disk.slice();
  for (const line of recording.lines) {
    if (line.type === "sector") original.set(Buffer.from(line.before, "base64"), line.sector * 512);
  }
  return original;
}

function checkIdentity({ header }: Recording, elf: Uint8Array, disk: Uint8Array): void {
  if (fingerprint(elf) !== header.image) {
    throw new RecordingError("this is a recording of another image: it replays only with the sources it was made with");
  }
  if (fingerprint(disk) !== header.disk) {
    throw new RecordingError("the disk is not the one of the recording, even with what the run had changed put back");
  }
}

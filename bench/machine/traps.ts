/** What it costs to enter machine mode and come back: `ecall`, a handler of ten instructions, `mret`. Begin at `trapFigures`. */
import { atMost, type Figure, median, reported } from "../figure.ts";
import type { BenchOptions } from "../options.ts";
import { TRAPS, TRAPS_PER_ROUND, writeImages } from "./programs.ts";
import { QEMU_TCG, type Runner, renix, timeProcess } from "./run.ts";

/** Ours by QEMU TCG's. */
const GOAL = 1 / 4;

export function trapFigures({ engine, quick, progress }: BenchOptions, folder: string, withQemu: boolean): Figure[] {
  progress("traps");
  const rounds = quick ? Math.ceil(TRAPS.rounds / 20) : TRAPS.rounds;
  const [once, often] = writeImages(
    [1, rounds].map((each) => ({ ...TRAPS, rounds: each })),
    folder,
    "traps",
  );
  const ours = renix(engine);
  const runners = withQemu ? [ours, QEMU_TCG] : [ours];
  const samples = new Map(runners.map((runner) => [runner, [] as number[]]));
  for (let run = 0; run < (quick ? 1 : 5); run++) {
    for (const runner of runners) {
      const seconds = timeProcess(runner, often).seconds - timeProcess(runner, once).seconds;
      samples.get(runner)!.push((seconds / ((rounds - 1) * TRAPS_PER_ROUND)) * 1e9);
    }
  }
  // A host so busy that more work took less time gives no figure, and meets no goal.
  const nanoseconds = (runner: Runner): number => {
    const all = samples.get(runner)!;
    return all.every((each) => each > 0) ? median(all) : Number.NaN;
  };
  const figure = (runner: Runner): Figure =>
    reported(`machine: trap round trip, ${runner.name}`, nanoseconds(runner), "ns");
  if (!withQemu) return [figure(ours)];
  return [
    ...runners.map(figure),
    atMost("machine: trap round trip / QEMU TCG", nanoseconds(ours) / nanoseconds(QEMU_TCG), "×", GOAL),
  ];
}

/**
 * What someone waits who runs something short: programs of 100 million instructions, each in a new process, where translating has to pay for itself
 * at once. Node's own start, about which nothing can be done here, is measured apart and taken off. Begin at `coldStartFigures`.
 */
import { spawnSync } from "node:child_process";
import { atMost, type Figure, geometricMean, median, reported } from "../figure.ts";
import type { BenchOptions } from "../options.ts";
import { BENCHMARKS, instructionsPerRound, writeImages } from "./programs.ts";
import { QEMU_TCG, renix, timeProcess } from "./run.ts";

const INSTRUCTIONS = 100_000_000;
/** Wall time, ours by QEMU TCG's. */
const GOAL = 2;

export function coldStartFigures(
  { engine, quick, progress }: BenchOptions,
  folder: string,
  withQemu: boolean,
): Figure[] {
  if (!withQemu) return [];
  const benchmarks = BENCHMARKS.map((each) => ({
    ...each,
    rounds: Math.ceil(INSTRUCTIONS / instructionsPerRound(each)),
  }));
  const images = writeImages(benchmarks, folder, "cold");
  const ours = renix(engine);
  const nodeSeconds = median(Array.from({ length: quick ? 1 : 5 }, nodeStart));
  const ratios = benchmarks.map(({ name }, index) => {
    progress(`cold start, ${name}`);
    const samples = Array.from({ length: quick ? 1 : 5 }, () => ({
      ours: timeProcess(ours, images[index]).seconds - nodeSeconds,
      qemu: timeProcess(QEMU_TCG, images[index]).seconds,
    }));
    return median(samples.map((each) => each.ours)) / median(samples.map((each) => each.qemu));
  });
  return [
    reported("machine: Node's own start", nodeSeconds, "s"),
    ...benchmarks.map(({ name }, index) =>
      reported(`machine: cold start, 100 M instructions of ${name} / QEMU TCG`, ratios[index], "× time"),
    ),
    atMost("machine: cold start, 100 M instructions / QEMU TCG, geomean", geometricMean(ratios), "× time", GOAL),
  ];
}

/** Seconds that a program takes which does nothing. */
function nodeStart(): number {
  const begin = performance.now();
  spawnSync(process.execPath, ["--eval", ""]);
  return (performance.now() - begin) / 1000;
}

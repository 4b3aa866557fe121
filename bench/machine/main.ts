/**
 * How fast is the machine? Whole processes, ours and QEMU's in turn, in one run on the same host: the same image in both, and both must print the
 * same result. Begin at `machineBench`.
 *
 * A ratio is of speeds: rounds of the algorithm in a second, ours by QEMU's. Five runs each, medians; the goals are those of a quiet host with two
 * cores. The interpreter runs fewer rounds than QEMU, or one would wait an hour.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atLeast, type Figure, geometricMean, median, reported } from "../figure.ts";
import type { BenchOptions, Engine } from "../options.ts";
import { bootFigures } from "./boot.ts";
import { coldStartFigures } from "./cold-start.ts";
import { interruptFigures } from "./interrupts.ts";
import { memoryFigures } from "./memory.ts";
import { BENCHMARKS, type Benchmark, instructionsPerRound, writeImages } from "./programs.ts";
import { isQemuInstalled, QEMU_ICOUNT, QEMU_TCG, type Runner, renix, timeProcess } from "./run.ts";
import { trapFigures } from "./traps.ts";

/** Speed by QEMU TCG's and by QEMU -icount's, geometric means; and what no single benchmark may be below. */
const GOALS: Record<Engine, { tcg: number; icount: number | null; single: number | null }> = {
  interpreter: { tcg: 0.09, icount: null, single: null },
  translator: { tcg: 1.2, icount: 2, single: 0.6 },
};

/** What fraction of the rounds an engine runs; and in a hurry. */
const SHARES: Record<Engine, { full: number; quick: number }> = {
  interpreter: { full: 1 / 16, quick: 1 / 16 },
  translator: { full: 1, quick: 1 / 4 },
};
const QEMU_SHARES = SHARES.translator;

export async function machineBench(options: BenchOptions): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "renix-bench-"));
  try {
    const withQemu = isQemuInstalled();
    return [
      ...speedFigures(options, folder, withQemu),
      ...trapFigures(options, folder, withQemu),
      ...interruptFigures(options, folder, withQemu),
      ...coldStartFigures(options, folder, withQemu),
      ...bootFigures(options),
      ...memoryFigures(options, folder),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Speed {
  readonly benchmark: Benchmark;
  /** By runner: rounds in a second. */
  readonly rates: ReadonlyMap<Runner, number>;
}

function speedFigures(options: BenchOptions, folder: string, withQemu: boolean): Figure[] {
  const { engine } = options;
  const ours = renix(engine);
  const speeds = measureSpeeds(options, folder, [ours, ...(withQemu ? [QEMU_TCG, QEMU_ICOUNT] : [])]);
  const goals = GOALS[engine];
  const figures = speeds.map(({ benchmark, rates }) =>
    reported(
      `machine: ${benchmark.name}, ${engine}`,
      (rates.get(ours)! * instructionsPerRound(benchmark)) / 1e6,
      "million instructions/s",
    ),
  );
  if (!withQemu) return figures;
  for (const [qemu, single, mean] of [
    [QEMU_TCG, goals.single, goals.tcg],
    [QEMU_ICOUNT, null, goals.icount],
  ] as const) {
    const ratios = speeds.map(({ rates }) => rates.get(ours)! / rates.get(qemu)!);
    speeds.forEach(({ benchmark }, index) => {
      figures.push(ratioFigure(`machine: ${benchmark.name}, ${engine} / ${qemu.name}`, ratios[index], single));
    });
    figures.push(ratioFigure(`machine: ${engine} / ${qemu.name}, geomean`, geometricMean(ratios), mean));
  }
  return figures;
}

function ratioFigure(name: string, ratio: number, goal: number | null): Figure {
  return goal === null ? reported(name, ratio, "×") : atLeast(name, ratio, "×", goal);
}

/** Every benchmark by every runner, in turn. Throws an Error where two of them compute different results. */
function measureSpeeds({ engine, quick, progress }: BenchOptions, folder: string, runners: readonly Runner[]): Speed[] {
  const shares = [SHARES[engine], QEMU_SHARES].map((share) => (quick ? share.quick : share.full));
  const scaled = shares.map((share) => BENCHMARKS.map((each) => ({ ...each, rounds: Math.ceil(each.rounds * share) })));
  const [ourImages, qemuImages] = scaled.map((benchmarks, index) => writeImages(benchmarks, folder, `speed-${index}`));
  return BENCHMARKS.map((benchmark, index) => {
    progress(benchmark.name);
    const samples = new Map(runners.map((runner) => [runner, [] as number[]]));
    const outputs = new Set<string>();
    for (let run = 0; run < (quick ? 1 : 5); run++) {
      for (const runner of runners) {
        const isOurs = runner === runners[0];
        const { seconds, output } = timeProcess(runner, (isOurs ? ourImages : qemuImages)[index]);
        samples.get(runner)!.push(scaled[isOurs ? 0 : 1][index].rounds / seconds);
        outputs.add(output);
      }
    }
    if (outputs.size > 1) throw new Error(`${benchmark.name}: results differ: ${[...outputs].join(" ")}`);
    return { benchmark, rates: new Map([...samples].map(([runner, rates]) => [runner, median(rates)])) };
  });
}

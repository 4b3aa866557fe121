/**
 * What an interrupt costs: there, a short handler, and back. A loop is run with interrupts and without, and the difference divided by their
 * number. Begin at `interruptFigures`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { atMost, type Figure, median, reported } from "../figure.ts";
import { compileGuests } from "../guest-image.ts";
import type { BenchOptions } from "../options.ts";
import { QEMU_ICOUNT, QEMU_TCG, type Runner, renix, timeProcess } from "./run.ts";

const GUEST = "bench/machine/guest/interrupts.ts";
/** Ours by QEMU's. */
const GOAL = 1 / 4;
/** guest/interrupts.ts's `Source`. */
const NOTHING = 0;

/** In the order of `Source`, and how often the loop turns. */
const SOURCES = [
  { name: "mip", source: 1, turns: 3_000_000 },
  { name: "msip", source: 2, turns: 2_000_000 },
  { name: "timer", source: 3, turns: 60_000_000 },
];

export function interruptFigures(
  { engine, quick, progress }: BenchOptions,
  folder: string,
  withQemu: boolean,
): Figure[] {
  const ours = renix(engine);
  const others = withQemu ? [QEMU_TCG, QEMU_ICOUNT] : [];
  return SOURCES.flatMap(({ name, source, turns }) => {
    progress(`interrupts: ${name}`);
    const [without, with_] = imagesOf(quick ? turns / 5 : turns, [NOTHING, source], folder, name);
    const samples = new Map([ours, ...others].map((runner) => [runner, [] as number[]]));
    for (let run = 0; run < (quick ? 1 : 5); run++) {
      for (const [runner, all] of samples) all.push(nanosecondsEach(runner, without, with_));
    }
    const figure = (runner: Runner) => median(samples.get(runner)!);
    const title = `machine: interrupt by ${name}`;
    return [
      ...[ours, ...others].map((runner) => reported(`${title}, ${runner.name}`, figure(runner), "ns")),
      ...others.map((qemu) => atMost(`${title} / ${qemu.name}`, figure(ours) / figure(qemu), "×", GOAL)),
    ];
  });
}

/** What each interrupt adds. A host so busy that more work took less time gives no figure, and meets no goal. */
function nanosecondsEach(runner: Runner, without: string, with_: string): number {
  const { seconds: base } = timeProcess(runner, without);
  const { seconds, output } = timeProcess(runner, with_);
  const count = Number(/interrupts (\d+)/.exec(output)?.[1]);
  return seconds > base ? ((seconds - base) / count) * 1e9 : Number.NaN;
}

function imagesOf(turns: number, sources: readonly number[], folder: string, name: string): string[] {
  const executables = sources.map((source) => ({
    name: String(source),
    entry: GUEST,
    start: GUEST,
    kind: "kernel" as const,
    blobs: [{ symbol: "rounds", bytes: new Uint8Array(Uint32Array.of(turns, source).buffer) }],
  }));
  const images = compileGuests(executables);
  return sources.map((source) => {
    const path = join(folder, `interrupts-${name}-${source}.elf`);
    writeFileSync(path, images.get(String(source))!);
    return path;
  });
}

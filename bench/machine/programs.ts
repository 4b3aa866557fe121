/**
 * The benchmarks of the machine: guest programs on the harness of guest/start.ts, in user mode under Sv32. Those of bench/compiler are the same
 * files. Begin at `BENCHMARKS`; `writeImages` makes files of them.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Machine } from "../../machine/machine.ts";
import { compileGuests } from "../guest-image.ts";

export interface Benchmark {
  readonly name: string;
  readonly source: string;
  /** How often the algorithm runs when it is measured: about seven seconds on QEMU. */
  readonly rounds: number;
}

const SHARED = "bench/compiler/guest";
const OWN = "bench/machine/guest";
const START = `${OWN}/start.ts`;

export const BENCHMARKS: readonly Benchmark[] = [
  { name: "integer loops", source: `${SHARED}/sieve.ts`, rounds: 30_000 },
  { name: "pointer chasing", source: `${OWN}/chase.ts`, rounds: 9_000 },
  { name: "linked lists", source: `${SHARED}/list.ts`, rounds: 45_000 },
  { name: "memory copy", source: `${OWN}/memory.ts`, rounds: 7_500 },
  { name: "sha256", source: `${SHARED}/sha256.ts`, rounds: 110_000 },
  { name: "crc32", source: `${SHARED}/crc32.ts`, rounds: 115_000 },
  { name: "bytecode", source: `${SHARED}/bytecode.ts`, rounds: 18_000 },
  { name: "queens", source: `${SHARED}/queens.ts`, rounds: 125_000 },
  { name: "recursion", source: `${OWN}/recursion.ts`, rounds: 10_000 },
  { name: "matrix", source: `${SHARED}/matrix.ts`, rounds: 58_000 },
  { name: "string sorting", source: `${OWN}/strings.ts`, rounds: 5_500 },
];

/** Round trips between user and machine mode; a thousand in each round. */
export const TRAPS: Benchmark = { name: "traps", source: `${OWN}/traps.ts`, rounds: 15_000 };
export const TRAPS_PER_ROUND = 1000;

/** Files with the images of benchmarks, in the same order. */
export function writeImages(benchmarks: readonly Benchmark[], folder: string, prefix: string): string[] {
  return buildImages(benchmarks).map((image, index) => {
    const path = join(folder, `${prefix}-${index}.elf`);
    writeFileSync(path, image);
    return path;
  });
}

/** How many instructions one round executes, as the machine counts them. */
export function instructionsPerRound(benchmark: Benchmark): number {
  let count = counted.get(benchmark.source);
  if (count === undefined) {
    const [two, three] = buildImages([2, 3].map((rounds) => ({ ...benchmark, rounds }))).map(instructionsOf);
    count = three - two; // the first round may prepare something
    counted.set(benchmark.source, count);
  }
  return count;
}
const counted = new Map<string, number>();

function instructionsOf(image: Uint8Array): number {
  const machine = new Machine();
  machine.loadElf(image);
  const stop = machine.run(Number.MAX_SAFE_INTEGER);
  if (stop.kind !== "finished" || stop.status !== 0) throw new Error(`a benchmark failed: ${JSON.stringify(stop)}`);
  return machine.instructions;
}

/** The images of benchmarks with their rounds. The rounds are no part of the code: a word behind the image holds them. */
export function buildImages(benchmarks: readonly Benchmark[]): Uint8Array[] {
  const executables = benchmarks.map(({ source, rounds }, index) => ({
    name: String(index),
    entry: source,
    start: START,
    kind: "kernel" as const,
    blobs: [{ symbol: "rounds", bytes: new Uint8Array(Uint32Array.of(rounds).buffer) }],
  }));
  const images = compileGuests(executables);
  return executables.map(({ name }) => images.get(name)!);
}

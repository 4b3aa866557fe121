/**
 * What time travel and campaigns of experiments cost: snapshots, restores, hashes and forks of the running system, and "restore, run a million
 * instructions" over and over. Begin at `snapshotBench`.
 */
import { Base } from "../../machine/board/memory-map.ts";
import type { Machine, Snapshot } from "../../machine/machine.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import { Terminal } from "../../replay/terminal.ts";
import { buildImage } from "../../system/build.ts";
import { atLeast, atMost, type Figure, median, reported } from "../figure.ts";
import type { BenchOptions, Engine } from "../options.ts";

const PAGE_BYTES = 4096;
const DIRTY_PAGES = 200;
/** Time to restore so many pages, by that of copying all RAM. */
const RESTORE_GOAL = 1 / 40;
const EXPERIMENT_INSTRUCTIONS = 1_000_000;
/** Experiments that are a campaign's beginning; those, with them, until what is hot is translated; and those measured then. */
const COLD = 500;
const WARM_UP = 1000;
const STEADY = 2000;
/** In a second, on one core. */
const EXPERIMENTS_GOAL = 1000;
const LIMIT_CYCLES = 2_000_000_000;

export async function snapshotBench({ engine, quick, progress }: BenchOptions): Promise<Figure[]> {
  progress("boot");
  const machine = await busySystem(engine);
  progress("pages");
  const pages = pageFigures(machine, quick ? 20 : 200);
  progress("experiments");
  const campaigns = quick ? { cold: 100, warmUp: 300, steady: 200 } : { cold: COLD, warmUp: WARM_UP, steady: STEADY };
  return [...pages, ...experimentFigures(machine, campaigns, engine)];
}

/** The system in the middle of work: a pipeline that reads files and counts. */
async function busySystem(engine: Engine): Promise<Machine> {
  const session = new Session(await buildImage(), defaultConfiguration, null, engine);
  const terminal = new Terminal(session, (until) => session.advance(until).kind === "cycle");
  terminal.waitForPrompt(LIMIT_CYCLES);
  terminal.run("cat /bin/sh | cksum", LIMIT_CYCLES);
  terminal.type("while true; do cat /bin/sh | cksum; done > /dev/null\r");
  terminal.pause(20_000_000);
  return session.machine;
}

function pageFigures(machine: Machine, runs: number): Figure[] {
  const { ramBytes } = machine.configuration;
  const source = new Uint8Array(ramBytes).fill(1);
  const target = new Uint8Array(ramBytes);
  const copy = milliseconds(runs / 10, () => target.set(source));
  const base = machine.snapshot();
  const dirty = (): void => dirtyPages(machine);
  const restore = milliseconds(runs, () => machine.restore(base), dirty);
  const snapshot = milliseconds(runs, () => machine.snapshot(), dirty);
  const hash = milliseconds(runs, () => machine.hash(), dirty);
  const fork = milliseconds(runs / 10, () => machine.fork());
  machine.restore(base);
  return [
    reported("snapshot: copying all 64 MiB of RAM", copy, "ms"),
    atMost(`snapshot: restoring ${DIRTY_PAGES} pages / copying all RAM`, restore / copy, "× time", RESTORE_GOAL),
    reported(`snapshot: restoring ${DIRTY_PAGES} pages`, restore, "ms"),
    reported(`snapshot: taking one, ${DIRTY_PAGES} pages changed`, snapshot, "ms"),
    reported(`snapshot: hashing, ${DIRTY_PAGES} pages changed`, hash, "ms"),
    reported("snapshot: forking the machine", fork, "ms"),
  ];
}

/** Changes a word in each of so many pages, in the half of RAM that the system hardly uses. */
function dirtyPages(machine: Machine): void {
  const start = Base.Ram + machine.configuration.ramBytes / 2;
  stamp++;
  for (let page = 0; page < DIRTY_PAGES; page++) {
    machine.writePhysical(start + page * PAGE_BYTES, Uint8Array.of(stamp, stamp >>> 8, stamp >>> 16, 1));
  }
}
let stamp = 0;

/** Median of one call of `work`, each after an untimed `before`. */
function milliseconds(runs: number, work: () => void, before: () => void = () => {}): number {
  return median(
    Array.from({ length: Math.max(3, Math.round(runs)) }, () => {
      before();
      const begin = performance.now();
      work();
      return performance.now() - begin;
    }),
  );
}

interface Campaign {
  readonly cold: number;
  readonly warmUp: number;
  readonly steady: number;
}

/** A campaign takes thousands of experiments, so the goal is for those; how it begins stands beside it. */
function experimentFigures(machine: Machine, { cold, warmUp, steady }: Campaign, engine: Engine): Figure[] {
  const base = machine.snapshot();
  const cycles = cyclesOfExperiment(machine, base);
  const first = experiments(machine, base, cycles, cold);
  experiments(machine, base, cycles, warmUp - cold);
  const later = experiments(machine, base, cycles, steady);
  const what = `snapshot: experiments of a million instructions, ${engine}`;
  return [
    atLeast(`${what}, after ${warmUp}`, later.perSecond, "per second", EXPERIMENTS_GOAL),
    reported(`${what}, the first ${cold} from cold`, first.perSecond, "per second"),
    reported("snapshot: restoring after a million instructions", later.restoring, "ms"),
  ];
}

/** Goes back to the snapshot and runs, so many times. */
function experiments(machine: Machine, base: Snapshot, cycles: number, runs: number) {
  const restores: number[] = [];
  const begin = performance.now();
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    machine.restore(base);
    restores.push(performance.now() - start);
    machine.run(machine.cycle + cycles);
  }
  return { perSecond: (1000 * runs) / (performance.now() - begin), restoring: median(restores) };
}

/** How far to run for a million instructions, waiting left out: found once, and the same every time. */
function cyclesOfExperiment(machine: Machine, base: Snapshot): number {
  const { cycle, instructions } = machine;
  while (machine.instructions < instructions + EXPERIMENT_INSTRUCTIONS) machine.run(machine.cycle + 1000);
  const cycles = machine.cycle - cycle;
  machine.restore(base);
  return cycles;
}

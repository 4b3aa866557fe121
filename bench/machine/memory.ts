/** How much memory the machine takes at its most: every benchmark for some rounds, and the system from boot to power-off. Begin at `memoryFigures`. */
import { spawnSync } from "node:child_process";
import { atMost, type Figure } from "../figure.ts";
import type { BenchOptions } from "../options.ts";
import { BENCHMARKS, writeImages } from "./programs.ts";
import { type Runner, renix, renixBoot } from "./run.ts";

/** Resident, with 64 MiB of RAM in the machine. */
const GOAL_MEBIBYTES = 350;
/** Each benchmark runs so much shorter than for its speed. */
const SHARE = 1 / 100;
const SESSION = "cksum /bin/*; for f in 1 2 3 4 5 6 7 8; do cp /bin/sh /tmp/copy; ls -l /bin; ps; done";

/** Loaded into the process that is measured: its last words are its largest size, in KiB. */
const REPORT = `data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+process.resourceUsage().maxRSS))`;

export function memoryFigures({ engine, progress }: BenchOptions, folder: string): Figure[] {
  progress("memory");
  const benchmarks = BENCHMARKS.map((each) => ({ ...each, rounds: Math.ceil(each.rounds * SHARE) }));
  const images = writeImages(benchmarks, folder, "memory");
  const sizes = images.map((image) => peakMebibytes(renix(engine), image));
  return [
    atMost("machine: resident memory, largest of all benchmarks", Math.max(...sizes), "MiB", GOAL_MEBIBYTES),
    atMost("machine: resident memory, the system", peakMebibytes(renixBoot(engine), SESSION), "MiB", GOAL_MEBIBYTES),
  ];
}

function peakMebibytes({ name, command }: Runner, last: string): number {
  const [node, ...options] = command;
  const { status, stderr } = spawnSync(node, ["--import", REPORT, ...options, last], { encoding: "utf8", input: "" });
  const kibibytes = Number(stderr.slice(stderr.lastIndexOf("\n") + 1));
  if (status !== 0 || !(kibibytes > 0)) throw new Error(`${last} on ${name}: status ${status}: ${stderr}`);
  return kibibytes / 1024;
}

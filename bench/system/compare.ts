/**
 * The whole system on our machine and on QEMU: the same renix.elf, the same disk, the same command, whole processes, in turn. Begin at `compareBench`.
 *
 * A ratio is of speeds, rounds of a load in a second, ours by QEMU's: five runs each, medians. The interpreter runs fewer rounds than QEMU, or one would
 * wait an hour.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, objectsFolder, ROOT } from "../../system/build.ts";
import { makeSystem } from "../../system/make.ts";
import { atLeast, type Figure, geometricMean, median, reported } from "../figure.ts";
import { isQemuInstalled, QEMU_TCG, type Runner, renixBoot, timeProcess } from "../machine/run.ts";
import type { BenchOptions, Engine } from "../options.ts";

/** What the interpreter is measured by too: the default is whatever runs fastest. */
const GOAL = 1.5;
const RUNS = 5;

interface Load {
  readonly name: string;
  /** The first operand of bench/system/guest/load.ts. */
  readonly what: string;
  /** About five seconds of QEMU's time, so that starting up does not decide. */
  readonly rounds: number;
  /** What one round is. */
  readonly unit: string;
}

const LOADS: readonly Load[] = [
  { name: "getpid", what: "getpid", rounds: 600_000, unit: "calls/s" },
  { name: "IPC ping-pong, two processes and two pipes", what: "ping-pong", rounds: 80_000, unit: "round trips/s" },
  { name: "fork, exec, wait", what: "spawn", rounds: 6_000, unit: "programs/s" },
  { name: "pipe, 4 KiB at a time", what: "pipe", rounds: 150_000, unit: "blocks/s" },
  { name: "file read from the cache, 4 KiB at a time", what: "read", rounds: 160_000, unit: "blocks/s" },
  { name: "file write, 4 KiB at a time", what: "write", rounds: 120_000, unit: "blocks/s" },
  { name: "shell script of a hundred commands", what: "script", rounds: 11, unit: "scripts/s" },
];

/** Which fraction of the rounds an engine runs; and in a hurry. */
const SHARES: Record<Engine, { full: number; quick: number }> = {
  interpreter: { full: 1 / 6, quick: 1 / 30 },
  translator: { full: 1, quick: 1 / 5 },
};
const QEMU_SHARES = SHARES.translator;

export async function compareBench({ engine, quick, progress }: BenchOptions): Promise<Figure[]> {
  if (!isQemuInstalled()) return [];
  const folder = mkdtempSync(join(tmpdir(), "renix-bench-"));
  try {
    progress("building");
    const site = new Site(folder, (await buildImage()).elf);
    const ours = site.ours(engine);
    const qemu = site.qemu();
    const figures: Figure[] = [];
    const ratios: number[] = [];
    for (const { name, what, rounds, unit } of LOADS) {
      progress(name);
      const rates = new Map<Runner, number[]>([ours, qemu].map((runner) => [runner, []]));
      for (let run = 0; run < (quick ? 1 : RUNS); run++) {
        for (const [runner, found] of rates) {
          const share = (runner === qemu ? QEMU_SHARES : SHARES[engine])[quick ? "quick" : "full"];
          const count = Math.max(1, Math.round(rounds * share));
          found.push(count / site.time(runner, `load ${what} ${count}`));
        }
      }
      const [mine, theirs] = [median(rates.get(ours)!), median(rates.get(qemu)!)];
      ratios.push(mine / theirs);
      figures.push(
        reported(`system: ${name}, ${engine}`, mine, unit),
        reported(`system: ${name}, ${qemu.name}`, theirs, unit),
        reported(`system: ${name}, ${engine} / ${qemu.name}`, mine / theirs, "×"),
      );
    }
    return [...figures, atLeast(`system: ${engine} / ${qemu.name}, geomean`, geometricMean(ratios), "×", GOAL)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The files of a comparison. Every run begins with the same disk. */
class Site {
  readonly #elf: string;
  readonly #disk: string;
  readonly #content: Uint8Array;

  constructor(folder: string, elf: Uint8Array) {
    this.#elf = join(folder, "renix.elf");
    this.#disk = join(folder, "disk.img");
    writeFileSync(this.#elf, elf);
    this.#content = makeSystem(ROOT, objectsFolder(), {
      programs: [{ name: "load", entry: "bench/system/guest/load.ts" }],
      files: [{ path: "/root/hundred", mode: 0o644, content: new TextEncoder().encode(hundredCommands()) }],
    }).disk;
  }

  ours(engine: Engine): Runner {
    const { name, command } = renixBoot(engine);
    return { name, command: [...command.slice(0, -1), "--disk", this.#disk, "--exec"] };
  }

  qemu(): Runner {
    const disk = ["-drive", `file=${this.#disk},format=raw,if=none,id=disk`, "-device", "virtio-blk-device,drive=disk"];
    const layout = ["-global", "virtio-mmio.force-legacy=false"];
    return { name: QEMU_TCG.name, command: [...QEMU_TCG.command, this.#elf, ...layout, ...disk, "-append"] };
  }

  /** Seconds. */
  time(runner: Runner, command: string): number {
    writeFileSync(this.#disk, this.#content);
    const argument = runner.name === QEMU_TCG.name ? `renix.exec=${command}` : command;
    return timeProcess(runner, argument).seconds;
  }
}

/** Ten times ten commands: programs and what the shell does itself, pipes, files that come and go. */
function hundredCommands(): string {
  const ten = [
    "echo one two three >/tmp/a",
    "cat /tmp/a /tmp/a >/tmp/b",
    "wc -l </tmp/b >/tmp/c",
    "ls /bin | grep s | sort >/tmp/d",
    "cp /tmp/d /tmp/e",
    'x=0; while [ "$x" -lt 10 ]; do x=$((x + 1)); done',
    "seq 20 | head -n 5 >/tmp/f",
    "cksum /tmp/e >/tmp/g",
    "mkdir /tmp/h; mv /tmp/g /tmp/h/g",
    "rm -r /tmp/h /tmp/a /tmp/b /tmp/c /tmp/d /tmp/e /tmp/f",
  ];
  return `${Array.from({ length: 10 }, () => ten.join("\n")).join("\n")}\n`;
}

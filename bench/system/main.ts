/**
 * The system's own figures: what a message, a call, a process and a crash cost inside, exactly; and how long a person waits outside. Inside means
 * instructions and cycles, counted by watching a booted system from outside; nothing in the guest knows.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { guestNumbers } from "../../replay/guest-numbers.ts";
import { Observer } from "../../replay/observer.ts";
import { parseScenario } from "../../replay/scenario.ts";
import { runScenario } from "../../replay/scenario-run.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import { Terminal } from "../../replay/terminal.ts";
import { buildImage, filesUnder, ROOT, type SystemImage } from "../../system/build.ts";
import { atMost, type Figure, median, reported } from "../figure.ts";
import { Spans } from "./spans.ts";

const RUNS = 5;
const LIMIT_CYCLES = 1_000_000_000;

export async function systemBench(): Promise<Figure[]> {
  const image = await buildImage();
  return [...callFigures(image), ...bootFigures(image), recoveryFigure(image), kernelLines()];
}

/** Boots, runs commands that make every kind of call, and takes the medians. */
function callFigures(image: SystemImage): Figure[] {
  const session = new Session(image, defaultConfiguration);
  const observer = new Observer(session, image.elf);
  const numbers = guestNumbers();
  const spans = new Spans(session.machine, observer, numbers.messageTypes);
  const terminal = new Terminal(session, (until) => observer.advance(until).kind === "cycle");
  terminal.waitForPrompt(LIMIT_CYCLES);
  spans.listen();
  for (const command of [
    "sh -c true",
    "dd if=/bin/sh of=/dev/null bs=4096",
    "dd if=/bin/sh of=/dev/null bs=4096",
    "true",
    "true",
  ]) {
    terminal.run(command, LIMIT_CYCLES);
  }
  const figure = (name: string, of: { instructions: number[]; cycles: number[] }, goal: number | null): Figure[] => {
    const instructions = median(of.instructions);
    return [
      goal === null
        ? reported(`${name}, instructions`, instructions, "instructions")
        : atMost(`${name}, instructions`, instructions, "instructions", goal),
      reported(`${name}, cycles`, median(of.cycles), "cycles"),
    ];
  };
  return [
    ...figure("SENDREC round trip between address spaces (kernel)", spans.roundTrips, 400),
    ...figure("getpid", spans.of("PmCall.GetIds"), null),
    ...figure("fork and exec", spans.launches, null),
    ...figure("read of 4 KiB from the cache", spans.of("VfsCall.Read", 4096), null),
  ];
}

function bootFigures(image: SystemImage): Figure[] {
  let cycles = 0;
  const seconds = Array.from({ length: RUNS }, () => {
    const begin = performance.now();
    const session = new Session(image, defaultConfiguration);
    new Terminal(session, (until) => session.advance(until).kind === "cycle").waitForPrompt(LIMIT_CYCLES);
    cycles = session.machine.cycle;
    return (performance.now() - begin) / 1000;
  });
  return [
    reported("boot to prompt, machine time", cycles, "cycles"),
    atMost("boot to prompt, wall time", median(seconds), "s", 1.5),
  ];
}

function recoveryFigure(image: SystemImage): Figure {
  const path = join(ROOT, "scenarios", "disk-killed.yaml");
  const report = runScenario(parseScenario(readFileSync(path, "utf8"), path), image, guestNumbers());
  return atMost(
    "recovery of the disk driver",
    report.deaths[0]?.recoveryCycles ?? Number.POSITIVE_INFINITY,
    "cycles",
    500_000,
  );
}

function kernelLines(): Figure {
  const lines = filesUnder(join(ROOT, "kernel"))
    .filter((path) => path.endsWith(".ts"))
    .reduce((sum, path) => sum + readFileSync(path, "utf8").split("\n").length - 1, 0);
  return atMost("lines of the kernel", lines, "lines", 3999);
}

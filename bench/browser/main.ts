/**
 * The same machine in a browser: how fast it is in a worker of headless Chromium, next to Node on the same host. The same image does the same work in
 * both, and both must come to the same states. Nothing is measured where no Chromium is installed. Begin at `browserBench`.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { SLICE_CYCLES } from "../../replay/pacer.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import { findChromium, openBrowser, runInPage } from "../../web/browser.ts";
import { buildPage } from "../../web/build.ts";
import { serve } from "../../web/serve.ts";
import { type Figure, geometricMean, reported } from "../figure.ts";
import { BENCHMARKS, instructionsPerRound, writeImages } from "../machine/programs.ts";
import type { BenchOptions, Engine } from "../options.ts";

/** How many instructions each benchmark executes: in a hurry, and otherwise. */
const INSTRUCTIONS = { quick: 20_000_000, full: 500_000_000 };
const PATIENCE_MILLISECONDS = 600_000;
/** The page always gives the machine a disk; the benchmarks need none. */
const BLANK_DISK = new Uint8Array(512);

export async function browserBench({ engine, quick, progress }: BenchOptions): Promise<Figure[]> {
  const chromium = findChromium();
  if (chromium === null) return [];
  const instructions = quick ? INSTRUCTIONS.quick : INSTRUCTIONS.full;
  const benchmarks = BENCHMARKS.map((each) => ({
    ...each,
    rounds: Math.max(1, Math.round(instructions / instructionsPerRound(each))),
  }));
  const folder = mkdtempSync(join(tmpdir(), "renix-web-"));
  await buildPage(folder);
  const images = writeImages(benchmarks, folder, "bench");
  const server = await serve(folder);
  const browser = await openBrowser(chromium);
  try {
    const ratios: number[] = [];
    const figures: Figure[] = [];
    for (const [index, { name }] of benchmarks.entries()) {
      progress(name);
      const page = await browser.newPage();
      const address = `${server.address}?fast&engine=${engine}&elf=${basename(images[index])}`;
      const there = await runInPage(page, address, PATIENCE_MILLISECONDS);
      await page.close();
      const here = runHere(readFileSync(images[index]), engine);
      if (there.hashes.get(here.cycle) !== here.hash) throw new Error(`${name}: the browser came to another state`);
      ratios.push(there.instructionsPerSecond / here.instructionsPerSecond);
      figures.push(reported(`browser: ${name}, ${engine}, Chromium / Node`, ratios[index], "×"));
    }
    return [...figures, reported(`browser: ${engine}, Chromium / Node, geomean`, geometricMean(ratios), "×")];
  } finally {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

/** In this process, in slices and with checkpoints as the worker has them. */
function runHere(elf: Uint8Array, engine: Engine): { cycle: number; hash: string; instructionsPerSecond: number } {
  const session = new Session({ elf, disk: BLANK_DISK }, defaultConfiguration, null, engine);
  const { machine } = session;
  session.onCheckpoint = () => {};
  const begin = performance.now();
  while (session.advance(machine.cycle + SLICE_CYCLES).kind === "cycle");
  const seconds = (performance.now() - begin) / 1000;
  return { cycle: machine.cycle, hash: machine.hash(), instructionsPerSecond: machine.instructions / seconds };
}

/**
 * Chromium without a window, for tests and benchmarks of the page: Debian's, or whichever is installed. Begin at `openBrowser`.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Where Chromium is; null if it is not installed. */
export function findChromium(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return places.find((place) => existsSync(place)) ?? null;
}

/** A browser with a profile of its own, which goes with it. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}

/** What a run in the page came to. */
export interface PageRun {
  /** Hash by cycle, the last state's included. */
  readonly hashes: ReadonlyMap<number, string>;
  readonly instructions: number;
  /** While it was not idle. */
  readonly instructionsPerSecond: number;
  /** What the page says of the machine: how it ended. */
  readonly state: string;
}

/** Opens the page with an address that makes the machine end by itself, and waits for that. Throws an Error if the page reports a failure. */
export async function runInPage(page: Page, address: string, patienceMilliseconds: number): Promise<PageRun> {
  await page.goto(address);
  await page.waitForSelector('#state[data-state="stopped"], #state[data-state="failed"]', {
    timeout: patienceMilliseconds,
  });
  const found = await page.evaluate(() => {
    const of = (id: string): HTMLElement => document.getElementById(id)!;
    const rows = [...document.querySelectorAll<HTMLElement>("#checkpoints tr")];
    return {
      rows: rows.map(({ dataset }) => [Number(dataset.cycle), dataset.hash!] as const),
      instructions: Number(of("instructions").dataset.count),
      instructionsPerSecond: Number(of("speed").dataset.perSecond),
      state: of("state").textContent!,
      failed: of("state").dataset.state === "failed",
    };
  });
  if (found.failed) throw new Error(`the page failed: ${found.state}`);
  return { ...found, hashes: new Map(found.rows.reverse()) };
}

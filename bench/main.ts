/**
 * `npm run bench`: every figure the project promises, measured. `-- --json` gives them as data; naming groups runs only those.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import type { Figure } from "./figure.ts";
import type { BenchOptions, Engine } from "./options.ts";

type Bench = (options: BenchOptions) => Promise<Figure[]>;

/** By name, each loaded only when it is measured. */
const GROUPS: Record<string, () => Promise<Bench>> = {
  build: async () => (await import("./build/main.ts")).buildBench,
  compiler: async () => (await import("./compiler/main.ts")).compilerBench,
  machine: async () => (await import("./machine/main.ts")).machineBench,
  snapshot: async () => (await import("./snapshot/main.ts")).snapshotBench,
  system: async () => (await import("./system/main.ts")).systemBench,
  qemu: async () => (await import("./system/compare.ts")).compareBench,
  browser: async () => (await import("./browser/main.ts")).browserBench,
  churn: async () => (await import("./churn/main.ts")).churnBench,
};
const NAMES = Object.keys(GROUPS).join(", ");

const program = new Command("bench")
  .description("Measures what Renix promises.")
  .argument("[groups...]", `what to measure: ${NAMES} (default: everything)`)
  .addOption(
    new Option("--engine <engine>", "what executes the guest's instructions in the groups that time the machine")
      .choices(["interpreter", "translator"])
      .default("translator"),
  )
  .option("--quick", "once and shorter: shows that it works, and only roughly how fast")
  .option("--minutes <minutes>", "how long churn goes on, in machine time", positive, 1)
  .option("--json", "print the figures as a JSON array")
  .configureOutput({ outputError: (text, write) => write(`bench: ${text.replace(/^error: /, "")}`) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(run);

interface Flags {
  readonly engine: Engine;
  readonly quick?: boolean;
  readonly minutes: number;
  readonly json?: boolean;
}

async function run(groups: string[], { engine, quick = false, minutes, json }: Flags): Promise<void> {
  const unknown = groups.find((name) => !(name in GROUPS));
  if (unknown !== undefined) program.error(`there is no group "${unknown}"; there are ${NAMES}`);
  const figures: Figure[] = [];
  for (const name of groups.length > 0 ? groups : Object.keys(GROUPS)) {
    const measure = await GROUPS[name]();
    const measured = await measure({ engine, quick, minutes, progress: (text) => showProgress(`${name}: ${text}`) });
    showProgress("");
    figures.push(...measured);
    if (!json) for (const figure of measured) process.stdout.write(`${row(figure)}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || value > 1e6) throw new InvalidArgumentError("It must be a number above zero.");
  return value;
}

/** What is being measured, on a terminal; the figures that follow overwrite it. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function row({ name, value, unit, goal, met }: Figure): string {
  const shown = Math.abs(value) < 100 ? value.toFixed(2) : Math.round(value).toLocaleString("en");
  const verdict = goal === null ? "" : `   goal ${goal.toLocaleString("en")}: ${met ? "met" : "NOT MET"}`;
  return `${name.padEnd(64)} ${shown.padStart(14)} ${unit}${verdict}`;
}

await program.parseAsync();

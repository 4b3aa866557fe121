/**
 * `npm run bench`: every figure the project promises, measured. `-- --json` gives them as data; naming groups runs only those.
 */
import { Command } from "commander";
import type { Figure } from "./figure.ts";
import { systemBench } from "./system/main.ts";

const GROUPS: Record<string, () => Promise<Figure[]>> = {
  system: systemBench,
};

const program = new Command("bench")
  .description("Measures what Renix promises.")
  .argument("[groups...]", `what to measure: ${Object.keys(GROUPS).join(", ")} (default: everything)`)
  .option("--json", "print the figures as a JSON array")
  .action(run);

async function run(groups: string[], options: { json?: boolean }): Promise<void> {
  const unknown = groups.find((group) => !(group in GROUPS));
  if (unknown !== undefined)
    program.error(`bench: there is no group "${unknown}"; there are ${Object.keys(GROUPS).join(", ")}`, {
      exitCode: 2,
    });
  const figures: Figure[] = [];
  for (const group of groups.length > 0 ? groups : Object.keys(GROUPS)) {
    const measured = await GROUPS[group]();
    figures.push(...measured);
    if (!options.json) for (const figure of measured) process.stdout.write(`${row(figure)}\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}

function row({ name, value, unit, goal, met }: Figure): string {
  const shown = Math.abs(value) < 100 ? value.toFixed(2) : Math.round(value).toLocaleString("en");
  const verdict = goal === null ? "" : `   goal ${goal.toLocaleString("en")}: ${met ? "met" : "NOT MET"}`;
  return `${name.padEnd(56)} ${shown.padStart(14)} ${unit}${verdict}`;
}

await program.parseAsync();

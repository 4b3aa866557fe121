/** `renix run`: a crash scenario, and a short report of what came of it. */
import type { Engine } from "../machine/machine.ts";
import { guestNumbers } from "../replay/guest-numbers.ts";
import { parseScenario, type Scenario } from "../replay/scenario.ts";
import { ScenarioError } from "../replay/scenario-file.ts";
import { runScenario as carryOut, type Report } from "../replay/scenario-run.ts";
import { ExitStatus, Failure } from "./failure.ts";
import { readText, startFile } from "./files.ts";
import { readyImage } from "./image.ts";

export async function runScenario(
  path: string,
  options: { record?: string; json?: boolean; engine: Engine },
): Promise<void> {
  try {
    const scenario = parseScenario(readText(path), path);
    const image = await readyImage();
    const record = options.record === undefined ? undefined : startFile(options.record);
    const report = carryOut(scenario, image, guestNumbers(), { record, engine: options.engine });
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : describe(scenario, report));
    process.exitCode = report.passed ? ExitStatus.Ok : ExitStatus.Failed;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new Failure(error.message.startsWith(path) ? error.message : `${path}: ${error.message}`);
  }
}

function describe(scenario: Scenario, report: Report): string {
  const lines = [`${report.name}: ${report.passed ? "passed" : "FAILED"}`];
  for (const { number, cycle, service, place } of report.injected) {
    lines.push(
      `  injected  ${JSON.stringify(scenario.inject[number - 1]!.fault)} at cycle ${cycle}${service ? `, ${service} at ${place}` : ""}`,
    );
  }
  for (const { service, detectedAt, recoveryCycles } of report.deaths) {
    const recovered = recoveryCycles === null ? "not recovered" : `recovered in ${recoveryCycles} cycles`;
    lines.push(`  detected  death of ${service} at cycle ${detectedAt}: ${recovered}`);
  }
  for (const title of report.records.match(/^--- .* ---$/gm) ?? []) lines.push(`  recorded  ${title.slice(4, -4)}`);
  for (const { what, passed, found } of report.checks) {
    lines.push(
      `  ${passed ? "ok      " : "NOT OK  "}  ${what}${!passed && found !== undefined ? ` (found: ${JSON.stringify(found)})` : ""}`,
    );
  }
  lines.push(`  ${report.cycles} cycles in all`);
  return `${lines.join("\n")}\n`;
}

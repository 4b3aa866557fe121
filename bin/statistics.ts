/** `--statistics`: how the machine got its work done, on a line of its own on standard error. */
import type { Machine } from "../machine/machine.ts";
import { statisticsLine } from "../machine/statistics.ts";

export function showStatistics({ statistics }: Machine): void {
  process.stderr.write(`${statisticsLine(statistics)}\n`);
}

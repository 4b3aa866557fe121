/**
 * What someone waits who boots: the whole process, with the translator and with the interpreter alone. A boot is short, and little in it is done
 * often: the translator may not make it slower. Begin at `bootFigures`.
 */
import { atMost, type Figure, median, reported } from "../figure.ts";
import type { BenchOptions } from "../options.ts";
import { renixBoot, timeProcess } from "./run.ts";

const COMMAND = "true";
/** Wall time, with the translator by without. */
const GOAL = 1;

export function bootFigures({ quick, progress }: BenchOptions): Figure[] {
  progress("boot");
  const [translator, interpreter] = [renixBoot("translator"), renixBoot("interpreter")];
  timeProcess(translator, COMMAND); // what a first start builds is there from now on
  const samples = Array.from({ length: quick ? 1 : 9 }, () => ({
    translator: timeProcess(translator, COMMAND).seconds,
    interpreter: timeProcess(interpreter, COMMAND).seconds,
  }));
  const withTranslator = median(samples.map((each) => each.translator));
  const withInterpreter = median(samples.map((each) => each.interpreter));
  return [
    reported("machine: boot, whole process", withTranslator, "s"),
    atMost("machine: boot, translator / interpreter", withTranslator / withInterpreter, "× time", GOAL),
  ];
}

/**
 * Does anything grow? The system starts one program after another, for minutes of its own time, while the size of this process is watched; and the
 * guest has to have memory left for the last program as for the first. Begin at `churnBench`.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CYCLES_PER_SECOND } from "../../machine/board/memory-map.ts";
import { defaultConfiguration, Session } from "../../replay/session.ts";
import { Terminal } from "../../replay/terminal.ts";
import { buildImage } from "../../system/build.ts";
import { atMost, type Figure, reported } from "../figure.ts";
import type { BenchOptions } from "../options.ts";

/** Each turn of the loop starts five programs five times, and says so; it goes on only while they succeed. */
const TURN =
  "for i in 1 2 3 4 5; do /bin/true && sh -c '/bin/true' && /bin/echo x | cat > /dev/null || exit; done; /bin/echo turn";
const PROGRAMS_PER_TURN = 26;
const LOOP = `while true; do ${TURN}; done\r`;
const LIMIT_CYCLES = 1_000_000_000;
/** The size is looked at so often; the first fifth is for warming up. */
const SAMPLES = 20;
const WARM_SAMPLES = SAMPLES / 5;
/** Less than this is the host's own breathing. */
const GROWTH_MEBIBYTES = 8;

export async function churnBench({ engine, quick, minutes, progress }: BenchOptions): Promise<Figure[]> {
  const session = new Session(await buildImage(), defaultConfiguration, null, engine);
  const terminal = new Terminal(session, (until) => session.advance(until).kind === "cycle");
  terminal.waitForPrompt(LIMIT_CYCLES);
  terminal.type(LOOP);
  const cycles = (quick ? 0.02 : minutes) * 60 * CYCLES_PER_SECOND;
  const sizes: number[] = [];
  const turns: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    terminal.pause(Math.round(cycles / SAMPLES));
    sizes.push(residentMebibytes());
    turns.push(terminal.sinceStep.split("\nturn").length - 1);
    progress(`${turns.at(-1)} turns, ${Math.round(sizes.at(-1)!)} MiB`);
  }
  if (turns.at(-1)! <= turns.at(-2)!)
    throw new Error(`the guest's loop has stopped: ${terminal.sinceStep.slice(-500)}`);
  return [
    reported("churn: programs started", turns.at(-1)! * PROGRAMS_PER_TURN, "programs"),
    reported("churn: machine time", cycles / CYCLES_PER_SECOND / 60, "minutes"),
    reported("churn: resident memory, when warm", sizes[WARM_SAMPLES - 1], "MiB"),
    atMost(
      "churn: growth of resident memory since",
      Math.max(0, sizes.at(-1)! - sizes[WARM_SAMPLES - 1]),
      "MiB",
      GROWTH_MEBIBYTES,
    ),
  ];
}

/** Resident memory with all garbage collected. */
function residentMebibytes(): number {
  collectGarbage();
  return process.memoryUsage().rss / 2 ** 20;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What the translator's first stage finds in a program that was assembled, without a machine that has run it. */
import { type CodeView, discover, type Region } from "../../../machine/translate/discover.ts";
import { type Assembler, assemble, ORIGIN } from "../assembler.ts";

/** The region of a program that has been run, if nothing else is said. */
export function discovered(write: (a: Assembler) => void, view: Partial<CodeView> = {}): Region {
  const halves = new Uint16Array(assemble(write).buffer);
  return discover(ORIGIN | 0, {
    half: (pc) => halves[((pc >>> 0) - ORIGIN) >> 1] ?? null,
    isWanted: () => true,
    targetsOf: () => [],
    isTranslated: () => false,
    reachesDevice: () => false,
    ...view,
  })!;
}

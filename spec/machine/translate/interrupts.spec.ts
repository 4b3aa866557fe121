/** Interrupts in translated code: the timer's, those of software, and delegated ones, at any cycle, in slices of any size. */
import type { Assembler } from "../assembler.ts";
import { Random } from "../random.ts";
import { runAlike } from "./alike.ts";
import { interruptingProgram } from "./interrupting-program.ts";

const PROGRAMS = 5;

describe("interrupts in translated code", () => {
  for (const [intervalMask, slice] of [
    [7, 97],
    [31, 997],
    [127, 10_007],
    [1023, 100_003],
  ] as const) {
    it(`are taken as the interpreter takes them, up to ${intervalMask} ticks apart, in slices of ${slice} cycles`, () => {
      for (let seed = 1; seed <= PROGRAMS; seed++) {
        const write = (a: Assembler) =>
          interruptingProgram(a, { random: new Random(seed), interrupts: 300, intervalMask });
        runAlike(write, slice, () => {});
      }
    }).timeout(60_000);
  }
});

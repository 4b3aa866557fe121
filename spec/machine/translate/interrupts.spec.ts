/**
 * Interrupts in translated code: the timer's, those of software, and delegated ones, at any cycle, in slices of any
 * size.
 */
import { expect } from "chai";
import type { Assembler } from "../assembler.ts";
import { machineWith, runToEnd } from "../bench-top.ts";
import { Random } from "../random.ts";
import { runAlike } from "./alike.ts";
import { interruptingProgram } from "./interrupting-program.ts";
import { raising, ticking } from "./ticking.ts";

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

/** What a machine has done between two interrupts of the timer, by how many there had been. */
function exitsBetween(from: number, to: number, write: (a: Assembler, interrupts: number) => void): number {
  const [few, many] = [from, to].map((interrupts) => {
    const { machine } = runToEnd(machineWith((a) => write(a, interrupts), { engine: "translator", translateAfter: 4 }));
    return machine.statistics.translatorEntries + machine.statistics.interpreterEntries;
  });
  return many! - few!;
}

describe("a translating machine leaves WebAssembly", () => {
  it("for none of 900 interrupts of the timer, every 1000 cycles in a loop", () => {
    expect(exitsBetween(100, 1000, (a, interrupts) => ticking(a, { interrupts, waits: false }))).to.equal(0);
  });

  it("for none of 900 waits for the timer", () => {
    expect(exitsBetween(100, 1000, (a, interrupts) => ticking(a, { interrupts, waits: true }))).to.equal(0);
  });

  it("for none of 900 interrupts that software raises through the device, or by mip", () => {
    for (const how of ["device", "register"] as const) {
      expect(exitsBetween(1000, 1900, (a, interrupts) => raising(a, interrupts, how))).to.equal(0, how);
    }
  });
});

describe("what interrupts itself all the time", () => {
  it("is translated for the time that it takes, though it executes few instructions", () => {
    const write = (a: Assembler) => raising(a, 40_000, "device");
    const { machine } = runToEnd(machineWith(write, { engine: "translator" }));
    const { interpretedInstructions, translatedInstructions } = machine.statistics;
    expect(translatedInstructions).to.be.above(interpretedInstructions);
  });
});

/**
 * A function that becomes hot in several places at once is translated once, and can be entered and called at each of
 * them.
 */
import { expect } from "chai";
import { discover, isInLoop } from "../../../machine/translate/discover.ts";
import { type Assembler, addressIn, assemble, ORIGIN, REGISTERS } from "../assembler.ts";
import { machineWith } from "../bench-top.ts";
import { runAlike } from "./alike.ts";

const STACK = ORIGIN + 0x10_0000;
const DEPTH = 1000;
/** Instructions before anything is hot: enough for translating to be worth it. */
const WARM_UP = 600;

/**
 * A function that begins with a loop and has another one inside, called deeper than calls of translated code nest. It
 * has run as a whole before it becomes hot, first in the inner loop.
 */
function recursion(a: Assembler): void {
  a.li("sp", STACK);
  for (let spent = 0; spent < WARM_UP; spent++) a.i("addi", "t0", "t0", 1);
  a.li("a0", 0);
  a.jal("ra", "function");
  a.i("addi", "t3", "t3", 1);
  a.li("s1", 1);
  a.li("a0", DEPTH);
  a.jal("ra", "function");
  a.finish();
  a.label("function");
  a.i("addi", "t2", "t2", 1);
  a.label("inner");
  a.i("addi", "t3", "t3", 1);
  a.r("and", "t4", "t3", "s1");
  a.branch("bne", "t4", "zero", "inner");
  a.branch("beq", "a0", "zero", "behind");
  a.i("addi", "sp", "sp", -4);
  a.store("sw", "ra", 0, "sp");
  a.i("addi", "a0", "a0", -1);
  a.jal("ra", "function");
  a.load("lw", "ra", 0, "sp");
  a.i("addi", "sp", "sp", 4);
  a.label("behind");
  a.li("a0", 0);
  a.r("and", "t4", "t2", "s1");
  a.branch("bne", "t4", "zero", "function");
  a.jalr("zero", 0, "ra");
}

describe("a region with several roots", () => {
  for (const sliceCycles of [1_000_000, 9973]) {
    it(`counts, calls and nests as the interpreter does, in slices of ${sliceCycles} cycles`, () => {
      const { statistics } = runAlike(recursion, sliceCycles);
      expect(statistics.translatedInstructions).to.be.greaterThan(statistics.interpretedInstructions);
    });
  }

  it("has those in its loops, and no others", () => {
    const bytes = assemble(recursion);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const at = (label: string) => addressIn(recursion, label) | 0;
    const region = discover(at("inner"), {
      half: (pc) => view.getUint16(pc - (ORIGIN | 0), true),
      isWanted: () => true,
      targetsOf: () => [],
      isTranslated: () => false,
      reachesDevice: () => false,
    })!;
    expect(isInLoop(region, at("function"))).to.equal(true);
    expect(isInLoop(region, at("inner"))).to.equal(true);
    expect(isInLoop(region, at("behind") + 12)).to.equal(false);
  });

  it("has as many entries as calls: more than a thousand behind one another", () => {
    const calls = 1150;
    const rounds = 150;
    const write = (a: Assembler) => {
      a.li("s0", rounds);
      a.label("round");
      for (let call = 0; call < calls; call++) a.jal("ra", "function");
      a.i("addi", "s0", "s0", -1);
      a.branch("beq", "s0", "zero", "end");
      a.j("round");
      a.label("end");
      a.finish();
      a.label("function");
      a.i("addi", "a0", "a0", 1);
      a.jalr("zero", 0, "ra");
    };
    const machine = machineWith(write, { engine: "translator", translateAfter: 500 });
    // Slices end everywhere, so that the code is entered everywhere.
    while (machine.run(machine.cycle + 997).kind === "cycle") expect(machine.cycle).to.be.below(20 * calls * rounds);
    // One region has them all.
    expect(machine.statistics.regionInstructions).to.be.within(calls, calls + 20);
    expect(machine.hart.readRegister(REGISTERS.indexOf("a0"))).to.equal(calls * rounds);
  });
});

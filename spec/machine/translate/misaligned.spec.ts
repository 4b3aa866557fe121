/**
 * Accesses that are not aligned: within a page, translated code makes them itself once they are frequent, and pays what
 * the interpreter does; across two pages the interpreter makes them.
 */
import { expect } from "chai";
import { EventCost } from "../../../machine/cost.ts";
import type { Engine, Machine } from "../../../machine/machine.ts";
import { type Assembler, ORIGIN } from "../assembler.ts";
import { machineWith, runToEnd } from "../bench-top.ts";

const DATA = ORIGIN + 0x1_0000;
const ROUNDS = 20_000;

/** Walks over memory byte by byte, with accesses of every width, round and round. */
function walk(a: Assembler, lengthBytes: number): void {
  a.li("s0", ROUNDS);
  a.label("again");
  a.li("s1", DATA);
  a.li("s2", DATA + lengthBytes);
  a.label("walk");
  a.load("lw", "a1", 1, "s1");
  a.r("add", "a0", "a0", "a1");
  a.load("lh", "a2", 0, "s1");
  a.load("lhu", "a3", 3, "s1");
  a.r("add", "a0", "a0", "a2");
  a.store("sw", "a0", 8, "s1");
  a.r("add", "a0", "a0", "a3");
  a.store("sh", "a0", 14, "s1");
  a.i("addi", "s1", "s1", 1);
  a.i("addi", "s0", "s0", -1);
  a.branch("beq", "s0", "zero", "end");
  a.branch("bne", "s1", "s2", "walk");
  a.j("again");
  a.label("end");
  a.finish();
}

function walker(engine: Engine, lengthBytes: number): Machine {
  return machineWith((a) => walk(a, lengthBytes), { engine, translateAfter: 1 });
}

describe("misaligned accesses in translated code", () => {
  it("stay there while they are within a page", () => {
    const machine = walker("translator", 2048);
    runToEnd(machine);
    // Of five accesses a round, nearly four are misaligned.
    expect(machine.statistics.interpreterEntries).to.be.below(ROUNDS / 20);
  });

  it("cost what they cost in the interpreter", () => {
    const cyclesOf = (engine: Engine) => {
      const machine = walker(engine, 2048);
      runToEnd(machine);
      return machine.cycle;
    };
    const cycles = cyclesOf("translator");
    expect(cycles).to.equal(cyclesOf("interpreter"));
    expect(cycles).to.be.above(3 * ROUNDS * EventCost.misaligned);
  });

  for (const sliceCycles of [97, 4999]) {
    it(`end as in the interpreter, across pages too, in slices of ${sliceCycles} cycles`, () => {
      const lengthBytes = 3 * 4096 + 1000;
      const [translated, interpreted] = [walker("translator", lengthBytes), walker("interpreter", lengthBytes)];
      for (;;) {
        const stop = translated.run(translated.cycle + sliceCycles);
        expect(interpreted.run(interpreted.cycle + sliceCycles)).to.deep.equal(stop);
        expect(translated.cycle).to.equal(interpreted.cycle);
        if (stop.kind !== "cycle") break;
      }
      expect(translated.hash()).to.equal(interpreted.hash());
    });
  }
});

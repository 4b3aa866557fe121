/**
 * Breakpoints in pages that have translated code: whoever wants to stop at one instruction does not slow the rest of
 * its page down.
 */
import { expect } from "chai";
import type { Machine } from "../../../machine/machine.ts";
import { type Assembler, addressIn } from "../assembler.ts";
import { machineWith } from "../bench-top.ts";
import { compressed as c } from "../compressed-assembler.ts";

const ROUNDS = 20_000;
const EVERY = 5_000;

/** Counts in a1 how often in `ROUNDS` the label `mark` is reached, which is every `EVERY` rounds. */
function writeProgram(a: Assembler): void {
  a.li("a1", 0);
  a.li("s0", ROUNDS);
  a.li("s1", EVERY);
  a.li("a2", EVERY);
  a.label("again");
  a.i("addi", "a0", "a0", 3);
  a.i("addi", "s1", "s1", -1);
  a.branch("bne", "s1", "zero", "on");
  a.half(c.nop()); // shares its word with the mark
  a.label("mark");
  a.i("addi", "a1", "a1", 1);
  a.i("addi", "s1", "a2", 0);
  a.half(c.nop());
  a.label("on");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "again");
  a.finish();
}

const MARK = addressIn(writeProgram, "mark");

function machineOf(): Machine {
  return machineWith(writeProgram, { engine: "translator", translateAfter: 1 });
}

/** Runs to the end of the program; how often it stopped at the mark. */
function stopsOf(machine: Machine): number {
  for (let stops = 0; ; stops++) {
    const stop = machine.run(machine.cycle + 10_000_000);
    if (stop.kind !== "breakpoint") return stops;
    expect(stop.pc).to.equal(MARK);
    expect(machine.hart.readRegister(11)).to.equal(stops);
  }
}

describe("a breakpoint in a page of translated code", () => {
  it("stops there each time, and the rest of the page stays translated", () => {
    const machine = machineOf();
    machine.addBreakpoint({ physical: MARK });
    expect(stopsOf(machine)).to.equal(ROUNDS / EVERY);
    expect(machine.statistics.interpretedInstructions).to.be.below(1000);
    expect(machine.statistics.modules).to.be.below(5);
  });

  it("stops there also where that was translated already", () => {
    const machine = machineOf();
    machine.run(machine.cycle + 2 * 7 * EVERY);
    const done = machine.hart.readRegister(11);
    expect(done).to.be.above(0);
    machine.addBreakpoint({ physical: MARK });
    machine.run(machine.cycle + 10_000_000);
    expect(machine.hart.readPc()).to.equal(MARK);
    machine.clearBreakpoints();
    machine.run(machine.cycle + 10_000_000);
    expect(machine.hart.readRegister(11)).to.equal(ROUNDS / EVERY);
  });

  it("costs nothing: the state at the end is that without it", () => {
    const [without, with_] = [machineOf(), machineOf()];
    with_.addBreakpoint({ physical: MARK });
    stopsOf(without);
    stopsOf(with_);
    expect(with_.cycle).to.equal(without.cycle);
    expect(with_.hash()).to.equal(without.hash());
  });
});

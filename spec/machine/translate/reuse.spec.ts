/** Code that was translated once and comes again: in other frames, after a snapshot, on a page that has changed. */
import { expect } from "chai";
import sinon from "sinon";
import { CodeCache } from "../../../machine/hart/code-cache.ts";
import { Csr, Pte } from "../../../machine/isa/registers.ts";
import type { Machine, MachineConfiguration } from "../../../machine/machine.ts";
import { type Assembler, addressIn, assemble, ORIGIN, REGISTERS } from "../assembler.ts";
import { machineWith, runToEnd } from "../bench-top.ts";
import { openProtection, ROOT_TABLE, satpOf, Tables } from "../user-mode.ts";

const PAGE = 0x4000_0000;
const FIRST = { root: ROOT_TABLE, frame: ORIGIN + 0x40_0000 };
const SECOND = { root: ROOT_TABLE + 0x1_0000, frame: ORIGIN + 0x40_1000 };
/** Some turns of a loop. */
const TRANSLATE_AFTER = 128;
/** So many that translating is worth it, though it is dear the first time. */
const ITERATIONS = 20_000;

/** Runs the program at `PAGE` once in each of two address spaces; a turn ends with `ecall`. */
function takeTurns(a: Assembler): void {
  openProtection(a);
  for (const [index, { root }] of [FIRST, SECOND].entries()) {
    a.la("t0", `back${index}`);
    a.csrw(Csr.mtvec, "t0");
    a.li("t0", satpOf(root));
    a.csrw(Csr.satp, "t0");
    a.li("t0", PAGE);
    a.csrw(Csr.mepc, "t0");
    a.csrw(Csr.mstatus, "zero");
    a.mret();
    a.align(4);
    a.label(`back${index}`);
  }
  a.finish();
}

/** A loop of three instructions, which adds to a0. */
function program(addend: number): Uint8Array {
  return assemble((a) => writeProgram(a, addend), PAGE);
}

function writeProgram(a: Assembler, addend: number): void {
  a.li("t1", ITERATIONS);
  a.label("again");
  a.i("addi", "a0", "a0", addend);
  a.i("addi", "t1", "t1", -1);
  a.branch("bne", "t1", "zero", "again");
  a.ecall();
}

/** The loop, and if a1 is not zero, another one that adds something else. */
function twoLoops(addend: number): Uint8Array {
  return assemble((a) => {
    a.li("t1", ITERATIONS);
    a.label("again");
    a.i("addi", "a0", "a0", 1);
    a.i("addi", "t1", "t1", -1);
    a.branch("bne", "t1", "zero", "again");
    a.branch("beq", "a1", "zero", "end");
    a.li("t1", ITERATIONS);
    a.label("more");
    a.i("addi", "a0", "a0", addend);
    a.i("addi", "t1", "t1", -1);
    a.branch("bne", "t1", "zero", "more");
    a.label("end");
    a.ecall();
  }, PAGE);
}

/** The loop again. Nothing of it is decoded where its translation is found at once: a jump backwards leads there. */
function looping(addend: number): Uint8Array {
  return assemble((a) => writeLooping(a, addend), PAGE);
}

function writeLooping(a: Assembler, addend: number): void {
  a.j("start");
  a.label("again");
  a.i("addi", "a0", "a0", addend);
  a.i("addi", "t1", "t1", -1);
  a.branch("bne", "t1", "zero", "again");
  a.ecall();
  a.label("start");
  a.li("t1", ITERATIONS);
  a.j("again");
}

const AGAIN = addressIn((a) => writeLooping(a, 1), "again") - ORIGIN;

/** The same program in both frames. */
function machineWithBoth(configuration: MachineConfiguration = {}): Machine {
  const machine = machineWith(takeTurns, { engine: "lockstep", translateAfter: TRANSLATE_AFTER, ...configuration });
  for (const { root, frame } of [FIRST, SECOND]) {
    new Tables(machine, root).map(PAGE, frame, Pte.Read | Pte.Execute | Pte.User | Pte.Accessed);
    machine.writePhysical(frame, program(1));
  }
  return machine;
}

/** Stops at the beginning of the second turn. */
function runFirstTurn(machine: Machine): void {
  machine.addBreakpoint({ physical: addressIn(takeTurns, "back0") });
  expect(machine.run(machine.cycle + 1_000_000).kind).to.equal("breakpoint");
  machine.clearBreakpoints();
}

const a0 = (machine: Machine) => machine.hart.readRegister(REGISTERS.indexOf("a0"));

describe("translated code that comes again", () => {
  it("is found in another frame, in another address space: nothing is translated again, and hardly anything interpreted", () => {
    const machine = machineWithBoth({ engine: "translator" });
    runFirstTurn(machine);
    const { regions, interpretedInstructions } = machine.statistics;
    expect(regions).to.equal(1);
    expect(interpretedInstructions).to.be.greaterThan(TRANSLATE_AFTER / 4);
    runToEnd(machine);
    expect(a0(machine)).to.equal(2 * ITERATIONS);
    expect(machine.statistics.regions).to.equal(1);
    expect(machine.statistics.interpretedInstructions - interpretedInstructions).to.be.lessThan(30);
  });

  it("is found on its own page after a snapshot is restored, and not where the page has changed since", () => {
    const machine = machineWithBoth();
    const start = machine.snapshot();
    runToEnd(machine);
    expect(a0(machine)).to.equal(2 * ITERATIONS);
    const { regions } = machine.statistics;
    machine.restore(start);
    machine.writePhysical(SECOND.frame, program(7));
    runToEnd(machine);
    expect(a0(machine)).to.equal(8 * ITERATIONS);
    machine.restore(start);
    runToEnd(machine);
    expect(a0(machine)).to.equal(2 * ITERATIONS);
    expect(machine.statistics.regions).to.equal(regions + 1);
  });

  it("is not that of a page which comes back after more was translated from one that differs there", () => {
    const machine = machineWithBoth();
    machine.writePhysical(FIRST.frame, twoLoops(3));
    machine.writePhysical(SECOND.frame, twoLoops(5));
    const a1 = REGISTERS.indexOf("a1");
    machine.hart.writeRegister(a1, 0);
    const start = machine.snapshot();
    runFirstTurn(machine);
    machine.writePhysical(FIRST.frame, new Uint8Array(4096));
    machine.hart.writeRegister(a1, 1);
    runToEnd(machine);
    expect(a0(machine)).to.equal((1 + 1 + 5) * ITERATIONS);
    machine.restore(start);
    machine.hart.writeRegister(a1, 1);
    runToEnd(machine);
    expect(a0(machine)).to.equal((1 + 3 + 1 + 5) * ITERATIONS);
  });

  it("is not that of a page whose bytes come back, if it belongs to what was there in between", () => {
    const machine = machineWithBoth({ engine: "translator" });
    machine.writePhysical(FIRST.frame, looping(1));
    machine.writePhysical(SECOND.frame, looping(7));
    const start = machine.snapshot();
    runToEnd(machine);
    machine.restore(start);
    machine.writePhysical(FIRST.frame + AGAIN, looping(7).subarray(AGAIN, AGAIN + 4));
    runToEnd(machine);
    expect(a0(machine)).to.equal((7 + 7) * ITERATIONS);
    machine.restore(start);
    runToEnd(machine);
    expect(a0(machine)).to.equal((1 + 7) * ITERATIONS);
  });

  it("is not that of a page whose bytes come back, if it was found there only after a store to it", () => {
    const machine = machineWithBoth({ engine: "translator" });
    machine.writePhysical(FIRST.frame, looping(7));
    machine.writePhysical(SECOND.frame, looping(7));
    const start = machine.snapshot();
    runToEnd(machine);
    machine.restore(start);
    machine.writePhysical(FIRST.frame, looping(3));
    const changed = machine.snapshot();
    while (machine.hart.readPc() !== PAGE + AGAIN) machine.run(machine.cycle + 1);
    machine.writePhysical(FIRST.frame + AGAIN, looping(7).subarray(AGAIN, AGAIN + 4));
    machine.addBreakpoint({ physical: ORIGIN });
    machine.clearBreakpoints(); // what is known of code is looked up anew
    machine.run(machine.cycle + 3 * 32); // whole turns: the interpreter decodes nothing of the loop
    expect(machine.statistics.translatedInstructions).to.be.greaterThan(0);
    machine.writePhysical(FIRST.frame + 0xff0, Uint8Array.of(1, 2, 3, 4));
    machine.restore(changed);
    runToEnd(machine);
    expect(a0(machine)).to.equal((3 + 7) * ITERATIONS);
  });

  it("is at hand again on a page that was restored to what it was, without a look at its words", () => {
    const machine = machineWithBoth({ engine: "translator" });
    const start = machine.snapshot();
    runToEnd(machine);
    machine.writePhysical(SECOND.frame, new Uint8Array(4096));
    machine.restore(start);
    const found = sinon.spy(CodeCache.prototype, "makeHot");
    try {
      runToEnd(machine);
      expect(found.callCount).to.equal(0);
    } finally {
      sinon.restore();
    }
    expect(a0(machine)).to.equal(2 * ITERATIONS);
  });

  it("stops at a breakpoint in the frame that has one, as often as it is reached", () => {
    const machine = machineWithBoth();
    runFirstTurn(machine);
    const again = addressIn((a) => writeProgram(a, 1), "again") - ORIGIN;
    machine.addBreakpoint({ physical: SECOND.frame + again });
    for (let turn = 0; turn < 3; turn++) {
      expect(machine.run(machine.cycle + 1_000_000)).to.deep.equal({ kind: "breakpoint", pc: PAGE + again });
      expect(a0(machine)).to.equal(ITERATIONS + turn);
    }
    machine.clearBreakpoints();
    runToEnd(machine);
    expect(a0(machine)).to.equal(2 * ITERATIONS);
  });
});

/** Code that was translated once and comes again: in other frames, after a snapshot, on a page that has changed. */
import { expect } from "chai";
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
const ITERATIONS = 1000;

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

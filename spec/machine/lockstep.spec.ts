/** Lock-step: that it finds where two engines part, and that the system runs in it. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Lockstep } from "../../machine/lockstep.ts";
import { Machine, MachineError, type Stop } from "../../machine/machine.ts";
import { guestNumbers } from "../../replay/guest-numbers.ts";
import { parseScenario } from "../../replay/scenario.ts";
import { runScenario } from "../../replay/scenario-run.ts";
import { ROOT } from "../../system/build.ts";
import { systemImage } from "../harness.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";
import { machineWith } from "./bench-top.ts";

const END_CYCLE = 400_000;

function loop(a: Assembler): void {
  a.label("loop");
  a.i("addi", "a0", "a0", 1);
  a.j("loop");
}

/** An engine that makes a mistake at a cycle. */
function faulty(machine: Machine, atCycle: number, mistake: (machine: Machine) => void): (untilCycle: number) => Stop {
  return (untilCycle) => {
    if (machine.cycle >= atCycle || untilCycle < atCycle) return machine.run(untilCycle);
    const stop = machine.run(atCycle);
    if (stop.kind !== "cycle") return stop;
    mistake(machine);
    return machine.run(untilCycle);
  };
}

function failureOf(mistake: (machine: Machine) => void): MachineError {
  const [subject, reference] = [machineWith(loop), machineWith(loop)];
  const lockstep = new Lockstep(
    { machine: subject, runAlone: faulty(subject, 123_456, mistake), mark: null },
    { machine: reference, runAlone: (untilCycle) => reference.run(untilCycle), mark: null },
  );
  try {
    lockstep.run(END_CYCLE);
  } catch (error) {
    if (error instanceof MachineError) return error;
    throw error;
  }
  throw new Error("the mistake was not found");
}

/** An engine that stops at the start of each round of a long loop, and makes a mistake at cycle 500. */
class Stepping {
  readonly machine = machineWith((a) => {
    a.label("round");
    a.li("t0", 1000);
    a.label("loop");
    a.i("addi", "t0", "t0", -1);
    a.branch("bne", "t0", "zero", "loop");
    a.j("round");
  });
  mark: number | null = null;
  readonly #mistake: (machine: Machine) => void;

  constructor(mistake: (machine: Machine) => void) {
    this.#mistake = mistake;
    this.machine.addBreakpoint({ physical: ORIGIN });
  }

  runAlone(untilCycle: number): Stop {
    const { machine } = this;
    if (this.mark !== null) {
      machine.clearBreakpoints();
      machine.run(machine.cycle + 1);
      machine.addBreakpoint({ physical: ORIGIN });
    }
    this.mark = null;
    const stop = faulty(machine, 500, this.#mistake)(untilCycle);
    if (stop.kind === "breakpoint") this.mark = 0;
    return stop;
  }
}

describe("lock-step", () => {
  it("names the cycle, the pc and the register where the engines part", () => {
    const { message } = failureOf((machine) => machine.hart.writeRegister(12, 5));
    expect(message).to.equal("engines differ after cycle 123455, where pc is 0x80000000: x12 is 0x5 instead of 0x0");
  });

  it("finds a difference in memory when the run ends", () => {
    const { message } = failureOf((machine) => machine.writePhysical(0x8010_0000, Uint8Array.of(1)));
    expect(message).to.match(
      /^engines differ after cycle 12345[0-9], where pc is 0x8000000\d: the states' hashes differ$/,
    );
  });

  it("follows what happens between runs", () => {
    const machine = new Machine({ ramBytes: 8 << 20, engine: "lockstep" });
    machine.hart.writeRegister(5, 7);
    machine.writePhysical(0x8000_0000, Uint8Array.of(0x6f, 0, 0, 0)); // jumps to itself
    machine.run(1000);
    machine.post({ at: machine.cycle, type: "inject", edit: { kind: "register", register: 6, value: 8 } });
    const snapshot = machine.snapshot();
    machine.run(50_000);
    machine.restore(snapshot);
    expect(machine.run(60_000)).to.deep.equal({ kind: "cycle" });
    expect([machine.hart.readRegister(5), machine.hart.readRegister(6)]).to.deep.equal([7, 8]);
  });

  it("takes an event for a time to which only the machine has gone back so far", () => {
    const machine = machineWith(loop, { engine: "lockstep" });
    const snapshot = machine.snapshot();
    machine.run(1000);
    machine.restore(snapshot);
    machine.post({ at: 10, type: "inject", edit: { kind: "register", register: 6, value: 8 } });
    machine.run(2000);
    expect(machine.hart.readRegister(6)).to.equal(8);
  });

  it("goes on from a breakpoint, whatever was changed there", () => {
    const machine = machineWith(loop, { engine: "lockstep" });
    machine.addBreakpoint({ physical: ORIGIN });
    const stop = { kind: "breakpoint", pc: ORIGIN };
    expect(machine.run(1000)).to.deep.equal(stop);
    machine.hart.writeRegister(11, 9); // the reference takes it over, and steps over the breakpoint all the same
    expect(machine.run(1000)).to.deep.equal(stop);
    expect(machine.cycle).to.equal(3);
  });

  it("narrows a run down that began at a breakpoint", () => {
    const subject = new Stepping((machine) => machine.hart.writeRegister(12, 5));
    const lockstep = new Lockstep(subject, new Stepping(() => {}));
    expect(lockstep.run(END_CYCLE).kind).to.equal("breakpoint");
    expect(() => lockstep.run(END_CYCLE)).to.throw(
      MachineError,
      /^engines differ after cycle 499, where pc is 0x8000000c: x12 is 0x5 instead of 0x0$/,
    );
  });

  it("runs the system and a scenario in which a driver dies, without a difference", async function () {
    this.timeout(240_000);
    const name = "disk-killed.yaml";
    const scenario = parseScenario(readFileSync(join(ROOT, "scenarios", name), "utf8"), name);
    const report = runScenario(scenario, await systemImage(), guestNumbers(), { engine: "lockstep" });
    expect(report.checks.filter(({ passed }) => !passed)).to.deep.equal([]);
  });
});

/** Waiting for an interrupt: what wakes the hart, and what that costs (Privileged Specification, section 3.3.3). */
import { expect } from "chai";
import { Base } from "../../machine/board/memory-map.ts";
import { Csr, Interrupt, Status } from "../../machine/isa/registers.ts";
import type { Assembler } from "./assembler.ts";
import { machineWith, runCode, runToEnd } from "./bench-top.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";
import { setCsr } from "./user-mode.ts";

const TIME_COMPARE = Base.Clint + 0x4000;

describe("wfi", () => {
  const sleeper = (status: number) => (a: Assembler) => {
    catchTraps(a);
    setCsr(a, Csr.mie, 1 << Interrupt.MachineTimer);
    a.li("a0", TIME_COMPARE);
    a.li("a1", 100_000);
    a.store("sw", "zero", 4, "a0");
    a.store("sw", "a1", 0, "a0");
    setCsr(a, Csr.mstatus, status);
    a.la("s1", "after");
    a.wfi();
    a.label("after");
    a.csrr("s0", Csr.mcycle);
    a.finish();
  };

  it("skips the time to the next event in one step", () => {
    const machine = machineWith(sleeper(0));
    expect(runToEnd(machine).x("s0")).to.equal(1_000_000);
    expect(machine.instructions).to.be.below(40);
  });

  it("wakes without a trap where interrupts are off, and with one where they are on, behind the wfi", () => {
    const quiet = machineWith(sleeper(0));
    runToEnd(quiet);
    expect(trapsOf(quiet)).to.deep.equal([]);
    const loud = machineWith(sleeper(Status.Mie));
    const { x } = runToEnd(loud);
    expect(trapsOf(loud)).to.have.length(1);
    expect(trapsOf(loud)[0]).to.deep.include({ cause: 0x8000_0007, epc: x("s1") });
  });

  it("stops early at the run's limit, and goes on sleeping afterwards", () => {
    const machine = machineWith(sleeper(0));
    expect(machine.run(12_345)).to.deep.equal({ kind: "cycle" });
    expect(machine.cycle).to.equal(12_345);
    expect(machine.hart.isWaiting()).to.equal(true);
    expect(runToEnd(machine).x("s0")).to.equal(1_000_000);
  });

  it("does not wait where an enabled interrupt is pending already", () => {
    const { machine } = runCode((a) => {
      setCsr(a, Csr.mie, 1 << Interrupt.SupervisorSoftware);
      setCsr(a, Csr.mip, 1 << Interrupt.SupervisorSoftware);
      a.wfi();
      a.finish();
    });
    expect(machine.cycle).to.be.below(200);
  });

  it("with nothing that could ever wake it, sleeps to the limit at no expense", () => {
    const machine = machineWith((a) => a.wfi());
    expect(machine.run(10 ** 15)).to.deep.equal({ kind: "cycle" });
    expect(machine.cycle).to.equal(10 ** 15);
    expect(machine.instructions).to.equal(1);
  });
});

/** Exceptions, interrupts, delegation, and returns (Privileged Specification, sections 3.1, 3.3 and 4.1). */
import { expect } from "chai";
import { Base } from "../../machine/board/memory-map.ts";
import { EventCost } from "../../machine/cost.ts";
import { Cause, Csr, Interrupt, Mode, Status } from "../../machine/isa/registers.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";
import { machineWith, runCode, runToEnd } from "./bench-top.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";
import { enter, enterKeepingStatus, openProtection, setCsr } from "./user-mode.ts";

const TIME_COMPARE = Base.Clint + 0x4000;

/** What code at label `here` traps with, in a mode. */
function trapIn(mode: Mode, write: (a: Assembler) => void) {
  const machine = machineWith((a) => {
    catchTraps(a);
    openProtection(a);
    a.la("s0", "here");
    enter(a, mode, "here");
    a.label("here");
    write(a);
    a.finish();
  });
  const { x } = runToEnd(machine);
  const traps = trapsOf(machine).map((trap) => ({ ...trap, epc: trap.epc - x("s0") }));
  return { traps, machine };
}

describe("exceptions", () => {
  for (const [mode, name, cause] of [
    [Mode.User, "U", Cause.CallFromUser],
    [Mode.Supervisor, "S", Cause.CallFromSupervisor],
    [Mode.Machine, "M", Cause.CallFromMachine],
  ] as const) {
    it(`ecall from ${name} traps with its own cause, and MPP says where from`, () => {
      const { traps } = trapIn(mode, (a) => a.ecall());
      expect(traps[0]).to.deep.include({ cause, epc: 0, value: 0 });
      expect((traps[0]!.status & Status.Mpp) >> Status.MppShift).to.equal(mode);
    });
  }

  it("ebreak traps with a breakpoint, and mtval says where", () => {
    const { traps, machine } = trapIn(Mode.User, (a) => a.ebreak());
    const here = machine.hart.readRegister(8); // s0
    expect(traps[0]).to.deep.include({ cause: Cause.Breakpoint, epc: 0, value: here });
  });

  for (const [what, word] of [
    ["all zeros", 0],
    ["all ones", 0xffff_ffff],
    ["a shift by 32", 0x0200_1013],
    ["an unknown funct7", 0x0400_0033],
    ["a load of eight bytes", 0x0000_3003],
    ["a store of eight bytes", 0x0000_3023],
    ["a branch that does not exist", 0x0000_2063],
    ["jalr with funct3", 0x0000_1067],
    ["lr.w with rs2", 0x1010_202f],
    ["an AMO of eight bytes", 0x0000_302f],
    ["an unknown AMO", 0x2800_202f],
    ["ecall with rd", 0x0000_00f3],
    ["a floating-point load", 0x0000_2007],
    ["a floating-point addition", 0x0000_0053],
    ["uret", 0x0020_0073],
    ["hfence.vvma", 0x2200_0073],
  ] as const) {
    it(`${what} is an illegal instruction, and mtval holds it`, () => {
      const { traps } = trapIn(Mode.Machine, (a) => a.word(word));
      expect(traps[0]).to.deep.include({ cause: Cause.IllegalInstruction, epc: 0, value: word });
    });
  }

  it("an instruction that traps neither changes a register nor counts as retired", () => {
    const { x, machine } = runCode((a) => {
      catchTraps(a);
      a.li("a0", 0x20_0000);
      a.li("a1", 55);
      a.csrr("s0", Csr.minstret);
      a.load("lw", "a1", 0, "a0");
      a.csrr("s1", Csr.minstret);
      a.finish();
    });
    const inHandler = 31; // as many as trap-log.ts has on that way
    expect(x("a1")).to.equal(55);
    expect(x("s1") - x("s0")).to.equal(1 + inHandler);
    expect(trapsOf(machine).length).to.equal(1);
  });

  it("running where no memory is raises a fetch access fault at the target", () => {
    const machine = machineWith((a) => {
      a.la("t0", "handler");
      a.csrw(Csr.mtvec, "t0");
      a.li("t0", 0x1000_0000);
      a.jalr("ra", 0, "t0");
      a.align(4);
      a.label("handler");
      a.finish();
    });
    runToEnd(machine);
    expect(machine.hart.readCsr(Csr.mcause)).to.equal(Cause.FetchAccess);
    expect(machine.hart.readCsr(Csr.mepc)).to.equal(0x1000_0000);
    expect(machine.hart.readCsr(Csr.mtval)).to.equal(0x1000_0000);
    expect(machine.hart.readRegister(1)).to.equal(ORIGIN + 24);
  });

  it("a trap handler that cannot be fetched traps again, without end and without hanging the host", () => {
    const machine = machineWith((a) => a.word(0));
    expect(machine.run(10_000)).to.deep.equal({ kind: "cycle" });
    expect(machine.hart.readCsr(Csr.mcause)).to.equal(Cause.FetchAccess);
    expect(machine.instructions).to.equal(0);
    expect(machine.cycle % EventCost.trap).to.equal(0);
  });

  it("trap entry saves and clears the interrupt enable, and mret brings it back", () => {
    const { x } = runCode((a) => {
      a.la("t0", "handler");
      a.csrw(Csr.mtvec, "t0");
      a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
      a.ecall();
      a.csrr("a2", Csr.mstatus);
      a.finish();
      a.align(4);
      a.label("handler");
      a.csrr("a1", Csr.mstatus);
      a.csrr("t0", Csr.mepc);
      a.i("addi", "t0", "t0", 4);
      a.csrw(Csr.mepc, "t0");
      a.mret();
    });
    expect(x("a1")).to.equal(Status.Mpp | Status.Mpie);
    expect(x("a2")).to.equal(Status.Mpie | Status.Mie); // MPP becomes the least privileged mode
  });
});

describe("privilege", () => {
  for (const [what, write] of [
    ["mret", (a: Assembler) => a.mret()],
    ["sret", (a: Assembler) => a.sret()],
    ["wfi", (a: Assembler) => a.wfi()],
    ["sfence.vma", (a: Assembler) => a.sfenceVma()],
    ["a supervisor register", (a: Assembler) => a.csrr("a0", Csr.sscratch)],
    ["a machine register", (a: Assembler) => a.csrr("a0", Csr.mscratch)],
  ] as const) {
    it(`${what} is illegal in U-mode`, () => {
      expect(trapIn(Mode.User, write).traps[0]!.cause).to.equal(Cause.IllegalInstruction);
    });
  }

  it("mret and machine registers are illegal in S-mode; sret, wfi, sfence.vma and satp are not", () => {
    const { traps } = trapIn(Mode.Supervisor, (a) => {
      a.mret();
      a.csrr("a0", Csr.mstatus);
      a.csrr("a0", Csr.satp);
      a.sfenceVma();
      a.csrw(Csr.sepc, "zero");
    });
    expect(traps.map(({ epc }) => epc)).to.deep.equal([0, 4]);
  });

  it("TVM, TSR and TW make S-mode's sfence.vma, satp, sret and wfi illegal", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      openProtection(a);
      setCsr(a, Csr.mstatus, Status.Tvm | Status.Tsr | Status.Tw);
      enterKeepingStatus(a, Mode.Supervisor, "here");
      a.label("here");
      a.sfenceVma();
      a.csrr("a0", Csr.satp);
      a.sret();
      a.wfi();
      a.finish();
    });
    runToEnd(machine);
    expect(trapsOf(machine).map(({ cause }) => cause)).to.deep.equal(new Array(4).fill(Cause.IllegalInstruction));
  });
});

describe("delegation", () => {
  it("a delegated exception from U goes to S, and sret returns", () => {
    const { x, machine } = runCode((a) => {
      catchTraps(a);
      openProtection(a);
      a.la("t0", "supervisor");
      a.csrw(Csr.stvec, "t0");
      setCsr(a, Csr.medeleg, 1 << Cause.CallFromUser);
      enter(a, Mode.User, "here");
      a.label("here");
      a.ecall();
      a.i("addi", "a1", "zero", 7);
      a.finish();
      a.align(4);
      a.label("supervisor");
      a.csrr("a0", Csr.scause);
      a.csrr("a2", Csr.sstatus);
      a.csrr("t0", Csr.sepc);
      a.i("addi", "t0", "t0", 4);
      a.csrw(Csr.sepc, "t0");
      a.sret();
    });
    expect(x("a0")).to.equal(Cause.CallFromUser);
    expect(x("a1")).to.equal(7);
    expect(x("a2") & Status.Spp).to.equal(0);
    expect(trapsOf(machine)).to.deep.equal([]);
  });

  it("an exception of M-mode is never delegated", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      setCsr(a, Csr.medeleg, 0xffff_ffff);
      a.ebreak();
      a.finish();
    });
    runToEnd(machine);
    expect(trapsOf(machine)[0]!.cause).to.equal(Cause.Breakpoint);
  });

  it("a delegated interrupt is taken in S and U but not in M, and needs SIE only in S", () => {
    const run = (mode: Mode, status: number) => {
      const machine = machineWith((a) => {
        catchTraps(a);
        openProtection(a);
        a.la("t0", "supervisor");
        a.csrw(Csr.stvec, "t0");
        setCsr(a, Csr.mideleg, 1 << Interrupt.SupervisorSoftware);
        setCsr(a, Csr.mie, 1 << Interrupt.SupervisorSoftware);
        setCsr(a, Csr.mip, 1 << Interrupt.SupervisorSoftware);
        setCsr(a, Csr.mstatus, status);
        enterKeepingStatus(a, mode, "here");
        a.label("here");
        a.nop();
        a.finish();
        a.align(4);
        a.label("supervisor");
        a.csrr("a0", Csr.scause);
        a.finish();
      });
      return runToEnd(machine).x("a0");
    };
    const cause = (0x8000_0000 | Interrupt.SupervisorSoftware) >>> 0;
    expect(run(Mode.User, 0)).to.equal(cause);
    expect(run(Mode.Supervisor, 0)).to.equal(0);
    expect(run(Mode.Supervisor, Status.Sie)).to.equal(cause);
    expect(run(Mode.Machine, Status.Sie | Status.Mie | Status.Mpie)).to.equal(0);
  });
});

describe("interrupts", () => {
  it("are taken in the order of their priorities", () => {
    const all = 0xaaa;
    const machine = machineWith((a) => {
      catchTraps(a);
      // Software: by CLINT; timer: it is past; external M: none here; S: by software.
      a.li("a0", Base.Clint);
      a.i("addi", "a1", "zero", 1);
      a.store("sw", "a1", 0, "a0");
      a.li("a0", TIME_COMPARE);
      a.store("sw", "zero", 4, "a0");
      a.store("sw", "zero", 0, "a0");
      setCsr(a, Csr.mip, all);
      setCsr(a, Csr.mie, all);
      a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
      a.nop();
      a.finish();
    });
    runToEnd(machine);
    const order = [
      Interrupt.MachineSoftware,
      Interrupt.MachineTimer,
      Interrupt.SupervisorExternal,
      Interrupt.SupervisorSoftware,
      Interrupt.SupervisorTimer,
    ];
    expect(trapsOf(machine).map(({ cause }) => cause & 31)).to.deep.equal(order);
    expect(trapsOf(machine).every(({ cause, value }) => cause >= 0x8000_0000 && value === 0)).to.equal(true);
  });

  it("in vectored mode go to one word per cause, exceptions to the base", () => {
    const { x } = runCode((a) => {
      a.la("t0", "table");
      a.i("addi", "t0", "t0", 1);
      a.csrw(Csr.mtvec, "t0");
      setCsr(a, Csr.mie, 1 << Interrupt.SupervisorSoftware);
      setCsr(a, Csr.mip, 1 << Interrupt.SupervisorSoftware);
      a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
      a.nop();
      a.align(64);
      a.label("table");
      a.j("exception");
      a.j("software");
      a.label("software");
      a.i("addi", "a0", "zero", 1);
      a.ecall();
      a.label("exception");
      a.i("addi", "a1", "zero", 2);
      a.finish();
    });
    expect([x("a0"), x("a1")]).to.deep.equal([1, 2]);
  });

  it("in S-mode too go through a vector of their own, exceptions to its base (section 4.1.2)", () => {
    const { x } = runCode((a) => {
      openProtection(a);
      a.la("t0", "table");
      a.i("addi", "t0", "t0", 1);
      a.csrw(Csr.stvec, "t0");
      setCsr(a, Csr.medeleg, 1 << Cause.CallFromUser);
      setCsr(a, Csr.mideleg, 1 << Interrupt.SupervisorTimer);
      setCsr(a, Csr.mie, 1 << Interrupt.SupervisorTimer);
      setCsr(a, Csr.mip, 1 << Interrupt.SupervisorTimer);
      enter(a, Mode.User, "here");
      a.label("here");
      a.ecall();
      a.align(64);
      a.label("table");
      a.j("exception");
      a.orgTo(a.here + 4 * (Interrupt.SupervisorTimer - 1));
      a.csr("csrrw", "a0", Csr.sie, "zero");
      a.sret();
      a.label("exception");
      a.csrr("a1", Csr.scause);
      a.finish();
    });
    expect(x("a0")).to.equal(1 << Interrupt.SupervisorTimer);
    expect(x("a1")).to.equal(Cause.CallFromUser);
  });

  it("are taken between instructions: epc is the next to run", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      setCsr(a, Csr.mie, 1 << Interrupt.SupervisorSoftware);
      a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
      a.la("s0", "after");
      a.csr("csrrsi", "zero", Csr.mip, 1 << Interrupt.SupervisorSoftware);
      a.label("after");
      a.finish();
    });
    const { x } = runToEnd(machine);
    expect(trapsOf(machine)[0]!.epc).to.equal(x("s0"));
  });

  it("the timer fires at exactly the cycle that mtimecmp says", () => {
    const machine = machineWith((a) => {
      a.la("t0", "handler");
      a.csrw(Csr.mtvec, "t0");
      setCsr(a, Csr.mie, 1 << Interrupt.MachineTimer);
      a.li("a0", TIME_COMPARE);
      a.i("addi", "a1", "zero", 500);
      a.store("sw", "zero", 4, "a0");
      a.store("sw", "a1", 0, "a0");
      a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
      a.label("spin");
      a.j("spin");
      a.align(4);
      a.label("handler");
      a.csrr("s0", Csr.mcycle);
      a.finish();
    });
    // A jump takes two cycles, so that the trap begins at 5000 or 5001; the handler is entered after the trap's cost.
    expect(runToEnd(machine).x("s0")).to.be.within(5000 + EventCost.trap, 5001 + EventCost.trap);
  });
});

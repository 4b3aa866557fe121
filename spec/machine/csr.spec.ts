/**
 * Control and status registers: which exist, who may touch them, which bits they keep (Privileged Specification,
 * chapters 2 to 4).
 */
import { expect } from "chai";
import { Clint } from "../../machine/board/clint.ts";
import { Base } from "../../machine/board/memory-map.ts";
import { InstructionCost } from "../../machine/cost.ts";
import { Cause, Csr, Mode, Status } from "../../machine/isa/registers.ts";
import type { Assembler } from "./assembler.ts";
import { machineWith, runCode, runToEnd } from "./bench-top.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";
import { enter, openProtection, setCsr } from "./user-mode.ts";

/** What a register reads after a value was written to it. */
function written(csr: number, value: number): number {
  return runCode((a) => {
    a.li("a0", value);
    a.csrw(csr, "a0");
    a.csrr("a1", csr);
    a.finish();
  }).x("a1");
}

/** Takes back the timer interrupt, which is pending after a reset. */
function quietTimer(a: Assembler): void {
  a.li("t0", Base.Clint + Clint.TimeCompare);
  a.li("t1", 0xffff_ffff);
  a.store("sw", "t1", 4, "t0");
}

/** The numbers of traps that code in a mode causes. */
function trapsIn(mode: Mode, write: (a: Assembler) => void, prepare: (a: Assembler) => void = () => {}): number {
  const machine = machineWith((a) => {
    catchTraps(a);
    openProtection(a);
    prepare(a);
    enter(a, mode, "here");
    a.label("here");
    write(a);
    a.finish();
  });
  runToEnd(machine);
  return trapsOf(machine).filter(({ cause }) => cause === Cause.IllegalInstruction).length;
}

describe("control and status registers", () => {
  it("exactly the registers of an RV32 hart with M, S, U, PMP, counters and (no) triggers exist", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      for (let csr = 0; csr < 4096; csr++) {
        a.csr("csrrs", "s3", csr, "zero");
      }
      a.finish();
    });
    runToEnd(machine);
    const missing = trapsOf(machine).map(({ value }) => value >>> 20);
    const existing = Array.from({ length: 4096 }, (_, csr) => csr).filter((csr) => !missing.includes(csr));
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(existing).to.deep.equal([
      ...[0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144, 0x180],
      ...range(0x300, 0x306),
      ...[0x30a, 0x310, 0x31a, 0x320],
      ...range(0x323, 0x33f),
      ...range(0x340, 0x344),
      ...range(0x3a0, 0x3a3),
      ...range(0x3b0, 0x3bf),
      ...range(0x7a0, 0x7a4),
      ...[0xb00, ...range(0xb02, 0xb1f), 0xb80, ...range(0xb82, 0xb9f)],
      ...[...range(0xc00, 0xc1f), ...range(0xc80, 0xc9f)],
      ...range(0xf11, 0xf15),
    ]);
  });

  it("csrrw, csrrs and csrrc read the old value and write the new one, by register and by immediate", () => {
    const { x } = runCode((a) => {
      a.li("a0", 0xf0f0);
      a.csr("csrrw", "a1", Csr.mscratch, "a0");
      a.li("a0", 0x0ff0);
      a.csr("csrrs", "a2", Csr.mscratch, "a0");
      a.csr("csrrc", "a3", Csr.mscratch, "a0");
      a.csr("csrrwi", "a4", Csr.mscratch, 0x15);
      a.csr("csrrsi", "a5", Csr.mscratch, 0x0a);
      a.csr("csrrci", "a6", Csr.mscratch, 0x11);
      a.csr("csrrw", "a0", Csr.mscratch, "a0");
      a.finish();
    });
    expect([x("a1"), x("a2"), x("a3"), x("a4")]).to.deep.equal([0, 0xf0f0, 0xfff0, 0xf000]);
    expect([x("a5"), x("a6"), x("a0")]).to.deep.equal([0x15, 0x1f, 0x0e]);
  });

  it("csrrs and csrrc with x0 write nothing, so read-only registers may be read by them and by nothing else", () => {
    const illegal = trapsIn(Mode.Machine, (a) => {
      a.csr("csrrs", "a0", Csr.mhartid, "zero");
      a.csr("csrrc", "a0", Csr.mhartid, "zero");
      a.csr("csrrsi", "a0", Csr.mhartid, 0);
      a.csr("csrrci", "a0", Csr.cycle, 0);
      a.csr("csrrw", "zero", Csr.mhartid, "zero");
      a.csr("csrrwi", "zero", Csr.cycle, 0);
      a.csr("csrrs", "a0", Csr.mhartid, "sp"); // the register's number counts, not its value
    });
    expect(illegal).to.equal(3);
  });

  it("misa says RV32IMACSU and cannot be changed", () => {
    expect(written(Csr.misa, 0)).to.equal(0x4014_1105);
  });

  for (const [name, csr, legal] of [
    ["mstatus", Csr.mstatus, 0x007e_19aa],
    ["mstatush", Csr.mstatush, 0],
    ["medeleg", Csr.medeleg, 0xb3ff],
    ["mideleg", Csr.mideleg, 0x222],
    ["mie", Csr.mie, 0xaaa],
    ["mip", Csr.mip, 0x222],
    ["mcounteren", Csr.mcounteren, 0xffff_ffff],
    ["scounteren", Csr.scounteren, 0xffff_ffff],
    ["mcountinhibit", Csr.mcountinhibit, 5],
    ["mepc", Csr.mepc, 0xffff_fffe],
    ["sepc", Csr.sepc, 0xffff_fffe],
    ["mcause", Csr.mcause, 0xffff_ffff],
    ["mtval", Csr.mtval, 0xffff_ffff],
    ["mscratch", Csr.mscratch, 0xffff_ffff],
    ["sscratch", Csr.sscratch, 0xffff_ffff],
    ["menvcfg", Csr.menvcfg, 1],
    ["senvcfg", Csr.senvcfg, 1],
    ["mhpmcounter3", Csr.mhpmcounter3, 0],
    ["mhpmevent3", Csr.mhpmevent3, 0],
    ["satp", Csr.satp, 0xffff_ffff],
  ] as const) {
    it(`${name} keeps the bits it has`, () => {
      const { machine } = runCode((a) => {
        quietTimer(a);
        a.finish();
      });
      machine.hart.writeCsr(csr, 0xffff_ffff);
      expect(machine.hart.readCsr(csr)).to.equal(legal);
      machine.hart.writeCsr(csr, 0);
      expect(machine.hart.readCsr(csr)).to.equal(0);
    });
  }

  it("there are no triggers, and software that looks for them finds out: type 0, and tinfo says that none exists", () => {
    for (const csr of [Csr.tselect, Csr.tdata1, Csr.tdata2, Csr.tdata3]) expect(written(csr, 0xffff_ffff)).to.equal(0);
    expect(written(Csr.tinfo, 0xffff_ffff)).to.equal(1);
  });

  it("MPP keeps its value when the reserved mode 2 is written", () => {
    const { x } = runCode((a) => {
      setCsr(a, Csr.mstatus, 1 << Status.MppShift);
      setCsr(a, Csr.mstatus, 2 << Status.MppShift);
      a.csrr("a0", Csr.mstatus);
      a.finish();
    });
    expect(x("a0")).to.equal(1 << Status.MppShift);
  });

  it("mtvec and stvec take direct and vectored mode, and stay as they were for a reserved one", () => {
    expect(written(Csr.mtvec, 0x8000_1001)).to.equal(0x8000_1001);
    expect(written(Csr.mtvec, 0x8000_1002)).to.equal(0);
    expect(written(Csr.stvec, 0x8000_1000)).to.equal(0x8000_1000);
    expect(written(Csr.stvec, 0x8000_1003)).to.equal(0);
  });

  it("sstatus, sie and sip show their part of the machine's registers, and change no other", () => {
    const { x } = runCode((a) => {
      quietTimer(a);
      setCsr(a, Csr.mideleg, 0x222);
      setCsr(a, Csr.mie, 0xaaa);
      setCsr(a, Csr.mip, 0x222);
      setCsr(a, Csr.mstatus, 0x0076_1888);
      a.csrr("a0", Csr.sie);
      a.csrr("a1", Csr.sip);
      a.csrr("a2", Csr.sstatus);
      a.csrw(Csr.sie, "zero");
      a.csrw(Csr.sip, "zero");
      setCsr(a, Csr.sstatus, 0xffff_ffff);
      a.csrr("a3", Csr.mie);
      a.csrr("a4", Csr.mip);
      a.csrr("a5", Csr.mstatus);
      a.finish();
    });
    expect([x("a0"), x("a1"), x("a2")]).to.deep.equal([0x222, 0x222, 0x4_0000]);
    expect(x("a3")).to.equal(0x888);
    expect(x("a4")).to.equal(0x220); // only SSIP is the supervisor's to clear
    expect(x("a5")).to.equal(0x007e_19aa);
  });

  it("sie and sip show nothing that is not delegated", () => {
    const { x } = runCode((a) => {
      setCsr(a, Csr.mie, 0xaaa);
      setCsr(a, Csr.mip, 0x222);
      a.csrr("a0", Csr.sie);
      a.csrr("a1", Csr.sip);
      setCsr(a, Csr.sie, 0);
      a.csrr("a2", Csr.mie);
      a.finish();
    });
    expect([x("a0"), x("a1"), x("a2")]).to.deep.equal([0, 0, 0xaaa]);
  });
});

describe("counters", () => {
  it("minstret counts one per instruction, and mcycle what the cost table says", () => {
    const { x } = runCode((a) => {
      a.csrr("s0", Csr.minstret);
      a.csrr("s1", Csr.mcycle);
      a.nop();
      a.r("mul", "a0", "a0", "a0");
      a.r("div", "a0", "a0", "a0");
      a.csrr("s2", Csr.minstret);
      a.csrr("s3", Csr.mcycle);
      a.finish();
    });
    const { csr, arithmetic, multiply, divide } = InstructionCost;
    expect(x("s2") - x("s0")).to.equal(5);
    expect(x("s3") - x("s1")).to.equal(csr + arithmetic + multiply + divide + csr);
  });

  it("a write is what the next instruction reads, in both halves", () => {
    const { x } = runCode((a) => {
      for (const csr of [Csr.minstret, Csr.mcycle]) {
        a.li("a0", 0xffff_ffff);
        a.li("a1", 6);
        a.csrw(csr + 0x80, "a1");
        a.csrw(csr, "a0");
        a.csrr(csr === Csr.minstret ? "s0" : "s2", csr);
        a.csrr(csr === Csr.minstret ? "s1" : "s3", csr + 0x80);
      }
      a.finish();
    });
    expect([x("s0"), x("s1")]).to.deep.equal([0xffff_ffff, 7]);
    expect([x("s2"), x("s3")]).to.deep.equal([0xffff_ffff, 7]);
  });

  it("writing one half does not count either, so that the other half stays as it was", () => {
    const { x } = runCode((a) => {
      a.i("addi", "a0", "zero", -1);
      for (const csr of [Csr.minstret, Csr.mcycle]) {
        a.csrw(csr, "a0");
        a.csrw(csr + 0x80, "a0");
        a.csrr(csr === Csr.minstret ? "s0" : "s2", csr);
        a.csrr(csr === Csr.minstret ? "s1" : "s3", csr + 0x80);
      }
      a.finish();
    });
    expect([x("s0"), x("s1")]).to.deep.equal([0xffff_ffff, 0]); // one more instruction, and all 64 bits overflow
    expect([x("s2"), x("s3")]).to.deep.equal([0xffff_ffff, 0]);
  });

  it("mcountinhibit stops them", () => {
    const { x } = runCode((a) => {
      a.csr("csrrwi", "zero", Csr.mcountinhibit, 5);
      a.csrr("s0", Csr.mcycle);
      a.csrr("s1", Csr.minstret);
      a.nop();
      a.csrr("s2", Csr.mcycle);
      a.csrr("s3", Csr.minstret);
      a.csr("csrrwi", "zero", Csr.mcountinhibit, 0);
      a.csrr("s4", Csr.minstret);
      a.nop();
      a.csrr("s5", Csr.minstret);
      a.finish();
    });
    expect(x("s2")).to.equal(x("s0"));
    expect(x("s3")).to.equal(x("s1"));
    expect(x("s5") - x("s4")).to.equal(2);
  });

  it("time is a tenth of the cycles", () => {
    const { x } = runCode((a) => {
      for (let i = 0; i < 100; i++) a.nop();
      a.csrr("s0", Csr.mcycle);
      a.csrr("s1", Csr.time);
      a.finish();
    });
    expect(x("s1")).to.equal(Math.floor((x("s0") + InstructionCost.csr) / 10));
  });

  it("below M they are readable as mcounteren says, and in U as scounteren says besides", () => {
    const readAll = (a: Assembler) => {
      for (const csr of [Csr.cycle, Csr.time, Csr.instret, Csr.hpmcounter3, Csr.cycleh]) a.csrr("a0", csr);
    };
    const enable = (machine: number, supervisor: number) => (a: Assembler) => {
      setCsr(a, Csr.mcounteren, machine);
      setCsr(a, Csr.scounteren, supervisor);
    };
    expect(trapsIn(Mode.Supervisor, readAll, enable(0, 0xf))).to.equal(5);
    expect(trapsIn(Mode.Supervisor, readAll, enable(0xf, 0))).to.equal(0);
    expect(trapsIn(Mode.User, readAll, enable(0xf, 0))).to.equal(5);
    expect(trapsIn(Mode.User, readAll, enable(0xf, 1))).to.equal(3);
    expect(trapsIn(Mode.User, readAll, enable(2, 0xf))).to.equal(4);
    expect(trapsIn(Mode.Machine, readAll, enable(0, 0))).to.equal(0);
  });
});

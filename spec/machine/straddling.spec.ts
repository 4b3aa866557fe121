/**
 * An instruction across two pages: it is fetched in halves, and each half may be refused, changed, or mapped elsewhere
 * by itself (Unprivileged Specification, chapter 16; Privileged, section 3.1.16).
 */
import { expect } from "chai";
import { Cause, Csr, Mode, Pte } from "../../machine/isa/registers.ts";
import type { Machine } from "../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN } from "./assembler.ts";
import { machineWith, runToEnd, wordAt } from "./bench-top.ts";
import { compressed as c } from "./compressed-assembler.ts";
import { catchTraps } from "./trap-log.ts";
import { enter, openProtection, satpOf, setCsr, Tables } from "./user-mode.ts";

const VIRTUAL = 0x4000_0000;
const FIRST_FRAME = ORIGIN + 0x40_0000;
/** Not the next, so that only the mapping can join them. */
const SECOND_FRAME = ORIGIN + 0x50_0000;
const EVERYTHING = Pte.Execute | Pte.Read | Pte.User;

/** A machine whose U-mode code lies in two frames, joined by their mapping; it ends with an `ecall`. */
function twoPages(write: (a: Assembler) => void, prepare: (a: Assembler) => void = () => {}): Machine {
  const machine = machineWith((a) => {
    catchTraps(a);
    openProtection(a);
    prepare(a);
    setCsr(a, Csr.satp, satpOf());
    a.la("t0", "end");
    a.csrw(Csr.mtvec, "t0");
    enter(a, Mode.User, VIRTUAL + 0xffc);
    a.align(4);
    a.label("end");
    a.finish();
  });
  mapTwo(machine);
  const code = assemble((a) => {
    a.half(c.nop());
    write(a);
  }, VIRTUAL + 0xffc);
  machine.writePhysical(FIRST_FRAME + 0xffc, code.subarray(0, 4));
  machine.writePhysical(SECOND_FRAME, code.subarray(4));
  return machine;
}

function mapTwo(machine: Machine, secondFlags: number = EVERYTHING, secondFrame = SECOND_FRAME): Tables {
  const tables = new Tables(machine);
  tables.map(VIRTUAL, FIRST_FRAME, EVERYTHING);
  tables.map(VIRTUAL + 0x1000, secondFrame, secondFlags);
  return tables;
}

const cause = (machine: Machine) => machine.hart.readCsr(Csr.mcause);
const trapPlace = (machine: Machine) => [machine.hart.readCsr(Csr.mepc), machine.hart.readCsr(Csr.mtval)];

describe("an instruction across two pages", () => {
  const increment = (a: Assembler) => {
    a.i("addi", "a0", "a0", 0x123);
    a.ecall();
  };

  it("runs, wherever the second page lies", () => {
    const machine = twoPages(increment);
    expect(runToEnd(machine).x("a0")).to.equal(0x123);
    expect(trapPlace(machine)[0]).to.equal(VIRTUAL + 0x1002);
  });

  for (const [what, write, expected] of [
    ["a load", (a: Assembler) => a.load("lw", "a0", 0, "a1"), 0],
    ["a jump within its page", (a: Assembler) => a.jal("a0", -0x100), VIRTUAL + 0x1002],
    ["a taken branch", (a: Assembler) => a.branch("beq", "zero", "zero", -0x100), 0],
    ["a system instruction", (a: Assembler) => a.csr("csrrwi", "a0", Csr.cycle, 1), 0],
  ] as const) {
    it(`may be ${what}`, () => {
      const machine = twoPages(write);
      const code = assemble((a) => a.ecall());
      machine.writePhysical(FIRST_FRAME + 0xffe - 0x100, code);
      const { x } = runToEnd(machine);
      expect(x("a0")).to.equal(expected);
      const expectedCause = { "a load": Cause.LoadPage, "a system instruction": Cause.IllegalInstruction }[
        what as string
      ];
      expect(cause(machine)).to.equal(expectedCause ?? Cause.CallFromUser);
    });
  }

  it("runs exactly once, in a loop, at any slice of time", () => {
    const loop = (a: Assembler) => {
      a.i("addi", "a0", "a0", 1);
      a.i("slti", "t1", "a0", 100);
      a.branch("bne", "t1", "zero", -10);
      a.ecall();
    };
    const whole = twoPages(loop);
    runToEnd(whole);
    const sliced = twoPages(loop);
    while (sliced.run(sliced.cycle + 1).kind === "cycle");
    expect(whole.hart.readRegister(10)).to.equal(100);
    expect([sliced.cycle, sliced.instructions, sliced.hash()]).to.deep.equal([
      whole.cycle,
      whole.instructions,
      whole.hash(),
    ]);
  });

  it("faults on its second half where that may not be fetched: tval is the second page, epc the first", () => {
    for (const flags of [0, Pte.Read | Pte.User, Pte.Execute | Pte.Read]) {
      const machine = twoPages(increment);
      mapTwo(machine, flags);
      runToEnd(machine);
      expect(cause(machine)).to.equal(Cause.FetchPage);
      expect(trapPlace(machine)).to.deep.equal([VIRTUAL + 0xffe, VIRTUAL + 0x1000]);
    }
  });

  it("faults on its first half where both may not be fetched, and leaves the second page alone", () => {
    const machine = twoPages(increment);
    const tables = mapTwo(machine);
    tables.map(VIRTUAL, FIRST_FRAME, Pte.Read | Pte.User);
    runToEnd(machine);
    expect(trapPlace(machine)).to.deep.equal([VIRTUAL + 0xffc, VIRTUAL + 0xffc]);
    expect(wordAt(machine, tables.entryAddress(VIRTUAL + 0x1000)) & Pte.Accessed).to.equal(0);
  });

  it("marks both pages accessed", () => {
    const machine = twoPages(increment);
    const tables = mapTwo(machine);
    runToEnd(machine);
    for (const page of [VIRTUAL, VIRTUAL + 0x1000]) {
      expect(wordAt(machine, tables.entryAddress(page)) & Pte.Accessed).to.equal(Pte.Accessed);
    }
  });

  it("raises an access fault where PMP or the end of RAM refuses its second half", () => {
    const outside = twoPages(increment);
    mapTwo(outside, EVERYTHING, 0x9000_0000);
    const closed = twoPages(increment, (a) => {
      setCsr(a, Csr.pmpaddr0 + 1, 0xffff_ffff);
      setCsr(a, Csr.pmpaddr0, (SECOND_FRAME >>> 2) | 0x1ff); // the frame, NAPOT, no rights
      setCsr(a, Csr.pmpcfg0, 0x1f18);
    });
    for (const machine of [outside, closed]) {
      runToEnd(machine);
      expect(cause(machine)).to.equal(Cause.FetchAccess);
      expect(trapPlace(machine)).to.deep.equal([VIRTUAL + 0xffe, VIRTUAL + 0x1000]);
    }
  });

  it("a two-byte instruction at the end of a page needs no second page", () => {
    const machine = twoPages((a) => {
      a.half(c.ebreak());
      a.ecall();
    });
    new Tables(machine).map(VIRTUAL, FIRST_FRAME, EVERYTHING);
    runToEnd(machine);
    expect(cause(machine)).to.equal(Cause.Breakpoint);
    expect(trapPlace(machine)[0]).to.equal(VIRTUAL + 0xffe);
  });

  it("changes with a write to the second page, and with that page's mapping", () => {
    const machine = twoPages((a) => {
      a.i("addi", "a0", "a0", 1);
      a.branch("beq", "zero", "zero", -4);
    });
    const secondHalfOf = (n: number) => assemble((a) => a.i("addi", "a0", "a0", n)).subarray(2);
    const changes = [
      () => {},
      () => machine.writePhysical(SECOND_FRAME, secondHalfOf(2)),
      () => {
        machine.writePhysical(SECOND_FRAME + 0x1000, machine.readPhysical(SECOND_FRAME, 0x1000));
        machine.writePhysical(SECOND_FRAME + 0x1000, secondHalfOf(4));
        mapTwo(machine, EVERYTHING, SECOND_FRAME + 0x1000);
      },
      () => {},
    ];
    machine.addBreakpoint({ physical: FIRST_FRAME + 0xffe });
    const seen = changes.map((change) => {
      machine.run(machine.cycle + 10_000);
      change();
      return machine.hart.readRegister(10);
    });
    expect(seen).to.deep.equal([0, 1, 3, 7]);
  });

  it("stops at a breakpoint on it, and goes on from there", () => {
    for (const breakpoint of [{ physical: FIRST_FRAME + 0xffe }, { virtual: VIRTUAL + 0xffe, satp: satpOf() }]) {
      const machine = twoPages(increment);
      machine.addBreakpoint(breakpoint);
      expect(machine.run(100_000)).to.deep.equal({ kind: "breakpoint", pc: VIRTUAL + 0xffe });
      expect(machine.hart.readRegister(10)).to.equal(0);
      expect(runToEnd(machine).x("a0")).to.equal(0x123);
    }
  });
});

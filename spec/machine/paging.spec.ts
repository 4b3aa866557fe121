/** Sv32: rights, accessed and dirty bits, superpages, SUM, MXR, MPRV (Privileged, 4.3). */
import { expect } from "chai";
import { Cause, Csr, Mode, Pte, Status } from "../../machine/isa/registers.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";
import { machineWith, runToEnd, wordAt } from "./bench-top.ts";
import { FRAME, OTHER_FRAME, PAGE, pagedMachine, RWX, type Setting } from "./paged-machine.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";
import { enterKeepingStatus, entry, openProtection, ROOT_TABLE, satpOf, setCsr, Tables } from "./user-mode.ts";

/** The cause with which the first of these accesses to `PAGE` traps that does; null if none does. */
function outcome(setting: Setting, ...accesses: ("load" | "store" | "fetch")[]): number | null {
  const { machine } = pagedMachine(setting, (a) => {
    for (const access of accesses) {
      if (access === "load") a.load("lw", "a1", 0, "a0");
      if (access === "store") a.store("sw", "zero", 0, "a0");
      if (access === "fetch") a.jalr("ra", 0, "a0");
    }
  });
  machine.writePhysical(FRAME, new Uint8Array(Uint32Array.of(0x0000_8067).buffer)); // ret
  machine.run(100_000);
  const trap = trapsOf(machine)[0]!;
  const isEcall = trap.cause === Cause.CallFromUser || trap.cause === Cause.CallFromSupervisor;
  if (!isEcall) expect(trap.value).to.equal(PAGE);
  return isEcall ? null : trap.cause;
}

describe("rights of a page", () => {
  const fault = { load: Cause.LoadPage, store: Cause.StorePage, fetch: Cause.FetchPage } as const;
  const bit = { load: Pte.Read, store: Pte.Write, fetch: Pte.Execute } as const;

  for (const access of ["load", "store", "fetch"] as const) {
    it(`${access} is permitted by its bit, for every legal combination of R, W and X`, () => {
      for (let flags = 2; flags < 16; flags += 2) {
        const isReserved = (flags & (Pte.Read | Pte.Write)) === Pte.Write;
        for (const mode of [Mode.User, Mode.Supervisor]) {
          const setting = { mode, flags: flags | (mode === Mode.User ? Pte.User : 0) };
          const expected = (flags & bit[access]) !== 0 && !isReserved ? null : fault[access];
          expect(outcome(setting, access), `flags ${flags}, mode ${mode}`).to.equal(expected);
        }
      }
    });

    it(`${access} faults on an entry that is not valid`, () => {
      const { machine, tables } = pagedMachine({ mode: Mode.User, flags: RWX | Pte.User }, (a) => {
        if (access === "load") a.load("lw", "a1", 0, "a0");
        if (access === "store") a.store("sw", "zero", 0, "a0");
        if (access === "fetch") a.jalr("ra", 0, "a0");
      });
      tables.write(tables.entryAddress(PAGE), entry(FRAME, RWX | Pte.User));
      machine.run(10_000);
      expect(trapsOf(machine)[0]!.cause).to.equal(fault[access]);
    });

    it(`U-mode may not ${access} a page without U`, () => {
      expect(outcome({ mode: Mode.User, flags: RWX }, access)).to.equal(fault[access]);
    });
  }

  it("S-mode may touch user pages only with SUM, and never run them", () => {
    const flags = RWX | Pte.User;
    expect(outcome({ mode: Mode.Supervisor, flags }, "load")).to.equal(Cause.LoadPage);
    expect(outcome({ mode: Mode.Supervisor, flags, status: Status.Sum }, "load")).to.equal(null);
    expect(outcome({ mode: Mode.Supervisor, flags, status: Status.Sum }, "store")).to.equal(null);
    expect(outcome({ mode: Mode.Supervisor, flags, status: Status.Sum }, "fetch")).to.equal(Cause.FetchPage);
    expect(outcome({ mode: Mode.Supervisor, flags, status: Status.Sum }, "load", "fetch")).to.equal(Cause.FetchPage);
  });

  it("MXR makes executable pages readable", () => {
    const flags = Pte.Execute | Pte.User;
    expect(outcome({ mode: Mode.User, flags }, "load")).to.equal(Cause.LoadPage);
    expect(outcome({ mode: Mode.User, flags, status: Status.Mxr }, "load")).to.equal(null);
    expect(outcome({ mode: Mode.User, flags, status: Status.Mxr }, "store")).to.equal(Cause.StorePage);
  });

  it("an AMO on a page that is not writable is a store fault, LR one of loads", () => {
    const { machine } = pagedMachine({ mode: Mode.User, flags: Pte.User | Pte.Execute }, (a) => {
      a.amo("amoadd", "a1", "a1", "a0");
      a.lr("a1", "a0");
    });
    machine.run(100_000);
    expect(
      trapsOf(machine)
        .slice(0, 2)
        .map(({ cause }) => cause),
    ).to.deep.equal([Cause.StorePage, Cause.LoadPage]);
  });
});

describe("accessed and dirty bits", () => {
  const flagsAfter = (write: (a: Assembler) => void, flags: number) => {
    const { machine, tables } = pagedMachine({ mode: Mode.User, flags }, write);
    machine.writePhysical(FRAME, new Uint8Array(Uint32Array.of(0x0000_8067).buffer));
    machine.run(100_000);
    return wordAt(machine, tables.entryAddress(PAGE)) & (Pte.Accessed | Pte.Dirty);
  };

  it("a load and a fetch set A, a store sets A and D, a fault sets neither", () => {
    const all = RWX | Pte.User;
    expect(flagsAfter((a) => a.load("lw", "a1", 0, "a0"), all)).to.equal(Pte.Accessed);
    expect(flagsAfter((a) => a.jalr("ra", 0, "a0"), all)).to.equal(Pte.Accessed);
    expect(flagsAfter((a) => a.store("sw", "a1", 0, "a0"), all)).to.equal(Pte.Accessed | Pte.Dirty);
    expect(flagsAfter((a) => a.amo("amoor", "a1", "zero", "a0"), all)).to.equal(Pte.Accessed | Pte.Dirty);
    expect(flagsAfter((a) => a.store("sw", "a1", 0, "a0"), Pte.Read | Pte.User)).to.equal(0);
    expect(flagsAfter((a) => a.nop(), all)).to.equal(0);
  });

  it("a store after a load still sets D", () => {
    const both = (a: Assembler) => {
      a.load("lw", "a1", 0, "a0");
      a.load("lw", "a1", 4, "a0");
      a.store("sw", "a1", 8, "a0");
    };
    expect(flagsAfter(both, RWX | Pte.User)).to.equal(Pte.Accessed | Pte.Dirty);
  });

  it("are set again after software has cleared them, without any fence", () => {
    const { machine, tables } = pagedMachine({ mode: Mode.User, flags: RWX | Pte.User }, (a) => {
      a.store("sw", "a1", 0, "a0");
      a.ecall();
      a.store("sw", "a1", 0, "a0");
    });
    const at = tables.entryAddress(PAGE);
    machine.watch(at);
    expect(machine.run(100_000).kind).to.equal("watch");
    expect(wordAt(machine, at) & Pte.Dirty).to.equal(Pte.Dirty);
    machine.clearWatches();
    tables.write(at, entry(FRAME, RWX | Pte.User | Pte.Valid));
    machine.run(200_000);
    expect(wordAt(machine, at) & Pte.Dirty).to.equal(Pte.Dirty);
  });
});

describe("superpages and malformed tables", () => {
  it("a superpage maps 4 MiB", () => {
    const { machine, tables } = pagedMachine({ mode: Mode.User, flags: RWX | Pte.User }, (a) => {
      a.li("a0", 0x5012_3454);
      a.load("lw", "a1", 0, "a0");
    });
    tables.mapSuper(0x5000_0000, ORIGIN + 0x40_0000, RWX | Pte.User);
    machine.writePhysical(ORIGIN + 0x40_0000 + 0x12_3454, Uint8Array.of(1, 2, 3, 4));
    machine.run(100_000);
    expect(machine.hart.readRegister(11)).to.equal(0x0403_0201);
  });

  for (const [what, value] of [
    ["a misaligned superpage", entry(ORIGIN + 0x1000, RWX | Pte.User | Pte.Valid)],
    ["a pointer in the last level", null],
    ["a pointer with U, A or D", entry(ROOT_TABLE, Pte.Valid | Pte.Accessed)],
  ] as const) {
    it(`${what} is a page fault`, () => {
      const { machine, tables } = pagedMachine({ mode: Mode.User, flags: Pte.User }, (a) => {
        if (value !== null) a.li("a0", 0x5000_0000);
        a.load("lw", "a1", 0, "a0");
      });
      if (value !== null) tables.write(ROOT_TABLE + (0x5000_0000 >>> 22) * 4, value);
      machine.run(100_000);
      expect(trapsOf(machine)[0]!.cause).to.equal(Cause.LoadPage);
    });
  }

  it("a table outside RAM, and a frame beyond the bus, are access faults", () => {
    const { machine, tables } = pagedMachine({ mode: Mode.User, flags: RWX | Pte.User }, (a) => {
      a.li("a0", 0x5000_0000);
      a.load("lw", "a1", 0, "a0");
      a.store("sw", "a1", 0, "a0");
      a.li("a0", PAGE + 0x1000);
      a.load("lw", "a1", 0, "a0");
    });
    tables.write(ROOT_TABLE + (0x5000_0000 >>> 22) * 4, entry(0x1000_0000, Pte.Valid));
    tables.map(PAGE + 0x1000, 0, RWX | Pte.User);
    tables.write(tables.entryAddress(PAGE + 0x1000), (0x30_0000 << 10) | RWX | Pte.User | Pte.Valid);
    machine.run(100_000);
    const causes = trapsOf(machine)
      .slice(0, 3)
      .map(({ cause }) => cause);
    expect(causes).to.deep.equal([Cause.LoadAccess, Cause.StoreAccess, Cause.LoadAccess]);
  });
});

describe("accesses across two pages", () => {
  it("complete when both permit, and otherwise change nothing and report the page that does not", () => {
    const { machine, tables } = pagedMachine({ mode: Mode.User, flags: RWX | Pte.User }, (a) => {
      a.li("a1", 0x1122_3344);
      a.i("addi", "a0", "a0", -2);
      a.li("a2", 0x1000);
      a.r("add", "a0", "a0", "a2");
      a.store("sw", "a1", 0, "a0");
      a.load("lw", "a3", 0, "a0");
      a.r("add", "a0", "a0", "a2");
      a.store("sw", "a1", 0, "a0");
    });
    tables.map(PAGE + 0x1000, OTHER_FRAME + 0x1000, RWX | Pte.User);
    tables.map(PAGE + 0x2000, OTHER_FRAME, Pte.Read | Pte.User);
    machine.run(100_000);
    expect(machine.hart.readRegister(13)).to.equal(0x1122_3344);
    expect(wordAt(machine, OTHER_FRAME + 0x1000) & 0xffff).to.equal(0x1122);
    expect(trapsOf(machine)[0]).to.deep.include({ cause: Cause.StorePage, value: PAGE + 0x2000 });
    expect(wordAt(machine, OTHER_FRAME + 0x1ffc)).to.equal(0);
  });
});

describe("MPRV", () => {
  it("gives M-mode's loads and stores the rights and translation of MPP", () => {
    const machine = machineWith((a) => {
      catchTraps(a);
      openProtection(a);
      setCsr(a, Csr.satp, satpOf());
      setCsr(a, Csr.mstatus, Status.Mprv); // MPP = U
      a.li("a0", PAGE);
      a.load("lw", "a1", 0, "a0");
      a.li("a0", PAGE + 0x1000);
      a.load("lw", "a2", 0, "a0");
      setCsr(a, Csr.mstatus, 0);
      a.finish();
    });
    const tables = new Tables(machine);
    tables.map(PAGE, FRAME, Pte.Read | Pte.User);
    tables.map(PAGE + 0x1000, FRAME, Pte.Read);
    machine.writePhysical(FRAME, Uint8Array.of(9));
    const { x } = runToEnd(machine);
    expect(x("a1")).to.equal(9);
    expect(trapsOf(machine).map(({ cause, value }) => [cause, value])).to.deep.equal([[Cause.LoadPage, PAGE + 0x1000]]);
  });

  it("is cleared by a return to a lesser mode, not by one to M", () => {
    const run = (mode: Mode) => {
      const machine = machineWith((a) => {
        a.la("t0", "end");
        a.csrw(Csr.mtvec, "t0");
        openProtection(a);
        setCsr(a, Csr.mstatus, Status.Mprv);
        enterKeepingStatus(a, mode, "end");
        a.align(4);
        a.label("end");
        a.csrr("a0", Csr.mstatus);
        a.li("t0", Status.Mprv);
        a.csr("csrrc", "zero", Csr.mstatus, "t0");
        a.finish();
      });
      return runToEnd(machine).x("a0") & Status.Mprv;
    };
    expect(run(Mode.Machine)).to.equal(Status.Mprv);
    expect(run(Mode.User)).to.equal(0);
  });
});

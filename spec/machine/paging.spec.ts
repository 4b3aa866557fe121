/**
 * Sv32: rights, accessed and dirty bits, superpages, SUM, MXR, MPRV, and that no stale translation is ever seen
 * (Privileged, 4.3).
 */
import { expect } from "chai";
import { Cause, Csr, Mode, Pte, Status } from "../../machine/isa/registers.ts";
import type { Machine } from "../../machine/machine.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";
import { machineWith, runToEnd, wordAt } from "./bench-top.ts";
import { catchTraps, trapsOf } from "./trap-log.ts";
import { enterKeepingStatus, entry, openProtection, ROOT_TABLE, satpOf, setCsr, Tables } from "./user-mode.ts";

const PAGE = 0x4000_0000;
const FRAME = ORIGIN + 0x40_0000;
const OTHER_FRAME = FRAME + 0x1000;
const RWX = Pte.Read | Pte.Write | Pte.Execute;

interface Setting {
  readonly mode: Mode;
  /** Flags of the entry for `PAGE`, without V. */
  readonly flags: number;
  readonly status?: number;
}

/** A machine whose code at `here` runs in a mode, with `PAGE` mapped to `FRAME`; and its tables. */
function pagedMachine(
  { mode, flags, status = 0 }: Setting,
  write: (a: Assembler) => void,
): { machine: Machine; tables: Tables } {
  const machine = machineWith((a) => {
    catchTraps(a);
    openProtection(a);
    setCsr(a, Csr.satp, satpOf());
    setCsr(a, Csr.mstatus, status);
    a.la("s0", "here");
    a.li("a0", PAGE);
    enterKeepingStatus(a, mode, "here");
    a.label("here");
    write(a);
    a.ecall();
    a.finish();
  });
  const tables = new Tables(machine);
  // The code's own page, and the devices for `finish`, as the mode needs them.
  const own = RWX | Pte.Accessed | Pte.Dirty | (mode === Mode.User ? Pte.User : 0);
  tables.mapSuper(ORIGIN, ORIGIN, own);
  tables.mapSuper(0, 0, own);
  tables.map(PAGE, FRAME, flags);
  return { machine, tables };
}

/** The cause with which an access to `PAGE` traps; null if it does not. */
function outcome(setting: Setting, access: "load" | "store" | "fetch"): number | null {
  const { machine } = pagedMachine(setting, (a) => {
    if (access === "load") a.load("lw", "a1", 0, "a0");
    if (access === "store") a.store("sw", "zero", 0, "a0");
    if (access === "fetch") a.jalr("ra", 0, "a0");
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

describe("translations", () => {
  /** M-mode code that reads through MPRV, changes the entry, and reads again: a3 before, a4 after. */
  const remap = (change: (a: Assembler, entryAddress: number) => void) => {
    const machine = machineWith((a) => {
      catchTraps(a);
      openProtection(a);
      setCsr(a, Csr.satp, satpOf());
      a.li("a0", PAGE);
      a.li("s1", Status.Mprv);
      readThrough(a, "a3");
      change(a, ROOT_TABLE + 0x1000);
      readThrough(a, "a4");
      a.finish();
    });
    const tables = new Tables(machine);
    tables.map(PAGE, FRAME, Pte.Read | Pte.User);
    machine.writePhysical(FRAME, Uint8Array.of(1));
    machine.writePhysical(OTHER_FRAME, Uint8Array.of(2));
    const second = new Tables(machine, ROOT_TABLE + 0x8000);
    second.map(PAGE, OTHER_FRAME, Pte.Read | Pte.User);
    const { x } = runToEnd(machine);
    return [x("a3"), x("a4")];
  };
  const readThrough = (a: Assembler, into: "a3" | "a4") => {
    a.li("t0", Status.Mpp);
    a.csr("csrrc", "zero", Csr.mstatus, "t0");
    a.csr("csrrs", "zero", Csr.mstatus, "s1");
    a.load("lw", into, 0, "a0");
    a.load("lw", into, 0, "a0");
    a.csr("csrrc", "zero", Csr.mstatus, "s1");
  };

  it("are never stale: a changed entry is seen at once, even without sfence.vma", () => {
    const changed = remap((a, entryAddress) => {
      a.li("a1", entryAddress);
      a.li("a2", entry(OTHER_FRAME, Pte.Read | Pte.User | Pte.Valid));
      a.store("sw", "a2", 0, "a1");
    });
    expect(changed).to.deep.equal([1, 2]);
  });

  it("follow a change of the root, by an entry of the first level or by satp", () => {
    const byEntry = remap((a) => {
      a.li("a1", ROOT_TABLE + (PAGE >>> 22) * 4);
      a.li("a2", entry(ROOT_TABLE + 0x9000, Pte.Valid));
      a.store("sw", "a2", 0, "a1");
    });
    const bySatp = remap((a) => setCsr(a, Csr.satp, satpOf(ROOT_TABLE + 0x8000, 5)));
    expect(byEntry).to.deep.equal([1, 2]);
    expect(bySatp).to.deep.equal([1, 2]);
  });

  it("are not kept by a store that changes its own page's entry", () => {
    const everything = RWX | Pte.Accessed | Pte.Dirty;
    const { machine, tables } = pagedMachine({ mode: Mode.Supervisor, flags: everything }, (a) => {
      a.li("a1", entry(OTHER_FRAME, everything | Pte.Valid));
      a.store("sw", "a1", 0, "a0");
      a.load("lw", "a2", 0, "a0");
    });
    tables.map(PAGE, tables.entryAddress(PAGE), everything);
    machine.writePhysical(OTHER_FRAME, Uint8Array.of(2));
    expect(runToEnd(machine).x("a2")).to.equal(2);
  });

  it("are still followed after a store to a table through itself", () => {
    const everything = RWX | Pte.Accessed | Pte.Dirty;
    const { machine, tables } = pagedMachine({ mode: Mode.Supervisor, flags: everything }, (a) => {
      a.store("sw", "zero", 4, "a0"); // the entry of the next page
      a.load("lw", "a1", 4, "a0");
      a.li("a1", entry(OTHER_FRAME, everything | Pte.Valid));
      a.li("a2", ROOT_TABLE + 0x1000);
      a.store("sw", "a1", 0, "a2"); // the entry of this page, by another way
      a.load("lw", "a2", 0, "a0");
    });
    tables.map(PAGE, tables.entryAddress(PAGE), everything);
    tables.map(PAGE + 0x1000, FRAME, everything);
    expect(tables.entryAddress(PAGE)).to.equal(ROOT_TABLE + 0x1000);
    machine.writePhysical(OTHER_FRAME, Uint8Array.of(2));
    expect(runToEnd(machine).x("a2")).to.equal(2);
  });

  it("of more address spaces than are kept at once stay apart", () => {
    const spaces = 12;
    const machine = machineWith((a) => {
      catchTraps(a);
      openProtection(a);
      a.li("a0", PAGE);
      a.li("s1", Status.Mprv);
      a.li("a5", 0);
      for (let round = 0; round < 3; round++) {
        for (let space = 0; space < spaces; space++) {
          setCsr(a, Csr.satp, satpOf(ROOT_TABLE + space * 0x4000));
          readThrough(a, "a3");
          a.li("t0", space + 1);
          a.r("xor", "a3", "a3", "t0");
          a.r("or", "a5", "a5", "a3");
        }
      }
      a.finish();
    });
    for (let space = 0; space < spaces; space++) {
      const tables = new Tables(machine, ROOT_TABLE + space * 0x4000);
      tables.map(PAGE, FRAME + space * 0x1000, Pte.Read | Pte.User);
      machine.writePhysical(FRAME + space * 0x1000, Uint8Array.of(space + 1));
    }
    expect(runToEnd(machine).x("a5")).to.equal(0);
  });

  it("do not translate in M-mode, nor anywhere while satp says Bare", () => {
    const { machine } = pagedMachine({ mode: Mode.User, flags: RWX | Pte.User }, (a) => a.nop());
    expect(machine.translate(PAGE, "load", satpOf())).to.equal(FRAME);
    expect(machine.translate(PAGE, "load", 0)).to.equal(PAGE);
    expect(machine.translate(PAGE, "load", satpOf(), Mode.Machine)).to.equal(PAGE);
    expect(machine.translate(PAGE + 0x1000, "load", satpOf())).to.equal(null);
  });
});

/** Sv32: that a translation which is kept is never stale, whatever changes the tables (Privileged, 4.3). */
import { expect } from "chai";
import { Csr, Mode, Pte, Status } from "../../machine/isa/registers.ts";
import { type Assembler, assemble, ORIGIN } from "./assembler.ts";
import { machineWith, runToEnd } from "./bench-top.ts";
import { FRAME, OTHER_FRAME, PAGE, pagedMachine, RWX } from "./paged-machine.ts";
import { catchTraps } from "./trap-log.ts";
import { enter, entry, openProtection, ROOT_TABLE, satpOf, setCsr, Tables } from "./user-mode.ts";

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

  for (const engine of ["interpreter", "translator"] as const) {
    it(`are not kept for the page that is running: the ${engine} goes on in the other frame at once`, () => {
      const everything = RWX | Pte.Accessed | Pte.Dirty;
      const entryAddress = ROOT_TABLE + 0x1000;
      /** Counts s0 down, maps its own page elsewhere, and adds `step` to a3. */
      const code = (step: number) => (a: Assembler) => {
        a.label("again");
        a.i("addi", "s0", "s0", -1);
        a.branch("bne", "s0", "zero", "again");
        a.store("sw", "a2", 0, "s1");
        a.i("addi", "a3", "a3", step);
        a.finish();
      };
      const machine = machineWith(
        (a) => {
          openProtection(a);
          setCsr(a, Csr.satp, satpOf());
          a.li("s0", 100);
          a.li("s1", entryAddress);
          a.li("a2", entry(OTHER_FRAME, everything | Pte.Valid));
          enter(a, Mode.Supervisor, PAGE);
        },
        { engine, translateAfter: 1 },
      );
      const tables = new Tables(machine);
      tables.map(PAGE, FRAME, everything);
      tables.mapSuper(ORIGIN, ORIGIN, everything);
      tables.mapSuper(0, 0, everything);
      expect(tables.entryAddress(PAGE)).to.equal(entryAddress);
      machine.writePhysical(FRAME, assemble(code(1)));
      machine.writePhysical(OTHER_FRAME, assemble(code(2)));
      expect(runToEnd(machine).x("a3")).to.equal(2);
    });
  }

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

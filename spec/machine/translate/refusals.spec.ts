/**
 * What translated code must leave to the interpreter, though it could go on: it would see or do what the interpreter
 * does not.
 */
import { expect } from "chai";
import { Clint } from "../../../machine/board/clint.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { Csr, Mode, Pte } from "../../../machine/isa/registers.ts";
import type { Machine } from "../../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN, REGISTERS } from "../assembler.ts";
import { enter, FIRST_LEAF_TABLE, openProtection, satpOf, setCsr, Tables } from "../user-mode.ts";
import { runAlike } from "./alike.ts";

const SLICE_CYCLES = 49_999;
/** Addresses at this distance have the same place among the translations, so that each access misses. */
const DISTANCE = 0x100_0000;
const VIRTUAL = 0x4000_0000;
const FRAMES = ORIGIN + 0x20_0000;
const REGIONS = 4;
const PAGES = 400;
/** Far enough for misses to have become frequent before. */
const REFUSED_PAGE = PAGES - 50;
const ALL = Pte.Read | Pte.Write | Pte.Execute | Pte.Accessed | Pte.Dirty;

const pageOf = (region: number, page: number) => VIRTUAL + region * DISTANCE + page * 0x1000;

/** In S-mode, `access` at s1, in each page of each region. Traps are counted in s6. */
function walk(a: Assembler, protect: (a: Assembler) => void, access: (a: Assembler) => void): void {
  catchAll(a);
  protect(a);
  setCsr(a, Csr.satp, satpOf());
  a.li("s0", PAGES);
  a.li("s2", DISTANCE);
  a.li("s4", VIRTUAL);
  a.li("s5", 0x1000);
  enter(a, Mode.Supervisor, "page");
  a.label("page");
  a.mv("s1", "s4");
  a.li("s3", REGIONS);
  a.label("region");
  access(a);
  a.r("add", "s1", "s1", "s2");
  a.i("addi", "s3", "s3", -1);
  a.branch("bne", "s3", "zero", "region");
  a.r("add", "s4", "s4", "s5");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "page");
  a.finish();
}

/** M-mode goes on behind whatever traps, and counts in s6. */
function catchAll(a: Assembler): void {
  a.la("t0", "trap");
  a.csrw(Csr.mtvec, "t0");
  a.j("begin");
  a.align(4);
  a.label("trap");
  a.i("addi", "s6", "s6", 1);
  a.csrr("t0", Csr.mepc);
  a.i("addi", "t0", "t0", 4);
  a.csrw(Csr.mepc, "t0");
  a.mret();
  a.label("begin");
}

/** All that `walk` accesses, with these flags. */
function tablesOf(machine: Machine, flags: number): Tables {
  const tables = new Tables(machine);
  tables.mapSuper(ORIGIN, ORIGIN, ALL);
  tables.mapSuper(0, 0, ALL);
  for (let region = 0; region < REGIONS; region++) {
    for (let page = 0; page < PAGES; page++) tables.map(pageOf(region, page), FRAMES + (page % 16) * 0x1000, flags);
  }
  return tables;
}

const trapsOf = (machine: Machine) => machine.hart.readRegister(REGISTERS.indexOf("s6"));

describe("translated code leaves to the interpreter", () => {
  it("an entry of a page table that PMP forbids, in a table of which other entries were read", () => {
    const refused = FIRST_LEAF_TABLE + ((pageOf(0, REFUSED_PAGE) >>> 12) & 0x3ff) * 4;
    const forbidOne = (a: Assembler) => {
      setCsr(a, Csr.pmpaddr0, refused >>> 2);
      setCsr(a, Csr.pmpaddr0 + 1, 0xffff_ffff);
      setCsr(a, Csr.pmpcfg0, 0x1f10); // a word of nobody's, and everything
    };
    const load = (a: Assembler) => a.load("lw", "a0", 0, "s1");
    const machine = runAlike(
      (a) => walk(a, forbidOne, load),
      SLICE_CYCLES,
      (each) => tablesOf(each, ALL),
    );
    expect(trapsOf(machine)).to.equal(1);
  });

  it("a store without a reservation: it accesses nothing, and marks no entry", () => {
    // The load has the accessed bit set; the dirty bit stays clear.
    const access = (a: Assembler) => {
      a.load("lw", "a0", 0, "s1");
      a.sc("a1", "a0", "s1");
    };
    const flags = Pte.Read | Pte.Write;
    let tables: Tables | undefined;
    const machine = runAlike(
      (a) => walk(a, openProtection, access),
      SLICE_CYCLES,
      (each) => {
        tables = tablesOf(each, flags);
      },
    );
    const last = machine.readPhysical(tables!.entryAddress(pageOf(REGIONS - 1, PAGES - 1)), 1)[0]!;
    expect(last & (Pte.Accessed | Pte.Dirty)).to.equal(Pte.Accessed);
  });

  for (const width of ["lbu", "lhu"] as const) {
    it(`a load of the timer that traps, where one of a word was: ${width}`, () => {
      const rounds = 50;
      const other = new DataView(assemble((a) => a.load(width, "a0", 0, "s1")).buffer).getUint32(0, true);
      const machine = runAlike((a) => {
        catchAll(a);
        a.li("s1", Base.Clint + Clint.Time);
        a.la("s2", "load");
        a.li("s3", other);
        a.label("pass");
        a.li("s0", rounds);
        a.label("load");
        a.load("lw", "a0", 0, "s1");
        a.r("add", "a1", "a1", "a0");
        a.i("addi", "s0", "s0", -1);
        a.branch("bne", "s0", "zero", "load");
        a.branch("bne", "s4", "zero", "end");
        a.i("addi", "s4", "s4", 1);
        a.store("sw", "s3", 0, "s2");
        a.j("pass");
        a.label("end");
        a.finish();
      }, SLICE_CYCLES);
      expect(trapsOf(machine)).to.equal(rounds);
    });
  }
});

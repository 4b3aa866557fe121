/**
 * Pages that push each other out of the kept translations all the time: translated code refills them itself, where all
 * is plain, and does what the interpreter does in any case.
 */
import { expect } from "chai";
import { Cause, Csr, Mode, Pte, Status } from "../../../machine/isa/registers.ts";
import type { Engine, Machine } from "../../../machine/machine.ts";
import { type Assembler, ORIGIN } from "../assembler.ts";
import { machineWith, runToEnd } from "../bench-top.ts";
import { enterKeepingStatus, entry, satpOf, setCsr, Tables } from "../user-mode.ts";

/** Addresses at this distance have the same place among the translations, whatever their number. */
const DISTANCE = 0x100_0000;
const VIRTUAL = 0x4000_0000;
const FRAMES = ORIGIN + 0x20_0000;
const SUPER_FRAME = ORIGIN + 0x40_0000;
const ROUNDS = 200;
/** Pages of a kind, which all have the same frame: each is met for the first time once. */
const PAGES_EACH = 64;
const ROUNDS_PER_CALL = 8;
const PLAIN = Pte.Read | Pte.Write | Pte.Accessed | Pte.Dirty;
const SLICE_CYCLES = 49_999;
/** What one leaf table maps; of region n, its nth page is used, so that no two push each other out. */
const REGION_BYTES = 0x40_0000;
/** Enough for misses to have become frequent long before those whose frames are exchanged. */
const REGIONS = 250;
const REGIONS_KEPT = 150;
/** From a region's entry to the next one's, the leaf tables lying one behind the other. */
const ENTRIES_APART_BYTES = 0x1004;

interface Page {
  readonly what: string;
  readonly flags: number;
  /** Of a page of 4 MiB: its frame. */
  readonly superFrame?: number;
  /** The page's frame is nobody's below M-mode, by PMP. */
  readonly isForbidden?: boolean;
  /** Whether U-mode's and S-mode's pages are mistaken for each other. */
  readonly isOthers?: boolean;
}

const PAGES: readonly Page[] = [
  { what: "plain", flags: PLAIN },
  { what: "plain too", flags: PLAIN },
  { what: "read-only", flags: PLAIN & ~Pte.Write },
  { what: "not dirty yet", flags: PLAIN & ~Pte.Dirty },
  { what: "not accessed yet", flags: Pte.Read | Pte.Write },
  { what: "executable only", flags: Pte.Execute | Pte.Accessed },
  { what: "of 4 MiB", flags: PLAIN, superFrame: SUPER_FRAME },
  { what: "of 4 MiB, misaligned", flags: PLAIN, superFrame: SUPER_FRAME + 0x1000 },
  { what: "forbidden by PMP", flags: PLAIN, isForbidden: true },
  { what: "of the other mode", flags: PLAIN, isOthers: true },
];

type Access = "load" | "store" | "misaligned" | "atomic";

interface Setting {
  readonly mode: Mode.User | Mode.Supervisor;
  readonly pages: readonly Page[];
  readonly accesses: readonly Access[];
  readonly status: number;
}

const virtualOf = (index: number) => VIRTUAL + index * DISTANCE;
const frameOf = (index: number) => FRAMES + index * 0x1000;

/**
 * Every access to every page, in each round one page further. M-mode sums up the traps; now and then, it exchanges what
 * the first two leaf tables say of the next round's page.
 */
function program(a: Assembler, { mode, pages, accesses, status }: Setting, entries: readonly number[]): void {
  protect(a, pages);
  a.la("t0", "trap");
  a.csrw(Csr.mtvec, "t0");
  setCsr(a, Csr.satp, satpOf());
  setCsr(a, Csr.mstatus, status);
  a.li("s0", ROUNDS);
  a.li("s2", DISTANCE);
  enterKeepingStatus(a, mode, "round");
  a.align(4);
  a.label("trap");
  a.csrr("t0", Csr.mcause);
  a.csrr("t1", Csr.mtval);
  a.r("add", "t0", "t0", "t1");
  a.shift("slli", "t1", "a0", 5);
  a.r("sub", "a0", "t1", "a0");
  a.r("add", "a0", "a0", "t0");
  a.csrr("t0", Csr.mepc);
  a.i("addi", "t0", "t0", 4);
  a.csrw(Csr.mepc, "t0");
  a.csrr("t0", Csr.mcause);
  a.i("andi", "t0", "t0", ~1); // a call comes from U-mode or from S-mode
  a.li("t1", Cause.CallFromUser);
  a.branch("bne", "t0", "t1", "unchanged");
  a.i("andi", "t2", "s0", PAGES_EACH - 1);
  a.shift("slli", "t2", "t2", 2);
  a.li("t0", entries[0]!);
  a.r("add", "t0", "t0", "t2");
  a.li("t1", entries[1]!);
  a.r("add", "t1", "t1", "t2");
  a.load("lw", "t2", 0, "t0");
  a.load("lw", "t3", 0, "t1");
  a.store("sw", "t3", 0, "t0");
  a.store("sw", "t2", 0, "t1");
  a.label("unchanged");
  a.branch("beq", "s0", "zero", "end");
  a.mret();
  a.label("end");
  a.finish();
  a.align(4);
  a.label("round");
  a.i("andi", "t0", "s0", PAGES_EACH - 1);
  a.shift("slli", "t0", "t0", 12);
  a.li("s1", VIRTUAL);
  a.r("add", "s1", "s1", "t0");
  a.li("s3", pages.length);
  a.label("page");
  for (const access of accesses) write(a, access);
  a.r("add", "s1", "s1", "s2");
  a.i("addi", "s3", "s3", -1);
  a.branch("bne", "s3", "zero", "page");
  a.i("addi", "s0", "s0", -1);
  a.i("andi", "t0", "s0", ROUNDS_PER_CALL - 1);
  a.branch("bne", "t0", "zero", "round");
  a.ecall();
  a.j("round");
}

function write(a: Assembler, access: Access): void {
  switch (access) {
    case "load":
      a.load("lw", "a1", 0, "s1");
      a.r("add", "a0", "a0", "a1");
      break;
    case "store":
      a.store("sw", "a0", 4, "s1");
      break;
    case "misaligned":
      a.load("lh", "a1", 1, "s1");
      a.r("add", "a0", "a0", "a1");
      break;
    case "atomic":
      a.amo("amoadd", "a1", "a0", "s1");
      break;
  }
}

/** Everything is open but the forbidden page's frame. */
function protect(a: Assembler, pages: readonly Page[]): void {
  const forbidden = pages.findIndex(({ isForbidden }) => isForbidden);
  const frame = forbidden < 0 ? 0 : frameOf(forbidden);
  setCsr(a, Csr.pmpaddr0, (frame >>> 2) | 0x1ff);
  setCsr(a, Csr.pmpaddr0 + 1, 0xffff_ffff);
  setCsr(a, Csr.pmpcfg0, 0x1f18);
}

function machineOf(setting: Setting, engine: Engine): Machine {
  const { mode, pages } = setting;
  const own = mode === Mode.User ? Pte.User : 0;
  const machine: Machine = machineWith((a) => program(a, setting, [0, 1].map(entryAddress)), {
    engine,
    translateAfter: 4,
  });
  const tables = new Tables(machine);
  tables.mapSuper(ORIGIN, ORIGIN, PLAIN | Pte.Execute | own);
  pages.forEach(({ flags, superFrame, isOthers }, index) => {
    const all = flags | (isOthers ? own ^ Pte.User : own);
    if (superFrame !== undefined) tables.mapSuper(virtualOf(index), superFrame, all);
    else
      for (let page = 0; page < PAGES_EACH; page++) {
        tables.map(virtualOf(index) + page * 0x1000, isOthers ? frameOf(0) : frameOf(index), all);
      }
  });
  return machine;
}

/** Of one of the first two pages: `Tables` puts their leaf tables behind the root. */
function entryAddress(index: number): number {
  return ORIGIN + 0x30_0000 + 0x1000 * (1 + index);
}

/**
 * S-mode loads from a page of each region, through a leaf table that nothing has read before, and again after M-mode
 * has exchanged the frames of those that came last: in a0, the sum.
 */
function remappingProgram(a: Assembler, firstExchanged: number, exchanged: number): void {
  setCsr(a, Csr.pmpaddr0, 0xffff_ffff);
  setCsr(a, Csr.pmpcfg0, 0x1f);
  a.la("t0", "passed");
  a.csrw(Csr.mtvec, "t0");
  setCsr(a, Csr.satp, satpOf());
  a.li("a0", 0);
  a.li("s2", REGION_BYTES + 0x1000);
  a.li("s3", 2); // passes to go
  enterKeepingStatus(a, Mode.Supervisor, "pass");
  a.align(4);
  a.label("passed");
  a.i("addi", "s3", "s3", -1);
  a.branch("beq", "s3", "zero", "end");
  a.li("t0", firstExchanged);
  a.li("t1", firstExchanged + (REGIONS - REGIONS_KEPT) * ENTRIES_APART_BYTES);
  a.li("t2", exchanged);
  a.li("t3", ENTRIES_APART_BYTES);
  a.label("exchange");
  a.store("sw", "t2", 0, "t0");
  a.r("add", "t0", "t0", "t3");
  a.branch("bltu", "t0", "t1", "exchange");
  a.la("t0", "pass");
  a.csrw(Csr.mepc, "t0");
  a.mret();
  a.label("end");
  a.finish();
  a.align(4);
  a.label("pass");
  a.li("s0", REGIONS);
  a.li("s1", VIRTUAL);
  a.label("region");
  a.load("lw", "t0", 0, "s1");
  a.r("add", "a0", "a0", "t0");
  a.r("add", "s1", "s1", "s2");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "region");
  a.ecall();
}

describe("misses in translated code", () => {
  const all: readonly Access[] = ["load", "store", "misaligned", "atomic"];

  it("are refilled there: the interpreter has next to nothing to do", () => {
    for (const mode of [Mode.User, Mode.Supervisor] as const) {
      const accesses: readonly Access[] = ["load", "store", "misaligned", "atomic"];
      const machine = machineOf({ mode, pages: PAGES.slice(0, 2), accesses, status: 0 }, "translator");
      runToEnd(machine);
      // Of six misses a round, those of the first rounds.
      expect(machine.statistics.interpreterEntries).to.be.below(2 * ROUNDS);
    }
  });

  it("notice a table's change, though translated code was the first to read it", () => {
    const [before, after] = [frameOf(0), frameOf(1)];
    const pageOf = (region: number) => VIRTUAL + region * (REGION_BYTES + 0x1000);
    const firstExchanged = entryAddress(0) + REGIONS_KEPT * ENTRIES_APART_BYTES;
    const machine: Machine = machineWith((a) => remappingProgram(a, firstExchanged, entry(after, PLAIN | Pte.Valid)), {
      engine: "translator",
      translateAfter: 4,
    });
    const tables = new Tables(machine);
    for (let region = 0; region < REGIONS; region++) tables.map(pageOf(region), before, PLAIN);
    tables.mapSuper(ORIGIN, ORIGIN, PLAIN | Pte.Execute);
    expect(tables.entryAddress(pageOf(REGIONS_KEPT))).to.equal(firstExchanged);
    machine.writePhysical(before, Uint8Array.of(1));
    machine.writePhysical(after, Uint8Array.of(2));
    expect(runToEnd(machine).x("a0")).to.equal(REGIONS + REGIONS_KEPT + 2 * (REGIONS - REGIONS_KEPT));
  });

  for (const mode of [Mode.User, Mode.Supervisor] as const) {
    for (const access of all) {
      it(`end as in the interpreter, whatever the page is: ${access}, mode ${mode}`, () => {
        for (const page of PAGES.slice(2)) {
          for (const status of mode === Mode.User ? [0] : [0, Status.Sum | Status.Mxr]) {
            const setting = { mode, pages: [...PAGES.slice(0, 2), page], accesses: [access], status };
            const [translated, interpreted] = [machineOf(setting, "translator"), machineOf(setting, "interpreter")];
            for (;;) {
              const stop = translated.run(translated.cycle + SLICE_CYCLES);
              expect(interpreted.run(interpreted.cycle + SLICE_CYCLES)).to.deep.equal(stop);
              if (stop.kind !== "cycle") break;
            }
            expect(translated.hash(), page.what).to.equal(interpreted.hash());
          }
        }
      });
    }
  }

  it("end as in the interpreter where accesses of all kinds alternate", () => {
    for (const mode of [Mode.User, Mode.Supervisor] as const) {
      const setting = { mode, pages: PAGES, accesses: all, status: Status.Sum };
      const [translated, interpreted] = [machineOf(setting, "translator"), machineOf(setting, "interpreter")];
      expect(runToEnd(translated).stop).to.deep.equal(runToEnd(interpreted).stop);
      expect(translated.hash()).to.equal(interpreted.hash());
    }
  });
});

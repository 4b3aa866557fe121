/**
 * Pages that are touched for the first time: their entries' accessed and dirty bits are set without leaving translated
 * code.
 */
import { expect } from "chai";
import { Csr, Mode, Pte } from "../../../machine/isa/registers.ts";
import type { Engine, Machine } from "../../../machine/machine.ts";
import { type Assembler, ORIGIN } from "../assembler.ts";
import { machineWith, runToEnd } from "../bench-top.ts";
import { enter, openProtection, satpOf, setCsr, Tables } from "../user-mode.ts";

const VIRTUAL = 0x4000_0000;
const FRAME = ORIGIN + 0x20_0000;
const MOST_PAGES = 1000;

/** In S-mode, one load and one store in each page. */
function touching(a: Assembler, pages: number): void {
  openProtection(a);
  a.la("t0", "end");
  a.csrw(Csr.mtvec, "t0");
  setCsr(a, Csr.satp, satpOf());
  a.li("s0", pages);
  a.li("s1", VIRTUAL);
  a.li("s2", 4096);
  enter(a, Mode.Supervisor, "touch");
  a.align(4);
  a.label("touch");
  a.load("lw", "a0", 0, "s1");
  a.r("add", "a1", "a1", "a0");
  a.store("sw", "s0", 4, "s1");
  a.r("add", "s1", "s1", "s2");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "touch");
  a.ecall();
  a.align(4);
  a.label("end");
  a.finish();
}

function touched(pages: number, engine: Engine): Machine {
  const machine = machineWith((a) => touching(a, pages), { engine, translateAfter: 4 });
  const tables = new Tables(machine);
  tables.map(ORIGIN, ORIGIN, Pte.Read | Pte.Execute | Pte.Accessed);
  for (let page = 0; page < MOST_PAGES; page++) tables.map(VIRTUAL + page * 4096, FRAME, Pte.Read | Pte.Write);
  return runToEnd(machine).machine;
}

describe("pages that are touched for the first time", () => {
  it("have their entries marked as the interpreter marks them", () => {
    expect(touched(MOST_PAGES, "translator").hash()).to.equal(touched(MOST_PAGES, "interpreter").hash());
  });

  it("do not leave translated code, as soon as it expects them: not once for 400", () => {
    const exits = [600, MOST_PAGES].map((pages) => {
      const { translatorEntries, interpreterEntries } = touched(pages, "translator").statistics;
      return translatorEntries + interpreterEntries;
    });
    expect(exits[1]).to.equal(exits[0]);
  });
});

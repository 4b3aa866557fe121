/** Accesses in translated code that are looked up together. */
import { expect } from "chai";
import { Csr } from "../../../machine/isa/registers.ts";
import { groupsOf } from "../../../machine/translate/access-groups.ts";
import { type Assembler, ORIGIN } from "../assembler.ts";
import { endTrapped, runAlike } from "./alike.ts";
import { discovered } from "./discovered.ts";

const PAGE_BYTES = 4096;
const DATA = ORIGIN + 0x10_0000;
/** Enough for what misses often to be translated anew. */
const CALLS = 300;

/** The groups of a program's first block: what is looked up, and how far behind it each access is. */
function grouped(write: (a: Assembler) => void) {
  const memberships = [...groupsOf(discovered(write).blocks[0]!).values()];
  return memberships.map(({ group, offsetBytes }) => [group.slot, group.width, group.spanBytes, offsetBytes]);
}

/** Fills a structure at a1 and reads it again, field by field; at last in the middle of nowhere. */
function structures(a: Assembler): void {
  a.la("t0", "trapped");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", CALLS);
  a.label("again");
  for (const offset of [64, -8, -6]) {
    a.li("a1", DATA + PAGE_BYTES + offset);
    a.jal("ra", "fill");
  }
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "again");
  a.li("a1", -4);
  a.label("fill");
  a.store("sw", "s0", 12, "a1");
  a.store("sh", "a0", 6, "a1");
  a.i("addi", "a2", "a1", 16);
  a.store("sb", "s0", -11, "a2");
  a.load("lw", "a3", 12, "a1");
  a.load("lbu", "a4", -12, "a2");
  a.load("lh", "a5", 6, "a1");
  a.r("add", "a0", "a0", "a3");
  a.r("xor", "a0", "a0", "a4");
  a.r("sub", "a0", "a0", "a5");
  a.jalr("zero", 0, "ra");
  endTrapped(a);
}

describe("accesses that are looked up together", () => {
  for (const slice of [1_000_000, 997]) {
    it(`do what each would do alone, across pages, misaligned and where nothing is, in slices of ${slice} cycles`, () => {
      runAlike(structures, slice);
    });
  }

  it("are those through one base that are near each other, also where the base moves by a constant", () => {
    const write = (a: Assembler) => {
      a.load("lw", "a0", 8, "sp");
      a.i("addi", "a2", "sp", 16);
      a.store("sb", "a0", 1, "a2");
      a.load("lw", "a0", 0, "a0");
      a.load("lh", "a1", 4, "sp");
      a.load("lw", "a1", 1000, "sp");
    };
    expect(grouped(write)).to.deep.equal([
      [0, 4, 14, 4],
      [0, 4, 14, 13],
      [0, 4, 14, 0],
    ]);
  });

  it("are not those that can never be aligned together", () => {
    const write = (a: Assembler) => {
      a.load("lw", "a0", 0, "sp");
      a.load("lw", "a1", 6, "sp");
    };
    expect(grouped(write)).to.deep.equal([]);
  });

  it("begin where the widest of them would be aligned", () => {
    const write = (a: Assembler) => {
      a.load("lbu", "a0", 3, "sp");
      a.load("lw", "a1", 5, "sp");
    };
    expect(grouped(write)).to.deep.equal([
      [0, 4, 8, 2],
      [0, 4, 8, 4],
    ]);
  });
});

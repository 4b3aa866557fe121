/** A long way without loops, of which ever more turns out to be run. */
import { expect } from "chai";
import { planOf } from "../../../machine/translate/plan.ts";
import type { Assembler } from "../assembler.ts";
import { runAlike } from "./alike.ts";
import { discovered } from "./discovered.ts";

const PIECES = 180;
const STEPS_PER_PIECE = 9;
const TURNS = 800;
/** So many turns from the end, the first piece has its rest run as well; each further one a bit earlier. */
const FIRST_RARE = 200;

/** Calls a function of many pieces, each with a rest that is run in the last turns only. */
function pieces(a: Assembler): void {
  a.li("s0", TURNS);
  a.label("again");
  a.jal("ra", "pieces");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "again");
  a.finish();
  a.label("pieces");
  for (let piece = 0; piece < PIECES; piece++) {
    for (let step = 3; step < STEPS_PER_PIECE; step++) a.i("addi", "a0", "a0", piece);
    a.i("slti", "t0", "s0", FIRST_RARE + 3 * piece);
    a.branch("beq", "t0", "zero", `behind ${piece}`);
    a.i("xori", "a0", "a0", piece);
    a.label(`behind ${piece}`);
  }
  a.jalr("zero", 0, "ra");
}

/** So many times an instruction, a branch, and one that it skips. */
function straight(pairs: number): (a: Assembler) => void {
  return (a) => {
    for (let pair = 0; pair < pairs; pair++) {
      a.i("addi", "a0", "a0", 1);
      a.branch("beq", "a0", "a1", `behind ${pair}`);
      a.nop();
      a.label(`behind ${pair}`);
    }
    a.jalr("zero", 0, "ra");
  };
}

describe("a long region without loops", () => {
  for (const slice of [997, 1_000_003]) {
    it(`is not translated again with each rest that comes back to it, in slices of ${slice} cycles`, () => {
      const { statistics } = runAlike(pieces, slice);
      expect(statistics.regionInstructions).to.be.lessThan(25 * PIECES * STEPS_PER_PIECE);
    });
  }

  it("is entered now and then on the way, a short one only where it begins", () => {
    const entriesOf = (pairs: number) =>
      planOf(discovered(straight(pairs)), { isGrouped: true, isFlat: false }).entries.length;
    expect(entriesOf(50)).to.equal(1);
    expect(entriesOf(600)).to.be.greaterThan(5);
  });
});

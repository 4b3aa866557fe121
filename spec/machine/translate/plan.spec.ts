/** What is decided about a region before it is written. */
import { expect } from "chai";
import { planOf } from "../../../machine/translate/plan.ts";
import { type Assembler, addressIn } from "../assembler.ts";
import { discovered } from "./discovered.ts";

const RA = 1 << 1;
const A0 = 1 << 10;
const S0 = 1 << 8;

/** A loop in a loop: the outer one counts s0 down, the inner one a0. */
function loops(a: Assembler, inInner: (a: Assembler) => void): void {
  a.label("outer");
  a.i("addi", "a0", "zero", 10);
  a.label("inner");
  a.i("addi", "a0", "a0", -1);
  inInner(a);
  a.branch("bne", "a0", "zero", "inner");
  a.label("behind");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "outer");
  a.label("end");
  a.jalr("zero", 0, "ra");
}

/** By label: whether the block there writes through, and what may be dirty at its beginning. */
function decided(write: (a: Assembler) => void, labels: readonly string[]) {
  const region = discovered(write);
  const { writesThrough, flow } = planOf(region, { isGrouped: true, isFlat: false });
  return labels.map((label) => {
    const index = region.indexByPc.get(addressIn(write, label) | 0)!;
    return [writesThrough[index], flow.dirty[index]];
  });
}

describe("the plan for a region", () => {
  it("keeps registers dirty in loops without calls, and writes through around them", () => {
    const write = (a: Assembler) => loops(a, () => {});
    expect(decided(write, ["outer", "inner", "behind", "end"])).to.deep.equal([
      [true, 0],
      [false, A0],
      [true, A0],
      [true, 0],
    ]);
  });

  it("writes through in a loop that calls", () => {
    const write = (a: Assembler) => loops(a, () => a.jal("ra", "end"));
    expect(decided(write, ["outer", "inner", "behind", "end"])).to.deep.equal([
      [true, 0],
      [true, 0],
      [true, 0],
      [true, 0],
    ]);
  });

  it("writes through where there is no loop", () => {
    const write = (a: Assembler) => {
      a.i("addi", "s0", "s0", 1);
      a.branch("bne", "s0", "zero", "end");
      a.i("addi", "a0", "a0", 1);
      a.label("end");
      a.jalr("zero", 0, "ra");
    };
    const { dirty, needed } = planOf(discovered(write), { isGrouped: true, isFlat: false }).flow;
    expect(dirty).to.deep.equal([0, 0, 0]);
    // What is read before it is written, in blocks by discovery; exits need nothing.
    expect(needed).to.deep.equal([RA | S0 | A0, RA | A0, RA]);
  });
});

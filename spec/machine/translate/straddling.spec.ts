/** Translated instructions of which the second half lies in the next page. */
import { expect } from "chai";
import { discover } from "../../../machine/translate/discover.ts";
import { type Assembler, addressIn, assemble, ORIGIN, REGISTERS } from "../assembler.ts";
import { runAlike } from "./alike.ts";

const PAGE_BYTES = 4096;
const ROUNDS = 200;
const LAST_ROUNDS = 10;
const COMPRESSED_NOP = 0x0001;
/** addi a0, a0, 1 and addi a0, a0, 257: only the second halves differ. */
const ADD_ONE = 0x0015_0513;
const ADD_MORE = 0x1015_0513;

/** A loop around an instruction in two pages, of which the second half is overwritten before the last rounds. */
function loop(a: Assembler): void {
  a.li("s0", ROUNDS);
  a.la("s1", "straddling");
  a.li("s2", ADD_MORE >>> 16);
  a.j("again");
  a.orgTo(ORIGIN + PAGE_BYTES - 20);
  a.label("again");
  a.i("addi", "s0", "s0", -1);
  a.i("xori", "t0", "s0", LAST_ROUNDS - 1);
  a.branch("bne", "t0", "zero", "straddling");
  a.store("sh", "s2", 2, "s1");
  a.half(COMPRESSED_NOP);
  a.label("straddling");
  a.word(ADD_ONE);
  a.branch("bne", "s0", "zero", "again");
  a.finish();
}

describe("an instruction in two pages", () => {
  it("is translated", () => {
    const halves = new Uint16Array(assemble(loop).buffer);
    const straddling = addressIn(loop, "straddling") | 0;
    expect(straddling & (PAGE_BYTES - 1)).to.equal(PAGE_BYTES - 2);
    const region = discover(addressIn(loop, "again") | 0, {
      half: (pc) => halves[((pc >>> 0) - ORIGIN) >> 1] ?? null,
      isWanted: () => true,
      targetsOf: () => [],
      isTranslated: () => false,
      reachesDevice: () => false,
    });
    expect(region!.blocks.flatMap(({ steps }) => steps.map(({ pc }) => pc))).to.include(straddling);
  });

  for (const slice of [7, 101, 1_000_003]) {
    it(`is what its second half says now, in slices of ${slice} cycles`, () => {
      const machine = runAlike(loop, slice);
      const sum = ROUNDS - LAST_ROUNDS + LAST_ROUNDS * (ADD_MORE >>> 20);
      expect(machine.hart.readRegister(REGISTERS.indexOf("a0"))).to.equal(sum);
    });
  }
});

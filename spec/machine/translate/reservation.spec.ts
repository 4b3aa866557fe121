/** Reservations in translated code. */
import { expect } from "chai";
import { type Assembler, ORIGIN, REGISTERS } from "../assembler.ts";
import { runAlike } from "./alike.ts";

const DATA = ORIGIN + 0x10_0000;
const ROUNDS = 100;

/**
 * Adds to a word by `lr.w` and `sc.w`, over and over. In every fourth round the word is stored to in between: with what
 * it holds (which a hart may take for untouched), or with something else; and `sc.w` without `lr.w` fails. a0 counts
 * the failures.
 */
function add(a: Assembler): void {
  a.li("s0", ROUNDS);
  a.li("s1", DATA);
  a.label("again");
  a.lr("a1", "s1");
  a.i("andi", "t0", "s0", 3);
  a.r("add", "a2", "a1", "t0");
  a.branch("bne", "t0", "zero", "store");
  a.i("andi", "t1", "s0", 4);
  a.r("add", "t1", "a1", "t1");
  a.store("sw", "t1", 0, "s1");
  a.label("store");
  a.i("addi", "a2", "a2", 1);
  a.sc("a3", "a2", "s1");
  a.r("add", "a0", "a0", "a3");
  a.sc("a3", "a2", "s1");
  a.r("add", "a4", "a4", "a3");
  a.lr("a1", "s1");
  a.i("addi", "s2", "s1", 4);
  a.sc("s2", "a2", "s2");
  a.r("add", "a5", "a5", "s2");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "again");
  a.finish();
}

describe("reservations in translated code", () => {
  for (const slice of [11, 1009, 1_000_003]) {
    it(`hold and are lost as in the interpreter, in slices of ${slice} cycles`, () => {
      const machine = runAlike(add, slice);
      const [a0, a4, a5] = (["a0", "a4", "a5"] as const).map((name) =>
        machine.hart.readRegister(REGISTERS.indexOf(name)),
      );
      // Every eighth round stores another value, and the others hold; each second `sc.w` and each elsewhere fails.
      expect([a0, a4, a5]).to.deep.equal([Math.floor((ROUNDS + 4) / 8), ROUNDS, ROUNDS]);
    });
  }
});

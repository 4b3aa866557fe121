/** Accesses in translated code that find their page looked up already, or another. */
import { expect } from "chai";
import { Csr } from "../../../machine/isa/registers.ts";
import { type Assembler, ORIGIN, REGISTERS } from "../assembler.ts";
import { endTrapped, runAlike } from "./alike.ts";

const PAGE_BYTES = 4096;
const DATA = ORIGIN + 0x10_0000;
const CALLS = 30;

/** Calls a function again and again that sums up the bytes from a2 to a3; at last, from address 0, where nothing is. */
function sumBytes(a: Assembler): void {
  a.la("t0", "trapped");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", CALLS);
  a.label("again");
  a.li("a2", DATA + PAGE_BYTES - 10);
  a.li("a3", DATA + PAGE_BYTES + 10);
  a.jal("ra", "sum");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "again");
  a.li("a2", 0);
  a.li("a3", 20);
  a.jal("ra", "sum");
  a.label("sum");
  a.load("lbu", "a1", 0, "a2");
  a.r("add", "a0", "a0", "a1");
  a.i("addi", "a2", "a2", 1);
  a.store("sb", "a0", 100, "a2");
  a.load("lw", "a4", 8, "sp");
  a.branch("bne", "a2", "a3", "sum");
  a.jalr("zero", 0, "ra");
  endTrapped(a);
}

/** A loop whose store reaches code that is translated, in the page that it has stored to all the time. */
function storeIntoCode(a: Assembler): void {
  a.li("a5", 0x0010_8093); // addi ra, ra, 1: what "patched" becomes
  a.li("s0", CALLS);
  a.label("again");
  a.la("a2", "words");
  a.la("a3", "patched");
  a.i("addi", "a3", "a3", 4);
  a.branch("beq", "s0", "zero", "end");
  a.i("addi", "s0", "s0", -1);
  a.i("slti", "t0", "s0", 2);
  a.branch("bne", "t0", "zero", "fill");
  a.la("a3", "words");
  a.i("addi", "a3", "a3", 64);
  a.label("fill");
  a.store("sw", "a5", 0, "a2");
  a.i("addi", "a2", "a2", 4);
  a.branch("bne", "a2", "a3", "fill");
  a.j("patched");
  a.label("words");
  for (let word = 0; word < 16; word++) a.nop();
  a.label("patched");
  a.i("addi", "a0", "a0", 1);
  a.j("again");
  a.label("end");
  a.finish();
}

const SLICES = [97, 1009, 1_000_003];

describe("accesses through a page that was looked up already", () => {
  for (const slice of SLICES) {
    it(`notice where the next page begins, and that nothing was looked up yet, in slices of ${slice} cycles`, () => {
      const machine = runAlike(sumBytes, slice, (each) => {
        each.writePhysical(
          DATA,
          Uint8Array.from({ length: 2 * PAGE_BYTES }, (_, index) => index * 7),
        );
        each.hart.writeRegister(REGISTERS.indexOf("sp"), DATA);
      });
      expect(machine.hart.readRegister(REGISTERS.indexOf("a5"))).to.equal(5); // load access fault
      expect(machine.hart.readRegister(REGISTERS.indexOf("a6"))).to.equal(0);
    });
    it(`change the code that comes next, in slices of ${slice} cycles`, () => {
      const machine = runAlike(storeIntoCode, slice);
      expect(machine.hart.readRegister(REGISTERS.indexOf("a0"))).to.equal(CALLS - 2);
    });
  }
});

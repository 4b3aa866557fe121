/**
 * Time: every class of instruction and every event costs what the table says, wherever translations and decoded code
 * are kept.
 */
import { expect } from "chai";
import { InstructionCost as Cost, EventCost } from "../../machine/cost.ts";
import { INSTRUCTIONS } from "../../machine/isa/instructions.ts";
import { Csr } from "../../machine/isa/registers.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";
import { runCode } from "./bench-top.ts";

const DATA = ORIGIN + 0x10_0000;

/** Cycles that code takes, the first time and the tenth; s0 points to RAM, s1 to a device, s2 to the end of a page. */
function cyclesOf(write: (a: Assembler) => void): [first: number, tenth: number] {
  const { x } = runCode((a) => {
    a.li("s0", DATA);
    a.li("s1", 0x0200_4000);
    a.li("s2", DATA + 0xffe);
    a.li("s9", 10);
    a.label("again");
    a.csrr("s3", Csr.mcycle);
    write(a);
    a.csrr("s4", Csr.mcycle);
    a.r("sub", "s5", "s4", "s3");
    a.i("addi", "t6", "s9", -10);
    a.branch("bne", "t6", "zero", "later");
    a.mv("s6", "s5");
    a.label("later");
    a.i("addi", "s9", "s9", -1);
    a.branch("bne", "s9", "zero", "again");
    a.finish();
  });
  return [x("s6") - Cost.csr, x("s5") - Cost.csr];
}

function divideTwice(a: Assembler): void {
  a.r("div", "a0", "a1", "zero");
  a.r("remu", "a0", "a1", "a1");
}

function reserveAndStore(a: Assembler): void {
  a.lr("a0", "s0");
  a.sc("a0", "a0", "s0");
}

describe("costs", () => {
  const cases: [string, number, (a: Assembler) => void][] = [
    ["arithmetic", Cost.arithmetic, (a) => a.r("xor", "a0", "a1", "a2")],
    ["multiplication", Cost.multiply, (a) => a.r("mulh", "a0", "a1", "a2")],
    ["division, by zero too", 2 * Cost.divide, divideTwice],
    ["a load", Cost.load, (a) => a.load("lhu", "a0", 0, "s0")],
    ["a store", Cost.store, (a) => a.store("sb", "a0", 0, "s0")],
    ["a misaligned load across pages", Cost.load + EventCost.misaligned, (a) => a.load("lw", "a0", 0, "s2")],
    ["a misaligned store", Cost.store + EventCost.misaligned, (a) => a.store("sw", "a0", 1, "s0")],
    ["a load from a device", Cost.load + EventCost.device, (a) => a.load("lw", "a0", 0, "s1")],
    ["a store to a device", Cost.store + EventCost.device, (a) => a.store("sw", "s1", 4, "s1")],
    ["an AMO", Cost.atomic, (a) => a.amo("amoadd", "a0", "a1", "s0")],
    ["LR and SC", 2 * Cost.atomic, reserveAndStore],
    ["a branch taken", Cost.branch, (a) => a.branch("beq", "zero", "zero", 4)],
    ["a branch not taken", Cost.branch, (a) => a.branch("bne", "zero", "zero", 8)],
    ["a jump", Cost.jump, (a) => a.jal("ra", 4)],
    ["a CSR access", Cost.csr, (a) => a.csrw(Csr.mscratch, "a0")],
    ["a write to satp", Cost.csr + EventCost.addressSpace, (a) => a.csrw(Csr.satp, "zero")],
    ["a fence", Cost.fence, (a) => a.fence()],
    ["fence.i", Cost.fenceInstruction, (a) => a.fenceI()],
    ["sfence.vma", Cost.fenceTranslation, (a) => a.sfenceVma()],
  ];
  for (const [what, cycles, write] of cases) {
    it(`${what}: ${cycles}, first time and every time`, () => {
      expect(cyclesOf(write)).to.deep.equal([cycles, cycles]);
    });
  }

  it("a trap costs its entry, the handler's instructions, and the return", () => {
    const handler = Cost.csr + Cost.arithmetic + Cost.csr + Cost.trapReturn;
    const { x } = runCode((a) => {
      a.la("t0", "handler");
      a.csrw(Csr.mtvec, "t0");
      a.csrr("s0", Csr.mcycle);
      a.ecall();
      a.csrr("s1", Csr.mcycle);
      a.finish();
      a.align(4);
      a.label("handler");
      a.csrr("t0", Csr.mepc);
      a.i("addi", "t0", "t0", 4);
      a.csrw(Csr.mepc, "t0");
      a.mret();
    });
    expect(x("s1") - x("s0")).to.equal(Cost.csr + EventCost.trap + handler);
  });

  it("are at least a cycle for every instruction, so that every moment has its own cycle", () => {
    for (const { name, costCycles } of INSTRUCTIONS) expect(costCycles, name).to.be.at.least(1);
    expect(EventCost.trap).to.be.at.least(1);
  });
});

describe("the table of instructions", () => {
  it("gives no word two meanings", () => {
    const patterns = INSTRUCTIONS.map(({ name, encoding }) => ({ name, bits: encoding.replaceAll(" ", "") }));
    const overlap = (a: string, b: string) => [...a].every((bit, i) => bit === "." || b[i] === "." || bit === b[i]);
    for (const [index, one] of patterns.entries()) {
      for (const other of patterns.slice(index + 1)) {
        expect(overlap(one.bits, other.bits), `${one.name} and ${other.name}`).to.equal(false);
      }
    }
  });
});

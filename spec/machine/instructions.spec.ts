/**
 * Every computational instruction against arithmetic done independently, in BigInt, for corner cases and random
 * operands (Unprivileged Specification, chapters 2 and 7).
 */
import { expect } from "chai";
import fc from "fast-check";
import {
  ALL_BRANCHES,
  ALL_IMMEDIATE_INSTRUCTIONS,
  ALL_REGISTER_INSTRUCTIONS,
  ALL_SHIFT_INSTRUCTIONS,
  type Branch,
  ORIGIN,
  type RegisterInstruction,
} from "./assembler.ts";
import { runCode } from "./bench-top.ts";

type Meaning = (a: bigint, b: bigint) => bigint;

const signed = (value: bigint) => BigInt.asIntN(32, value);
const unsigned = (value: bigint) => BigInt.asUintN(32, value);
const truth = (value: boolean) => (value ? 1n : 0n);

/** From operands as unsigned 32-bit numbers to the result, before truncation. */
const MEANINGS: Record<RegisterInstruction, Meaning> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  sll: (a, b) => a << (b & 31n),
  slt: (a, b) => truth(signed(a) < signed(b)),
  sltu: (a, b) => truth(a < b),
  xor: (a, b) => a ^ b,
  srl: (a, b) => a >> (b & 31n),
  sra: (a, b) => signed(a) >> (b & 31n),
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  mul: (a, b) => a * b,
  mulh: (a, b) => (signed(a) * signed(b)) >> 32n,
  mulhsu: (a, b) => (signed(a) * b) >> 32n,
  mulhu: (a, b) => (a * b) >> 32n,
  div: (a, b) => (b === 0n ? -1n : signed(a) / signed(b)),
  divu: (a, b) => (b === 0n ? -1n : a / b),
  rem: (a, b) => (b === 0n ? a : signed(a) % signed(b)),
  remu: (a, b) => (b === 0n ? a : a % b),
};
const BRANCH_MEANINGS: Record<Branch, (a: bigint, b: bigint) => boolean> = {
  beq: (a, b) => a === b,
  bne: (a, b) => a !== b,
  blt: (a, b) => signed(a) < signed(b),
  bge: (a, b) => signed(a) >= signed(b),
  bltu: (a, b) => a < b,
  bgeu: (a, b) => a >= b,
};
const IMMEDIATE_COUNTERPART = { addi: "add", slti: "slt", sltiu: "sltu", xori: "xor", ori: "or", andi: "and" } as const;
const SHIFT_COUNTERPART = { slli: "sll", srli: "srl", srai: "sra" } as const;

const CORNERS = [0, 1, 2, 31, 32, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff, 0x1234_5678];
const word = fc.oneof(fc.constantFrom(...CORNERS), fc.integer({ min: 0, max: 0xffff_ffff }));
const RESULTS = ORIGIN + 0x10_0000;

function meaning(name: RegisterInstruction, a: number, b: number): number {
  return Number(unsigned(MEANINGS[name](BigInt(a), unsigned(BigInt(b)))));
}

function pairs(count: number): [number, number][] {
  const corners = CORNERS.flatMap((a) => CORNERS.map((b): [number, number] => [a, b]));
  return [...corners, ...fc.sample(fc.tuple(word, word), { numRuns: count, seed: 20 })];
}

describe("instructions", () => {
  for (const name of ALL_REGISTER_INSTRUCTIONS) {
    it(`${name} computes what the specification says`, () => {
      const cases = pairs(40);
      const { machine } = runCode((a) => {
        a.li("s0", RESULTS);
        for (const [left, right] of cases) {
          a.li("a0", left);
          a.li("a1", right);
          a.r(name, "a2", "a0", "a1");
          a.store("sw", "a2", 0, "s0");
          a.i("addi", "s0", "s0", 4);
        }
        a.finish();
      });
      const results = new DataView(machine.readPhysical(RESULTS, cases.length * 4).buffer);
      cases.forEach(([left, right], index) => {
        expect(results.getUint32(index * 4, true), `${name} ${left}, ${right}`).to.equal(meaning(name, left, right));
      });
    });
  }

  for (const name of ALL_IMMEDIATE_INSTRUCTIONS) {
    it(`${name} takes a sign-extended immediate`, () => {
      for (const value of CORNERS) {
        for (const immediate of [0, 1, -1, 2047, -2048, 0x555]) {
          const { x } = runCode((a) => {
            a.li("a0", value);
            a.i(name, "a1", "a0", immediate);
            a.finish();
          });
          expect(x("a1")).to.equal(meaning(IMMEDIATE_COUNTERPART[name], value, immediate));
        }
      }
    });
  }

  for (const name of ALL_SHIFT_INSTRUCTIONS) {
    it(`${name} shifts by 0 to 31`, () => {
      for (const amount of [0, 1, 15, 31]) {
        const { x } = runCode((a) => {
          a.li("a0", 0x8765_4321);
          a.shift(name, "a1", "a0", amount);
          a.finish();
        });
        expect(x("a1")).to.equal(meaning(SHIFT_COUNTERPART[name], 0x8765_4321, amount));
      }
    });
  }

  for (const name of ALL_BRANCHES) {
    it(`${name} branches exactly when it should`, () => {
      const cases = pairs(20);
      const { machine } = runCode((a) => {
        a.li("s0", RESULTS);
        cases.forEach(([left, right], index) => {
          a.li("a0", left);
          a.li("a1", right);
          a.i("addi", "a2", "zero", 1);
          a.branch(name, "a0", "a1", `taken${index}`);
          a.i("addi", "a2", "zero", 0);
          a.label(`taken${index}`);
          a.store("sb", "a2", 0, "s0");
          a.i("addi", "s0", "s0", 1);
        });
        a.finish();
      });
      const results = machine.readPhysical(RESULTS, cases.length);
      cases.forEach(([left, right], index) => {
        const expected = BRANCH_MEANINGS[name](BigInt(left), BigInt(right));
        expect(results[index] === 1, `${name} ${left}, ${right}`).to.equal(expected);
      });
    });
  }

  it("lui and auipc set the upper twenty bits, auipc relative to its own address", () => {
    const { x } = runCode((a) => {
      a.lui("a0", 0xfffff);
      a.auipc("a1", 0x00001);
      a.auipc("a2", 0x80000);
      a.finish();
    });
    expect(x("a0")).to.equal(0xffff_f000);
    expect(x("a1")).to.equal(ORIGIN + 4 + 0x1000);
    expect(x("a2")).to.equal((ORIGIN + 8 + 0x8000_0000) % 2 ** 32);
  });

  it("jal and jalr link the address of the next instruction, and jalr clears bit 0 of its target", () => {
    const { x } = runCode((a) => {
      a.jal("ra", "over");
      a.li("a0", 99);
      a.label("over");
      a.la("t0", "end");
      a.jalr("t0", 1, "t0");
      a.li("a0", 98);
      a.label("end");
      a.finish();
    });
    expect(x("ra")).to.equal(ORIGIN + 4);
    expect(x("t0")).to.equal(ORIGIN + 4 + 8 + 8 + 4);
    expect(x("a0")).to.equal(0);
  });

  it("jumps backwards and across pages arrive", () => {
    const { x } = runCode((a) => {
      a.j("far");
      a.label("back");
      a.i("addi", "a0", "a0", 1);
      a.finish();
      a.orgTo(ORIGIN + 0x3ffc);
      a.label("far");
      a.i("addi", "a0", "a0", 2); // the last of its page: the next is fetched from another
      a.nop();
      a.branch("beq", "zero", "zero", "near");
      a.nop();
      a.label("near");
      a.j("back");
    });
    expect(x("a0")).to.equal(3);
  });

  it("nothing changes x0", () => {
    const { x } = runCode((a) => {
      a.li("a0", RESULTS);
      a.i("addi", "zero", "zero", 5);
      a.load("lw", "zero", 0, "a0");
      a.amo("amoadd", "zero", "a0", "a0");
      a.csrr("zero", 0x301);
      a.jal("zero", 4);
      a.lr("zero", "a0");
      a.sc("zero", "a0", "a0");
      a.mv("a1", "zero");
      a.finish();
    });
    expect(x("a1")).to.equal(0);
    expect(x("zero")).to.equal(0);
  });

  it("fence and fence.i do nothing that shows, whatever their reserved fields", () => {
    const { x, stop } = runCode((a) => {
      a.fence();
      a.fenceI();
      a.word(0xfff0_000f | (3 << 15));
      a.word(0x0000_0f8f); // rd not zero
      a.finish();
    });
    expect(stop).to.deep.equal({ kind: "finished", status: 0 });
    expect(x("t6")).to.equal(0x5555);
  });
});

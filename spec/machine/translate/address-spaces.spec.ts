/** Translated code of several address spaces, in which different programs stand at the same addresses. */
import { expect } from "chai";
import { Csr, Pte } from "../../../machine/isa/registers.ts";
import type { Engine } from "../../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN } from "../assembler.ts";
import { machineWith, type Outcome, runToEnd } from "../bench-top.ts";
import { openProtection, ROOT_TABLE, satpOf, Tables } from "../user-mode.ts";

const PAGE = 0x4000_0000;
/** The function is where it is in the other program; what calls it is not. */
const FIRST = { root: ROOT_TABLE, frame: ORIGIN + 0x40_0000, begin: PAGE + 0x100, addend: 1 };
const SECOND = { root: ROOT_TABLE + 0x1_0000, frame: ORIGIN + 0x40_1000, begin: PAGE + 0x200, addend: 100 };
const TRANSLATE_AFTER = 8;
/** So many rounds make the function hot in both spaces. */
const MOST_ROUNDS = 2 * TRANSLATE_AFTER;
const LAST_CALLS = 5 * TRANSLATE_AFTER;

/**
 * Both programs take turns, each with one call in a turn, so that both functions become hot in the same round; then the
 * second has a long turn. A turn ends with `ecall`.
 */
function takeTurns(a: Assembler, rounds: number): void {
  openProtection(a);
  a.la("t0", "turn");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", 2 * rounds);
  a.align(4);
  a.label("turn");
  a.branch("blt", "s0", "zero", "end");
  a.li("a1", 1);
  a.branch("bne", "s0", "zero", "choose");
  a.li("a1", LAST_CALLS);
  a.label("choose");
  a.i("andi", "t1", "s0", 1);
  a.i("addi", "s0", "s0", -1);
  a.li("t0", satpOf(SECOND.root));
  a.li("t2", SECOND.begin);
  a.branch("beq", "t1", "zero", "go");
  a.li("t0", satpOf(FIRST.root));
  a.li("t2", FIRST.begin);
  a.label("go");
  a.csrw(Csr.satp, "t0");
  a.csrw(Csr.mepc, "t2");
  a.csrw(Csr.mstatus, "zero");
  a.mret();
  a.label("end");
  a.finish();
}

/** Something that is translated in the first turn, and a1 calls of a function that adds to a0. */
function program({ begin, addend }: { readonly begin: number; readonly addend: number }): Uint8Array {
  return assemble((a) => {
    a.label("function");
    a.i("addi", "a0", "a0", addend);
    a.jalr("zero", 0, "ra");
    for (let pc = PAGE + 8; pc < begin; pc += 4) a.nop();
    a.li("t1", 2 * TRANSLATE_AFTER);
    a.label("warm");
    a.i("addi", "t1", "t1", -1);
    a.branch("bne", "t1", "zero", "warm");
    // Where this leads is not known when the loop is translated.
    a.la("t2", "calls");
    a.jalr("zero", 0, "t2");
    a.label("calls");
    a.jal("ra", "function");
    a.i("addi", "a1", "a1", -1);
    a.branch("bne", "a1", "zero", "calls");
    a.ecall();
  }, PAGE);
}

function turnsOf(engine: Engine, rounds: number): Outcome {
  const machine = machineWith((a) => takeTurns(a, rounds), { engine, translateAfter: TRANSLATE_AFTER });
  for (const each of [FIRST, SECOND]) {
    new Tables(machine, each.root).map(PAGE, each.frame, Pte.Read | Pte.Execute | Pte.User | Pte.Accessed);
    machine.writePhysical(each.frame, program(each));
  }
  return runToEnd(machine);
}

describe("translated code of two programs at the same addresses", () => {
  it("calls each program's own function, though both become hot at the same time", () => {
    for (let rounds = 1; rounds <= MOST_ROUNDS; rounds++) {
      const [translated, interpreted] = [turnsOf("translator", rounds), turnsOf("interpreter", rounds)];
      expect(translated.x("a0"), `${rounds} rounds`).to.equal(
        rounds * FIRST.addend + (rounds + LAST_CALLS) * SECOND.addend,
      );
      expect(translated.machine.hash(), `${rounds} rounds`).to.equal(interpreted.machine.hash());
    }
  });
});

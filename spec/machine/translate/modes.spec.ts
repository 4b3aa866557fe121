/** Translated code that goes from mode to mode. */
import { expect } from "chai";
import { Csr, Pte } from "../../../machine/isa/registers.ts";
import type { Engine } from "../../../machine/machine.ts";
import { type Assembler, ORIGIN } from "../assembler.ts";
import { machineWith, type Outcome, runToEnd } from "../bench-top.ts";
import { openProtection, satpOf, setCsr, Tables } from "../user-mode.ts";

const PAGE = ORIGIN + 0x40_0000;
const FRAME = ORIGIN + 0x40_1000;
const TURNS = 40;
const FLAGS = Pte.Read | Pte.Write | Pte.Execute | Pte.User | Pte.Accessed | Pte.Dirty;

/** M-mode calls a function that returns to its caller in U-mode, where `PAGE` is another frame. */
function returnInUserMode(a: Assembler): void {
  openProtection(a);
  a.la("t0", "turn");
  a.csrw(Csr.mtvec, "t0");
  setCsr(a, Csr.satp, satpOf());
  a.li("s0", TURNS);
  a.li("s1", PAGE);
  a.align(4);
  a.label("turn");
  a.branch("beq", "s0", "zero", "end");
  a.i("addi", "s0", "s0", -1);
  a.load("lw", "a2", 0, "s1");
  a.r("add", "a3", "a3", "a2");
  a.jal("ra", "returnAsUser");
  a.load("lw", "a1", 0, "s1");
  a.r("add", "a0", "a0", "a1");
  a.ecall();
  a.label("returnAsUser");
  a.csrw(Csr.mepc, "ra");
  a.mret();
  a.label("end");
  a.finish();
}

function outcomeOf(engine: Engine): Outcome {
  const machine = machineWith(returnInUserMode, { engine, translateAfter: 1 });
  const tables = new Tables(machine);
  tables.map(ORIGIN, ORIGIN, FLAGS);
  tables.map(PAGE, FRAME, FLAGS);
  machine.writePhysical(PAGE, Uint8Array.of(100));
  machine.writePhysical(FRAME, Uint8Array.of(1));
  return runToEnd(machine);
}

describe("translated code that goes from mode to mode", () => {
  it("has the rights and the memory of its mode, even if it returns in another to where it was called", () => {
    const [translated, interpreted] = [outcomeOf("translator"), outcomeOf("interpreter")];
    expect([translated.x("a0"), translated.x("a3")]).to.deep.equal([TURNS, TURNS * 100]);
    expect(translated.machine.hash()).to.equal(interpreted.machine.hash());
  });
});

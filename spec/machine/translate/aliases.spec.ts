/**
 * One page of RAM at several addresses: whoever looks at RAM, every store after that is seen, through whichever of them
 * it goes.
 */
import { expect } from "chai";
import { Csr, Mode, Pte } from "../../../machine/isa/registers.ts";
import type { Engine, Machine } from "../../../machine/machine.ts";
import { PAGE_SHIFT } from "../../../machine/state/pages.ts";
import { type Assembler, ORIGIN } from "../assembler.ts";
import { machineWith, runToEnd } from "../bench-top.ts";
import { enter, openProtection, satpOf, setCsr, Tables } from "../user-mode.ts";

const VIRTUAL = 0x4000_0000;
/** Addresses at this distance push each other out of the kept translations: so they are refilled all the time. */
const DISTANCE = 0x100_0000;
const [ONE, OTHER] = [VIRTUAL, VIRTUAL + 0x1000];
const ALIASES = [ONE, OTHER, ONE + DISTANCE, OTHER + DISTANCE];
/** So that a store comes back to an address that is kept, but was not used last. */
const ORDER = [ONE, OTHER, ONE, OTHER, ONE + DISTANCE, OTHER + DISTANCE];
const FRAME = ORIGIN + 0x20_0000;
const PLAIN = Pte.Read | Pte.Write | Pte.Accessed | Pte.Dirty;
const ROUNDS = 3000;

function program(a: Assembler): void {
  openProtection(a);
  a.la("t0", "trap");
  a.csrw(Csr.mtvec, "t0");
  setCsr(a, Csr.satp, satpOf());
  a.li("s0", ROUNDS);
  enter(a, Mode.User, "round");
  a.align(4);
  a.label("trap");
  a.finish();
  a.align(4);
  a.label("order");
  for (const alias of ORDER) a.word(alias);
  a.label("round");
  a.la("s2", "order");
  a.li("s3", ORDER.length);
  a.label("next");
  a.load("lw", "s1", 0, "s2");
  a.i("addi", "a0", "a0", 1);
  a.store("sw", "a0", 4, "s1");
  a.i("addi", "s2", "s2", 4);
  a.i("addi", "s3", "s3", -1);
  a.branch("bne", "s3", "zero", "next");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "round");
  a.ecall();
}

function machineOf(engine: Engine): Machine {
  const machine = machineWith(program, { engine, translateAfter: 64 });
  const tables = new Tables(machine);
  tables.mapSuper(ORIGIN, ORIGIN, PLAIN | Pte.Execute | Pte.User);
  for (const alias of ALIASES) tables.map(alias, FRAME, PLAIN | Pte.User);
  return machine;
}

describe("a page at several addresses", () => {
  it("is refilled in translated code through each of them", () => {
    const machine = machineOf("translator");
    runToEnd(machine);
    expect(machine.statistics.interpreterEntries).to.be.below(ROUNDS);
  });

  for (const engine of ["interpreter", "translator"] as const) {
    it(`shows every store that follows a snapshot: ${engine}`, () => {
      const machine = machineOf(engine);
      for (let slice = 0; ; slice++) {
        // Long enough for translated code, and short enough for one store to be alone, at any place.
        const stop = machine.run(machine.cycle + (slice % 2 === 0 ? 500 + slice : 5));
        const page = machine.snapshot().ram.page((FRAME - ORIGIN) >> PAGE_SHIFT);
        expect(page.bytes.slice(4, 8)).to.deep.equal(machine.readPhysical(FRAME + 4, 4));
        if (stop.kind !== "cycle") break;
      }
    });
  }
});

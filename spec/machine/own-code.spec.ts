/**
 * Random code that stores to the entries of the pages that it runs in: it goes on in another frame, or nowhere, with the
 * next instruction, whatever runs it, and wherever the host cuts the run. Some frames hold their instructions two bytes
 * further on, so that some lie in two pages. `RENIX_SEED=n` repeats a run.
 */
import { expect } from "chai";
import { Csr, Mode, Pte } from "../../machine/isa/registers.ts";
import type { Engine, Machine } from "../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN, type Register } from "./assembler.ts";
import { machineWith } from "./bench-top.ts";
import { Random } from "./random.ts";
import { enter, entry, FIRST_LEAF_TABLE, openProtection, satpOf, setCsr, Tables } from "./user-mode.ts";

const PROGRAMS = 6;
const LIMIT_CYCLES = 40_000;
const TRAPS = 300;
const PAGE_BYTES = 0x1000;
const CODE = 0x4000_0000;
/** A power of two. */
const PAGES = 4;
const FRAMES = Array.from({ length: 8 }, (_, index) => ORIGIN + 0x20_0000 + index * PAGE_BYTES);
const ALL = Pte.Read | Pte.Write | Pte.Execute | Pte.Accessed | Pte.Dirty;
const REGISTERS: readonly Register[] = ["a0", "a2", "a3", "a4", "a5"];
/** They hold entries. */
const ENTRIES: readonly Register[] = ["s2", "s3", "s4", "s5"];

/** s1 points to the entries of the pages, s6 to a frame. Most that is done is to count. */
function someInstruction(a: Assembler, random: Random): void {
  const any = () => random.pick(REGISTERS);
  const anEntry = () => random.pick(ENTRIES);
  const kinds: readonly (() => void)[] = [
    () => a.store("sw", anEntry(), 4 * random.integer(PAGES), "s1"),
    () => a.store(random.pick(["sw", "sh"]), "zero", 4 * random.integer(PAGES), "s1"),
    () => a.amo("amoswap", any(), anEntry(), "s1"),
    () => a.load("lw", any(), 4 * random.integer(8), "s6"),
    () => a.store("sw", any(), 4 * random.integer(512), "s6"),
    () => a.branch("bne", any(), any(), 4 * (2 + random.integer(10))),
    () => a.branch("bltu", any(), any(), -4 * random.integer(10)),
    () => a.jal(random.pick(["zero", "ra"]), (random.integer(5) - 2) * PAGE_BYTES + 4 * random.integer(20)),
    () => a.jalr("zero", 0, "ra"),
  ];
  if (random.chance(0.3)) random.pick(kinds)();
  else a.i("addi", any(), any(), random.integer(100));
}

function someFrame(random: Random): Uint8Array {
  const code = assemble((a) => {
    if (random.chance(0.4)) a.half(1); // c.nop
    for (let offset = 0; offset < PAGE_BYTES; offset += 4) someInstruction(a, random);
  });
  return code.slice(0, PAGE_BYTES);
}

/** In S-mode. A trap is summed up in a6 and a7; M-mode then goes on in one page after the other, which it maps before. */
function program(a: Assembler, random: Random): void {
  openProtection(a);
  setCsr(a, Csr.satp, satpOf());
  a.la("t0", "trap");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", TRAPS);
  a.li("s1", FIRST_LEAF_TABLE);
  a.li("s6", random.pick(FRAMES));
  for (const register of ENTRIES) {
    const flags = random.chance(0.8) ? ALL : random.pick([ALL & ~Pte.Execute, ALL & ~Pte.Accessed, ALL & ~Pte.Dirty]);
    a.li(register, entry(random.pick(FRAMES), flags | Pte.Valid));
  }
  enter(a, Mode.Supervisor, CODE);
  a.align(4);
  a.label("trap");
  a.i("addi", "s0", "s0", -1);
  a.branch("beq", "s0", "zero", "end");
  a.csrr("t1", Csr.mcause);
  a.r("add", "a6", "a6", "t1");
  for (const number of [Csr.mtval, Csr.mepc]) {
    a.csrr("t1", number);
    a.r("add", "a7", "a7", "t1");
  }
  a.i("andi", "t1", "s0", PAGES - 1);
  a.shift("slli", "t2", "t1", 2);
  a.r("add", "t2", "t2", "s1");
  a.store("sw", "s2", 0, "t2");
  a.shift("slli", "t1", "t1", 12);
  a.li("t2", CODE);
  a.r("add", "t1", "t1", "t2");
  a.csrw(Csr.mepc, "t1");
  a.mret();
  a.label("end");
  a.finish();
}

function machineOf(seed: number, engine: Engine): Machine {
  const random = new Random(seed);
  const machine = machineWith((a) => program(a, random), { engine, translateAfter: 1 });
  const tables = new Tables(machine);
  for (let page = 0; page < PAGES; page++) tables.map(CODE + page * PAGE_BYTES, FRAMES[page]!, ALL);
  tables.mapSuper(ORIGIN, ORIGIN, ALL);
  tables.mapSuper(0, 0, ALL);
  for (const frame of FRAMES) machine.writePhysical(frame, someFrame(random));
  return machine;
}

function outcome(seed: number, engine: Engine, sliceCycles: number): string {
  const machine = machineOf(seed, engine);
  let kind = "cycle";
  while (kind === "cycle" && machine.cycle < LIMIT_CYCLES) {
    ({ kind } = machine.run(Math.min(LIMIT_CYCLES, machine.cycle + sliceCycles)));
  }
  return `${kind} at cycle ${machine.cycle}, ${machine.instructions} instructions, ${machine.hash()}`;
}

describe("code that maps its own pages", () => {
  const seed = Number(process.env.RENIX_SEED ?? 1 + Math.floor(Math.random() * 0x7fff_fffe));
  for (let index = 0; index < PROGRAMS; index++) {
    it(`does the same on both engines, in slices of any size (RENIX_SEED=${seed}, program ${index})`, () => {
      const whole = outcome(seed + index, "interpreter", LIMIT_CYCLES);
      for (const [engine, sliceCycles] of [
        ["interpreter", 37],
        ["translator", 997],
        ["translator", LIMIT_CYCLES],
      ] as const) {
        expect(outcome(seed + index, engine, sliceCycles), `${engine}, slices of ${sliceCycles}`).to.equal(whole);
      }
    });
  }
});

/**
 * The steps of random loops: instructions of every kind, which go forwards but for loops of a few turns, calls, and
 * what traps. Begin with `randomStep`.
 *
 * Values are in `VALUES`; `POINTERS` go through the windows; s0 counts turns, s9 and s10 point at devices; t1 and t3 to
 * t5 are for whatever a step needs.
 */
import { Clint } from "../../../machine/board/clint.ts";
import { Csr, Mode, Status } from "../../../machine/isa/registers.ts";
import {
  ALL_ATOMICS,
  ALL_BRANCHES,
  ALL_CSR_INSTRUCTIONS,
  ALL_IMMEDIATE_INSTRUCTIONS,
  ALL_LOADS,
  ALL_REGISTER_INSTRUCTIONS,
  ALL_SHIFT_INSTRUCTIONS,
  ALL_STORES,
  type Assembler,
  ORIGIN,
  type Register,
} from "../assembler.ts";
import { compressed as c } from "../compressed-assembler.ts";
import type { Random } from "../random.ts";

import { age, protect, pushEntry, pushSpace } from "./random-loop-changes.ts";
import { ALIAS, type LoopContext } from "./random-loop-layout.ts";

type Step = (a: Assembler, random: Random, context: LoopContext, forward: string, name: string) => void;

const VALUES: readonly Register[] = ["a0", "a1", "a2", "a3", "a4", "a5", "t0", "t1", "t2"];
const POINTERS: readonly Register[] = ["s2", "s3", "s4", "s5"];

export function randomStep(a: Assembler, random: Random, context: LoopContext, forward: string, name: string): void {
  if (random.chance(context.isCalm ? 0.85 : 0.7)) random.pick(CALM)(a, random, context, forward, name);
  else if (random.chance(context.isCalm ? 1 : 0.5)) seldom(a, random, context, forward, name);
  else random.pick(WILD)(a, random, context, forward, name);
}

/** What upsets everything is done in a few turns only, so that the code is as hot as can be when it happens. */
function seldom(a: Assembler, random: Random, context: LoopContext, forward: string, name: string): void {
  a.i("andi", "t3", "s0", random.pick([7, 63, 255]));
  a.branch("bne", "t3", "zero", `usual${name}`);
  random.pick(WILD)(a, random, context, forward, name);
  a.label(`usual${name}`);
}

const value = (random: Random) => random.pick(VALUES);
const pointer = (random: Random) => random.pick(POINTERS);

const compute: Step = (a, random) => {
  const kind = random.integer(4);
  if (kind === 0) a.i(random.pick(ALL_IMMEDIATE_INSTRUCTIONS), value(random), value(random), random.word() & 0xfff);
  else if (kind === 1) a.shift(random.pick(ALL_SHIFT_INSTRUCTIONS), value(random), value(random), random.integer(32));
  else if (kind === 2) a.half(c.addi(random.pick(VALUES), 1 + random.integer(31)));
  else a.r(random.pick(ALL_REGISTER_INSTRUCTIONS), value(random), value(random), value(random));
};

const offsetOf = (random: Random) =>
  random.pick([0, 4, 8, 12, 2, 1, -4, 64, 100, -64, random.integer(256) - 128, random.integer(4096) - 2048]);

function access(a: Assembler, random: Random, base: Register, offset: number): void {
  if (random.chance(0.6)) a.load(random.pick(ALL_LOADS), value(random), offset, base);
  else a.store(random.pick(ALL_STORES), value(random), offset, base);
}

const single: Step = (a, random) => access(a, random, pointer(random), offsetOf(random));

const aligned: Step = (a, random) => {
  const offset = 4 * random.integer(16);
  if (random.chance(0.6)) a.load("lw", value(random), offset, pointer(random));
  else a.store("sw", value(random), offset, pointer(random));
};

/** Several at one base, which may move between them. */
const group: Step = (a, random) => {
  const base = pointer(random);
  let moved = 0;
  const width = random.pick([1, 2, 4, 4, 4]);
  for (let count = 2 + random.integer(4); count > 0; count--) {
    access(a, random, base, random.chance(0.8) ? width * (random.integer(20) - 4) : offsetOf(random));
    if (random.chance(0.2)) {
      const by = random.pick([4, -4, 8, 16, 2]);
      a.i("addi", base, base, by);
      moved += by;
    }
  }
  if (moved !== 0 && random.chance(0.8)) a.i("addi", base, base, -moved);
};

const atomic: Step = (a, random) => {
  const base = pointer(random);
  const address: Register = random.chance(0.8) ? "t4" : base;
  if (address === "t4") a.i("andi", "t4", base, -4);
  const kind = random.integer(5);
  if (kind === 0) a.amo(random.pick(ALL_ATOMICS), value(random), value(random), address);
  else if (kind === 1) a.lr(value(random), address);
  else if (kind === 2) a.sc(value(random), value(random), address);
  else {
    a.lr(value(random), address);
    if (random.chance(0.3)) access(a, random, base, 0);
    if (random.chance(0.2)) a.i("xori", "t4", "t4", random.pick([4, 8]));
    a.sc(value(random), value(random), address);
  }
};

const forwards: Step = (a, random, _context, forward) => {
  if (random.chance(0.8)) a.branch(random.pick(ALL_BRANCHES), value(random), value(random), forward);
  else a.j(forward);
};

/** A loop of a few turns. */
const turn: Step = (a, random, context, forward, name) => {
  a.i("addi", "t3", "zero", 2 + random.integer(6));
  a.label(`turn${name}`);
  compute(a, random, context, forward, name);
  aligned(a, random, context, forward, name);
  a.i("addi", "t3", "t3", -1);
  a.branch("bne", "t3", "zero", `turn${name}`);
};

/** A function of two instructions, in the way; called in one way or another, and not always back where it should. */
const call: Step = (a, random, _context, _forward, name) => {
  a.j(`over${name}`);
  if (random.chance(0.3)) a.half(1);
  a.label(`callee${name}`);
  a.r("add", value(random), value(random), value(random));
  const link = random.pick(["ra", "ra", "t0"] as const);
  const isOff = random.chance(0.2);
  if (isOff) a.i("addi", link, link, random.pick([4, 1]));
  if (random.chance(0.8)) a.jalr("zero", 0, link);
  else {
    a.mv("t1", link);
    a.jalr("zero", 0, "t1");
  }
  a.label(`over${name}`);
  if (random.chance(0.5)) a.jal(link, `callee${name}`);
  else {
    a.la("t1", `callee${name}`);
    a.jalr(link, random.integer(2), "t1");
  }
  a.i("addi", value(random), value(random), 1);
};

/** Down as many levels as a1's low bits say. */
const recursion: Step = (a, random, context, forward, name) => {
  const mostLevels = random.pick([7, 63, 1023]);
  a.j(`over${name}`);
  a.label(`callee${name}`);
  a.i("addi", "sp", "sp", -4);
  a.store("sw", "ra", 0, "sp");
  aligned(a, random, context, forward, name);
  a.branch("beq", "t3", "zero", `bottom${name}`);
  a.i("addi", "t3", "t3", -1);
  a.jal("ra", `callee${name}`);
  a.label(`bottom${name}`);
  a.load("lw", "ra", 0, "sp");
  a.i("addi", "sp", "sp", 4);
  a.jalr("zero", 0, "ra");
  a.label(`over${name}`);
  a.i("andi", "t3", "s0", mostLevels);
  a.jal("ra", `callee${name}`);
};

/** To one of several places, by a register that changes. */
const indirect: Step = (a, random, _context, _forward, name) => {
  const cases = random.pick([2, 4]);
  a.la("t1", `case${name}`);
  a.i("andi", "t2", "s0", cases - 1);
  a.shift("slli", "t2", "t2", 3);
  a.r("add", "t1", "t1", "t2");
  a.jalr("zero", 0, random.chance(0.8) ? "t1" : "t1");
  a.label(`case${name}`);
  for (let index = 0; index < cases; index++) {
    a.i("addi", value(random), value(random), index);
    if (random.chance(0.5)) a.j(`joined${name}`);
    else a.nop();
  }
  a.label(`joined${name}`);
};

/** `lui` whose upper half is an instruction too, to which a branch leads now and then. */
const overlap: Step = (a, random, _context, _forward, name) => {
  a.i("andi", "t1", "s0", random.pick([1, 3]));
  a.branch("beq", "t1", "zero", `lui${name}`);
  a.j(`inside${name}`);
  a.label(`lui${name}`);
  a.half(0x0537); // lui a0
  a.label(`inside${name}`);
  a.half(random.pick([c.nop(), c.addi("a1", 3), c.mv("a2", "a3"), c.add("a4", "a5")]));
};

const counters: Step = (a, random) => {
  a.csrr(
    value(random),
    random.pick([Csr.cycle, Csr.cycleh, Csr.instret, Csr.instreth, Csr.time, Csr.timeh, Csr.mcycle, Csr.minstret]),
  );
};

const fence: Step = (a, random) => {
  const kind = random.integer(3);
  if (kind === 0) a.fence();
  else if (kind === 1) a.fenceI();
  else a.sfenceVma(random.pick(["zero", "s2"]), random.pick(["zero", "a0"]));
};

const CLINT_OFFSETS = [
  Clint.SoftwareInterrupt,
  Clint.TimeCompare,
  Clint.TimeCompare + 4,
  Clint.Time,
  Clint.Time + 4,
  8,
];

const timer: Step = (a, random, context) => {
  const offset = random.chance(0.9) ? random.pick(CLINT_OFFSETS) : random.integer(0x10000);
  a.li("t4", offset);
  a.r("add", "t4", "t4", "s9");
  if (random.chance(0.6)) {
    a.load(random.chance(0.9) ? "lw" : random.pick(ALL_LOADS), value(random), 0, "t4");
    return;
  }
  if (offset === Clint.Time || offset === Clint.Time + 4 || context.isCalm) {
    a.load("lw", "t1", 0, "t4");
    return;
  }
  a.store(random.chance(0.9) ? "sw" : random.pick(ALL_STORES), random.pick(["zero", "a0", "t0", "s0"]), 0, "t4");
};

/** The timer rings soon, or has done so. */
const ring: Step = (a, random) => {
  const upper: Register = "t5";
  a.li(upper, Clint.Time);
  a.r("add", upper, upper, "s9");
  a.load("lw", "t1", 0, upper);
  a.load("lw", "t2", 4, upper);
  a.i("addi", "t1", "t1", random.pick([-1, 0, 1, 2, 5, 20, 100, random.integer(200)]));
  a.li(upper, Clint.TimeCompare);
  a.r("add", upper, upper, "s9");
  a.store("sw", "t2", 4, upper);
  a.store("sw", "t1", 0, upper);
};

const serial: Step = (a, random) => {
  if (random.chance(0.7)) a.load(random.pick(["lbu", "lb", "lw", "lhu"]), value(random), random.integer(8), "s10");
  else a.store("sb", value(random), random.pick([0, 1, 7]), "s10");
};

const CSRS = [
  ...[Csr.sstatus, Csr.sie, Csr.scounteren, Csr.senvcfg, Csr.sepc, Csr.scause, Csr.stval, Csr.sip, Csr.satp],
  ...[Csr.mstatus, Csr.misa, Csr.medeleg, Csr.mideleg, Csr.mie, Csr.mcounteren, Csr.menvcfg, Csr.mstatush],
  ...[Csr.mcountinhibit, Csr.mhpmevent3, Csr.mepc, Csr.mcause, Csr.mtval, Csr.mip, Csr.pmpcfg0, Csr.pmpaddr0],
  ...[Csr.tselect, Csr.mcycle, Csr.minstret, Csr.mcycleh, Csr.minstreth, Csr.hpmcounter3, Csr.mhartid, Csr.mvendorid],
  ...[Csr.cycle, Csr.time, Csr.instret, Csr.stvec, Csr.mtvec, Csr.sscratch],
];

const readRegister: Step = (a, random) => a.csrr(value(random), random.pick(CSRS));

/** Not where handlers are, or what they keep. */
const WRITABLE = CSRS.filter((csr) => ![Csr.stvec, Csr.mtvec, Csr.sscratch, Csr.satp, Csr.pmpcfg0].includes(csr));

const writeRegister: Step = (a, random) => {
  const csr = random.pick(WRITABLE);
  const name = random.pick(ALL_CSR_INSTRUCTIONS);
  if (name.endsWith("i")) a.csr(name, value(random), csr, random.integer(32));
  else a.csr(name, value(random), csr, random.pick(["zero", value(random)]));
};

const STATUS_BITS = [Status.Sie, Status.Mie, Status.Sum, Status.Mxr, Status.Mprv, Status.Mpp, Status.Spp, Status.Spie];

const setStatus: Step = (a, random, { mode }) => {
  a.li("t4", random.pick(STATUS_BITS) | (random.chance(0.3) ? random.pick(STATUS_BITS) : 0));
  a.csr(random.pick(["csrrs", "csrrc"]), value(random), mode === Mode.Machine ? Csr.mstatus : Csr.sstatus, "t4");
};

const interrupts: Step = (a, random, { mode }) => {
  a.li("t4", random.pick([2, 0x20, 0x200, 0x222, 8, 0x80, 0xaaa]));
  const csr = mode === Mode.Machine ? random.pick([Csr.mip, Csr.mie, Csr.mideleg]) : random.pick([Csr.sip, Csr.sie]);
  a.csr(random.pick(["csrrs", "csrrc", "csrrw"]), value(random), csr, "t4");
};

const wait: Step = (a) => a.wfi();

const callService: Step = (a, random) => {
  a.i("addi", "a7", random.chance(0.5) ? "zero" : "s0", random.integer(64));
  a.ecall();
};

const breakpoint: Step = (a, random) => (random.chance(0.5) ? a.ebreak() : a.half(c.ebreak()));

/** Another `addi` in the place of one, which runs next, or in the next turn. */
const rewrite: Step = (a, random, context, _forward, name) => {
  a.la("t1", `rewritten${name}`);
  a.li("t2", 0x0005_0513); // addi a0, a0, 0
  a.i("andi", "t3", "s0", random.pick([1, 7, 63]));
  if (random.chance(0.7)) a.branch("bne", "t3", "zero", `rewritten${name}`);
  a.shift("slli", "t3", "s0", 20);
  a.r("add", "t2", "t2", "t3");
  if (context.isPaged && context.mode !== Mode.Machine && random.chance(0.3)) {
    a.li("t4", ALIAS - ORIGIN);
    a.r("add", "t1", "t1", "t4");
  }
  const kind = random.integer(3);
  if (kind === 0) a.amo("amoswap", "zero", "t2", "t1");
  else a.store(kind === 1 ? "sw" : "sh", "t2", 0, "t1");
  if (random.chance(0.3)) a.fenceI();
  if (random.chance(0.3)) for (let count = random.integer(4); count > 0; count--) a.nop();
  a.label(`rewritten${name}`);
  a.i("addi", "a0", "a0", 1);
};

/** In M- or S-mode, an entry of the windows' tables (or another) is written. */
const remap: Step = (a, random, context) => {
  if (!context.isPaged) return;
  pushEntry(a, random, "t4", "t5");
  a.store("sw", "t5", 0, "t4");
  if (random.chance(0.5)) a.sfenceVma(random.pick(["zero", "s2"]));
};

const space: Step = (a, random, { isPaged }) => {
  if (!isPaged) return;
  pushSpace(a, random);
  a.csr("csrrw", value(random), Csr.satp, "t4");
};

/** Only in M-mode, of course. */
const protectSome: Step = (a, random) => protect(a, random);

const forget: Step = (a, random, { isPaged }) => {
  if (isPaged) age(a, random);
};

/** Bits of a load's or store's width, and of its immediate. */
const MUTATIONS = [0x1000, 0x2000, 0x7000, 0x4000, 0x0040_0000];

/** An access, to the timer or through a pointer, of which some bits are turned now and then, where it stands. */
const mutate: Step = (a, random, _context, _forward, name) => {
  a.li("t4", random.pick(CLINT_OFFSETS));
  a.r("add", "t4", "t4", "s9");
  a.i("andi", "t3", "s0", random.pick([15, 63]));
  a.branch("bne", "t3", "zero", `mutated${name}`);
  a.la("t1", `mutated${name}`);
  a.li("t2", random.pick(MUTATIONS));
  a.amo("amoxor", "zero", "t2", "t1");
  a.label(`mutated${name}`);
  if (random.chance(0.5)) access(a, random, pointer(random), offsetOf(random));
  else a.load("lw", value(random), 0, "t4");
};

const CALM: readonly Step[] = [
  ...[compute, compute, single, single, aligned, aligned, aligned, group, group, group, atomic, atomic],
  ...[forwards, forwards, turn, call, call, recursion, indirect, overlap, counters, fence, timer, mutate],
];

const WILD: readonly Step[] = [
  ...[timer, timer, ring, serial, readRegister, writeRegister, setStatus, setStatus, interrupts, wait],
  ...[callService, callService, breakpoint, rewrite, mutate, remap, remap, space, space, forget, protectSome],
];

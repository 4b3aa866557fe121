/**
 * Random programs for the comparison with QEMU: many small tests in one image, each of which reports all it did over
 * the serial port.
 *
 * A test sets up registers, page tables, protection, status bits, delegation and a pending interrupt at random, runs a
 * random body in M-, S- or U-mode, and sends its final registers, its log of traps (M and S), its control registers,
 * and a checksum of its memory. Bodies only go forwards, and handlers skip what traps, so every test ends. A test is a
 * seed, and each step of its body has a seed of its own: so steps can be left out, and what goes wrong can be made
 * small. Begin with `imageOf`; `parseReports` (random-layout.ts) is its counterpart.
 */
import { Cause, Csr, Interrupt, Mode, Pte, Status } from "../../machine/isa/registers.ts";
import { type Assembler, assemble, ORIGIN, REGISTERS } from "./assembler.ts";
import { Random } from "./random.ts";
import { randomStep, STEPS } from "./random-body.ts";
import {
  DATA,
  DATA_PAGES,
  FIRST_LOCKED_ENTRY,
  FRAME_AFTER,
  FRAME_COUNT,
  FRAME_END,
  ISLAND_PAGES,
  ISLANDS,
  LEAF_TABLE,
  LOCKED_PAGE,
  MACHINE_FRAME,
  ROOT_TABLE,
  SUPERVISOR_FRAME,
  USER_ALIAS,
  ZONE_GAP_PAGES,
  ZONE_ISLAND_PAGES,
  ZONE_PAGES,
} from "./random-layout.ts";
import { LOCK, NA4, NAPOT, protectData, setCsr, setProtection, TOR } from "./random-protection.ts";
import {
  CHOSEN_ENTRIES,
  CHOSEN_SUPERPAGES,
  handler,
  openProtection,
  parkOthers,
  prepareMemory,
  report,
  vector,
} from "./random-runtime.ts";
import type { BodyContext } from "./random-step.ts";

export interface RandomTest {
  readonly seed: number;
  /** Of the entries of PMP that are locked for all tests of an image: only a reset would unlock them. */
  readonly lockSeed: number;
  /** Steps of the body, ascending. */
  readonly steps: readonly number[];
}

const ALL_STEPS = Array.from({ length: STEPS }, (_, step) => step);

/** An image for `ORIGIN` with `count` random tests. */
export function randomImage(random: Random, count: number): Uint8Array {
  return imageOf(randomTests(random, count));
}

export function randomTests(random: Random, count: number): RandomTest[] {
  const lockSeed = random.seed();
  return Array.from({ length: count }, () => ({ seed: random.seed(), lockSeed, steps: ALL_STEPS }));
}

/** An image that runs tests one after the other, and ends by the finisher. */
export function imageOf(tests: readonly RandomTest[]): Uint8Array {
  return assemble((a) => {
    a.j("start");
    for (const mode of [Mode.Machine, Mode.Supervisor]) {
      vector(a, mode);
      handler(a, mode);
    }
    report(a);
    prepareMemory(a);
    a.label("start");
    parkOthers(a);
    openProtection(a);
    lockProtection(a, new Random(tests[0]!.lockSeed));
    tests.forEach((test, index) => {
      oneTest(a, test, index);
    });
    a.finish();
  });
}

function oneTest(a: Assembler, { seed, steps }: RandomTest, index: number): void {
  const random = new Random(seed);
  const mode = random.pick([Mode.Machine, Mode.Supervisor, Mode.User]);
  const isPaged = random.chance(0.8);
  const alias = isPaged && mode === Mode.User ? USER_ALIAS - ORIGIN : 0;
  const isProtected = random.chance(0.4);
  const trapsMemory = random.chance(0.3);
  const trapsReturn = random.chance(0.2); // the supervisor's handler could not return, so it gets nothing to handle
  a.j(`setup${index}`);
  a.label(`tables${index}`);
  for (const entry of randomEntries(random, mode, isProtected)) a.word(entry);
  a.label(`registers${index}`);
  for (let register = 1; register < 32; register++) a.word(random.word());

  a.label(`body${index}`);
  const context = { mode, isPaged, trapsReturn, trapsMemory, isProtected };
  steps.forEach((step, position) => {
    a.label(`step${index}.${position}`);
    const stepRandom = new Random(seed + (step + 1) * 0x9e37_79b9);
    const target = position + 1 + stepRandom.integer(4);
    randomStep(a, stepRandom, context, target < steps.length ? `step${index}.${target}` : `end${index}`);
  });
  a.label(`end${index}`);
  a.ebreak();

  a.label(`setup${index}`);
  a.la("a0", `tables${index}`);
  a.li("a1", random.word());
  a.jal("ra", "prepareMemory");
  setUpTranslation(a, random, context);
  setUpTraps(a, random, context);
  setUpFrames(a, index, alias);
  a.la("t0", `body${index}`);
  a.li("t1", alias);
  a.r("add", "t0", "t0", "t1");
  a.csrw(Csr.mepc, "t0");
  a.la("t6", `registers${index}`);
  for (let register = 1; register < 32; register++) a.load("lw", REGISTERS[register]!, (register - 1) * 4, "t6");
  a.mret();
  a.label(`after${index}`);
}

/** satp, and four PMP entries over the data. */
function setUpTranslation(a: Assembler, random: Random, { isPaged, isProtected }: BodyContext): void {
  setCsr(a, Csr.satp, isPaged ? (0x8000_0000 | (random.integer(512) << 22) | (ROOT_TABLE >>> 12)) >>> 0 : 0);
  a.sfenceVma();
  protectData(a, random, isProtected);
}

/** Four locked entries over a page of data, which bind M-mode too. */
function lockProtection(a: Assembler, random: Random): void {
  setCsr(a, Csr.pmpaddr0 + FIRST_LOCKED_ENTRY - 1, LOCKED_PAGE >>> 2);
  setProtection(a, random, FIRST_LOCKED_ENTRY, LOCKED_PAGE, 4096, () => LOCK | random.pick([TOR, NA4, NAPOT]));
}

/** Delegation, status, vectors, and perhaps interrupts that are pending and enabled. */
function setUpTraps(a: Assembler, random: Random, { mode, trapsReturn, trapsMemory }: BodyContext): void {
  const delegated = random.word() & 0b1011_0000_1111_1100;
  // QEMU 7.2 takes a load's access fault for an AMO's: so both are delegated, or neither.
  const accessFaults = (1 << Cause.LoadAccess) | (1 << Cause.StoreAccess);
  const exceptions = delegated & (1 << Cause.LoadAccess) ? delegated | accessFaults : delegated & ~accessFaults;
  setCsr(a, Csr.medeleg, trapsReturn ? 0 : exceptions);
  const mideleg = trapsReturn ? 0 : random.word() & 0x222;
  const interrupts = randomInterrupts(random, mideleg);
  setCsr(a, Csr.mie, 0);
  setCsr(a, Csr.mideleg, mideleg);
  setCsr(a, Csr.mip, random.chance(0.4) ? interrupts : 0);
  setCsr(a, Csr.mcounteren, random.word() & 7);
  setCsr(a, Csr.scounteren, random.word() & 7);
  const statusBits = Status.Sum | Status.Mxr | Status.Spp | Status.Spie | Status.Sie | Status.Mpie;
  const fixedBits = Status.Tw | (trapsReturn ? Status.Tsr : 0) | (trapsMemory ? Status.Tvm : 0);
  setCsr(a, Csr.mstatus, (random.word() & statusBits) | (mode << Status.MppShift) | fixedBits);
  for (const [register, prefix] of [
    [Csr.mtvec, "machine"],
    [Csr.stvec, "supervisor"],
  ] as const) {
    a.la("t0", `${prefix}Vector`);
    if (random.chance(0.5)) a.i("addi", "t0", "t0", 1);
    a.csrw(register, "t0");
  }
  setCsr(a, Csr.mie, interrupts);
}

/**
 * One or two, as bits: of two for the same mode QEMU 7.2 takes the lower number, so only those where that is also what
 * has priority (section 3.1.9).
 */
function randomInterrupts(random: Random, mideleg: number): number {
  const [software, timer, external] = [
    1 << Interrupt.SupervisorSoftware,
    1 << Interrupt.SupervisorTimer,
    1 << Interrupt.SupervisorExternal,
  ];
  const first = random.pick([software, timer, external]);
  const second = random.pick([software, timer, external]);
  const areForOneMode = ((mideleg & first) !== 0) === ((mideleg & second) !== 0);
  const isOrdered = ((first | second) & external) === 0 || !areForOneMode;
  return isOrdered ? first | second : first;
}

function setUpFrames(a: Assembler, index: number, alias: number): void {
  for (const [scratch, frame] of [
    [Csr.mscratch, MACHINE_FRAME],
    [Csr.sscratch, SUPERVISOR_FRAME],
  ] as const) {
    a.li("t0", frame);
    a.csrw(scratch, "t0");
    a.store("sw", "zero", FRAME_COUNT, "t0");
    a.la("t1", `end${index}`);
    a.li("t2", alias);
    a.r("add", "t1", "t1", "t2");
    a.store("sw", "t1", FRAME_END, "t0");
    a.la("t1", `after${index}`);
    a.store("sw", "t1", FRAME_AFTER, "t0");
  }
}

/** What a test puts into the tables: pages of data, islands to run, islands to write, superpages. */
function randomEntries(random: Random, mode: Mode, isProtected: boolean): number[] {
  const user = mode === Mode.User || (mode === Mode.Machine && random.chance(0.5)) ? Pte.User : 0;
  const usual = Pte.Valid | Pte.Accessed | user;
  const data = times(ZONE_PAGES, () => {
    const flags = random.chance(0.5)
      ? usual | Pte.Read | (random.word() & (Pte.Write | Pte.Dirty))
      : random.word() & 0xff;
    const isLocked = isProtected && random.chance(0.2);
    return entryOf(isLocked ? LOCKED_PAGE : DATA + random.integer(DATA_PAGES) * 4096, flags);
  });
  const runnable = times(ZONE_ISLAND_PAGES, () => {
    const flags = random.chance(0.8) ? usual | Pte.Execute : random.word() & ~Pte.Write & 0xff;
    return entryOf(ISLANDS + random.integer(ISLAND_PAGES) * 4096, flags);
  });
  const writable = times(ISLAND_PAGES, (page) => {
    return entryOf(ISLANDS + page * 4096, usual | Pte.Read | Pte.Write | (random.word() & Pte.Dirty));
  });
  const gap = times(ZONE_GAP_PAGES, () => 0);
  const pages = [...data, ...gap, ...runnable, ...writable];
  const unused = times(CHOSEN_ENTRIES - pages.length, () => 0);
  const superpages = times(CHOSEN_SUPERPAGES, () => randomSuperpage(random, user));
  return [...pages, ...unused, ...superpages];
}

/** A superpage over the data, aligned or not, or a pointer with bits it must not have. */
function randomSuperpage(random: Random, user: number): number {
  const marks = random.word() & (Pte.Accessed | Pte.Dirty);
  if (random.chance(0.2)) return entryOf(LEAF_TABLE, Pte.Valid | (random.word() & (Pte.User | Pte.Global)) | marks);
  const start = random.chance(0.7) ? DATA & ~0x3f_ffff : DATA;
  return entryOf(start >>> 0, Pte.Valid | Pte.Read | Pte.Write | user | marks);
}

function entryOf(physical: number, flags: number): number {
  return ((physical >>> 12) << 10) | flags;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

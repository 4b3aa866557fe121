/**
 * Random loops, for comparing engines: what a short program never reaches is reached where its instructions run hot,
 * miss all the time, are interrupted at any moment, and where what they rely on is changed under them.
 *
 * An image has a few functions, each with loops of random steps (random-loop-steps.ts), which it calls round and round
 * until the host stops. They run in one mode and address space, from which M-mode is called for services: it maps pages
 * anew, changes protection, interrupts, status. Traps go to handlers that skip what has trapped. Nothing needs to end.
 * Begin with `randomLoops`.
 */
import { Clint } from "../../../machine/board/clint.ts";
import { Base, Line } from "../../../machine/board/memory-map.ts";
import { Plic } from "../../../machine/board/plic.ts";
import { Uart } from "../../../machine/board/uart.ts";
import { Csr, Interrupt, Mode, Pte, Status } from "../../../machine/isa/registers.ts";
import type { Machine } from "../../../machine/machine.ts";
import { type Assembler, assemble, ORIGIN } from "../assembler.ts";
import { Random } from "../random.ts";
import { openProtection, satpOf, setCsr, Tables } from "../user-mode.ts";
import { machineHandler, SUPERVISOR_INTERRUPTS, supervisorHandler } from "./random-loop-handlers.ts";
import {
  ALIAS,
  CLINT_WINDOW,
  CODE_PAGES,
  FRAME_PAGES,
  FRAMES,
  type LoopContext,
  MACHINE_FRAME,
  OTHER_ROOT,
  PAGES,
  pageOf,
  REGION_BYTES,
  REGIONS,
  ROOT,
  STACK_END,
  SUPERVISOR_FRAME,
  UART_WINDOW,
  VARIANT,
  WINDOW,
} from "./random-loop-layout.ts";
import { randomStep } from "./random-loop-steps.ts";

const FUNCTIONS = 4;
const USUAL = Pte.Read | Pte.Write | Pte.Accessed | Pte.Dirty;

export interface Loops {
  readonly image: Uint8Array;
  /** Writes into a machine what the image needs besides. */
  prepare(machine: Machine): void;
}

export function randomLoops(random: Random): Loops {
  const mode = random.pick([Mode.Machine, Mode.Supervisor, Mode.Supervisor, Mode.User]);
  const isPaged = random.chance(mode === Mode.Machine ? 0.5 : 0.85);
  const usesAlias = isPaged && mode !== Mode.Machine;
  const context: LoopContext = { mode, isPaged, isCalm: random.chance(0.6), walks: random.chance(0.6) };
  const tablesSeed = random.seed();
  const flaws = random.pick([0, 0, 0, 0.05, 0.3]);
  const image = assemble((a) => writeImage(a, random, context, usesAlias));
  return {
    image,
    prepare: (machine) => {
      if (isPaged) mapWindows(machine, new Random(tablesSeed), mode, flaws, image);
    },
  };
}

/** The image where it is, its alias for S-mode's handler, devices, and the pages to walk. */
function mapWindows(machine: Machine, random: Random, mode: Mode, flaws: number, image: Uint8Array): void {
  const tables = new Tables(machine, ROOT);
  const overlays = random.chance(0.2);
  const user = mode === Mode.User || (mode === Mode.Machine && random.chance(0.5)) ? Pte.User : 0;
  tables.mapSuper(ORIGIN, ORIGIN, USUAL | Pte.Execute | user);
  tables.mapSuper(ALIAS, ORIGIN, USUAL | Pte.Execute);
  for (let page = 0; page < 2; page++) {
    tables.map(UART_WINDOW + page * 0x1000, Base.Uart + page * 0x1000, USUAL | user);
  }
  for (let page = 0; page < 16; page++)
    tables.map(CLINT_WINDOW + page * 0x1000, Base.Clint + page * 0x1000, USUAL | user);
  for (let region = 0; region < REGIONS; region++) {
    for (let page = 0; page < PAGES; page++) {
      const usual = Pte.Read | Pte.Write | user | (random.word() & (Pte.Accessed | Pte.Dirty));
      const flags = random.chance(flaws) ? random.word() & 0xfe : usual;
      tables.map(pageOf(region, page), randomFrame(random, overlays), flags);
    }
  }
  mapVariant(machine, random, image, user);
}

/** Another address space, in which some pages of the image are others; the windows' tables are the same. */
function mapVariant(machine: Machine, random: Random, image: Uint8Array, user: number): void {
  machine.writePhysical(VARIANT, variantOf(image, random));
  machine.writePhysical(OTHER_ROOT, machine.readPhysical(ROOT, 0x1000));
  const tables = new Tables(machine, OTHER_ROOT);
  for (let page = 0; page < 1024; page++) {
    const isOther = page > 0 && page < image.length >>> 12 && random.chance(0.5);
    const place = page * 0x1000;
    tables.map(ORIGIN + place, (isOther ? VARIANT : ORIGIN) + place, USUAL | Pte.Execute | user);
  }
}

/** The image with other constants here and there. */
function variantOf(image: Uint8Array, random: Random): Uint8Array {
  const variant = image.slice(0, image.length & ~3);
  const words = new Uint32Array(variant.buffer);
  words.forEach((word, index) => {
    // addi a0, ..., which no pointer and no counter depends on.
    if ((word & 0x7fff) === 0x513 && random.chance(0.5)) words[index] = word ^ (random.integer(16) << 20);
  });
  return variant;
}

/** Mostly data; a page of code, of tables, or nothing at all. */
function randomFrame(random: Random, overlays: boolean): number {
  if (!overlays) return FRAMES + 0x1000 * random.integer(FRAME_PAGES);
  if (random.chance(0.03)) return random.pick([ORIGIN, ROOT, ROOT + 0x1000 * random.integer(6), 0, Base.Clint]);
  if (random.chance(0.03)) return ORIGIN + 0x1000 * random.integer(CODE_PAGES);
  return FRAMES + 0x1000 * random.integer(FRAME_PAGES);
}

function writeImage(a: Assembler, random: Random, context: LoopContext, usesAlias: boolean): void {
  a.j("start");
  machineHandler(a, random, context);
  supervisorHandler(a, random);
  a.label("start");
  openProtection(a);
  if (random.chance(0.3)) setClocks(a, random);
  if (random.chance(0.3)) enableSerialInterrupts(a, random);
  setUp(a, random, context, usesAlias);
  a.label("main");
  a.li("sp", STACK_END);
  for (let index = 0; index < FUNCTIONS; index++) a.jal("ra", `function${random.integer(FUNCTIONS)}`);
  a.j("main");
  for (let index = 0; index < FUNCTIONS; index++) {
    // Before a page's end now and then, so that instructions and loops lie in two.
    if (random.chance(0.4)) a.orgTo(((a.here + 0xfff) & ~0xfff) - 2 * random.integer(100));
    else if (random.chance(0.3)) a.half(1);
    oneFunction(a, random, context, index);
  }
  a.label("target");
  a.word(0x0000_0013);
}

/** Counters that are about to pass from one word to the other. */
function setClocks(a: Assembler, random: Random): void {
  setCsr(a, Csr.mcycle, -random.integer(200_000));
  setCsr(a, Csr.mcycleh, random.word());
  setCsr(a, Csr.minstret, -random.integer(100_000));
  for (const [offset, value] of [
    [Clint.Time, -random.integer(20_000)],
    [Clint.Time + 4, random.pick([0, 1, -1])],
  ] as const) {
    a.li("t0", Base.Clint + offset);
    a.li("t1", value);
    a.store("sw", "t1", 0, "t0");
  }
}

/** Of what is typed, and of room for more, to M-mode or S-mode. */
function enableSerialInterrupts(a: Assembler, random: Random): void {
  const context = random.integer(2);
  for (const [address, value] of [
    [Base.Plic + Plic.Priority + 4 * Line.Uart, 1],
    [Base.Plic + Plic.Enable + context * Plic.EnableStride, 1 << Line.Uart],
    [Base.Uart + Uart.InterruptEnable, random.pick([1, 3])],
  ] as const) {
    a.li("t0", address);
    a.li("t1", value);
    a.store(address >= Base.Uart ? "sb" : "sw", "t1", 0, "t0");
  }
}

function setUp(a: Assembler, random: Random, { mode, isPaged }: LoopContext, usesAlias: boolean): void {
  const alias = usesAlias ? ALIAS - ORIGIN : 0;
  a.la("t0", "machineVector");
  if (random.chance(0.5)) a.i("addi", "t0", "t0", 1);
  a.csrw(Csr.mtvec, "t0");
  a.la("t0", "supervisorVector");
  a.li("t1", alias);
  a.r("add", "t0", "t0", "t1");
  if (random.chance(0.5)) a.i("addi", "t0", "t0", 1);
  a.csrw(Csr.stvec, "t0");
  setCsr(a, Csr.mscratch, MACHINE_FRAME);
  setCsr(a, Csr.sscratch, (SUPERVISOR_FRAME + alias) >>> 0);
  const delegates = random.chance(0.5);
  setCsr(a, Csr.medeleg, delegates ? random.word() & random.pick([0xb0ff, 0xb3ff]) : 0);
  setCsr(
    a,
    Csr.mideleg,
    delegates ? (random.chance(0.5) ? SUPERVISOR_INTERRUPTS : random.word() & SUPERVISOR_INTERRUPTS) : 0,
  );
  setCsr(a, Csr.mie, random.chance(0.7) ? random.word() | SUPERVISOR_INTERRUPTS | (1 << Interrupt.MachineTimer) : 0);
  setCsr(a, Csr.mcounteren, random.chance(0.7) ? 7 : random.word());
  setCsr(a, Csr.scounteren, random.chance(0.7) ? 7 : random.word());
  setCsr(a, Csr.satp, isPaged ? satpOf(ROOT) : 0);
  const status = random.word() & (Status.Sum | Status.Mxr | Status.Spie | Status.Sie | Status.Mpie);
  const traps = random.chance(0.2) ? random.word() & (Status.Tvm | Status.Tw | Status.Tsr) : 0;
  // In M-mode, the address space shows through MPRV only.
  const rights = mode === Mode.Machine && isPaged ? Status.Mprv | (random.pick([Mode.User, Mode.Supervisor]) << 11) : 0;
  if (mode === Mode.Machine) {
    setCsr(a, Csr.mstatus, status | rights | (random.word() & Status.Mie));
    a.j("main");
    return;
  }
  setCsr(a, Csr.mstatus, status | traps | (mode << Status.MppShift));
  a.la("t0", "main");
  a.csrw(Csr.mepc, "t0");
  a.mret();
}

/** Where a function's pointers begin: s2 to s5 go through the windows, s6 is their mask, s7 and s8 are strides. */
function oneFunction(a: Assembler, random: Random, context: LoopContext, index: number): void {
  a.align(2);
  a.label(`function${index}`);
  a.i("addi", "sp", "sp", -16);
  a.store("sw", "ra", 0, "sp");
  a.store("sw", "s0", 4, "sp");
  a.store("sw", "s1", 8, "sp");
  for (const pointer of ["s2", "s3", "s4", "s5"] as const) {
    a.li(pointer, startOf(random, context));
  }
  a.li("s9", context.isPaged ? CLINT_WINDOW : Base.Clint);
  a.li("s10", context.isPaged ? UART_WINDOW : Base.Uart);
  const loops = 1 + random.integer(2);
  for (let loop = 0; loop < loops; loop++) oneLoop(a, random, context, `${index}.${loop}`);
  a.load("lw", "ra", 0, "sp");
  a.load("lw", "s0", 4, "sp");
  a.load("lw", "s1", 8, "sp");
  a.i("addi", "sp", "sp", 16);
  if (random.chance(0.8)) a.jalr("zero", 0, "ra");
  else {
    a.mv("t1", "ra");
    a.jalr("zero", random.integer(2), "t1");
  }
}

/** In the windows where they are mapped, else in RAM. */
function startOf(random: Random, { isPaged }: LoopContext): number {
  const offset = random.pick([0, 4, 8, 64, 0xff0, 0xffc, 0xffe, random.integer(4096)]);
  return isPaged
    ? pageOf(random.integer(REGIONS), random.integer(PAGES)) + offset
    : FRAMES + 0x1000 * random.integer(FRAME_PAGES) + offset;
}

function oneLoop(a: Assembler, random: Random, context: LoopContext, name: string): void {
  const isNested = random.chance(0.3);
  a.li("s0", random.pick([20, 100, 400, 2000]));
  walkBy(a, random, context);
  a.label(`outer${name}`);
  if (isNested) {
    a.i("addi", "s1", "zero", 2 + random.integer(10));
    a.label(`inner${name}`);
    body(a, random, context, `${name}.i`, 1 + random.integer(8), false);
    a.i("addi", "s1", "s1", -1);
    a.branch("bne", "s1", "zero", `inner${name}`);
  }
  body(a, random, context, `${name}.o`, 2 + random.integer(14), random.chance(0.7));
  a.i("addi", "s0", "s0", -1);
  if (random.chance(0.7)) a.branch("blt", "zero", "s0", `outer${name}`);
  else {
    a.branch("bge", "zero", "s0", `end${name}`);
    a.j(`outer${name}`);
    a.label(`end${name}`);
  }
}

/** How the pointers move with each turn: s6 masks what s7 and s8 add, s11 is the windows' beginning. */
function walkBy(a: Assembler, random: Random, { isPaged, walks }: LoopContext): void {
  const within = isPaged ? (REGIONS - 1) * REGION_BYTES + PAGES * 0x1000 - 1 : FRAME_PAGES * 0x1000 - 1;
  a.li("s6", within);
  const far = random.pick([0x1000, 0x100_0000, 0x100_1000, 0x101_1000, 0x200_1004, 0x100_0000 - 4]);
  a.li(
    "s7",
    walks
      ? far
      : random.pick([0, 4, 0x1000, 0x100_0000, 0x100_1000, 0x100_0004, 0x0ff_fffc, random.integer(0x2000)]) &
          -random.pick([1, 2, 4, 4, 4]),
  );
  a.li("s8", walks ? random.pick([0x100_0000, 0x1000]) : random.pick([4, 8, 0x1004, 0x100_1000, 0x200_0000]));
  a.li("s11", isPaged ? WINDOW : FRAMES);
}

function body(a: Assembler, random: Random, context: LoopContext, name: string, steps: number, moves: boolean): void {
  for (let step = 0; step < steps; step++) {
    a.label(`step${name}.${step}`);
    const forward = `step${name}.${Math.min(steps, step + 1 + random.integer(3))}`;
    randomStep(a, random, context, forward, `${name}.${step}`);
  }
  a.label(`step${name}.${steps}`);
  if (!moves && !context.walks) return;
  for (const pointer of random.pick([["s2"], ["s2", "s3"], ["s2", "s3", "s4", "s5"]] as const)) {
    a.r("add", pointer, pointer, random.pick(["s7", "s7", "s8"] as const));
    a.r("and", pointer, pointer, "s6");
    a.r("or", pointer, pointer, "s11");
  }
}

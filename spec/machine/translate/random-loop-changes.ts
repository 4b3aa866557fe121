/**
 * What is changed under random loops: mapping, protection, address space. And the services that M-mode does for whoever
 * calls it, in its handler, which are such changes and a few more. Begin with `service`.
 */
import { Clint } from "../../../machine/board/clint.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { Csr, Interrupt, Pte, Satp, Status } from "../../../machine/isa/registers.ts";
import type { Assembler, Register } from "../assembler.ts";
import { ORIGIN } from "../assembler.ts";
import type { Random } from "../random.ts";
import {
  CODE_PAGES,
  FIRST_REGION_TABLE,
  FRAME_PAGES,
  FRAMES,
  type LoopContext,
  OTHER_ROOT,
  PAGES,
  REGIONS,
  ROOT,
} from "./random-loop-layout.ts";

export const SERVICES = 8;
const SUPERVISOR_PENDING = [
  1 << Interrupt.SupervisorSoftware,
  1 << Interrupt.SupervisorTimer,
  1 << Interrupt.SupervisorExternal,
  (1 << Interrupt.SupervisorSoftware) | (1 << Interrupt.SupervisorTimer) | (1 << Interrupt.SupervisorExternal),
];
/** Tables that protection may be laid over, from the root on. */
const TABLES = 7;

type Service = (a: Assembler, random: Random, context: LoopContext) => void;

/** One or two of them. t0 to t2, t4, t5, a0 and a1 are free. */
export function service(a: Assembler, random: Random, context: LoopContext): void {
  for (let count = 1 + random.integer(2); count > 0; count--) random.pick(SERVICE_KINDS)(a, random, context);
}

/** The address of an entry, and what to put there. */
export function pushEntry(a: Assembler, random: Random, address: Register, entry: Register): void {
  const region = random.integer(REGIONS);
  a.li(address, FIRST_REGION_TABLE + 0x1000 * region + 4 * random.integer(PAGES));
  const frame = random.chance(0.99)
    ? FRAMES + 0x1000 * random.integer(FRAME_PAGES)
    : ORIGIN + 0x1000 * random.integer(CODE_PAGES);
  const flags = random.chance(0.7) ? Pte.Valid | Pte.Read | (random.word() & 0xdf) : random.word() & 0xff;
  a.li(entry, ((frame >>> 12) << 10) | flags);
  if (random.chance(0.5)) {
    // Some turns the user's, some not.
    a.i("andi", "t1", "s0", 16);
    a.r("xor", entry, entry, "t1");
  }
}

/** Takes accessed and dirty bits from a region's entries, so that pages are touched for the first time again. */
export function age(a: Assembler, random: Random): void {
  a.li("t4", FIRST_REGION_TABLE + 0x1000 * random.integer(REGIONS));
  a.i("addi", "t5", "zero", ~random.pick([Pte.Accessed, Pte.Dirty, Pte.Accessed | Pte.Dirty]));
  for (let page = 0; page < PAGES; page++) {
    a.amo("amoand", "zero", "t5", "t4");
    a.i("addi", "t4", "t4", 4);
  }
}

/** A value for satp; now and then one of so many that no engine has room for all. */
export function pushSpace(a: Assembler, random: Random): void {
  a.li("t4", (Satp.Sv32 | (random.integer(4) << 22) | (random.pick([ROOT, OTHER_ROOT]) >>> 12)) >>> 0);
  if (random.chance(0.7)) return;
  a.i("andi", "t5", "s0", 63);
  a.shift("slli", "t5", "t5", 22);
  a.r("or", "t4", "t4", "t5");
}

/** One of three entries over data or tables; whatever they leave is permitted by a fourth. */
export function protect(a: Assembler, random: Random): void {
  const entry = random.integer(3);
  const place = random.pick([
    FRAMES + 0x1000 * random.integer(FRAME_PAGES) + random.integer(4096),
    ROOT + 0x1000 * random.integer(TABLES) + random.integer(64),
    FIRST_REGION_TABLE + 0x1000 * random.integer(REGIONS) + 4 * random.integer(PAGES),
    FIRST_REGION_TABLE + 0x1000 * random.integer(REGIONS) + 4 * random.integer(PAGES),
    FRAMES + 0x1000 * random.integer(FRAME_PAGES),
  ]);
  const ones = random.pick([0, 1, 0x1ff, 0x3ff, 0xf]);
  a.li("t4", 0xffff_ffff);
  a.csrw(Csr.pmpaddr0 + 3, "t4");
  a.li("t4", ((place >>> 2) & ~(2 * ones + 1)) | ones);
  a.csrw(Csr.pmpaddr0 + entry, "t4");
  // Once it is locked, it stays as it is, and binds M-mode too.
  const lock = random.chance(0.1) ? 0x80 : 0;
  const configuration = (random.pick([0x18, 0x18, 0x10]) | random.pick([0, 1, 3, 4, 5, 7]) | lock) << (8 * entry);
  a.li("t4", (0x1f00_0000 | configuration) >>> 0);
  a.csrw(Csr.pmpcfg0, "t4");
}

const remapSome: Service = (a, random, { isPaged }) => {
  if (!isPaged) return;
  pushEntry(a, random, "t0", "t2");
  a.store(random.pick(["sw", "sw", "sh", "sb"]), "t2", 0, "t0");
};

const forget: Service = (a, random, { isPaged }) => {
  if (isPaged) age(a, random);
};

const permitAll: Service = (a) => {
  a.csrw(Csr.pmpcfg0, "zero");
  a.li("t0", 0x1f00_0000);
  a.csrw(Csr.pmpcfg0, "t0");
};

const setRights: Service = (a, random) => {
  a.li("t0", random.pick([Status.Sum, Status.Mxr, Status.Sum | Status.Mxr, Status.Tvm, Status.Tw, Status.Tsr]));
  a.csr(random.pick(["csrrs", "csrrc", "csrrc"]), "zero", Csr.mstatus, "t0");
};

const setInterrupts: Service = (a, random) => {
  a.li("t0", random.pick(SUPERVISOR_PENDING));
  a.csr(random.pick(["csrrs", "csrrc"]), "zero", random.pick([Csr.mip, Csr.mie, Csr.mideleg]), "t0");
};

const interruptSupervisor: Service = (a, random) => {
  a.li("t0", random.pick(SUPERVISOR_PENDING));
  for (const csr of [Csr.mip, Csr.mie, Csr.mideleg]) a.csr("csrrs", "zero", csr, "t0");
};

/** The interrupt is taken behind the return, or not at all. */
const interruptItself: Service = (a, random) => {
  a.li("t0", Base.Clint);
  a.i("addi", "t1", "zero", 1);
  a.store("sw", "t1", 0, "t0");
  if (random.chance(0.5)) a.store("sw", "zero", 0, "t0");
};

const ringSoon: Service = (a, random) => {
  a.li("t1", Base.Clint + Clint.Time);
  a.load("lw", "t2", 0, "t1");
  a.i("addi", "t2", "t2", random.pick([0, 1, 3, 10, 40]));
  a.li("t1", Base.Clint + Clint.TimeCompare);
  a.store("sw", "zero", 4, "t1");
  a.store("sw", "t2", 0, "t1");
};

const setCounters: Service = (a, random) => {
  a.li("t0", random.pick([0, 1, 4, 5, 0]));
  a.csrw(Csr.mcountinhibit, "t0");
  if (random.chance(0.5)) a.csrw(random.pick([Csr.mcycle, Csr.minstret, Csr.mcycleh]), "a0");
};

const setSpace: Service = (a, random, { isPaged }) => {
  if (!isPaged) return;
  pushSpace(a, random);
  a.csrw(Csr.satp, "t4");
};

const delegate: Service = (a, random) => {
  a.li("t0", random.word() & 0xb0ff);
  a.csrw(Csr.medeleg, "t0");
};

const showCounters: Service = (a, random) => {
  a.li("t0", random.word() & 7);
  a.csrw(random.pick([Csr.mcounteren, Csr.scounteren]), "t0");
};

const SERVICE_KINDS: readonly Service[] = [
  ...[remapSome, forget, protect, protect, permitAll, setRights, setInterrupts, interruptSupervisor, interruptItself],
  ...[ringSoon, setCounters, setSpace, delegate, showCounters],
];

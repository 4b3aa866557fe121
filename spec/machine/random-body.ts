/**
 * The steps of a random test: instructions of every kind, which only go forwards, and touch only what a test may touch.
 * Begin with `randomStep`.
 */
import { Csr, Mode, Status } from "../../machine/isa/registers.ts";
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
  type Register,
} from "./assembler.ts";
import { compressed as c, SHORT_REGISTERS } from "./compressed-assembler.ts";
import type { Random } from "./random.ts";
import { CHANGES } from "./random-changes.ts";
import {
  DATA,
  DATA_PAGES,
  FIRST_LOCKED_ENTRY,
  ISLAND_ENTRY,
  ISLAND_PAGES,
  ISLANDS,
  LOCKED_PAGE,
  SUPERPAGE_BYTES,
  ZONE,
  ZONE_ISLAND_PAGES,
  ZONE_ISLANDS,
  ZONE_PAGES,
  ZONE_WRITABLE_ISLANDS,
} from "./random-layout.ts";
import { islandSecondHalf } from "./random-runtime.ts";
import { type BodyContext, type Kind, pointer, register } from "./random-step.ts";

/** Steps of a whole body. */
export const STEPS = 40;
/** Beyond RAM, in no device of either board. */
const NOWHERE = 0x9000_0000;
/** In nobody's page table, and where neither board has RAM. */
const UNMAPPED = 0xa000_0000;
/**
 * Registers that exist on both, whose value says nothing about who made the hart; those of another mode are illegal, as
 * they should be. Not sepc, whose low bits QEMU 7.2 keeps although no address has them without C.
 */
const WRITABLE_CSRS = [Csr.stval, Csr.scounteren, Csr.mcounteren, Csr.mtval, Csr.sie];
/** Not where PMP may forbid an AMO, for which QEMU 7.2 gives another cause. */
const CAUSES = [Csr.scause, Csr.mcause];
/**
 * Of locked entries, and the address where the first of their ranges may begin: the latter can be written if it does
 * not.
 */
const LOCKED_CSRS = [
  Csr.pmpcfg0 + FIRST_LOCKED_ENTRY / 4,
  ...[-1, 0, 1, 2, 3].map((entry) => Csr.pmpaddr0 + FIRST_LOCKED_ENTRY + entry),
];
/** No hart without further extensions has these. */
const UNKNOWN_CSRS = [0x000, 0x5c0, 0x7c0, 0x8ff, 0x9c0, 0xbc0, 0xcc0, 0x6c0, 0xdc0];
const COUNTERS = [Csr.cycle, Csr.time, Csr.instret, Csr.cycleh, Csr.timeh, Csr.instreth];
/** Reserved encodings in opcodes that exist (Unprivileged, chapter 24). */
const RESERVED_WORDS = [
  0x0000_0000,
  0xffff_ffff,
  0x0000_707f,
  0x4000_0033 | (1 << 12),
  0x0200_1013,
  0x4000_1013,
  0x0400_0033,
  0x0000_2063,
  0x0000_3003,
  0x0000_7003,
  0x0000_3023,
  0x0000_1067,
  0x0000_4073,
  0x0000_302f,
  0x2800_202f,
  0x3020_00f3,
];

/** One step: a few instructions of a random kind, of which some go on at the label `forward`. */
export function randomStep(a: Assembler, random: Random, context: BodyContext, forward: string): void {
  random.pick(KINDS)(a, random, context, forward);
}

const compute: Kind = (a, random) => {
  const [rd, rs1, rs2] = [register(random), register(random), register(random)];
  switch (random.integer(5)) {
    case 0:
      a.i(random.pick(ALL_IMMEDIATE_INSTRUCTIONS), rd, rs1, random.integer(4096) - 2048);
      break;
    case 1:
      a.shift(random.pick(ALL_SHIFT_INSTRUCTIONS), rd, rs1, random.integer(32));
      break;
    case 2:
      a.lui(rd, random.integer(1 << 20));
      break;
    case 3:
      a.auipc(rd, random.integer(1 << 20));
      break;
    default:
      a.r(random.pick(ALL_REGISTER_INSTRUCTIONS), rd, rs1, rs2);
  }
};

const access: Kind = (a, random, context) => {
  const base = pointer(random);
  const address = someAddress(random, context);
  let offset = (random.integer(16) - 8) & (isMixed(context) ? ~3 : ~0);
  // Across two pages QEMU 7.2 takes PMP to see one access; here it sees two, one in each (section 3.7.1 allows both).
  const mayCross = ((address + offset) & 0xfff) > 0xffc;
  if (context.isProtected && mayCross) offset -= (address + offset) & 3;
  a.li(base, address);
  if (random.chance(0.03)) {
    a.li(base, NOWHERE);
    a.load("lw", register(random), 0, base);
  } else if (random.chance(0.5)) a.load(random.pick(ALL_LOADS), register(random), offset, base);
  else a.store(random.pick(ALL_STORES), register(random), offset, base);
};

const atomic: Kind = (a, random, context) => {
  const base = someBase(a, random, context);
  if (random.chance(0.7)) {
    a.amo(random.pick(ALL_ATOMICS), register(random), register(random), base);
    return;
  }
  // LR must not change the base, and a misaligned SC traps here before QEMU would look at the reservation.
  a.i("andi", base, base, -4);
  a.lr(base === "a0" ? "a1" : "a0", base);
  if (random.chance(0.2)) a.store("sb", register(random), random.integer(4), base);
  if (random.chance(0.2)) a.i("addi", base, base, 4 * random.integer(2));
  a.sc(register(random), register(random), base);
};

const branch: Kind = (a, random, _context, forward) => {
  a.branch(random.pick(ALL_BRANCHES), register(random), register(random), forward);
};

const jump: Kind = (a, random, _context, forward) => {
  switch (random.integer(3)) {
    case 0:
      a.jal(register(random), forward);
      break;
    case 1: {
      // Over one instruction, to where auipc says.
      const base = pointer(random);
      a.auipc(base, 0);
      a.jalr(register(random), 12 + random.integer(2), base);
      a.nop();
      break;
    }
    default: {
      // Over a short one.
      const base = pointer(random);
      a.auipc(base, 0);
      a.i("addi", base, base, 10 + 2 * random.integer(2));
      a.half(random.pick([c.jr, c.jalr])(base));
      a.half(c.nop());
    }
  }
};

const controlRegister: Kind = (a, random, context) => {
  const name = random.pick(ALL_CSR_INSTRUCTIONS);
  const operand = name.endsWith("i") ? random.integer(32) : register(random);
  const choice = random.integer(9);
  switch (choice) {
    case 0:
      a.csr(name, register(random), random.pick(UNKNOWN_CSRS), operand);
      break;
    case 1:
      a.csr("csrrs", "zero", random.pick(COUNTERS), "zero");
      break;
    case 2: // a write to what is read-only; csrrs and csrrc of zero are none to QEMU 7.2, whatever the register's name
      a.csr(random.pick(["csrrw", "csrrwi"]), register(random), random.pick([Csr.mhartid, ...COUNTERS]), "zero");
      break;
    case 3:
      if (context.mode !== Mode.Machine) a.csr("csrrs", register(random), Csr.satp, "zero");
      break;
    case 4: {
      // these fields only: QEMU 7.2 lets VS be written, without V
      const bits = pointer(random);
      a.li(bits, random.word() & (Status.Sum | Status.Mxr | Status.Spie | Status.Spp | Status.Sie));
      a.csr(random.pick(["csrrs", "csrrc"]), register(random), Csr.sstatus, bits);
      break;
    }
    case 5:
      if (context.mode === Mode.Machine) a.csr(name, register(random), random.pick(LOCKED_CSRS), operand);
      break;
    default:
      a.csr(
        name,
        register(random),
        random.pick([...WRITABLE_CSRS, ...(mayMistakeAtomics(context) ? [] : CAUSES)]),
        operand,
      );
  }
};

const environment: Kind = (a, random, context) => {
  switch (random.integer(6)) {
    case 0:
      a.ecall();
      break;
    case 1:
      a.ebreak();
      break;
    case 2:
      if (context.mode === Mode.User || (context.mode === Mode.Supervisor && context.trapsReturn)) a.sret();
      if (context.mode !== Mode.Machine) a.mret();
      break;
    case 3:
      if (context.mode !== Mode.Machine) a.wfi(); // TW is set: it traps
      break;
    case 4:
      a.sfenceVma(register(random), register(random));
      break;
    default:
      a.word(random.pick(RESERVED_WORDS));
  }
};

const fence: Kind = (a, random) => {
  if (random.chance(0.5)) a.fence();
  else a.fenceI();
};

const wildJump: Kind = (a, random) => {
  if (!random.chance(0.1)) return;
  const base = pointer(random);
  a.li(base, random.chance(0.5) ? NOWHERE : UNMAPPED);
  a.jalr("ra", 0, base); // where the handler goes on
};

/** Runs an island: across two pages that need not permit it. */
const island: Kind = (a, random, context) => {
  // After M-mode has run a page, QEMU 7.2 lets its loads and stores there pass, whatever MPRV says.
  if (isMixed(context)) return;
  const base = pointer(random);
  const isTranslated = context.isPaged && context.mode !== Mode.Machine;
  const page = isTranslated
    ? ZONE_ISLANDS + 4096 * random.integer(ZONE_ISLAND_PAGES)
    : ISLANDS + 4096 * random.integer(ISLAND_PAGES - 1);
  a.li(base, page + ISLAND_ENTRY);
  a.jalr("ra", 0, base);
};

/** Changes an instruction of an island. */
const patch: Kind = (a, random, context) => {
  const isTranslated = context.isPaged && context.mode !== Mode.Machine;
  const page = (isTranslated ? ZONE_WRITABLE_ISLANDS : ISLANDS) + 4096 * random.integer(ISLAND_PAGES);
  const [offset, half] = random.chance(0.5)
    ? [ISLAND_ENTRY, random.pick([c.addi, c.li])("s1", random.integer(64) - 32)]
    : [0, islandSecondHalf(random.integer(4096))];
  a.li("a1", page + offset);
  a.li("a2", half);
  a.store("sh", "a2", 0, "a1");
  a.fenceI();
};

const shortCompute: Kind = (a, random) => {
  const [rd, rs2] = [register(random), register(random)];
  const [shortRd, shortRs2] = [random.pick(SHORT_REGISTERS), random.pick(SHORT_REGISTERS)];
  const signed = random.integer(64) - 32;
  const amount = random.integer(32);
  const halves = [
    c.addi4spn(shortRd, 4 * random.integer(256)),
    c.addi16sp(16 * signed),
    c.lui(rd, signed),
    random.pick([c.addi, c.li])(rd, signed),
    c.andi(shortRd, signed),
    random.pick([c.srli, c.srai])(shortRd, amount),
    c.slli(rd, amount),
    random.pick([c.sub, c.xor, c.or, c.and])(shortRd, shortRs2),
    random.pick([c.mv, c.add])(rd, rs2 === "zero" ? "sp" : rs2), // c.jr would be the other
  ];
  a.half(random.pick(halves));
};

const shortAccess: Kind = (a, random, context) => {
  const address = someAddress(random, context) & (context.isProtected ? ~3 : ~0);
  if (random.chance(0.3)) {
    a.li("sp", address);
    a.half(random.pick([c.lwsp, c.swsp])(register(random), 4 * random.integer(64)));
    return;
  }
  const base = random.pick(SHORT_REGISTERS);
  a.li(base, address);
  a.half(random.pick([c.lw, c.sw])(random.pick(SHORT_REGISTERS), 4 * random.integer(32), base));
};

const shortBranch: Kind = (a, random, _context, forward) => {
  const rs1 = random.pick(SHORT_REGISTERS);
  const short = random.pick([c.j, c.jal, (to: number) => c.beqz(rs1, to), (to: number) => c.bnez(rs1, to)]);
  a.relativeHalf(forward, short);
};

const KINDS: readonly Kind[] = [
  ...[compute, compute, compute, compute, access, access, access, access, atomic, branch, branch],
  ...[shortCompute, shortCompute, shortCompute, shortAccess, shortAccess, shortBranch],
  ...[jump, controlRegister, controlRegister, environment, fence, wildJump],
  ...[island, island, patch, ...CHANGES],
];

/** A register that holds an address of data: aligned or not, often near the end of a page. */
function someBase(a: Assembler, random: Random, context: BodyContext): Register {
  const base = pointer(random);
  a.li(base, someAddress(random, context));
  return base;
}

function someAddress(random: Random, context: BodyContext): number {
  const { mode, isPaged } = context;
  const physicalShare = mode === Mode.User ? 0 : mode === Mode.Supervisor ? 0.1 : 0.5;
  if (!isPaged || random.chance(physicalShare)) {
    const isLocked = context.isProtected && random.chance(0.2);
    return isLocked ? within(random, LOCKED_PAGE, 4096) : within(random, DATA, DATA_PAGES * 4096);
  }
  const inSuperpage = ZONE + SUPERPAGE_BYTES * (1 + random.integer(2)) + 0x20_0000 + random.integer(0x1_0000);
  const address = random.chance(0.15) ? inSuperpage : within(random, ZONE, ZONE_PAGES * 4096);
  return isMixed(context) ? (address & ~3) >>> 0 : address;
}

/**
 * Whether addresses may be translated or not, as MPRV says; without translation, nobody is where the zone is. QEMU 7.2
 * gives the address of the aligned word in mtval for a misaligned access there.
 */
function isMixed({ mode, isPaged }: BodyContext): boolean {
  return mode === Mode.Machine && isPaged;
}

/** Whether an AMO may be refused by PMP, or be where nobody is: QEMU 7.2 then raises a load's fault, not a store's. */
function mayMistakeAtomics(context: BodyContext): boolean {
  return context.isProtected || isMixed(context);
}

function within(random: Random, start: number, sizeBytes: number): number {
  let address = start + random.integer(sizeBytes);
  if (random.chance(0.3)) address = (address | 0xff8) >>> 0;
  if (random.chance(0.7)) address = (address & ~3) >>> 0;
  return address;
}

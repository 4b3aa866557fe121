/**
 * Steps of a random test that change what the instructions after them may do: mapping, protection, address space,
 * privilege, interrupts. Begin with `CHANGES`.
 */
import { Csr, Interrupt, Mode, Satp, Status } from "../../machine/isa/registers.ts";
import { DATA, DATA_PAGES, LEAF_TABLE, ROOT_TABLE, ZONE, ZONE_PAGES } from "./random-layout.ts";
import { protectData } from "./random-protection.ts";
import { type Kind, pointer, register } from "./random-step.ts";

const DELEGABLE_INTERRUPTS = [Interrupt.SupervisorSoftware, Interrupt.SupervisorTimer, Interrupt.SupervisorExternal];

/** Maps a page of the zone anew. */
const remap: Kind = (a, random, context) => {
  if (!context.isPaged || context.mode === Mode.User || context.trapsMemory) return;
  const page = random.integer(ZONE_PAGES);
  a.li("a1", LEAF_TABLE + 4 * page);
  a.li("a2", (((DATA >>> 12) + random.integer(DATA_PAGES)) << 10) | (random.word() & 0xff));
  a.store("sw", "a2", 0, "a1");
  a.li("a1", ZONE + 4096 * page);
  a.sfenceVma(random.pick(["zero", "a1"]));
};

/** In M-mode: whose rights loads and stores have, and whether interrupts are taken. */
const privilege: Kind = (a, random, { mode }) => {
  if (mode !== Mode.Machine) return;
  a.li("a1", Status.Mprv | Status.Mpp);
  a.csr("csrrc", register(random), Csr.mstatus, "a1");
  const mpp = random.pick([Mode.User, Mode.Supervisor, Mode.Machine]);
  a.li("a1", (mpp << Status.MppShift) | (random.word() & (Status.Mprv | Status.Mie)));
  a.csr("csrrs", "zero", Csr.mstatus, "a1");
};

/** In M-mode: other rights over the data (section 3.7.2 wants the fence). */
const protect: Kind = (a, random, { mode, isProtected }) => {
  if (mode !== Mode.Machine || !isProtected) return;
  protectData(a, random, true);
  a.sfenceVma();
};

/** The same tables under another number. In U-mode, and with TVM in S-mode, that is illegal. */
const switchSpace: Kind = (a, random, { isPaged }) => {
  if (!isPaged) return;
  a.li("a1", (Satp.Sv32 | (random.integer(512) << 22) | (ROOT_TABLE >>> 12)) >>> 0);
  a.csr("csrrw", register(random), Csr.satp, "a1");
};

/**
 * In M-mode: goes on in S-mode, or, where both see the code at the same place, in U-mode. Later in a test, that is
 * illegal.
 */
const descend: Kind = (a, random, { mode, isPaged }, forward) => {
  if (mode !== Mode.Machine || random.chance(0.5)) return;
  const isToUser = !isPaged && random.chance(0.5);
  a.la("a1", forward);
  a.csrw(Csr.mepc, "a1");
  a.li("a1", Status.Mpp | Status.Mprv); // the latter would end here, which QEMU 7.2 forgets
  a.csr("csrrc", "zero", Csr.mstatus, "a1");
  a.li("a1", (isToUser ? Mode.User : Mode.Supervisor) << Status.MppShift);
  a.csr("csrrs", "zero", Csr.mstatus, "a1");
  a.sfenceVma(); // for QEMU 7.2, which keeps what it has found out with MPRV
  a.mret();
};

/**
 * In M-mode one interrupt is pending, or none: of two QEMU 7.2 might take the wrong one; below, software can take one
 * back.
 */
const interrupt: Kind = (a, random, { mode }) => {
  const pending = random.pick(DELEGABLE_INTERRUPTS);
  a.li("a1", random.chance(0.8) ? 1 << pending : 0);
  if (mode === Mode.Machine) a.csr("csrrw", register(random), Csr.mip, "a1");
  else a.csr("csrrc", register(random), Csr.sip, "a1");
};

/** Registers of which QEMU 7.2 keeps a bit more than there is: written with what both have. */
const careful: Kind = (a, random) => {
  const base = pointer(random);
  a.li(base, (random.word() & ~1) >>> 0);
  if (random.chance(0.5)) a.csr("csrrw", register(random), random.pick([Csr.mepc, Csr.sepc]), base);
  else a.csr(random.pick(["csrrsi", "csrrci"]), register(random), random.pick([Csr.menvcfg, Csr.senvcfg]), 1);
};

export const CHANGES: readonly Kind[] = [remap, privilege, protect, switchSpace, descend, interrupt, careful];

/**
 * A program that tries every access by many page-table entries, under PMP, and reports of each what trap came of it, and
 * what the entry is afterwards. Begin with `sweepImage`; `EVERY_ENTRY` and `PROTECTED` are what there is to try.
 *
 * One virtual page is tried. Its entry stands in the second table or is a superpage's in the first, in line or not;
 * there, without R, W and X, it points to a table with a good entry for that page. The code that tries lies in
 * superpages of its own.
 */
import { PmpBit } from "../../machine/hart/pmp.ts";
import { Cause, Csr, Mode, Pte, Status } from "../../machine/isa/registers.ts";
import { type Assembler, assemble, ORIGIN } from "./assembler.ts";
import { parkOthers } from "./random-runtime.ts";
import { entry, FIRST_LEAF_TABLE, ROOT_TABLE, satpOf, setCsr } from "./user-mode.ts";

const PLACES = ["page", "superpage", "superpage out of line"] as const;
/** With MPRV it is M-mode that tries, with the other mode's rights. */
const MODES = ["S", "U", "S by MPRV", "U by MPRV"] as const;
const ACCESSES = ["load", "store", "amo", "fetch"] as const;
const STATUSES = [0, Status.Sum, Status.Mxr, Status.Sum | Status.Mxr] as const;
const ALL_FLAGS = 256;

/** What PMP permits, as bits of a configuration. */
export interface Protection {
  readonly firstTable: number;
  readonly secondTable: number;
  readonly page: number;
}

/** What stays the same while flags are tried: from the first on, by steps. */
export interface Setting {
  readonly place: (typeof PLACES)[number];
  readonly status: (typeof STATUSES)[number];
  readonly mode: (typeof MODES)[number];
  readonly access: (typeof ACCESSES)[number];
  readonly firstFlags: number;
  readonly flagsStep: number;
  readonly protection: Protection;
}

export interface Trial extends Setting {
  readonly flags: number;
}

const ALL_OF_PMP = PmpBit.Read | PmpBit.Write | PmpBit.Execute;
const OPEN: Protection = { firstTable: ALL_OF_PMP, secondTable: ALL_OF_PMP, page: ALL_OF_PMP };

/** M-mode's fetches are not translated, with MPRV neither. */
const WAYS = MODES.flatMap((mode) => ACCESSES.map((access) => ({ mode, access }))).filter(
  ({ mode, access }) => access !== "fetch" || mode === "S" || mode === "U",
);

/** All flags there are, with nothing protected. */
export const EVERY_ENTRY: readonly Setting[] = PLACES.flatMap((place) =>
  STATUSES.flatMap((status) =>
    WAYS.map((way) => ({ place, status, ...way, firstFlags: 0, flagsStep: 1, protection: OPEN })),
  ),
);

/** An entry that permits all, with A and D clear and set, where PMP protects tables and page in every way. */
export const PROTECTED: readonly Setting[] = protections().flatMap((protection) =>
  WAYS.map((way) => ({
    place: "page",
    status: 0,
    ...way,
    firstFlags: Pte.Valid | Pte.Read | Pte.Write | Pte.Execute | (way.mode.startsWith("U") ? Pte.User : 0),
    flagsStep: Pte.Accessed,
    protection,
  })),
);

function protections(): Protection[] {
  const ofTables = [0, PmpBit.Read, PmpBit.Read | PmpBit.Write];
  // W without R is reserved.
  const ofPages = [...ofTables, PmpBit.Execute, PmpBit.Read | PmpBit.Execute, ALL_OF_PMP];
  return ofTables.flatMap((firstTable) =>
    ofTables.flatMap((secondTable) => ofPages.map((page) => ({ firstTable, secondTable, page }))),
  );
}

/** In the order of the reports. */
export function trialsOf(settings: readonly Setting[]): Trial[] {
  return settings.flatMap((setting) => {
    const count = Math.ceil((ALL_FLAGS - setting.firstFlags) / setting.flagsStep);
    return Array.from({ length: count }, (_, step) => ({
      ...setting,
      flags: setting.firstFlags + step * setting.flagsStep,
    }));
  });
}

/** A report's first byte is the cause or this; the second one the entry's flags. */
export const NO_TRAP = 0x40;
/** Added to a cause where mtval was not the address. */
const WRONG_VALUE = 0x80;
/** The rights of the good entry. */
export const ALL_RIGHTS = Pte.Valid | Pte.Read | Pte.Write | Pte.Execute | Pte.User | Pte.Accessed | Pte.Dirty;

const UART = 0x1000_0000;
/** A superpage in line; the page that is tried is the sixth in it. */
const FRAMES = ORIGIN + 0x40_0000;
const PAGE = 5;
const PAGE_VIRTUAL = 0x4000_0000;
const SUPERPAGE_VIRTUAL = 0x4040_0000;
/** In the second table. */
const PAGE_ENTRY = FIRST_LEAF_TABLE + PAGE * 4;
const USER_CODE = 0xc000_0000;
/** What is tried is this word, which is code and data. */
const TRIED_OFFSET = PAGE * 4096 + 64;
/** pmpcfg's A field. */
const ONE_WORD = 2 << PmpBit.MatchShift;
const POWER_OF_TWO = 3 << PmpBit.MatchShift;
const ECALL = 0x73;
/** A setting in the table that the program goes through: a word for each of these registers. */
const SETTING = ["s3", "s4", "s0", "s5", "s6", "s7", "s1", "s8", "s9"] as const;
const SETTING_BYTES = 4 * SETTING.length;

/** The image for `ORIGIN`: it sends two bytes for each of `trialsOf(settings)`. */
export function sweepImage(settings: readonly Setting[]): Uint8Array {
  return assemble((a) => {
    parkOthers(a);
    prepare(a);
    a.la("s2", "settings");
    a.label("nextSetting");
    for (const [word, register] of SETTING.entries()) a.load("lw", register, word * 4, "s2");
    a.csrw(Csr.pmpcfg0, "s9");
    a.label("nextFlags");
    tryFlags(a);
    a.align(4);
    a.label("trapped");
    report(a);
    a.r("add", "s1", "s1", "s8");
    a.li("t0", ALL_FLAGS);
    a.branch("bltu", "s1", "t0", "nextFlags");
    a.i("addi", "s2", "s2", SETTING_BYTES);
    a.la("t0", "end");
    a.branch("bltu", "s2", "t0", "nextSetting");
    a.finish();
    pieces(a);
    a.align(4);
    a.label("settings");
    for (const setting of settings) for (const word of wordsOf(a, setting)) a.word(word);
    a.label("end");
  });
}

function prepare(a: Assembler): void {
  a.la("t0", "trapped");
  a.csrw(Csr.mtvec, "t0");
  for (const [number, address] of [
    rootEntry(PAGE_VIRTUAL) >>> 2,
    PAGE_ENTRY >>> 2,
    ((FRAMES + PAGE * 4096) >>> 2) | (4096 / 8 - 1),
    0xffff_ffff,
  ].entries()) {
    setCsr(a, Csr.pmpaddr0 + number, address);
  }
  const codeRights = ALL_RIGHTS & ~Pte.User;
  const good = entry(FRAMES + PAGE * 4096, ALL_RIGHTS);
  for (const [address, word] of [
    [rootEntry(ORIGIN), entry(ORIGIN, codeRights)],
    [rootEntry(USER_CODE), entry(ORIGIN, ALL_RIGHTS)],
    [rootEntry(PAGE_VIRTUAL), entry(FIRST_LEAF_TABLE, Pte.Valid)],
    [FRAMES + PAGE * 4, good],
    [FRAMES + 4096 + PAGE * 4, good],
    [FRAMES + TRIED_OFFSET, ECALL],
  ] as const) {
    a.li("t0", address);
    a.li("t1", word);
    a.store("sw", "t1", 0, "t0");
  }
  setCsr(a, Csr.satp, satpOf());
}

/** By register: where the entry stands, and its frame; the address to try; mstatus and mepc to go there with, and mstatus for M-mode there; flags. */
function wordsOf(a: Assembler, setting: Setting): number[] {
  const { place, status, mode, access, firstFlags, flagsStep, protection } = setting;
  const isPage = place === "page";
  const frame = { page: FRAMES + PAGE * 4096, superpage: FRAMES, "superpage out of line": FRAMES + 4096 }[place];
  const tried = (isPage ? PAGE_VIRTUAL : SUPERPAGE_VIRTUAL) + TRIED_OFFSET;
  const rightsOf = mode.startsWith("S") ? Mode.Supervisor : Mode.User;
  const byMprv = mode.endsWith("MPRV");
  const inside = Status.Mprv | status | (rightsOf << Status.MppShift);
  const outside = status | ((byMprv ? Mode.Machine : rightsOf) << Status.MppShift);
  const piece = a.addressOf(byMprv ? `${access} by MPRV` : access);
  const start = access === "fetch" ? tried : mode === "U" ? piece - ORIGIN + USER_CODE : piece;
  const entryAddress = isPage ? PAGE_ENTRY : rootEntry(tried);
  const flags = [firstFlags, flagsStep];
  return [entryAddress, entry(frame, 0), tried, outside, start, inside, ...flags, configurationOf(protection)];
}

/** pmpcfg0: the words of both tables that lead to the page, the page, and everything. */
function configurationOf({ firstTable, secondTable, page }: Protection): number {
  const bytes = [firstTable | ONE_WORD, secondTable | ONE_WORD, page | POWER_OF_TWO, ALL_OF_PMP | POWER_OF_TWO];
  return new DataView(Uint8Array.from(bytes).buffer).getUint32(0, true);
}

function rootEntry(virtual: number): number {
  return ROOT_TABLE + (virtual >>> 22) * 4;
}

function tryFlags(a: Assembler): void {
  a.r("or", "t0", "s4", "s1");
  a.store("sw", "t0", 0, "s3");
  a.sfenceVma();
  a.csrw(Csr.mstatus, "s5");
  a.csrw(Csr.mepc, "s6");
  a.mret();
}

/** Each access, as S- and U-mode and as M-mode try it; then they come back. A store leaves the word as it was. */
function pieces(a: Assembler): void {
  for (const way of ["", " by MPRV"]) {
    for (const access of ACCESSES) {
      a.label(access + way);
      a.li("t1", ECALL);
      if (way !== "") a.csrw(Csr.mstatus, "s7");
      if (access === "load") a.load("lw", "t1", 0, "s0");
      if (access === "store") a.store("sw", "t1", 0, "s0");
      if (access === "amo") a.amo("amoor", "t1", "zero", "s0");
      a.ecall();
    }
  }
}

function report(a: Assembler): void {
  a.csrw(Csr.mstatus, "zero");
  a.csrr("t0", Csr.mcause);
  for (const call of [Cause.CallFromUser, Cause.CallFromSupervisor, Cause.CallFromMachine]) {
    a.i("addi", "t1", "t0", -call);
    a.branch("beq", "t1", "zero", "noTrap");
  }
  a.csrr("t1", Csr.mtval);
  a.branch("beq", "t1", "s0", "send");
  a.i("addi", "t0", "t0", WRONG_VALUE);
  a.j("send");
  a.label("noTrap");
  a.i("addi", "t0", "zero", NO_TRAP);
  a.label("send");
  a.li("t2", UART);
  a.store("sb", "t0", 0, "t2");
  a.load("lw", "t0", 0, "s3");
  a.store("sb", "t0", 0, "t2");
}

/**
 * Random programs for the comparison with QEMU: many small tests in one image, each of which reports all it did over
 * the serial port.
 *
 * A test sets up registers, page tables, status bits and delegation at random, runs a random body in M-, S- or U-mode,
 * and sends its final registers, its log of traps (M and S), its control registers, and a checksum of its memory.
 * Bodies only go forwards, and handlers skip what traps, so every test ends. Begin with `randomImage`; `parseReports`
 * is its counterpart.
 */
import { Cause, Csr, Mode, Pte, Status } from "../../machine/isa/registers.ts";
import { type Assembler, assemble, ORIGIN, REGISTERS } from "./assembler.ts";
import { type Random, randomBody } from "./random-body.ts";

/** Physical addresses of what tests share. */
const DATA = ORIGIN + 0x60_0000;
const DATA_PAGES = 4;
const ROOT_TABLE = ORIGIN + 0x70_0000;
const LEAF_TABLE = ROOT_TABLE + 0x1000;
const MACHINE_FRAME = ORIGIN + 0x71_0000;
const SUPERVISOR_FRAME = ORIGIN + 0x72_0000;
/** Where U-mode sees the image, and where both see the pages with random rights. */
const USER_ALIAS = 0xc000_0000;
export const ZONE = 0x4000_0000;
export const ZONE_PAGES = 16;

/** A frame: saved registers, then the count of traps and their records. */
const FRAME_X31 = 31 * 4;
const FRAME_COUNT = 0x100;
const FRAME_RECORDS = 0x110;
const RECORD_WORDS = 4;
/** The address at which the present test ends. */
const FRAME_END = 0x104;

const REPORTED_CSRS = [
  Csr.mstatus,
  Csr.medeleg,
  Csr.mideleg,
  Csr.mie,
  Csr.mcounteren,
  Csr.scounteren,
  Csr.sepc,
  Csr.scause,
  Csr.stval,
  Csr.satp,
];
/** Fields of mstatus that our hart has as well as QEMU's. */
const COMPARED_STATUS =
  Status.Sie |
  Status.Mie |
  Status.Spie |
  Status.Mpie |
  Status.Spp |
  Status.Sum |
  Status.Mxr |
  Status.Tvm |
  Status.Tw |
  Status.Tsr;

export interface Trap {
  readonly cause: number;
  readonly epc: number;
  readonly value: number;
  readonly status: number;
}

export interface Report {
  /** x1 to x31. */
  readonly registers: readonly number[];
  readonly machineTraps: readonly Trap[];
  readonly supervisorTraps: readonly Trap[];
  /** By position in `REPORTED_CSRS`. */
  readonly csrs: readonly number[];
  readonly checksum: number;
}

/** An image for `ORIGIN` that runs `count` random tests, and ends by the finisher. */
export function randomImage(random: Random, count: number): Uint8Array {
  return assemble((a) => {
    a.j("start");
    a.align(4);
    a.label("machineHandler");
    handler(a, Mode.Machine);
    a.label("supervisorHandler");
    handler(a, Mode.Supervisor);
    a.label("report");
    report(a);
    a.label("prepareMemory");
    prepareMemory(a);
    a.label("start");
    parkOthers(a);
    openProtection(a);
    for (let index = 0; index < count; index++) oneTest(a, random, index);
    a.finish();
  });
}

/** The reports of an image's tests, as sent. */
export function parseReports(bytes: Uint8Array): Report[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const next = () => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const traps = () =>
    Array.from({ length: next() }, () => ({
      cause: next(),
      epc: next(),
      value: next(),
      status: next() & COMPARED_STATUS,
    }));
  const reports: Report[] = [];
  while (at < bytes.length) {
    reports.push({
      registers: Array.from({ length: 31 }, next),
      machineTraps: traps(),
      supervisorTraps: traps(),
      csrs: REPORTED_CSRS.map((csr) => (csr === Csr.mstatus ? next() & COMPARED_STATUS : next())),
      checksum: next(),
    });
  }
  return reports;
}

// One test

function oneTest(a: Assembler, random: Random, index: number): void {
  const mode = random.pick([Mode.Machine, Mode.Supervisor, Mode.User]);
  const isPaged = mode !== Mode.Machine && random.chance(0.8);
  const alias = isPaged && mode === Mode.User ? USER_ALIAS - ORIGIN : 0;
  const trapsReturn = random.chance(0.2); // the supervisor's handler could not return, so it gets nothing to handle
  a.j(`setup${index}`);
  a.label(`tables${index}`);
  for (let page = 0; page < ZONE_PAGES; page++) a.word(randomEntry(random, mode));
  for (let superpage = 0; superpage < 2; superpage++) a.word(randomSuperpage(random, mode));
  a.label(`registers${index}`);
  for (let register = 1; register < 32; register++) a.word(random.word());

  a.label(`body${index}`);
  const dataBase = isPaged ? ZONE : DATA;
  randomBody(a, random, {
    mode,
    dataBase,
    dataBytes: (isPaged ? ZONE_PAGES : DATA_PAGES) * 4096,
    trapsReturn,
    name: `test${index}`,
  });
  a.label(`end${index}`);
  a.ebreak();

  a.label(`setup${index}`);
  a.la("a0", `tables${index}`);
  a.li("a1", random.word());
  a.jal("ra", "prepareMemory");
  setCsr(a, Csr.satp, isPaged ? (0x8000_0000 | (random.integer(512) << 22) | (ROOT_TABLE >>> 12)) >>> 0 : 0);
  a.sfenceVma();
  setCsr(a, Csr.medeleg, trapsReturn ? 0 : random.word() & 0b1011_0000_1111_1100);
  setCsr(a, Csr.mideleg, random.word() & 0x222);
  setCsr(a, Csr.mie, 0);
  setCsr(a, Csr.mcounteren, random.word() & 7);
  setCsr(a, Csr.scounteren, random.word() & 7);
  const statusBits = Status.Sum | Status.Mxr | Status.Tvm | Status.Spp | Status.Spie;
  const fixedBits = Status.Tw | (trapsReturn ? Status.Tsr : 0);
  setCsr(a, Csr.mstatus, (random.word() & statusBits) | (mode << Status.MppShift) | fixedBits);
  installHandler(a, Csr.mtvec, "machineHandler", Csr.mscratch, MACHINE_FRAME);
  installHandler(a, Csr.stvec, "supervisorHandler", Csr.sscratch, SUPERVISOR_FRAME);
  for (const frame of [MACHINE_FRAME, SUPERVISOR_FRAME]) {
    a.li("t0", frame);
    a.store("sw", "zero", FRAME_COUNT, "t0");
    a.la("t1", `end${index}`);
    a.li("t2", alias);
    a.r("add", "t1", "t1", "t2");
    a.store("sw", "t1", FRAME_END, "t0");
  }
  a.la("t0", `after${index}`);
  a.li("t1", MACHINE_FRAME);
  a.store("sw", "t0", FRAME_END + 4, "t1");
  a.la("t0", `body${index}`);
  a.li("t1", alias);
  a.r("add", "t0", "t0", "t1");
  a.csrw(Csr.mepc, "t0");
  a.la("t6", `registers${index}`);
  for (let register = 1; register < 32; register++) a.load("lw", REGISTERS[register]!, (register - 1) * 4, "t6");
  a.mret();
  a.label(`after${index}`);
}

/** Rights at random, mostly sensible; any of the data pages behind them. */
function randomEntry(random: Random, mode: Mode): number {
  const usual = Pte.Valid | Pte.Read | (mode === Mode.User ? Pte.User : 0) | Pte.Accessed;
  const flags = random.chance(0.5) ? usual | (random.word() & (Pte.Write | Pte.Dirty)) : random.word() & 0xff;
  const frame = (DATA >>> 12) + random.integer(DATA_PAGES);
  return (frame << 10) | flags;
}

/** A superpage over the data, aligned or not, or a pointer with bits it must not have. */
function randomSuperpage(random: Random, mode: Mode): number {
  const rights =
    Pte.Valid |
    Pte.Read |
    Pte.Write |
    (mode === Mode.User ? Pte.User : 0) |
    (random.word() & (Pte.Accessed | Pte.Dirty));
  const frame = random.chance(0.7) ? (DATA >>> 12) & ~0x3ff : DATA >>> 12;
  if (random.chance(0.2))
    return (
      ((LEAF_TABLE >>> 12) << 10) | Pte.Valid | (random.word() & (Pte.User | Pte.Accessed | Pte.Dirty | Pte.Global))
    );
  return (frame << 10) | rights;
}

function installHandler(a: Assembler, vector: number, label: string, scratch: number, frame: number): void {
  a.la("t0", label);
  a.csrw(vector, "t0");
  a.li("t0", frame);
  a.csrw(scratch, "t0");
}

function setCsr(a: Assembler, number: number, value: number): void {
  a.li("t0", value);
  a.csrw(number, "t0");
}

// Shared code

/** On QEMU a second hart is there and sleeps: with it, QEMU's AMOs are really atomic, and fault as stores do. */
function parkOthers(a: Assembler): void {
  a.csrr("t0", Csr.mhartid);
  a.branch("beq", "t0", "zero", "alone");
  a.label("parked");
  a.wfi();
  a.j("parked");
  a.label("alone");
}

/** Lets S and U reach everything. */
function openProtection(a: Assembler): void {
  a.li("t0", 0xffff_ffff);
  a.csrw(Csr.pmpaddr0, "t0");
  a.li("t0", 0x1f);
  a.csrw(Csr.pmpcfg0, "t0");
}

/**
 * Writes a record and goes on behind the instruction, of either length; where the instruction itself could not be
 * fetched, at the test's end. At the end (where an `ebreak` stands) M reports, and S hands over to M by `ecall`.
 */
function handler(a: Assembler, mode: Mode): void {
  const isMachine = mode === Mode.Machine;
  const prefix = isMachine ? "machine" : "supervisor";
  const scratch = isMachine ? Csr.mscratch : Csr.sscratch;
  const epc = isMachine ? Csr.mepc : Csr.sepc;
  const cause = isMachine ? Csr.mcause : Csr.scause;
  a.csr("csrrw", "t6", scratch, "t6");
  for (let register = 1; register < 31; register++) a.store("sw", REGISTERS[register]!, register * 4, "t6");
  a.csrr("t0", scratch);
  a.store("sw", "t0", FRAME_X31, "t6");
  a.csrr("a0", cause);
  a.csrr("a1", epc);
  a.csrr("a2", isMachine ? Csr.mtval : Csr.stval);
  a.csrr("a3", isMachine ? Csr.mstatus : Csr.sstatus);
  a.load("lw", "t0", FRAME_END, "t6");
  a.branch("beq", "a1", "t0", `${prefix}AtEnd`);
  if (isMachine) {
    a.la("t1", "handOver");
    a.branch("beq", "a1", "t1", "report");
  }
  a.load("lw", "t1", FRAME_COUNT, "t6");
  a.i("addi", "t2", "t1", 1);
  a.store("sw", "t2", FRAME_COUNT, "t6");
  a.shift("slli", "t1", "t1", 4);
  a.r("add", "t1", "t1", "t6");
  for (const [index, register] of (["a0", "a1", "a2", "a3"] as const).entries()) {
    a.store("sw", register, FRAME_RECORDS + index * 4, "t1");
  }
  for (const fetchFault of [Cause.FetchAccess, Cause.FetchPage]) {
    a.i("addi", "t1", "zero", fetchFault);
    a.branch("beq", "a0", "t1", `${prefix}Resume`);
  }
  behindInstruction(a, prefix);
  a.mv("t0", "a1");
  a.label(`${prefix}Resume`);
  a.csrw(epc, "t0");
  a.csrw(scratch, "t6");
  for (let register = 1; register < 32; register++) a.load("lw", REGISTERS[register]!, register * 4, "t6");
  if (isMachine) a.mret();
  else a.sret();
  a.label(`${prefix}AtEnd`);
  if (isMachine) {
    a.j("report");
    return;
  }
  // M takes the registers from its own frame, so they must be the test's when it traps.
  a.csrw(scratch, "t6");
  for (let register = 1; register < 32; register++) a.load("lw", REGISTERS[register]!, register * 4, "t6");
  a.label("handOver");
  a.ecall();
}

/** Advances a1 by the length of the instruction there. Both modes see the code where it is, U-mode's alias aside. */
function behindInstruction(a: Assembler, prefix: string): void {
  a.mv("t1", "a1");
  a.li("t2", USER_ALIAS);
  a.branch("bltu", "t1", "t2", `${prefix}NoAlias`);
  a.li("t2", USER_ALIAS - ORIGIN);
  a.r("sub", "t1", "t1", "t2");
  a.label(`${prefix}NoAlias`);
  a.load("lhu", "t1", 0, "t1");
  a.i("andi", "t1", "t1", 3);
  a.i("sltiu", "t1", "t1", 3);
  a.shift("slli", "t1", "t1", 1);
  a.i("addi", "a1", "a1", 4);
  a.r("sub", "a1", "a1", "t1");
}

/** In M-mode, with t6 = M's frame: sends everything, and continues behind the test. */
function report(a: Assembler): void {
  a.li("s0", 0x1000_0000);
  sendWords(a, "registers", 4, 31);
  sendRecords(a, "machine");
  a.mv("s2", "t6");
  a.li("t6", SUPERVISOR_FRAME);
  sendRecords(a, "supervisor");
  a.mv("t6", "s2");
  for (const csr of REPORTED_CSRS) {
    a.csrr("a0", csr);
    a.jal("ra", "sendWord");
  }
  a.li("t0", DATA);
  a.li("t1", DATA + DATA_PAGES * 4096);
  a.jal("s3", "addUp");
  a.mv("s4", "a0");
  a.li("t0", ROOT_TABLE);
  a.li("t1", LEAF_TABLE + 0x1000);
  a.jal("s3", "addUp");
  a.r("xor", "a0", "a0", "s4");
  a.jal("ra", "sendWord");
  a.load("lw", "t0", FRAME_END + 4, "t6");
  a.jalr("zero", 0, "t0");

  a.label("addUp");
  a.i("addi", "a0", "zero", 0);
  a.label("addUpNext");
  a.load("lw", "t2", 0, "t0");
  a.shift("slli", "t3", "a0", 5);
  a.r("add", "a0", "a0", "t3");
  a.r("xor", "a0", "a0", "t2");
  a.i("addi", "t0", "t0", 4);
  a.branch("bltu", "t0", "t1", "addUpNext");
  a.jalr("zero", 0, "s3");

  a.label("sendWord");
  for (let byte = 0; byte < 4; byte++) {
    a.store("sb", "a0", 0, "s0");
    a.shift("srli", "a0", "a0", 8);
  }
  a.jalr("zero", 0, "ra");
}

/** Sends `count` words of the frame at t6. */
function sendWords(a: Assembler, name: string, offset: number, count: number): void {
  a.i("addi", "s1", "t6", offset);
  a.i("addi", "s5", "s1", count * 4);
  a.label(`${name}Next`);
  a.load("lw", "a0", 0, "s1");
  a.jal("ra", "sendWord");
  a.i("addi", "s1", "s1", 4);
  a.branch("bltu", "s1", "s5", `${name}Next`);
}

/** Sends the count of records in the frame at t6, then the records. */
function sendRecords(a: Assembler, name: string): void {
  a.load("lw", "s6", FRAME_COUNT, "t6");
  a.mv("a0", "s6");
  a.jal("ra", "sendWord");
  a.i("addi", "s1", "t6", FRAME_RECORDS);
  a.i("addi", "t0", "zero", RECORD_WORDS * 4);
  a.r("mul", "s6", "s6", "t0");
  a.r("add", "s5", "s1", "s6");
  a.label(`${name}RecordsNext`);
  a.branch("bgeu", "s1", "s5", `${name}RecordsDone`);
  a.load("lw", "a0", 0, "s1");
  a.jal("ra", "sendWord");
  a.i("addi", "s1", "s1", 4);
  a.j(`${name}RecordsNext`);
  a.label(`${name}RecordsDone`);
}

/** a0: the test's table entries; a1: a seed for the data. Code is mapped for S where it is, and for U at its alias. */
function prepareMemory(a: Assembler): void {
  a.li("t0", DATA);
  a.li("t1", DATA + DATA_PAGES * 4096);
  a.li("t2", 1_664_525);
  a.label("fillData");
  a.r("mul", "a1", "a1", "t2");
  a.i("addi", "a1", "a1", 1013);
  a.store("sw", "a1", 0, "t0");
  a.i("addi", "t0", "t0", 4);
  a.branch("bltu", "t0", "t1", "fillData");

  a.li("t0", LEAF_TABLE);
  for (let page = 0; page < ZONE_PAGES; page++) {
    a.load("lw", "t1", page * 4, "a0");
    a.store("sw", "t1", page * 4, "t0");
  }
  const root = (address: number) => (address >>> 22) * 4;
  a.li("t0", ROOT_TABLE);
  a.li("t2", ROOT_TABLE + 0x1000);
  a.label("clearRoot");
  a.store("sw", "zero", 0, "t0");
  a.i("addi", "t0", "t0", 4);
  a.branch("bltu", "t0", "t2", "clearRoot");
  const enter = (address: number) => {
    a.li("t0", ROOT_TABLE + root(address));
    a.store("sw", "t1", 0, "t0");
  };
  a.li("t1", ((LEAF_TABLE >>> 12) << 10) | Pte.Valid);
  enter(ZONE);
  for (let superpage = 0; superpage < 2; superpage++) {
    a.load("lw", "t1", (ZONE_PAGES + superpage) * 4, "a0");
    enter(ZONE + (superpage + 1) * 0x40_0000);
  }
  const whole = Pte.Valid | Pte.Read | Pte.Write | Pte.Execute | Pte.Accessed | Pte.Dirty;
  for (let part = 0; part < 2; part++) {
    const frame = (ORIGIN + part * 0x40_0000) >>> 12;
    a.li("t1", (frame << 10) | whole);
    enter(ORIGIN + part * 0x40_0000);
    a.li("t1", (frame << 10) | whole | Pte.User);
    enter(USER_ALIAS + part * 0x40_0000);
  }
  a.jalr("zero", 0, "ra");
}

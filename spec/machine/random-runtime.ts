/**
 * The code that random programs share: trap handlers for M and S, the report over the serial port, and what puts memory
 * in order before each test. Begin with `handler`.
 */
import { Cause, Csr, Mode, PMP_ENTRIES, Pte } from "../../machine/isa/registers.ts";
import { type Assembler, ORIGIN, REGISTERS } from "./assembler.ts";
import { compressed as c } from "./compressed-assembler.ts";
import {
  DATA,
  DATA_PAGES,
  FRAME_AFTER,
  FRAME_COUNT,
  FRAME_END,
  FRAME_RECORDS,
  FRAME_VECTOR,
  FRAME_X1,
  FRAME_X31,
  ISLAND_ENTRY,
  ISLAND_PAGES,
  ISLANDS,
  LEAF_TABLE,
  RECORD_SHIFT,
  RECORD_WORDS,
  REPORTED_CSRS,
  ROOT_TABLE,
  SUPERPAGE_BYTES,
  SUPERVISOR_FRAME,
  USER_ALIAS,
  ZONE,
} from "./random-layout.ts";

const UART = 0x1000_0000;
/** Vectors have an entry for each interrupt below 12. */
const VECTOR_ENTRIES = 12;
/** Entries of the leaf table that a test chooses, and superpages behind them. */
export const CHOSEN_ENTRIES = 32;
export const CHOSEN_SUPERPAGES = 2;

/** On QEMU a second hart is there, for the sake of `TWO_HARTS`, and sleeps. */
export function parkOthers(a: Assembler): void {
  a.csrr("t0", Csr.mhartid);
  a.branch("beq", "t0", "zero", "alone");
  a.label("parked");
  a.wfi();
  a.j("parked");
  a.label("alone");
}

/** Lets S and U reach everything that no entry before the last forbids. */
export function openProtection(a: Assembler): void {
  a.li("t0", 0xffff_ffff);
  a.csrw(Csr.pmpaddr0 + PMP_ENTRIES - 1, "t0");
  a.li("t0", 0x1f00_0000);
  a.csrw(Csr.pmpcfg0 + 3, "t0");
}

/** A vector: exceptions enter at its base, and each entry notes its number in the frame before the handler runs. */
export function vector(a: Assembler, mode: Mode): void {
  const { prefix, scratch } = namesOf(mode);
  a.align(64);
  a.label(`${prefix}Vector`);
  for (let entry = 0; entry < VECTOR_ENTRIES; entry++) a.j(`${prefix}Entry${entry}`);
  for (let entry = 0; entry < VECTOR_ENTRIES; entry++) {
    a.label(`${prefix}Entry${entry}`);
    a.csr("csrrw", "t6", scratch, "t6");
    a.store("sw", "t5", 30 * 4, "t6");
    a.i("addi", "t5", "zero", entry);
    a.j(`${prefix}Handler`);
  }
}

/**
 * Writes a record and goes on: behind the instruction, of either length; where the instruction itself could not be
 * fetched, at its caller's; at an interrupt, which is disabled from now on, where it came. At the end of the test
 * (where an `ebreak` stands) M reports, and S hands over to M by `ecall`.
 */
export function handler(a: Assembler, mode: Mode): void {
  const isMachine = mode === Mode.Machine;
  const { prefix, scratch } = namesOf(mode);
  const epc = isMachine ? Csr.mepc : Csr.sepc;
  a.label(`${prefix}Handler`);
  a.store("sw", "t5", FRAME_VECTOR, "t6");
  for (let register = 1; register < 30; register++) a.store("sw", REGISTERS[register]!, register * 4, "t6");
  a.csrr("t0", scratch);
  a.store("sw", "t0", FRAME_X31, "t6");
  a.csrr("a0", isMachine ? Csr.mcause : Csr.scause);
  a.csrr("a1", epc);
  a.csrr("a2", isMachine ? Csr.mtval : Csr.stval);
  forgetBreakpoint(a, prefix, isMachine ? Csr.mtval : Csr.stval);
  a.csrr("a3", isMachine ? Csr.mstatus : Csr.sstatus);
  a.mv("a4", "t5");
  a.load("lw", "t0", FRAME_END, "t6");
  a.branch("beq", "a1", "t0", `${prefix}MayEnd`);
  a.label(`${prefix}Record`);
  if (isMachine) {
    a.la("t1", "handOver");
    a.branch("beq", "a1", "t1", "report");
  }
  record(a);
  resumeAddress(a, prefix, isMachine ? Csr.mie : Csr.sie);
  a.csrw(epc, "a1");
  // With MPRV, mret changes whose rights loads have; QEMU 7.2 then still uses what it found out before.
  if (isMachine) a.sfenceVma();
  restore(a, scratch);
  if (isMachine) a.mret();
  else a.sret();

  a.label(`${prefix}MayEnd`);
  a.branch("blt", "a0", "zero", `${prefix}Record`); // an interrupt just before the end
  if (isMachine) {
    a.j("report");
    return;
  }
  // M takes the registers from its own frame, so they must be the test's when it traps.
  restore(a, scratch);
  a.label("handOver");
  a.ecall();
}

/** Where a breakpoint stands, QEMU 7.2 does not say: section 3.1.16 leaves that open. */
function forgetBreakpoint(a: Assembler, prefix: string, value: number): void {
  a.i("addi", "t0", "a0", -Cause.Breakpoint);
  a.branch("bne", "t0", "zero", `${prefix}KeepsValue`);
  a.mv("a2", "zero");
  a.csrw(value, "zero");
  a.label(`${prefix}KeepsValue`);
}

/** Adds a0 to a4 to the frame's records. */
function record(a: Assembler): void {
  a.load("lw", "t1", FRAME_COUNT, "t6");
  a.i("addi", "t2", "t1", 1);
  a.store("sw", "t2", FRAME_COUNT, "t6");
  a.shift("slli", "t1", "t1", RECORD_SHIFT);
  a.r("add", "t1", "t1", "t6");
  for (const [index, register] of (["a0", "a1", "a2", "a3", "a4"] as const).entries()) {
    a.store("sw", register, FRAME_RECORDS + index * 4, "t1");
  }
}

/**
 * Where to go on after the trap of cause a0 at a1: in a1. Both modes see the code where it is, U-mode's alias aside.
 */
function resumeAddress(a: Assembler, prefix: string, enables: number): void {
  a.branch("bge", "a0", "zero", `${prefix}Exception`);
  a.i("addi", "t1", "zero", 1);
  a.r("sll", "t1", "t1", "a0");
  a.csr("csrrc", "zero", enables, "t1");
  a.j(`${prefix}Resume`);

  a.label(`${prefix}Exception`);
  for (const fetchFault of [Cause.FetchAccess, Cause.FetchPage]) {
    a.i("addi", "t1", "zero", fetchFault);
    a.branch("beq", "a0", "t1", `${prefix}NotFetched`);
  }
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
  a.j(`${prefix}Resume`);

  a.label(`${prefix}NotFetched`);
  a.load("lw", "a1", FRAME_X1, "t6");
  a.label(`${prefix}Resume`);
}

function restore(a: Assembler, scratch: number): void {
  a.csrw(scratch, "t6");
  for (let register = 1; register < 32; register++) a.load("lw", REGISTERS[register]!, register * 4, "t6");
}

/** In M-mode, with t6 = M's frame: sends everything, and continues behind the test. */
export function report(a: Assembler): void {
  a.label("report");
  a.li("s0", UART);
  sendWords(a, "registers", FRAME_X1, 31);
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
  a.li("t1", ISLANDS + ISLAND_PAGES * 4096);
  a.jal("s3", "addUp");
  a.mv("s4", "a0");
  a.li("t0", ROOT_TABLE);
  a.li("t1", LEAF_TABLE + 0x1000);
  a.jal("s3", "addUp");
  a.r("xor", "a0", "a0", "s4");
  a.jal("ra", "sendWord");
  a.load("lw", "t0", FRAME_AFTER, "t6");
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
  a.label(`${name}RecordsNext`);
  a.branch("beq", "s6", "zero", `${name}RecordsDone`);
  for (let word = 0; word < RECORD_WORDS; word++) {
    a.load("lw", "a0", word * 4, "s1");
    a.jal("ra", "sendWord");
  }
  a.i("addi", "s1", "s1", 1 << RECORD_SHIFT);
  a.i("addi", "s6", "s6", -1);
  a.j(`${name}RecordsNext`);
  a.label(`${name}RecordsDone`);
}

/** a0: the test's table entries; a1: a seed for the data. Code is mapped for S where it is, and for U at its alias. */
export function prepareMemory(a: Assembler): void {
  a.label("prepareMemory");
  a.li("t0", DATA);
  a.li("t1", DATA + DATA_PAGES * 4096);
  a.li("t2", 1_664_525);
  a.label("fillData");
  a.r("mul", "a1", "a1", "t2");
  a.i("addi", "a1", "a1", 1013);
  a.store("sw", "a1", 0, "t0");
  a.i("addi", "t0", "t0", 4);
  a.branch("bltu", "t0", "t1", "fillData");
  buildIslands(a);

  a.li("t0", LEAF_TABLE);
  for (let page = 0; page < CHOSEN_ENTRIES; page++) {
    a.load("lw", "t1", page * 4, "a0");
    a.store("sw", "t1", page * 4, "t0");
  }
  a.li("t0", ROOT_TABLE);
  a.li("t2", ROOT_TABLE + 0x1000);
  a.label("clearRoot");
  a.store("sw", "zero", 0, "t0");
  a.i("addi", "t0", "t0", 4);
  a.branch("bltu", "t0", "t2", "clearRoot");
  buildRoot(a);
  a.fenceI();
  a.jalr("zero", 0, "ra");
}

/** `c.addi s1, n; addi a3, a3, m; c.jr ra` across each page's end: m stands in the next page. */
function buildIslands(a: Assembler): void {
  const store = (value: number, address: number) => {
    a.li("t0", address);
    a.li("t1", value);
    a.store("sh", "t1", 0, "t0");
  };
  for (let page = 0; page < ISLAND_PAGES; page++) {
    const start = ISLANDS + page * 4096;
    store(c.addi("s1", page + 1), start + ISLAND_ENTRY);
    store(ISLAND_FIRST_HALF, start + ISLAND_ENTRY + 2);
    store(islandSecondHalf(16 * page + 5), start);
    store(c.jr("ra"), start + 2);
  }
}

/** Halves of `addi a3, a3, n`. */
const A3 = 13;
const ISLAND_FIRST_HALF = 0x13 | (A3 << 7) | ((A3 & 1) << 15);
export function islandSecondHalf(immediate: number): number {
  return ((immediate & 0xfff) << 4) | (A3 >> 1);
}

/** The root's entries: the zone and its superpages, and the image twice. */
function buildRoot(a: Assembler): void {
  const enter = (address: number) => {
    a.li("t0", ROOT_TABLE + (address >>> 22) * 4);
    a.store("sw", "t1", 0, "t0");
  };
  a.li("t1", ((LEAF_TABLE >>> 12) << 10) | Pte.Valid);
  enter(ZONE);
  for (let superpage = 0; superpage < CHOSEN_SUPERPAGES; superpage++) {
    a.load("lw", "t1", (CHOSEN_ENTRIES + superpage) * 4, "a0");
    enter(ZONE + (superpage + 1) * SUPERPAGE_BYTES);
  }
  const whole = Pte.Valid | Pte.Read | Pte.Write | Pte.Execute | Pte.Accessed | Pte.Dirty;
  for (let part = 0; part < 2; part++) {
    const frame = (ORIGIN + part * SUPERPAGE_BYTES) >>> 12;
    a.li("t1", (frame << 10) | whole);
    enter(ORIGIN + part * SUPERPAGE_BYTES);
    a.li("t1", (frame << 10) | whole | Pte.User);
    enter(USER_ALIAS + part * SUPERPAGE_BYTES);
  }
}

function namesOf(mode: Mode): { prefix: string; scratch: number } {
  return mode === Mode.Machine
    ? { prefix: "machine", scratch: Csr.mscratch }
    : { prefix: "supervisor", scratch: Csr.sscratch };
}

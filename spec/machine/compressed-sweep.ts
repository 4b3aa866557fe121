/**
 * A program that runs every 16-bit encoding there is, and reports for each a checksum of all that it did: registers,
 * trap, memory. Begin with `sweepImage`.
 *
 * The half-word is patched into a sea of `c.ebreak`, so that wherever it jumps, the next thing that happens is a trap
 * there. All registers point into a small pool of words, which are `c.ebreak` as well.
 */
import { Cause, Csr, Mode, Status } from "../../machine/isa/registers.ts";
import { type Assembler, assemble, ORIGIN, REGISTERS } from "./assembler.ts";
import { compressed, SHORT_REGISTERS } from "./compressed-assembler.ts";

const SEA = ORIGIN + 0x1_0000;
const SEA_BYTES = 0x2000;
/** Jumps reach two KiB either way. */
const PATCHED = SEA + 0x1000;
const POOL = ORIGIN + 0x2_0000;
/** The highest register's word, and the farthest offset of a store. */
const POOL_BYTES = 128 + 256;
const FRAME = ORIGIN + 0x3_0000;
const TWO_BREAKS = compressed.ebreak() | (compressed.ebreak() << 16);

/** Jumps to themselves would never end. */
const ENDLESS = [
  compressed.jal(0),
  compressed.j(0),
  ...SHORT_REGISTERS.map((register) => compressed.bnez(register, 0)),
];

/** All other half-words that are instructions by themselves, in the order of their reports. */
export const HALF_WORDS: readonly number[] = Array.from({ length: 0x1_0000 }, (_, half) => half).filter(
  (half) => (half & 3) !== 3 && !ENDLESS.includes(half),
);

const REGISTER_BYTES = 32 * 4;
/** In the frame, behind the registers: the half-word under test. */
const FRAME_HALF = REGISTER_BYTES;
const UART = 0x1000_0000;

/** The image for `ORIGIN`: it sends one word for each of `HALF_WORDS`. */
export function sweepImage(): Uint8Array {
  return assemble((a) => {
    a.la("t0", "trapped");
    a.csrw(Csr.mtvec, "t0");
    a.li("t6", FRAME);
    fill(a, "sea", SEA, SEA_BYTES);
    a.li("s11", 0);
    a.label("next");
    a.i("andi", "t0", "s11", 3);
    a.i("addi", "t0", "t0", -3);
    a.branch("beq", "t0", "zero", "skip");
    for (const half of ENDLESS) {
      a.li("t0", half);
      a.branch("beq", "s11", "t0", "skip");
    }
    runHalf(a);
    a.align(4);
    a.label("trapped");
    reportTrap(a);
    a.label("skip");
    a.i("addi", "s11", "s11", 1);
    a.shift("srli", "t0", "s11", 16);
    a.branch("beq", "t0", "zero", "next");
    a.finish();
  });
}

/** Patches s11 into the sea and goes there, in M-mode. */
function runHalf(a: Assembler): void {
  fill(a, "pool", POOL, POOL_BYTES);
  a.store("sw", "s11", FRAME_HALF, "t6");
  a.csrw(Csr.mscratch, "t6");
  a.li("t0", PATCHED);
  a.store("sh", "s11", 0, "t0");
  a.fenceI();
  a.csrw(Csr.mepc, "t0");
  a.li("t0", Mode.Machine << Status.MppShift);
  a.csrw(Csr.mstatus, "t0");
  for (let register = 1; register < 32; register++) a.li(REGISTERS[register]!, POOL + 4 * register);
  a.mret();
}

/** Sends the checksum of the registers, the trap and the pool; s11 is the half-word again, t6 the frame. */
function reportTrap(a: Assembler): void {
  a.csr("csrrw", "t6", Csr.mscratch, "t6");
  for (let register = 1; register < 31; register++) a.store("sw", REGISTERS[register]!, register * 4, "t6");
  a.csrr("t0", Csr.mscratch);
  a.store("sw", "t0", 31 * 4, "t6");
  a.load("lw", "s11", FRAME_HALF, "t6");
  a.li("a0", 0);
  for (const csr of [Csr.mcause, Csr.mepc]) {
    a.csrr("t0", csr);
    add(a);
  }
  addTrapValue(a);
  addAll(a, "registers", FRAME, REGISTER_BYTES);
  addAll(a, "memory", POOL, POOL_BYTES);
  a.li("t1", UART);
  for (let byte = 0; byte < 4; byte++) {
    a.store("sb", "a0", 0, "t1");
    a.shift("srli", "a0", "a0", 8);
  }
}

/** Adds mtval, but for breakpoints, of which QEMU 7.2 does not say where they stand. */
function addTrapValue(a: Assembler): void {
  a.csrr("t0", Csr.mcause);
  a.i("addi", "t0", "t0", -Cause.Breakpoint);
  a.branch("beq", "t0", "zero", "noTrapValue");
  a.csrr("t0", Csr.mtval);
  add(a);
  a.label("noTrapValue");
}

/** Fills memory with breakpoints. */
function fill(a: Assembler, name: string, start: number, sizeBytes: number): void {
  a.li("t0", start);
  a.li("t1", start + sizeBytes);
  a.li("t2", TWO_BREAKS);
  a.label(`${name}Fill`);
  a.store("sw", "t2", 0, "t0");
  a.i("addi", "t0", "t0", 4);
  a.branch("bltu", "t0", "t1", `${name}Fill`);
}

/** Adds memory to the checksum in a0. */
function addAll(a: Assembler, name: string, start: number, sizeBytes: number): void {
  a.li("t2", start);
  a.li("t3", start + sizeBytes);
  a.label(`${name}Add`);
  a.load("lw", "t0", 0, "t2");
  add(a);
  a.i("addi", "t2", "t2", 4);
  a.branch("bltu", "t2", "t3", `${name}Add`);
}

/** Adds t0 to the checksum in a0. */
function add(a: Assembler): void {
  a.shift("slli", "t1", "a0", 5);
  a.r("add", "a0", "a0", "t1");
  a.r("xor", "a0", "a0", "t0");
}

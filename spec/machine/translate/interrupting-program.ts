/**
 * Random programs that are interrupted all the time: by the timer, at small random intervals, and by themselves.
 *
 * A body of random instructions runs in a loop, in M-, S- or U-mode, on a bare board. M-mode's handler sets the timer
 * anew, and may hand on to S-mode by mip, as firmware does; it lets itself be interrupted; S-mode's goes back by
 * `sret`. What they see (cause, epc, status, time) goes into a checksum, at `CHECKSUM`. Begin with
 * `interruptingProgram`.
 */
import { Clint } from "../../../machine/board/clint.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { Csr, Interrupt, Mode, Status } from "../../../machine/isa/registers.ts";
import { type Assembler, ORIGIN, type Register } from "../assembler.ts";
import type { Random } from "../random.ts";
import { enterKeepingStatus, openProtection, setCsr } from "../user-mode.ts";

const DATA = ORIGIN + 0x10_0000;
const STACK_END = ORIGIN + 0x20_0000;
/** Words of the data that the handlers keep, below those of the body. */
const SEED = 0;
const COUNT = 4;
const CHECKSUM = 8;
const FRAME_BYTES = 32;

const SOFTWARE = 1 << Interrupt.SupervisorSoftware;
const SUPERVISOR_TIMER = 1 << Interrupt.SupervisorTimer;
const MACHINE = (1 << Interrupt.MachineTimer) | (1 << Interrupt.MachineSoftware);
const TIMER = Base.Clint + Clint.TimeCompare;

export interface Interrupting {
  readonly random: Random;
  /** Interrupts of the timer until it ends. */
  readonly interrupts: number;
  /** Mask of the random number of ticks between two. */
  readonly intervalMask: number;
}

export function interruptingProgram(a: Assembler, { random, interrupts, intervalMask }: Interrupting): void {
  const mode = random.pick([Mode.Machine, Mode.Supervisor, Mode.User]);
  const vectored = { machine: random.chance(0.5), supervisor: random.chance(0.5) };
  openProtection(a);
  a.li("gp", DATA);
  a.li("sp", STACK_END);
  for (const [register, name, isVectored] of [
    [Csr.mtvec, "machine", vectored.machine],
    [Csr.stvec, "supervisor", vectored.supervisor],
  ] as const) {
    a.la("t0", name);
    if (isVectored) a.i("addi", "t0", "t0", 1);
    a.csrw(register, "t0");
  }
  setCsr(a, Csr.mideleg, random.pick([0, SOFTWARE, SUPERVISOR_TIMER, SOFTWARE | SUPERVISOR_TIMER]));
  setCsr(a, Csr.medeleg, 0);
  setCsr(a, Csr.mcounteren, 7);
  setCsr(a, Csr.scounteren, 7);
  setCsr(a, Csr.mie, MACHINE | SOFTWARE | SUPERVISOR_TIMER);
  setCsr(a, Csr.mstatus, Status.Mpie | Status.Sie | Status.Spie);
  a.li("t1", TIMER);
  a.store("sw", "zero", 4, "t1");
  a.store("sw", "zero", 0, "t1");
  enterKeepingStatus(a, mode, "body");

  a.align(4);
  a.label("body");
  for (let index = 0; index < 40; index++) {
    const skipsTo = index % 5 === 4 ? null : `step${index + 1 + random.integer(3)}`;
    a.label(`step${index}`);
    bodyStep(a, random, mode, skipsTo);
  }
  for (let index = 40; index < 44; index++) a.label(`step${index}`);
  if (mode !== Mode.User) a.csr("csrrsi", "zero", Csr.sstatus, Status.Sie);
  if (mode === Mode.Machine) a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
  a.j("body");

  handler(a, "machine", () => machineHandler(a, random, interrupts, intervalMask));
  handler(a, "supervisor", () => supervisorHandler(a));
  a.label("end");
  a.finish();
}

const SCRATCH: readonly Register[] = ["a0", "a1", "a2", "a3", "s0", "s1"];

/** One instruction, or a few that belong together. */
function bodyStep(a: Assembler, random: Random, mode: Mode, skipsTo: string | null): void {
  const [rd, rs1, rs2] = [random.pick(SCRATCH), random.pick(SCRATCH), random.pick(SCRATCH)];
  const offset = 64 + 4 * random.integer(64);
  switch (random.integer(12)) {
    case 0:
      a.load("lw", rd, offset, "gp");
      break;
    case 1:
      a.store("sw", rs1, offset, "gp");
      break;
    case 2:
      a.r("mul", rd, rs1, rs2);
      break;
    case 3:
      a.r("divu", rd, rs1, rs2);
      break;
    case 4:
      if (skipsTo !== null) a.branch("bltu", rs1, rs2, skipsTo);
      break;
    case 5:
      a.csrr(rd, random.pick([Csr.time, Csr.cycle, Csr.cycleh, Csr.instret, Csr.instreth]));
      break;
    case 6:
      a.ecall();
      break;
    case 7:
      if (mode !== Mode.User) a.wfi();
      break;
    case 8:
      if (mode !== Mode.User) a.csr("csrrsi", "zero", Csr.sip, SOFTWARE);
      break;
    case 9: {
      // Interrupts off, and on again some steps later.
      const name = random.pick(["csrrsi", "csrrci"] as const);
      if (mode !== Mode.User) a.csr(name, "zero", Csr.sstatus, Status.Sie);
      if (mode === Mode.Machine) a.csr(name, "zero", Csr.mstatus, Status.Mie);
      break;
    }
    case 10:
      if (mode !== Mode.Machine) break;
      a.li("t0", Base.Clint);
      a.i("addi", "t1", "zero", random.integer(2));
      a.store("sw", "t1", 0, "t0");
      break;
    default:
      a.r(random.pick(["add", "sub", "xor", "sltu"] as const), rd, rs1, rs2);
  }
}

const INTERRUPTS = 12;

/** The entry of a handler, vectored or not: cause and epc into the checksum, then its body. */
function handler(a: Assembler, name: "machine" | "supervisor", write: () => void): void {
  a.align(64);
  a.label(name);
  for (let cause = 0; cause < INTERRUPTS; cause++) a.j(`${name}${cause}`);
  for (let cause = 0; cause < INTERRUPTS; cause++) {
    a.label(`${name}${cause}`);
    a.i("addi", "sp", "sp", -FRAME_BYTES);
    a.store("sw", "t0", 0, "sp");
    a.i("addi", "t0", "zero", cause);
    a.j(`${name}Body`);
  }
  a.label(`${name}Body`);
  a.store("sw", "t1", 4, "sp");
  a.store("sw", "t2", 8, "sp");
  sumUp(a);
  for (const register of name === "machine"
    ? [Csr.mcause, Csr.mepc, Csr.mstatus, Csr.mip]
    : [Csr.scause, Csr.sepc, Csr.sip]) {
    a.csrr("t0", register);
    sumUp(a);
  }
  write();
  a.label(`${name}Return`);
  a.load("lw", "t0", 0, "sp");
  a.load("lw", "t1", 4, "sp");
  a.load("lw", "t2", 8, "sp");
  a.i("addi", "sp", "sp", FRAME_BYTES);
  if (name === "machine") a.mret();
  else a.sret();
}

/** t0 into the checksum. Uses t1. */
function sumUp(a: Assembler): void {
  a.load("lw", "t1", CHECKSUM, "gp");
  a.r("add", "t0", "t0", "t1");
  a.shift("slli", "t1", "t1", 5);
  a.r("add", "t0", "t0", "t1");
  a.store("sw", "t0", CHECKSUM, "gp");
}

function machineHandler(a: Assembler, random: Random, interrupts: number, intervalMask: number): void {
  a.csrr("t0", Csr.mcause);
  a.branch("bge", "t0", "zero", "machineCall");
  a.shift("slli", "t0", "t0", 1);
  a.i("addi", "t1", "zero", 2 * Interrupt.MachineTimer);
  a.branch("beq", "t0", "t1", "machineTimer");
  a.i("addi", "t1", "zero", 2 * Interrupt.MachineSoftware);
  a.branch("beq", "t0", "t1", "machineSoftware");
  a.li("t0", SOFTWARE | SUPERVISOR_TIMER);
  a.csr("csrrc", "zero", Csr.mip, "t0");
  a.j("machineReturn");

  a.label("machineSoftware");
  a.li("t0", Base.Clint);
  a.store("sw", "zero", 0, "t0");
  a.j("machineReturn");

  a.label("machineCall");
  a.csrr("t0", Csr.mepc);
  a.i("addi", "t0", "t0", 4);
  a.csrw(Csr.mepc, "t0");
  a.li("t0", random.pick([SOFTWARE, SUPERVISOR_TIMER]));
  a.csr(random.pick(["csrrs", "csrrc"] as const), "zero", Csr.mip, "t0");
  a.li("t0", Base.Clint);
  a.i("addi", "t1", "zero", 1);
  a.store("sw", "t1", 0, "t0"); // an interrupt behind the mret
  a.load("lw", "t0", 0, "t0");
  sumUp(a);
  a.j("machineReturn");

  a.label("machineTimer");
  a.load("lw", "t0", COUNT, "gp");
  a.i("addi", "t0", "t0", 1);
  a.store("sw", "t0", COUNT, "gp");
  a.li("t1", interrupts);
  a.branch("beq", "t0", "t1", "end");
  randomNumber(a);
  a.li("t1", intervalMask);
  a.r("and", "t0", "t0", "t1");
  a.li("t1", Base.Clint + Clint.Time);
  a.load("lw", "t2", 0, "t1");
  a.r("add", "t2", "t2", "t0");
  a.load("lw", "t0", 4, "t1");
  sumUp(a);
  a.li("t1", TIMER);
  a.store("sw", "t2", 0, "t1");
  a.load("lw", "t0", 0, "t1");
  sumUp(a);
  // Sometimes it hands on to S-mode, and sometimes it lets itself be interrupted.
  randomNumber(a);
  a.li("t1", SOFTWARE | SUPERVISOR_TIMER);
  a.r("and", "t1", "t1", "t0");
  a.csr("csrrs", "zero", Csr.mip, "t1");
  a.i("andi", "t0", "t0", 64);
  a.branch("beq", "t0", "zero", "machineReturn");
  a.csrr("t0", Csr.mepc);
  a.store("sw", "t0", 12, "sp");
  a.csrr("t0", Csr.mstatus);
  a.store("sw", "t0", 16, "sp");
  a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
  a.li("t0", 5);
  a.label("machineNested");
  a.i("addi", "t0", "t0", -1);
  a.branch("bne", "t0", "zero", "machineNested");
  a.csr("csrrci", "zero", Csr.mstatus, Status.Mie);
  a.load("lw", "t0", 12, "sp");
  a.csrw(Csr.mepc, "t0");
  a.load("lw", "t0", 16, "sp");
  a.csrw(Csr.mstatus, "t0");
}

/** A number into t0. Uses t1. */
function randomNumber(a: Assembler): void {
  a.load("lw", "t0", SEED, "gp");
  a.li("t1", 1_103_515_245);
  a.r("mul", "t0", "t0", "t1");
  a.li("t1", 12_345);
  a.r("add", "t0", "t0", "t1");
  a.store("sw", "t0", SEED, "gp");
  a.shift("srli", "t0", "t0", 16);
}

/** S-mode clears what it may, and has M-mode clear the rest; both may be interrupted by M-mode at any time. */
function supervisorHandler(a: Assembler): void {
  a.csr("csrrci", "zero", Csr.sip, SOFTWARE);
  a.csrr("t0", Csr.sip);
  a.i("andi", "t0", "t0", SUPERVISOR_TIMER);
  a.branch("beq", "t0", "zero", "supervisorReturn");
  a.csrr("t0", Csr.sie);
  sumUp(a);
  a.ecall();
  a.li("t0", SUPERVISOR_TIMER);
  a.csr("csrrc", "zero", Csr.sie, "t0"); // or it would come again at once, until M-mode clears it
}

/**
 * The trap handlers of random loops: they count, take interrupts back or put them off, and skip what has trapped.
 * M-mode's does the services of random-loop-changes.ts besides, and hands interrupts on to S-mode. Begin with
 * `machineHandler`.
 */
import { Clint } from "../../../machine/board/clint.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { Plic } from "../../../machine/board/plic.ts";
import { Uart } from "../../../machine/board/uart.ts";
import { Csr, Interrupt, Mode, Status } from "../../../machine/isa/registers.ts";
import type { Assembler, Register } from "../assembler.ts";
import type { Random } from "../random.ts";
import { SERVICES, service } from "./random-loop-changes.ts";
import type { LoopContext } from "./random-loop-layout.ts";

export const SUPERVISOR_INTERRUPTS =
  (1 << Interrupt.SupervisorSoftware) | (1 << Interrupt.SupervisorTimer) | (1 << Interrupt.SupervisorExternal);
const SAVED: readonly Register[] = ["t0", "t1", "t2", "t3", "a0", "a1"];
const INTERRUPT_CAUSES = 12;

/** mscratch and its like point at a frame; t6 does in the handler. */
function enterHandler(a: Assembler, random: Random, name: string, scratch: number): void {
  a.align(64);
  a.label(`${name}Vector`);
  for (let cause = 0; cause < INTERRUPT_CAUSES; cause++) a.j(random.chance(0.5) ? name : `${name}Other`);
  a.label(`${name}Other`);
  a.nop();
  a.label(name);
  a.csr("csrrw", "t6", scratch, "t6");
  for (const [index, register] of SAVED.entries()) a.store("sw", register, 4 + 4 * index, "t6");
  a.load("lw", "t0", 64, "t6");
  a.i("addi", "t0", "t0", 1);
  a.store("sw", "t0", 64, "t6");
}

function leaveHandler(a: Assembler, scratch: number): void {
  for (const [index, register] of SAVED.entries()) a.load("lw", register, 4 + 4 * index, "t6");
  a.csr("csrrw", "t6", scratch, "t6");
}

/** Interrupts are taken back or put off; an exception's instruction is skipped; `ecall` is a service, by a7. */
export function machineHandler(a: Assembler, random: Random, context: LoopContext): void {
  enterHandler(a, random, "machine", Csr.mscratch);
  // Whoever uses MPRV has it off in here.
  a.li("t0", Status.Mprv);
  a.csr("csrrc", "t3", Csr.mstatus, "t0");
  a.csrr("t0", Csr.mcause);
  a.branch("blt", "t0", "zero", "machineInterrupt");
  a.i("addi", "t1", "t0", -8);
  a.i("sltiu", "t1", "t1", 4);
  a.branch("beq", "t1", "zero", "machineSkip");
  a.i("andi", "t1", "a7", SERVICES - 1);
  for (let index = 0; index < SERVICES; index++) {
    a.branch("bne", "t1", "zero", `service${index + 1}`);
    service(a, random, context);
    a.j("machineSkip");
    a.label(`service${index + 1}`);
    a.i("addi", "t1", "t1", -1);
  }
  a.label("machineSkip");
  skip(a, random, "machine", Csr.mepc, Csr.mcause);
  a.label("machineReturn");
  a.li("t0", Status.Mprv);
  a.r("and", "t3", "t3", "t0");
  if (context.mode === Mode.Machine) a.csr("csrrs", "zero", Csr.mstatus, "t3");
  leaveHandler(a, Csr.mscratch);
  a.mret();

  a.label("machineInterrupt");
  a.i("andi", "t0", "t0", 15);
  a.i("addi", "t1", "zero", Interrupt.MachineTimer);
  a.branch("beq", "t0", "t1", "machineTimer");
  a.li("t1", Base.Clint);
  a.store("sw", "zero", 0, "t1");
  a.li("t1", SUPERVISOR_INTERRUPTS);
  a.csr("csrrc", "zero", Csr.mip, "t1");
  takeSerialInterrupt(a);
  a.j("machineReturn");
  a.label("machineTimer");
  setTimer(a, random);
  // Handed on to S-mode, as firmware does.
  a.li("t0", random.pick([0, 2, 0x20, 0x200, 0x222]));
  a.csr("csrrs", "zero", Csr.mip, "t0");
  a.csr("csrrs", "zero", Csr.mie, "t0");
  a.j("machineReturn");
}

/** Whichever mode it is for: claimed, satisfied, completed. */
function takeSerialInterrupt(a: Assembler): void {
  for (const context of [0, 1]) {
    a.li("t0", Base.Plic + Plic.Claim + context * Plic.ContextStride);
    a.load("lw", "t1", 0, "t0");
    a.li("t2", Base.Uart);
    a.load("lbu", "a0", Uart.InterruptIdentification, "t2");
    a.load("lbu", "a0", Uart.Data, "t2");
    a.store("sw", "t1", 0, "t0");
  }
}

/** The timer rings again after a random time, most often short. */
function setTimer(a: Assembler, random: Random): void {
  a.load("lw", "t0", 68, "t6");
  a.li("t1", 1_103_515_245);
  a.r("mul", "t0", "t0", "t1");
  a.i("addi", "t0", "t0", 1233);
  a.store("sw", "t0", 68, "t6");
  a.shift("srli", "t0", "t0", random.pick([16, 18, 20, 22, 25]));
  a.li("t1", Base.Clint + Clint.Time);
  a.load("lw", "t2", 0, "t1");
  a.r("add", "t0", "t0", "t2");
  a.load("lw", "t2", 4, "t1");
  a.li("t1", Base.Clint + Clint.TimeCompare);
  a.store("sw", "t2", 4, "t1");
  a.store("sw", "t0", 0, "t1");
}

/** Behind the instruction that has trapped, or to the beginning of everything where there is none. */
function skip(a: Assembler, random: Random, name: string, epc: number, cause: number): void {
  a.csrr("t0", epc);
  a.csrr("t1", cause);
  a.i("addi", "t2", "t1", -1);
  a.branch("beq", "t2", "zero", `${name}Restart`);
  a.i("addi", "t2", "t1", -12);
  a.branch("beq", "t2", "zero", `${name}Restart`);
  a.load("lhu", "t1", 0, "t0");
  a.i("andi", "t1", "t1", 3);
  a.i("sltiu", "t1", "t1", 3);
  a.shift("slli", "t1", "t1", 1);
  a.i("addi", "t0", "t0", 4);
  a.r("sub", "t0", "t0", "t1");
  a.j(`${name}Skipped`);
  a.label(`${name}Restart`);
  a.la("t0", random.pick(["main", "main", "function0"]));
  a.label(`${name}Skipped`);
  a.csrw(epc, "t0");
}

export function supervisorHandler(a: Assembler, random: Random): void {
  enterHandler(a, random, "supervisor", Csr.sscratch);
  a.csrr("t0", Csr.scause);
  a.branch("blt", "t0", "zero", "supervisorInterrupt");
  // U-mode's pages may not be read from here, but the image may: at the alias.
  a.csrr("t0", Csr.sepc);
  a.i("addi", "t0", "t0", 4);
  a.csrw(Csr.sepc, "t0");
  a.label("supervisorReturn");
  leaveHandler(a, Csr.sscratch);
  a.sret();
  a.label("supervisorInterrupt");
  a.csr("csrrci", "zero", Csr.sip, 2);
  a.li("t0", SUPERVISOR_INTERRUPTS & ~2);
  a.csr("csrrc", "zero", Csr.sie, "t0");
  a.j("supervisorReturn");
}

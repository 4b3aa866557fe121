/** Programs that take a number of interrupts, and do nothing else: of the timer, or their own. */
import { Clint } from "../../../machine/board/clint.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { Csr, Interrupt, Status } from "../../../machine/isa/registers.ts";
import type { Assembler } from "../assembler.ts";
import { setCsr } from "../user-mode.ts";

const INTERVAL_TICKS = 100;

/**
 * The timer rings every thousand cycles, while a loop computes, or waits. The handler reads mtime and sets mtimecmp.
 */
export function ticking(a: Assembler, { interrupts, waits }: { interrupts: number; waits: boolean }): void {
  a.la("t0", "handler");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", interrupts);
  a.li("s1", Base.Clint + Clint.TimeCompare);
  a.li("s2", Base.Clint + Clint.Time);
  a.store("sw", "zero", 4, "s1");
  a.store("sw", "zero", 0, "s1");
  setCsr(a, Csr.mie, 1 << Interrupt.MachineTimer);
  setCsr(a, Csr.mstatus, Status.Mie);
  a.label("loop");
  if (waits) a.wfi();
  for (const [rd, rs1, rs2] of [
    ["a0", "a0", "a1"],
    ["a1", "a1", "a2"],
    ["a2", "a2", "a0"],
  ] as const) {
    a.r("mul", rd, rs1, rs2);
    a.i("addi", rd, rd, 3);
  }
  a.j("loop");
  a.align(4);
  a.label("handler");
  a.load("lw", "t1", 0, "s2");
  a.i("addi", "t1", "t1", INTERVAL_TICKS);
  a.store("sw", "t1", 0, "s1");
  countDown(a);
}

/** Raises an interrupt, which the handler puts down again. */
export function raising(a: Assembler, interrupts: number, how: "device" | "register"): void {
  const isDevice = how === "device";
  a.la("t0", "handler");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", interrupts);
  a.li("s1", Base.Clint + Clint.SoftwareInterrupt);
  a.li("s2", 1);
  setCsr(a, Csr.mie, 1 << (isDevice ? Interrupt.MachineSoftware : Interrupt.SupervisorSoftware));
  setCsr(a, Csr.mstatus, Status.Mie);
  a.label("loop");
  a.i("addi", "a0", "a0", 1);
  if (isDevice) a.store("sw", "s2", 0, "s1");
  else a.csr("csrrsi", "zero", Csr.mip, 1 << Interrupt.SupervisorSoftware);
  a.j("loop");
  a.align(4);
  a.label("handler");
  if (isDevice) a.store("sw", "zero", 0, "s1");
  else a.csr("csrrci", "zero", Csr.mip, 1 << Interrupt.SupervisorSoftware);
  countDown(a);
}

/** The end of a handler, and of the program if that was the last interrupt. */
function countDown(a: Assembler): void {
  a.i("addi", "s0", "s0", -1);
  a.branch("beq", "s0", "zero", "end");
  a.mret();
  a.label("end");
  a.finish();
}

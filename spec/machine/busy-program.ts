/** A program that does a little of everything, for tests of the machine as a whole. */
import { Base } from "../../machine/board/memory-map.ts";
import { LineStatus, Uart } from "../../machine/board/uart.ts";
import { Csr, Interrupt, Status } from "../../machine/isa/registers.ts";
import type { OutsideEvent } from "../../machine/machine.ts";
import { type Assembler, addressIn, ORIGIN } from "./assembler.ts";
import { machineWith } from "./bench-top.ts";
import { setCsr } from "./user-mode.ts";

export const DATA = ORIGIN + 0x10_0000;

/** A program that computes, writes memory, talks, echoes what is typed, and takes timer interrupts; for ever. */
export function busy(a: Assembler): void {
  a.la("t0", "handler");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", Base.Uart);
  a.li("s1", DATA);
  a.li("s2", Base.Clint + 0x4000);
  a.store("sw", "zero", 4, "s2");
  a.store("sw", "zero", 0, "s2");
  setCsr(a, Csr.mie, 1 << Interrupt.MachineTimer);
  a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
  a.label("loop");
  a.r("mul", "s4", "s4", "s5");
  a.i("addi", "s5", "s5", 77);
  a.r("div", "s6", "s4", "s5");
  a.i("andi", "t0", "s5", 0x7fc);
  a.shift("slli", "t1", "s6", 12);
  a.i("andi", "t1", "t1", -4);
  a.r("add", "t0", "t0", "s1");
  a.store("sw", "s5", 0, "t0");
  a.store("sh", "s4", 1, "t0");
  a.load("lbu", "t0", Uart.LineStatus, "s0");
  a.i("andi", "t0", "t0", LineStatus.DataReady);
  a.branch("beq", "t0", "zero", "loop");
  a.load("lbu", "t0", Uart.Data, "s0");
  a.store("sb", "t0", Uart.Data, "s0");
  a.j("loop");
  a.align(4);
  a.label("handler");
  a.i("addi", "s7", "s7", 1);
  a.csrr("s8", Csr.mcycle);
  a.li("s9", Base.Clint + 0xbff8);
  a.load("lw", "s10", 0, "s9");
  a.i("addi", "s10", "s10", 333);
  a.store("sw", "s10", 0, "s2");
  a.i("andi", "t3", "s7", 3);
  a.branch("bne", "t3", "zero", "awake");
  a.wfi();
  a.label("awake");
  a.i("addi", "t3", "zero", 0x2e);
  a.store("sb", "t3", Uart.Data, "s0");
  a.mret();
}

/** Where its loop begins. */
export const LOOP = addressIn(busy, "loop");

export const busyMachine = () => machineWith(busy, { disk: new Uint8Array(1 << 16) });
export const typed: OutsideEvent = { at: 40_000, type: "input", text: "héllo\n" };

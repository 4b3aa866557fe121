/**
 * A trap handler for tests: it writes down what it was told, and goes on behind the instruction that trapped.
 *
 * In M-mode at `HANDLER`, with its log at `LOG`. For an interrupt it returns to the interrupted instruction, with that
 * interrupt disabled.
 */
import { Csr } from "../../machine/isa/registers.ts";
import type { Machine } from "../../machine/machine.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";

export const LOG = ORIGIN + 0x20_0000;
const FRAME = LOG + 0x1000;
const RECORD_BYTES = 16;
/**
 * MIE off, so that the handler itself is never interrupted, is what the hart does; MPRV would redirect the handler's
 * own accesses.
 */
const MPRV = 1 << 17;

export interface LoggedTrap {
  readonly cause: number;
  readonly epc: number;
  readonly value: number;
  readonly status: number;
}

/**
 * Installs the handler; to be called at the start of a test's code, in M-mode. Leaves all registers but t0 and mscratch
 * alone.
 */
export function catchTraps(a: Assembler): void {
  a.la("t0", "trapHandler");
  a.csrw(Csr.mtvec, "t0");
  a.li("t0", FRAME);
  a.csrw(Csr.mscratch, "t0");
  a.j("afterTrapHandler");
  a.align(4);
  a.label("trapHandler");
  handler(a);
  a.label("afterTrapHandler");
}

/** What was logged, in order. */
export function trapsOf(machine: Machine): LoggedTrap[] {
  const count = new DataView(machine.readPhysical(LOG, 4).buffer).getUint32(0, true);
  const view = new DataView(machine.readPhysical(LOG + RECORD_BYTES, count * RECORD_BYTES).buffer);
  return Array.from({ length: count }, (_, index) => ({
    cause: view.getUint32(index * RECORD_BYTES, true),
    epc: view.getUint32(index * RECORD_BYTES + 4, true),
    value: view.getUint32(index * RECORD_BYTES + 8, true),
    status: view.getUint32(index * RECORD_BYTES + 12, true),
  }));
}

/** Saves t0 to t2 in the frame that mscratch points to. */
function handler(a: Assembler): void {
  a.csr("csrrw", "t6", Csr.mscratch, "t6");
  a.store("sw", "t0", 0, "t6");
  a.store("sw", "t1", 4, "t6");
  a.store("sw", "t2", 8, "t6");
  a.csrr("t2", Csr.mstatus);
  a.li("t0", MPRV);
  a.csr("csrrc", "zero", Csr.mstatus, "t0");
  a.li("t0", LOG);
  a.load("lw", "t1", 0, "t0");
  a.i("addi", "t1", "t1", 1);
  a.store("sw", "t1", 0, "t0");
  a.shift("slli", "t1", "t1", 4);
  a.r("add", "t0", "t0", "t1");
  a.store("sw", "t2", 12, "t0");
  a.csrr("t1", Csr.mtval);
  a.store("sw", "t1", 8, "t0");
  a.csrr("t2", Csr.mepc);
  a.store("sw", "t2", 4, "t0");
  a.csrr("t1", Csr.mcause);
  a.store("sw", "t1", 0, "t0");
  a.branch("blt", "t1", "zero", "trapInterrupt");
  a.i("addi", "t2", "t2", 4);
  a.csrw(Csr.mepc, "t2");
  a.j("trapReturn");
  a.label("trapInterrupt");
  a.i("addi", "t2", "zero", 1);
  a.r("sll", "t2", "t2", "t1");
  a.csr("csrrc", "zero", Csr.mie, "t2");
  a.label("trapReturn");
  a.load("lw", "t0", 0, "t6");
  a.load("lw", "t1", 4, "t6");
  a.load("lw", "t2", 8, "t6");
  a.csr("csrrw", "t6", Csr.mscratch, "t6");
  a.mret();
}

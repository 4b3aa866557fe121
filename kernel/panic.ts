/**
 * The end of the kernel, on its own bugs only; and of RS and VM, without which nothing heals.
 *
 * Says on the console what happened and where, and stops the machine with exit status 1. Begin at `panicked`.
 */
import { DeathCause } from "../lib/kernel-call/crash.ts";
import { Shutdown } from "../lib/kernel-call/machine.ts";
import { logCalls } from "./backtrace.ts";
import { causeName } from "./cause.ts";
import { log, logToConsole } from "./log.ts";
import { shutDown } from "./machine.ts";
import { type Death, Frame, type Process } from "./process.ts";

class PanicStack {
  static readonly bytes = 4096;
  static readonly alignment = 16;
  first: u32 = 0;
}
const panicStack = new PanicStack();
/** The kernel's registers when it trapped; the pc in the place of x0. */
const panicFrame = new Frame();

/** The kernel has trapped. sp is zero and mscratch holds what it was: nothing of the kernel's state is trusted. */
export const kernelTrap = asm`
    la     sp, ${panicFrame}
    sw     ra, 4(sp)
    sw     x3..x31, 12(sp)
    csrr   t0, mscratch
    sw     t0, 8(sp)
    csrr   t0, mepc
    sw     t0, 0(sp)
    la     sp, ${panicStack} + 4096
    j      ${panicked}
`;

let hasPanicked = false;

function panicked(): never {
  if (hasPanicked) shutDown(Shutdown.PowerOff, 1); // while telling of the first time
  hasPanicked = true;
  logToConsole();
  log`kernel panic: ${causeName(csr.mcause)} (mcause ${csr.mcause}, mtval 0x${hex(csr.mtval)})`;
  logCalls(null, panicFrame);
  logRegisters(panicFrame);
  shutDown(Shutdown.PowerOff, 1);
}

/** The kernel cannot go on, and says why. */
export function panic(why: string): never {
  logToConsole();
  log`kernel panic: ${why}`;
  shutDown(Shutdown.PowerOff, 1);
}

/** RS or VM has died: its crash is told here, as nobody else is left to tell it. */
export function dieVital(process: Process): never {
  const { death, frame } = process;
  logToConsole();
  log`${process.name} is dead, and the system with it: ${howDied(death)}`;
  if (death.cause === DeathCause.Exception) log`  ${causeName(death.mcause)}, address 0x${hex(death.address)}`;
  logCalls(process, frame);
  shutDown(Shutdown.PowerOff, 1);
}

function howDied(death: Death): string {
  switch (death.cause) {
    case DeathCause.Exception:
      return "exception";
    case DeathCause.Check:
      return "failed check";
    case DeathCause.Killed:
      return "killed";
    default:
      return "it gave up";
  }
}

function logRegisters(frame: Frame): void {
  const registers = wordsAt(address(frame), 32); // the pc stands in the place of x0
  for (let number = 0; number < 32; number += 4) {
    const four = registers.subarray(number, number + 4);
    log`  x${number}: ${hex(four[0])} ${hex(four[1])} ${hex(four[2])} ${hex(four[3])}`;
  }
}

/**
 * Where the machine begins: the first instruction of the image, and the order in which the kernel comes to life.
 *
 * The hart starts in machine mode with its number in a0 and the device tree's address in a1. Begin at `main`.
 */
import { startFirstProcesses } from "./boot.ts";
import { startClock } from "./clock.ts";
import { found, readDeviceTree } from "./device-tree.ts";
import { startGuard } from "./dma.ts";
import { initializeFrames } from "./frames.ts";
import { initializeInterrupts } from "./interrupt.ts";
import { log } from "./log.ts";
import { type Frame, initializeProcesses } from "./process.ts";
import { initializeScheduling } from "./schedule.ts";
import { entry, firstFrame, resume, stack } from "./trap.ts";

/** One hart runs the system; others sleep. Traps lead to a panic from the first instruction on: mscratch is zero. */
export const start = asm`
    csrw   mie, zero
    bnez   a0, 1f
    csrw   mscratch, zero
    la     t0, ${entry}
    csrw   mtvec, t0
    la     sp, ${stack} + 8176
    mv     a0, a1
    call   ${main}
    j      ${resume}
1:  wfi
    j      1b
`;

/** Everything, in order. Returns the frame of the first process to run. */
export function main(tree: paddr): Frame {
  initializeModules();
  initializeProcesses();
  initializeScheduling();
  readDeviceTree(tree);
  initializeFrames(found.ramBase, found.ramBytes, paddr(linkerSymbol("archive_end")));
  protectKernel();
  initializeInterrupts();
  if (found.dmaGuard !== 0) startGuard(found.dmaGuard);
  log`renix: ${found.ramBytes >>> 20} MiB of memory`;
  startFirstProcesses();
  startClock();
  enterUserMode();
  return firstFrame();
}

/** pmpcfg's bits for a region (privileged specification, 3.7.1). */
const enum Protection {
  Read = 1 << 0,
  Write = 1 << 1,
  Execute = 1 << 2,
  TopOfRange = 1 << 3,
  /** Naturally aligned power of two: with all address bits set, everything. */
  NaturallyAligned = 3 << 3,
}

/**
 * Whatever page tables say, user mode never touches the kernel, and never writes the archive: regions 0 and 1 end there. Region 2 opens the rest, without
 * which the first `mret` would trap.
 */
function protectKernel(): void {
  const everything = Protection.NaturallyAligned | Protection.Read | Protection.Write | Protection.Execute;
  asm`csrw pmpaddr0, ${linkerSymbol("image_start") >>> 2}`;
  asm`csrw pmpaddr1, ${linkerSymbol("archive_start") >>> 2}`;
  asm`csrw pmpaddr2, ${linkerSymbol("archive_end") >>> 2}`;
  asm`csrw pmpaddr3, ${0xffff_ffff}`;
  csr.pmpcfg0 = (everything << 24) | ((Protection.TopOfRange | Protection.Read) << 16) | (Protection.TopOfRange << 8);
}

/** `mret` leads to user mode (mstatus.MPP is zero), where time and cycles can be read. */
function enterUserMode(): void {
  csr.mstatus &= ~u32(0x1800);
  csr.mcounteren = 7;
  csr.scounteren = 7; // U-mode needs both where there is an S-mode
}

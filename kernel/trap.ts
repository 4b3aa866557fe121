/**
 * Into the kernel and out again: with start.ts, the only hand-written instructions in the system.
 *
 * In user mode mscratch holds the frame of whoever runs; in the kernel it is zero, which is how `entry` knows that the kernel itself has
 * trapped, a bug, and goes to panic.ts without trusting any register. On entry only those registers are saved that a function
 * may change; s0 to s11, gp and tp stay where they are and are saved when another process is resumed. Begin at `trap`.
 */
import type { Endpoint } from "../lib/endpoint.ts";
import { KERNEL_CALL, Trap } from "../lib/ipc.ts";
import { PageFlags } from "../lib/kernel-call.ts";
import { Status } from "../lib/status.ts";
import { sendAsync } from "./async.ts";
import { kernelCall } from "./calls/table.ts";
import { Cause, INTERRUPT, Interrupt } from "./cause.ts";
import { cyclesSinceBoundary, timerInterrupt } from "./clock.ts";
import { raise } from "./death.ts";
import { externalInterrupt } from "./interrupt.ts";
import { notify, receive, send, sendNonblocking, sendReceive } from "./ipc.ts";
import { RETRY, touchedMissing } from "./missing.ts";
import { kernelTrap } from "./panic.ts";
import type { Frame, Process } from "./process.ts";
import { nextToRun, running } from "./schedule.ts";

/** Arguments in a0 and a1; a handler that has others takes them from the frame itself. */
type Handler = (caller: Process, peer: Endpoint, message: vaddr) => i32;

/** One row per trap; a missing row does not compile. */
const handlers: Record<Trap, Handler> = {
  [Trap.Send]: send,
  [Trap.Receive]: receive,
  [Trap.SendReceive]: sendReceive,
  [Trap.Notify]: notify,
  [Trap.SendNonblocking]: sendNonblocking,
  [Trap.SendAsync]: sendAsync,
};

class Stack {
  static readonly bytes = 8192;
  static readonly alignment = 16;
  first: u32 = 0;
}
/** The kernel never waits, so one stack is enough. */
export const stack = new Stack();

/** Kernel entries since boot. */
export let trapCount: u32 = 0;
/** What satp holds: the address space of whoever ran last. */
let loadedSpace: u32 = 0;

/** Resumes the frame in a0, with all its registers. */
export const resume = asm`
    csrw   mscratch, a0
    lw     t1, 0(a0)
    csrw   mepc, t1
    mv     sp, a0
    lw     ra, 4(sp)
    lw     x3..x9, 12(sp)
    lw     x10..x31, 40(sp)
    lw     sp, 8(sp)
    mret
`;

export const entry = asm`
    csrrw  sp, mscratch, sp         # sp: the frame of whoever was running
    beqz   sp, 2f                   # nobody: the kernel itself
    sw     ra, 4(sp)
    sw     x5..x7, 20(sp)
    sw     x10..x17, 40(sp)
    sw     x28..x31, 112(sp)
    csrr   t0, mscratch
    csrr   t1, mepc
    sw     t0, 8(sp)
    sw     t1, 0(sp)
    csrw   mscratch, zero
    mv     t2, sp
    la     sp, ${stack} + 8176
    sw     t2, 0(sp)
    call   ${trap}                  # a0: the frame to resume
    lw     t2, 0(sp)
    bne    a0, t2, 1f
    csrw   mscratch, a0             # the same one: what is not in the frame is still in its registers
    lw     t1, 0(a0)
    csrw   mepc, t1
    mv     sp, a0
    lw     ra, 4(sp)
    lw     x5..x7, 20(sp)
    lw     x10..x17, 40(sp)
    lw     x28..x31, 112(sp)
    lw     sp, 8(sp)
    mret
1:  sw     x3..x4, 12(t2)           # another one: these as well
    sw     x8..x9, 32(t2)
    sw     x18..x27, 72(t2)
    j      ${resume}
2:  j      ${kernelTrap}
`;

/** Everything that brings the hart into the kernel comes here. Returns the frame to resume. */
function trap(): Frame {
  const caller = running;
  caller.recentUserCycles += cyclesSinceBoundary();
  trapCount++;
  const cause = csr.mcause;
  if (cause === Cause.UserCall) systemCall(caller);
  else if (cause >= INTERRUPT) interrupt(cause - INTERRUPT);
  else exception(caller, cause);
  return leave(caller);
}

/** Whoever is to run next, and its address space. */
export function leave(caller: Process): Frame {
  const next = nextToRun();
  if (next.satp !== loadedSpace) {
    loadedSpace = next.satp;
    csr.satp = loadedSpace; // translations carry their space's id: nothing to flush
  }
  caller.recentKernelCycles += cyclesSinceBoundary();
  return next.frame;
}

/** An `ecall`: a7 says what for. */
function systemCall(caller: Process): void {
  const { frame } = caller;
  const number = frame.a7;
  frame.pc += 4;
  let result: i32 = Status.NoSuchCall;
  if (number < 32 && ((caller.traps >>> number) & 1) !== 0) {
    result = handlers[number as Trap](caller, i32(frame.a0), vaddr(frame.a1));
  } else if (number >= KERNEL_CALL) result = kernelCall(caller, number - KERNEL_CALL);
  else if (number >= Trap.Send && number <= Trap.SendAsync) result = Status.Denied;
  if (result === RETRY) frame.pc -= 4;
  else frame.a0 = u32(result);
}

function interrupt(number: u32): void {
  if (number === Interrupt.Timer) timerInterrupt();
  else if (number === Interrupt.External) externalInterrupt();
}

/** A page that is not there is VM's business; anything else is the process' own fault. */
function exception(process: Process, cause: u32): void {
  const place = csr.mtval;
  if (cause === Cause.FetchPageFault) touchedMissing(process, vaddr(place), PageFlags.Execute, cause);
  else if (cause === Cause.LoadPageFault) touchedMissing(process, vaddr(place), PageFlags.Read, cause);
  else if (cause === Cause.StorePageFault) touchedMissing(process, vaddr(place), PageFlags.Write, cause);
  else raise(process, cause, place);
}

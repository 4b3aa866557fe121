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
import { timerInterrupt } from "./clock.ts";
import { raise } from "./death.ts";
import { hart, idler } from "./hart.ts";
import { externalInterrupt } from "./interrupt.ts";
import { notify, receive, send, sendNonblocking, sendReceive } from "./ipc.ts";
import { RETRY, touchedMissing } from "./missing.ts";
import { kernelTrap } from "./panic.ts";
import type { Frame, Process } from "./process.ts";
import { nextToRun } from "./schedule.ts";

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

/** Resumes the frame in a0, with all its registers. */
export const resume = asm`
    csrw   mscratch, a0
    lw     t1, 0(a0)
    csrw   mepc, t1
    lw     x1..x9, 4(a0)
    lw     x11..x31, 44(a0)
    lw     a0, 40(a0)
    mret
`;

export const entry = asm`
    csrrw  sp, mscratch, sp         # sp: the frame of whoever was running
    beqz   sp, 2f                   # nobody: the kernel itself
    sw     ra, 4(sp)
    sw     x5..x7, 20(sp)
    sw     x10..x17, 40(sp)
    sw     x28..x31, 112(sp)
    csrrw  t0, mscratch, zero
    csrr   t1, mepc
    sw     t0, 8(sp)
    sw     t1, 0(sp)
    mv     t2, sp
    la     sp, ${stack} + 8176
    sw     t2, 0(sp)
    call   ${trap}                  # a0: the frame to resume
    lw     t2, 0(sp)
    bne    a0, t2, 1f
    csrw   mscratch, a0             # the same one: what is not in the frame is still in its registers
    lw     t1, 0(a0)
    csrw   mepc, t1
    lw     ra, 4(a0)
    lw     sp, 8(a0)
    lw     x5..x7, 20(a0)
    lw     x11..x17, 44(a0)
    lw     x28..x31, 112(a0)
    lw     a0, 40(a0)
    mret
1:  sw     x3..x4, 12(t2)           # another one: these as well
    sw     x8..x9, 32(t2)
    sw     x18..x27, 72(t2)
    j      ${resume}
2:  j      ${kernelTrap}
`;

/** Everything that brings the hart into the kernel comes here. Returns the frame to resume. */
function trap(): Frame {
  const enteredAtCycle = csr.mcycle;
  const caller = hart.running;
  hart.traps++;
  if (csr.mcause === Cause.UserCall) {
    const { a0, a1, a7 } = caller.frame;
    const result =
      a7 < 32 && ((caller.traps >>> a7) & 1) !== 0
        ? handlers[a7 as Trap](caller, i32(a0), vaddr(a1))
        : otherCall(caller, a7);
    if (result !== RETRY) {
      caller.frame.pc += 4; // behind the `ecall`
      caller.frame.a0 = u32(result);
    }
  } else interruptOrException(caller);

  let next = hart.running;
  if (next.blocked !== 0 || (hart.waiting & next.moreUrgent) !== 0) next = nextToRun(caller);
  const leftAtCycle = csr.mcycle;
  caller.recentUserCycles += enteredAtCycle - hart.leftAtCycle;
  caller.recentKernelCycles += leftAtCycle - enteredAtCycle;
  hart.leftAtCycle = leftAtCycle;
  return frameOf(next);
}

/** The frame to begin with, when the system starts. */
export function firstFrame(): Frame {
  const next = nextToRun(idler);
  hart.leftAtCycle = csr.mcycle;
  return frameOf(next);
}

/** A process' frame, in its address space. Translations carry their space's number: nothing has to be flushed. */
function frameOf(process: Process): Frame {
  const { satp } = process;
  if (satp !== hart.loadedSpace) {
    hart.loadedSpace = satp;
    csr.satp = satp;
  }
  return process.frame;
}

/** What is no message passing, or none that the caller may use. */
function otherCall(caller: Process, number: u32): i32 {
  if (number >= KERNEL_CALL) return kernelCall(caller, number - KERNEL_CALL);
  return number >= Trap.Send && number <= Trap.SendAsync ? Status.Denied : Status.NoSuchCall;
}

function interruptOrException(running: Process): void {
  const cause = csr.mcause;
  if (cause === INTERRUPT + Interrupt.Timer) timerInterrupt();
  else if (cause === INTERRUPT + Interrupt.External) externalInterrupt();
  else exception(running, cause);
}

/** A page that is not there is VM's business; anything else is the process' own fault. */
function exception(process: Process, cause: u32): void {
  const place = csr.mtval;
  if (cause === Cause.FetchPageFault) touchedMissing(process, vaddr(place), PageFlags.Execute, cause);
  else if (cause === Cause.LoadPageFault) touchedMissing(process, vaddr(place), PageFlags.Read, cause);
  else if (cause === Cause.StorePageFault) touchedMissing(process, vaddr(place), PageFlags.Write, cause);
  else raise(process, cause, place);
}

/**
 * Into the kernel and out again: with start.ts, the only hand-written instructions in the system.
 *
 * In user mode mscratch holds the frame of whoever runs; in the kernel it is zero, which is how `entry` knows that the kernel itself has
 * trapped, a bug, and goes to panic.ts without trusting any register. On entry only those registers are saved that a function
 * may change; s0 to s11, gp and tp stay where they are and are saved when another process is resumed. Begin at `trap`.
 */
import { ANY, type Endpoint, NONE, slotOf } from "../lib/endpoint.ts";
import { KERNEL_CALL, Trap } from "../lib/ipc.ts";
import { Blocked } from "../lib/kernel-call/service.ts";
import { PageFlags } from "../lib/kernel-call/space.ts";
import { Range } from "../lib/message.ts";
import { Status } from "../lib/status.ts";
import { sendAsync } from "./async.ts";
import { kernelCall } from "./calls/table.ts";
import { Cause, INTERRUPT, Interrupt } from "./cause.ts";
import { timerInterrupt } from "./clock.ts";
import { raise } from "./death.ts";
import { hart, idler } from "./hart.ts";
import { externalInterrupt } from "./interrupt.ts";
import { notify, receive, replyReceive, send, sendNonblocking, sendReceive } from "./ipc.ts";
import { RETRY, touchedMissing } from "./missing.ts";
import { kernelTrap } from "./panic.ts";
import { type Frame, Letter, type Process, processes } from "./process.ts";
import { nextToRun } from "./schedule.ts";
import { traceReceived, traceSent } from "./trace.ts";

/** Arguments in a0 and a1; a handler that has others takes them from the frame itself. Whoever has none of these rights has no `outbox` either. */
type Handler = (caller: Process, peer: Endpoint, message: vaddr) => i32;

/** One row per trap; a missing row does not compile. */
const handlers: Record<Trap, Handler> = {
  [Trap.Send]: send,
  [Trap.Receive]: receive,
  [Trap.SendReceive]: sendReceive,
  [Trap.Notify]: notify,
  [Trap.SendNonblocking]: sendNonblocking,
  [Trap.SendAsync]: sendAsync,
  [Trap.ReplyReceive]: replyReceive,
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
    sw     x5..x8, 20(sp)
    sw     x10..x17, 40(sp)
    sw     x28..x31, 112(sp)
    csrrw  t0, mscratch, zero
    sw     t0, 8(sp)
    mv     s0, sp
    la     sp, ${stack} + 8176
    call   ${trap}                  # a0 to a7 are as they were; then a0: the frame to resume
    bne    a0, s0, 1f
    csrw   mscratch, a0             # the same one: what is not in the frame is still in its registers
    lw     t1, 0(a0)
    csrw   mepc, t1
    lw     ra, 4(a0)
    lw     sp, 8(a0)
    lw     x5..x8, 20(a0)
    lw     x11..x17, 44(a0)
    lw     x28..x31, 112(a0)
    lw     a0, 40(a0)
    mret
1:  sw     x3..x4, 12(s0)           # another one: these as well
    sw     x9, 36(s0)
    sw     x18..x27, 72(s0)
    j      ${resume}
2:  j      ${kernelTrap}
`;

/** Bits in which the addresses of two messages in the same page do not differ. */
const ELSEWHERE = 0xffff_f03f;

/**
 * Everything that brings the hart into the kernel comes here. Returns the frame to resume.
 *
 * This is the short way, which nearly every message takes: the request to a server that waits for one, and the answer to a client that waits
 * for it, where the other can go on at once. It does what `sendReceive` and `replyReceive` of ipc.ts would do. Where anything is unlike that,
 * `trapAnyhow` begins anew. Whoever has an outbox has answered before, and so may do it again.
 */
function trap(to: Endpoint, message: vaddr, inbox: vaddr, _3: u32, _4: u32, _5: u32, _6: u32, number: u32): Frame {
  const cycle = csr.mcycle;
  const caller = hart.running;
  const peer = processes[slotOf(to)];
  if (csr.mcause !== Cause.UserCall || peer.endpoint !== to || !caller.sendTo.has(peer.privilege))
    return trapAnyhow(to, message, inbox, cycle);
  const { endpoint } = caller;
  const target = peer.inboxPlace;
  if (peer.blocked !== Blocked.Receiving || target === 0 || (hart.waiting & peer.moreUrgent) !== 0)
    return trapAnyhow(to, message, inbox, cycle);
  let place: paddr;
  let type: u32;
  if (number === Trap.SendReceive) {
    if (peer.listensTo !== ANY || caller.inboxPlace === 0) return trapAnyhow(to, message, inbox, cycle);
    place = caller.inboxPlace;
    const moved = message ^ caller.inbox;
    if (moved !== 0) {
      if ((moved & ELSEWHERE) !== 0) return trapAnyhow(to, message, inbox, cycle);
      place = paddr(place ^ moved);
      caller.inbox = message;
      caller.inboxPlace = place;
    }
    type = view(place, Letter).type;
    if (type < Range.FirstProtocol) return trapAnyhow(to, message, inbox, cycle);
    peer.listensTo = NONE;
    caller.awaitsReplyFrom = to;
  } else {
    if (number !== Trap.ReplyReceive || peer.awaitsReplyFrom !== endpoint || caller.mayHaveMail)
      return trapAnyhow(to, message, inbox, cycle);
    if (inbox !== caller.inbox || caller.inboxPlace === 0 || caller.outboxPlace === 0)
      return trapAnyhow(to, message, inbox, cycle);
    place = caller.outboxPlace;
    const moved = message ^ caller.outbox;
    if (moved !== 0) {
      if ((moved & ELSEWHERE) !== 0) return trapAnyhow(to, message, inbox, cycle);
      place = paddr(place ^ moved);
      caller.outbox = message;
      caller.outboxPlace = place;
    }
    type = view(place, Letter).type;
    if (type < Range.FirstProtocol) return trapAnyhow(to, message, inbox, cycle);
    peer.awaitsReplyFrom = NONE;
    caller.listensTo = ANY;
  }
  copy(view(target, Letter), view(place, Letter));
  view(target, Letter).source = endpoint;
  traceSent(caller, to, type, cycle);
  traceReceived(peer, endpoint, type, cycle);
  caller.blocked = Blocked.Receiving;
  peer.blocked = 0;
  hart.running = peer;
  caller.frame.pc = csr.mepc + 4; // behind the `ecall`
  caller.frame.a0 = Status.Ok;
  chargeUser(caller, cycle);
  chargeKernel(caller, cycle, csr.mcycle);
  csr.satp = peer.satp;
  return peer.frame;
}

/** The same in every case, and all that is no message. */
function trapAnyhow(to: Endpoint, message: vaddr, _inbox: vaddr, enteredAtCycle: u32): Frame {
  const caller = hart.running;
  caller.frame.pc = csr.mepc;
  if (csr.mcause === Cause.UserCall) call(caller, to, message);
  else interruptOrException(caller);
  let next = hart.running;
  if (next.blocked !== 0 || (hart.waiting & next.moreUrgent) !== 0) next = nextToRun(caller);
  return leave(caller, next, enteredAtCycle);
}

function call(caller: Process, to: Endpoint, message: vaddr): void {
  const number = caller.frame.a7;
  const mayDoSo = number < 32 && ((caller.traps >>> number) & 1) !== 0;
  const result = mayDoSo ? handlers[number as Trap](caller, to, message) : otherCall(caller, number);
  if (result === RETRY) return;
  caller.frame.pc += 4; // behind the `ecall`
  caller.frame.a0 = u32(result);
}

/** What is no message passing, or none that the caller may use. */
function otherCall(caller: Process, number: u32): i32 {
  if (number >= KERNEL_CALL) return kernelCall(caller, number - KERNEL_CALL);
  return number >= Trap.Send && number <= Trap.ReplyReceive ? Status.Denied : Status.NoSuchCall;
}

/**
 * Back to user mode: the next one's address space is loaded, unless it is the caller's, which still is. Translations carry their space's
 * number: nothing has to be flushed.
 */
function leave(caller: Process, next: Process, enteredAtCycle: u32): Frame {
  chargeUser(caller, enteredAtCycle);
  chargeKernel(caller, enteredAtCycle, csr.mcycle);
  if (next !== caller) csr.satp = next.satp;
  return next.frame;
}

/** The time until a process came into the kernel was its own, */
function chargeUser(process: Process, enteredAtCycle: u32): void {
  process.recentUserCycles += enteredAtCycle - hart.leftAtCycle;
}

/** and what passed since then is the kernel's, on its behalf. */
function chargeKernel(process: Process, enteredAtCycle: u32, nowCycle: u32): void {
  process.recentKernelCycles += nowCycle - enteredAtCycle;
  hart.leftAtCycle = nowCycle;
}

/** The frame to begin with, when the system starts. */
export function firstFrame(): Frame {
  return leave(idler, nextToRun(idler), csr.mcycle);
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

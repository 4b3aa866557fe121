/** Into the kernel and out again: the only hand-written instructions in the system. */
import type { Endpoint } from "./endpoint.ts";
import { notify, receive, send, sendReceive } from "./ipc.ts";
import { type Frame, type Process, processes } from "./process.ts";
import { Status } from "./status.ts";

const enum Trap {
  Send,
  Receive,
  SendReceive,
  Notify,
}
type Handler = (caller: Process, peer: Endpoint, message: vaddr) => Status;

/** One row per trap; a missing row does not compile. */
const handlers: Record<Trap, Handler> = {
  [Trap.Send]: send,
  [Trap.Receive]: receive,
  [Trap.SendReceive]: sendReceive,
  [Trap.Notify]: notify,
};

const stack = new Uint8Array(4096);
const panicFrame = new Uint8Array(256);
const running: Process = processes[0];

export const entry = asm`
    csrrw  sp, mscratch, sp      # sp: the frame of whoever was running
    sw     ra, 8(sp)
    sw     x3..x31, 16(sp)       # our assembler unrolls a register range
    csrr   t0, mscratch
    sw     t0, 12(sp)
    la     t0, ${panicFrame}
    csrw   mscratch, t0          # the kernel's own traps must not trust a user's sp
    la     sp, ${stack} + 4096
    call   ${trap}               # a0: the frame to resume
    csrw   mscratch, a0
    mv     sp, a0
    lw     ra, 8(sp)
    lw     x3..x31, 16(sp)
    lw     sp, 12(sp)
    mret
`;

function trap(): Frame {
  const { frame } = running;
  const x = frame.x;
  frame.pc = csr.mepc + 4;
  const number = x[17];
  const status =
    number <= Trap.Notify ? handlers[number as Trap](running, i32(x[10]), vaddr(x[11])) : Status.NoSuchCall;
  x[10] = u32(status);
  csr.mepc = frame.pc;
  return frame;
}

export function install(): void {
  csr.mtvec = address(entry);
  csr.mscratch = address(running.frame);
}

/**
 * Execute: a process begins anew at a pc, with every register zero but sp; what it waited for is forgotten; it runs.
 * a0: the process; a1: pc; a2: sp; a3: its name. Invalid: it has no address space.
 */
import { Blocked } from "../../lib/kernel-call/service.ts";
import { NAME_BYTES } from "../../lib/message.ts";
import { Status } from "../../lib/status.ts";
import { forgetWaiting } from "../ipc.ts";
import { fetch } from "../memory.ts";
import { cancelMissing } from "../missing.ts";
import { lookup, type Process } from "../process.ts";
import { unblock } from "../schedule.ts";
import { hasSpace } from "../space.ts";

const name = new Uint8Array(NAME_BYTES);

export function executeCall(caller: Process): i32 {
  const { a0, a1, a2, a3 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  if (process === caller || !hasSpace(process) || !process.isAlive()) return Status.Invalid;
  const status = fetch(caller, caller, vaddr(a3), name);
  if (status !== Status.Ok) return status;

  process.name.set(name);
  beginAt(process, vaddr(a1), vaddr(a2));
  return Status.Ok;
}

/** What it was doing is over; it runs from here. */
export function beginAt(process: Process, pc: vaddr, sp: vaddr): void {
  const { frame } = process;
  asm`fence.i`; // its code has just been written
  cancelMissing(process);
  forgetWaiting(process);
  clear(frame);
  frame.pc = pc;
  frame.sp = sp;
  process.signalContext = 0;
  unblock(process, Blocked.Sending | Blocked.Receiving | Blocked.Stopped);
}

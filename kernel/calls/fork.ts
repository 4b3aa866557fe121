/**
 * Fork: a stopped copy of a program in a vacant slot, with the same registers and rights, waiting for what its parent waits for: so the
 * answer to the parent's request can be given to both. It has no space yet. a0: the parent; a1: where to write a `NewProcess`.
 */
import { SERVICES, SLOTS, USER } from "../../lib/endpoint.ts";
import { NewProcess } from "../../lib/kernel-call/process.ts";
import { Blocked } from "../../lib/kernel-call/service.ts";
import { Status } from "../../lib/status.ts";
import { MILLISECONDS_PER_TICK } from "../clock.ts";
import { ensureWritable } from "../memory.ts";
import { lookup, type Process, processes } from "../process.ts";
import { setPriority } from "../schedule.ts";
import { announceProcess, createProcess } from "./create.ts";
import { giveProgramRights } from "./privilege.ts";

export function forkCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  const parent = lookup(i32(a0));
  if (parent === null) return Status.DeadEndpoint;
  if (parent.privilege !== USER) return Status.Invalid;
  const child = vacantProgramSlot();
  if (child === null) return Status.NoMemory;
  const status = ensureWritable(caller, vaddr(a1), sizeOf(NewProcess));
  if (status !== Status.Ok) return status;

  createProcess(child, parent.name);
  giveProgramRights(child, parent.manager);
  inherit(child, parent);
  return announceProcess(caller, child, vaddr(a1));
}

function inherit(child: Process, parent: Process): void {
  copy(child.frame, parent.frame);
  child.signalContext = parent.signalContext;
  child.inbox = parent.inbox;
  child.awaitsReplyFrom = parent.awaitsReplyFrom;
  child.blocked |= parent.blocked & Blocked.Receiving;
  setPriority(child, parent.basePriority, u32(parent.quantumTicks) * MILLISECONDS_PER_TICK);
}

function vacantProgramSlot(): Process | null {
  for (let slot = SERVICES; slot < SLOTS; slot++) {
    if ((processes[slot].blocked & Blocked.Vacant) !== 0) return processes[slot];
  }
  return null;
}

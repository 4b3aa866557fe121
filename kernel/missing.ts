/**
 * Missing pages: whoever needs one is suspended until VM has decided about it.
 *
 * A process may touch a page that is not there, or a copy on its behalf may meet one, its own or another's. The kernel notifies VM, which
 * fetches what is missing (`getFault`), maps the page or not, and says so (`endFault`). Then the instruction, or the `ecall`, is executed again.
 */
import { KERNEL, SLOTS, slotOf, VM } from "../lib/endpoint.ts";
import { Blocked } from "../lib/kernel-call/service.ts";
import type { PageFault, PageFlags } from "../lib/kernel-call/space.ts";
import { Status } from "../lib/status.ts";
import { raise } from "./death.ts";
import { notifyFrom } from "./ipc.ts";
import { type Process, processes } from "./process.ts";
import { block, unblock } from "./schedule.ts";
import { NOBODY, SlotSet } from "./set.ts";

/** What a kernel call answers when its caller has been suspended: the call starts again later. Never seen outside the kernel. */
export const RETRY = -0x1000;

/** `Notification.pending` from KERNEL. */
export const enum News {
  Signals = 1 << 0,
  PageFaults = 1 << 1,
}

/** Suspended processes: those VM has not heard of, and all. */
const unheard = new SlotSet();
const suspended = new SlotSet();

/** A copy that `asker` wants has met a page of `owner` that is not there. RETRY, or Fault where nobody could help. */
export function awaitPage(asker: Process, owner: Process, place: vaddr, access: PageFlags): i32 {
  // VM would wait for itself. The boot services' pages are all there, and the dead get no more.
  if (asker.endpoint === VM || !canGrow(owner)) return Status.Fault;
  suspend(asker, owner, place, access, true, 0);
  return RETRY;
}

/** A process has touched a page that is not there, or not like this. */
export function touchedMissing(process: Process, place: vaddr, access: PageFlags, mcause: u32): void {
  if (canGrow(process)) suspend(process, process, place, access, false, mcause);
  else raise(process, mcause, place);
}

function canGrow(owner: Process): boolean {
  return owner.endpoint !== VM && owner.isAlive();
}

function suspend(
  process: Process,
  owner: Process,
  place: vaddr,
  access: PageFlags,
  copying: boolean,
  mcause: u32,
): void {
  const { missing } = process;
  missing.owner = owner.endpoint;
  missing.address = place;
  missing.access = access;
  missing.copying = copying;
  missing.mcause = mcause;
  unheard.add(process.slot);
  suspended.add(process.slot);
  block(process, Blocked.PageFault);
  const vm = processes[slotOf(VM)];
  vm.news |= News.PageFaults;
  notifyFrom(KERNEL, vm);
}

/** The next missing page that VM has not heard of. False: none. */
export function takeMissing(result: PageFault): boolean {
  const slot = unheard.from(0);
  if (slot === NOBODY) return false;
  const { missing } = processes[slot];
  unheard.remove(slot);
  result.endpoint = missing.owner;
  result.address = missing.address;
  result.access = missing.access;
  result.copy = missing.copying ? 1 : 0;
  return true;
}

/** VM has decided about a page: everybody who waits for it goes on. */
export function decideMissing(owner: Process, place: vaddr, status: Status): void {
  for (let slot = suspended.from(0); slot !== NOBODY; slot = nextOf(slot)) {
    const process = processes[slot];
    const { missing } = process;
    if (missing.owner !== owner.endpoint || missing.address >>> 12 !== place >>> 12) continue;
    goOn(process, status);
  }
}

/** Nobody can map pages of this process any more: a copy from or to it is tried again, and fails. */
export function forgetMissingOf(owner: Process): void {
  cancelMissing(owner);
  for (let slot = suspended.from(0); slot !== NOBODY; slot = nextOf(slot)) {
    const process = processes[slot];
    if (process.missing.owner === owner.endpoint) goOn(process, Status.Ok);
  }
}

/** This process does not wait for a page any more: it is dead, or executes something else first. */
export function cancelMissing(process: Process): void {
  unheard.remove(process.slot);
  suspended.remove(process.slot);
  if ((process.blocked & Blocked.PageFault) !== 0) unblock(process, Blocked.PageFault);
}

function goOn(process: Process, status: Status): void {
  const { frame, missing } = process;
  if (status !== Status.Ok && missing.copying) {
    frame.a0 = u32(Status.Fault);
    frame.pc += 4; // behind its ecall
  }
  cancelMissing(process);
  if (status !== Status.Ok && !missing.copying) raise(process, missing.mcause, missing.address);
}

function nextOf(slot: i32): i32 {
  return slot + 1 < SLOTS ? suspended.from(slot + 1) : NOBODY;
}

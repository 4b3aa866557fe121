/**
 * The process table: who exists, what each may do, and what each waits for.
 *
 * Everything the kernel knows of a process lies in its row; zero is the right initial value of every field, so that the table
 * costs nothing in the image. Begin at `Process`; whether a process runs is `blocked`, and only `block` and `unblock` of
 * schedule.ts write it.
 */
import { type Endpoint, INIT, NONE, nextLife, SERVICES, SLOTS, slotOf } from "../lib/endpoint.ts";
import { type DeathCause, TRACED_MESSAGES } from "../lib/kernel-call/crash.ts";
import { Blocked } from "../lib/kernel-call/service.ts";
import { Set64 } from "./set.ts";

/**
 * The registers of a process that is not running, as trap.ts leaves them: x1 to x31 in order, and the pc in the place of x0.
 * Of the process that is running, only what a function call may change is here.
 */
export class Frame {
  pc: vaddr = 0; // 0
  ra: u32 = 0; // 4
  sp: vaddr = 0; // 8
  gp: u32 = 0; // 12
  tp: u32 = 0; // 16
  t0: u32 = 0; // 20
  t1: u32 = 0;
  t2: u32 = 0;
  s0: u32 = 0; // 32
  s1: u32 = 0;
  a0: u32 = 0; // 40
  a1: u32 = 0;
  a2: u32 = 0;
  a3: u32 = 0;
  a4: u32 = 0;
  a5: u32 = 0;
  a6: u32 = 0;
  a7: u32 = 0;
  s2: u32 = 0; // 72
  s3: u32 = 0;
  s4: u32 = 0;
  s5: u32 = 0;
  s6: u32 = 0;
  s7: u32 = 0;
  s8: u32 = 0;
  s9: u32 = 0;
  s10: u32 = 0;
  s11: u32 = 0;
  t3: u32 = 0; // 112
  t4: u32 = 0;
  t5: u32 = 0;
  t6: u32 = 0;
}

/** A message, as far as the kernel cares. */
export class Letter {
  static readonly bytes = 64;
  static readonly alignment = 64;
  source: Endpoint = 0;
  type: u32 = 0;
}

/** How a process came to its end, kept from then until it is cleared. The registers are still in its frame. */
export class Death {
  cause: DeathCause = 0;
  code: i32 = 0;
  mcause: u32 = 0;
  address: u32 = 0;
  cycle: u64 = 0n;
}

/** The page a process needs and does not have: its own, or another's that a copy on its behalf has met. */
export class Missing {
  /** Whose page it is. */
  owner: Endpoint = 0;
  address: vaddr = 0;
  /** `PageFlags` of the access. */
  access: u32 = 0;
  /** In a copy, rather than touched by the process' own code. */
  copying: boolean = false;
  /** The exception, where there was one. */
  mcause: u32 = 0;
}

/** Those who wait for a turn with the same urgency: see schedule.ts. */
export class Queue {
  first: Process | null = null;
  last: Process | null = null;
  /** Its place among the queues, as a bit. */
  bit: u32 = 0;
}

/** A message that a process has sent or received, as trace.ts writes it. */
export class TraceRow {
  static readonly bytes = 16;
  peer: Endpoint = 0;
  type: u32 = 0;
  cycle: u32 = 0;
  /** Where the next one lies: the rows of a process form a circle. */
  next: vaddr = 0;
}

export class Process {
  static readonly bytes = 1024; // a power of two, so that a row is found by shifting
  static readonly alignment = 64;

  readonly frame = new Frame();
  /** What it is blocked on sending. */
  readonly outgoing = new Letter();

  // Who it is
  /** While the slot is vacant, a number that nobody can ask for. */
  endpoint: Endpoint = 0;
  /** Who will live here next. */
  nextEndpoint: Endpoint = 0;
  slot: i32 = 0;
  pid: i32 = 0;
  /** Its bit in sets of services; USER for programs. */
  privilege: i32 = 0;
  readonly name = new Uint8Array(16);

  // Scheduling (schedule.ts)
  /** Bits of `Blocked`; 0: it can run. */
  blocked: u32 = 0;
  priority: i32 = 0;
  queue: Queue | null = null;
  /** The bits of the queues before that. */
  moreUrgent: u32 = 0;
  basePriority: i32 = 0;
  quantumTicks: i32 = 0;
  quantumLeft: i32 = 0;
  nextReady: Process | null = null;
  /** Cycles not yet added to the totals below them. */
  recentUserCycles: u32 = 0;
  recentKernelCycles: u32 = 0;
  userCycles: u64 = 0n;
  kernelCycles: u64 = 0n;

  // Message passing (ipc.ts)
  /** Whom it receives from now: an endpoint, ANY, or NONE when it does not wait in RECEIVE. */
  listensTo: Endpoint = 0;
  /** Whose answer it waits for now, in SENDREC; or NONE. */
  awaitsReplyFrom: Endpoint = 0;
  /** Where it wants the message: the address it gave, and that address' place in RAM (0: to be looked up again). */
  inbox: vaddr = 0;
  inboxPlace: paddr = 0;
  /** The same of the message that it has answered with last. */
  outbox: vaddr = 0;
  outboxPlace: paddr = 0;
  /** Whom it is blocked on sending to, or NONE; and its place in that process' queue. */
  sendsTo: Endpoint = 0;
  nextSender: Process | null = null;
  firstSender: Process | null = null;
  lastSender: Process | null = null;
  /** Whether it may have mail: false only when there is none in the queue and the two sets below. */
  mayHaveMail: boolean = false;
  /** Privilege ids that have notified it. */
  readonly notifiers = new Set64();
  /** Privilege ids of services whose table of asynchronous messages may hold one for it. */
  readonly asyncSenders = new Set64();
  asyncRows: vaddr = 0;
  asyncCount: u32 = 0;
  /** What HARDWARE and KERNEL will tell it: `Notification.pending`. */
  interrupts: u32 = 0;
  news: u32 = 0;

  // Rights (calls/privilege.ts)
  /** Bit n: may use the trap numbered n. */
  traps: u32 = 0;
  readonly sendTo = new Set64();
  readonly calls = new Set64();
  readonly devices = new Uint8Array(4);
  manager: Endpoint = 0;

  // Memory
  /** The root page table; `noSpace` (memory.ts) where it has none. */
  root: paddr = 0;
  satp: u32 = 0;
  /** Tables that the root points to. */
  tableCount: u32 = 0;
  grants: vaddr = 0;
  grantCount: u32 = 0;
  readonly missing = new Missing();

  // Signals and death (signal.ts, death.ts)
  /** Posted and not yet fetched by the manager: bit `1 << signal`. */
  signals: u32 = 0;
  /** Where the context that the innermost handler interrupted lies on its stack; 0: none. */
  signalContext: vaddr = 0;
  readonly death = new Death();

  /** The messages most recently delivered to or from it, and the oldest of them, which the next one replaces. */
  readonly trace = table(TraceRow, TRACED_MESSAGES);
  oldestTrace: vaddr = 0;

  /** When its alarm rings, in ticks of mtime; 0: never (clock.ts). */
  alarmTime: u64 = 0n;

  isService(): boolean {
    return this.slot < SERVICES;
  }

  isAlive(): boolean {
    return (this.blocked & (Blocked.Dead | Blocked.Vacant)) === 0;
  }
}

export const processes = table(Process, SLOTS);

/** The rows as they are when nobody has lived yet. */
export function initializeProcesses(): void {
  for (let slot = 0; slot < SLOTS; slot++) {
    const process = processes[slot];
    process.slot = slot;
    process.blocked = Blocked.Vacant;
    process.endpoint = nobodyIn(slot);
    process.nextEndpoint = slot;
  }
}

/** The process behind an endpoint, if that life of it is still going on; the frozen dead live until they are cleared. */
export function lookup(endpoint: Endpoint): Process | null {
  const process = processes[slotOf(endpoint)];
  return process.endpoint === endpoint ? process : null;
}

/** In the place of a vacant slot's endpoint. `lookup` seeks it in another slot, and so never finds it; nor ANY or NONE. */
const nobodyIn = (slot: i32): Endpoint => -1 - slot;

let lastPid = 0;
const PID_MAXIMUM = 30_000;

/** A process id that nobody has: 1 for the first program. */
export function newPid(endpoint: Endpoint): i32 {
  if (endpoint === INIT) return 1;
  do lastPid = lastPid >= PID_MAXIMUM || lastPid < 1 ? 2 : lastPid + 1;
  while (isTaken(lastPid));
  return lastPid;
}

function isTaken(pid: i32): boolean {
  for (const process of processes) if (process.pid === pid) return true;
  return false;
}

/** A new life in a vacant slot: stopped, without rights, waiting for nobody. The caller gives it a name and a space. */
export function beginLife(process: Process): void {
  const { slot, nextEndpoint } = process;
  clear(process);
  process.slot = slot;
  process.endpoint = nextEndpoint;
  process.nextEndpoint = nextLife(nextEndpoint);
  process.pid = newPid(nextEndpoint);
  process.listensTo = NONE;
  process.awaitsReplyFrom = NONE;
  process.sendsTo = NONE;
  process.blocked = Blocked.Stopped;
  process.oldestTrace = address(process.trace);
  for (let row = 0; row < TRACED_MESSAGES; row++)
    process.trace[row].next = address(process.trace[(row + 1) % TRACED_MESSAGES]);
}

/** The slot falls vacant, and its endpoint means nobody from now on. */
export function endLife(process: Process): void {
  process.endpoint = nobodyIn(process.slot);
  process.blocked = Blocked.Vacant;
  process.pid = 0;
}

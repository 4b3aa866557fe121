/**
 * The table of programs: every process that is not a service, from fork to the moment its parent has heard of its end.
 *
 * A program's row has the number of its slot in the kernel's table, and keeps that slot while it is a zombie: so endpoints, pids and rows
 * never come apart. Begin at `Program`.
 */
import { type Endpoint, INIT, NONE, SERVICES, SLOTS, slotOf } from "../../lib/endpoint.ts";

export const enum State {
  Vacant = 0,
  Alive,
  /** It has ended, and its parent has not waited for it yet. */
  Zombie,
}

/** What a living program waits for PM to say. */
export const enum Waiting {
  /** Nothing: it runs, or waits for somebody else. */
  Nothing = 0,
  Child,
  /** A signal. */
  Signal,
  Sleep,
}

export const enum Purpose {
  Alarm,
  Sleep,
  /** The programs' time to end before a shutdown. */
  Grace,
}

/** A row of the sorted list of timers (timers.ts). */
export class Timer {
  purpose: Purpose = 0;
  program: Program | null = null;
  /** In ticks; 0: it is not set. */
  deadline: u64 = 0n;
  next: Timer | null = null;
}

/** Handlers within handlers; a signal beyond that waits until one has returned. */
export const HANDLERS_NESTED = 8;

export class Program {
  state: State = State.Vacant;
  endpoint: Endpoint = NONE;
  pid: i32 = 0;
  group: i32 = 0;
  session: i32 = 0;
  parent: Program | null = null;

  waiting: Waiting = Waiting.Nothing;
  /** Waiting.Child: for whom, as `PmWait` says it. */
  waitPid: i32 = 0;
  waitOptions: u32 = 0;

  /** Stopped by a signal, and whether its parent has been told. */
  stopped: boolean = false;
  stopReported: boolean = false;
  /** How it ended or stopped, as `PmWaited` says it. */
  ending: i32 = 0;

  // Signals: bits `1 << signal`
  pending: u32 = 0;
  mask: u32 = 0;
  /** `Disposition`, or where the handler is. */
  readonly handlers = new Uint32Array(32);
  trampoline: vaddr = 0;
  /** The masks to return to, one for each handler that has not returned. */
  readonly masks = new Uint32Array(8);
  nested: i32 = 0;

  readonly alarm = new Timer();
  readonly sleep = new Timer();

  /** Cycles of the children it has waited for, and of theirs. */
  childUserCycles: u64 = 0n;
  childSystemCycles: u64 = 0n;
}

/** In the order of their slots: row 0 is init. */
export const programs = table(Program, SLOTS - SERVICES);

/** The first program: RS starts it, and PM knows it from the beginning. */
export function initialisePrograms(): void {
  const init = beginProgram(INIT, 1);
  assert(init !== null);
  init.group = 1;
  init.session = 1;
}

/** A fresh row for a process that the kernel has made; null where the endpoint is no program's or its row is taken. */
export function beginProgram(endpoint: Endpoint, pid: i32): Program | null {
  const slot = slotOf(endpoint);
  if (slot < SERVICES) return null;
  const program = programs[slot - SERVICES];
  if (program.state !== State.Vacant) return null;
  clear(program);
  program.state = State.Alive;
  program.endpoint = endpoint;
  program.pid = pid;
  return program;
}

/** The row behind an endpoint, or null. */
export function programOf(endpoint: Endpoint): Program | null {
  if (endpoint < 0 || slotOf(endpoint) < SERVICES) return null;
  const program = programs[slotOf(endpoint) - SERVICES];
  return program.state !== State.Vacant && program.endpoint === endpoint ? program : null;
}

/** The program with this pid, zombies included, or null. */
export function programWithPid(pid: i32): Program | null {
  for (const program of programs) if (program.state !== State.Vacant && program.pid === pid) return program;
  return null;
}

export function initProgram(): Program {
  return programs[slotOf(INIT) - SERVICES];
}

/**
 * Who runs next: sixteen queues, the most urgent first, each served in turns.
 *
 * A process that can run stands in its queue, except for the one that does run. Whoever uses up its quantum goes to the end
 * of the next less urgent queue, and comes back up, a queue a second (`rebalance`). Begin at `nextToRun`.
 * Only `block` and `unblock` change whether a process can run.
 */
import { Blocked } from "../lib/kernel-call/service.ts";
import { idle, MILLISECONDS_PER_TICK } from "./clock.ts";
import { hart, idler } from "./hart.ts";
import { type Process, processes, Queue } from "./process.ts";

export const QUEUES = 16;

/**
 * The queues, each in the place that `queueOf` finds for its bit. A de Bruijn sequence holds every number of four bits once: shifted by
 * a queue's number, which is what multiplying by its bit does, it has another one at its upper end for each.
 */
const queues = table(Queue, QUEUES);
const DE_BRUIJN = 0x09af;

function queueOf(bit: u32): Queue {
  return queues[((bit * DE_BRUIJN) >>> 12) & (QUEUES - 1)];
}

/** The queues are empty, and nobody runs. */
export function initializeScheduling(): void {
  for (let priority = 0; priority < QUEUES; priority++) {
    const bit = u32(1) << priority;
    queueOf(bit).bit = bit;
  }
  idler.blocked = Blocked.Vacant;
}

/**
 * The running process cannot go on, blocked as it is or less urgent than another: the turn passes to the first of the most urgent.
 * Idles until there is one. `caller` is whom the kernel has been working for.
 */
export function nextToRun(caller: Process): Process {
  if (hart.running.blocked === 0)
    enqueueFirst(hart.running); // its quantum goes on later
  else if (hart.waiting === 0) awaitWork(caller);
  const process = takeFirst(queueOf(hart.waiting & (~hart.waiting + 1))); // its lowest one: the most urgent
  hart.running = process;
  return process;
}

/** Idles until somebody stands in a queue. That is nobody's time. */
function awaitWork(caller: Process): void {
  caller.recentKernelCycles -= idle();
  if (hart.running.blocked === 0) enqueueFirst(hart.running); // it has taken the turn while nobody had it
}

/** Whether anybody can run. */
export function isAnybodyReady(): boolean {
  return hart.waiting !== 0 || hart.running.blocked === 0;
}

/** Gives a process one more reason not to run. */
export function block(process: Process, reason: Blocked): void {
  if (process.blocked === 0 && process !== hart.running) dequeue(process);
  process.blocked |= reason;
}

/**
 * Takes a reason away; without any left, the process can run. Where the running process has just blocked and nobody is more urgent,
 * the turn passes on without a queue: the heart of a fast SENDREC. Otherwise the process waits in line.
 */
export function unblock(process: Process, reason: Blocked): void {
  const before = process.blocked;
  const left = before & ~reason;
  process.blocked = left;
  if (left !== 0 || before === 0) return;
  if (hart.running.blocked !== 0 && (hart.waiting & process.moreUrgent) === 0) hart.running = process;
  else if (process !== hart.running) enqueueLast(process);
}

/** A process' place among the queues: 0 to 15, and the ticks it may use before it is demoted. */
export function setPriority(process: Process, priority: i32, quantumMilliseconds: u32): void {
  process.basePriority = priority;
  process.quantumTicks = i32(quantumMilliseconds / MILLISECONDS_PER_TICK);
  if (process.quantumTicks === 0) process.quantumTicks = 1;
  process.quantumLeft = process.quantumTicks;
  move(process, priority);
}

/** A tick has passed while a process ran. */
export function chargeTick(): void {
  const process = hart.running;
  if (process.blocked !== 0 || --process.quantumLeft > 0) return;
  process.quantumLeft = process.quantumTicks;
  if (process.priority < QUEUES - 1) setQueue(process, process.priority + 1);
  if (hart.waiting === 0) return;
  enqueueLast(process);
  hart.running = idler; // so that the next one is picked
}

/** So many seconds have passed: whoever was demoted comes that many queues nearer to its base. */
export function rebalance(seconds: i32): void {
  for (const process of processes) {
    addRecentCycles(process);
    const { priority, basePriority } = process;
    if (priority > basePriority) move(process, seconds < priority - basePriority ? priority - seconds : basePriority);
  }
}

/** Cycles of the moment become part of the totals. */
export function addRecentCycles(process: Process): void {
  process.userCycles += u64(process.recentUserCycles);
  process.kernelCycles += u64(process.recentKernelCycles);
  process.recentUserCycles = 0;
  process.recentKernelCycles = 0;
}

function move(process: Process, priority: i32): void {
  const isWaiting = process.blocked === 0 && process !== hart.running;
  if (isWaiting) dequeue(process);
  setQueue(process, priority);
  if (isWaiting) enqueueLast(process);
}

function setQueue(process: Process, priority: i32): void {
  const queue = queueOf(u32(1) << priority);
  process.priority = priority;
  process.queue = queue;
  process.moreUrgent = queue.bit - 1;
}

function enqueueLast(process: Process): void {
  const queue = process.queue!;
  process.nextReady = null;
  if (queue.last === null) queue.first = process;
  else queue.last.nextReady = process;
  queue.last = process;
  hart.waiting |= queue.bit;
}

function enqueueFirst(process: Process): void {
  const queue = process.queue!;
  process.nextReady = queue.first;
  if (queue.last === null) queue.last = process;
  queue.first = process;
  hart.waiting |= queue.bit;
}

function takeFirst(queue: Queue): Process {
  const process = queue.first!;
  const next = process.nextReady;
  queue.first = next;
  if (next === null) {
    queue.last = null;
    hart.waiting &= ~queue.bit;
  }
  return process;
}

/** Takes a process out of its queue, wherever it stands. */
function dequeue(process: Process): void {
  const queue = process.queue!;
  if (queue.first === process) {
    takeFirst(queue);
    return;
  }
  let before = queue.first;
  while (before !== null && before.nextReady !== process) before = before.nextReady;
  assert(before !== null);
  before.nextReady = process.nextReady;
  if (queue.last === process) queue.last = before;
}

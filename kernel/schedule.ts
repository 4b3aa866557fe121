/**
 * Who runs next: sixteen queues, the most urgent first, each served in turns.
 *
 * A process that can run stands in its queue, except for the one that does run. Whoever uses up its quantum goes to the end
 * of the next less urgent queue, and comes back up, a queue a second (`rebalance`). Begin at `nextToRun`.
 * Only `block` and `unblock` change whether a process can run.
 */
import { Blocked } from "../lib/kernel-call.ts";
import { idle, MILLISECONDS_PER_TICK } from "./clock.ts";
import { Process, processes } from "./process.ts";
import { lowestBit } from "./set.ts";

export const QUEUES = 16;

class Queue {
  first: Process | null = null;
  last: Process | null = null;
}

const queues = table(Queue, QUEUES);
/** Bit n: queue n is not empty. */
let waiting: u32 = 0;

/** Whose turn it is. While the kernel works on its behalf it may become somebody else. */
export let running: Process = processes[0];

/** The process to resume: the running one, unless it is blocked or a more urgent one can run. Idles until there is one. */
export function nextToRun(): Process {
  for (;;) {
    const process = running;
    if (process.blocked === 0) {
      if ((waiting & process.moreUrgent) === 0) return process;
      enqueueFirst(process); // preempted: its quantum goes on later
    } else if (waiting === 0) {
      idle();
      continue;
    }
    running = takeMostUrgent();
  }
}

function takeMostUrgent(): Process {
  const process = queues[lowestBit(waiting)].first!;
  dequeue(process);
  return process;
}

/** Whether anybody can run. */
export function isAnybodyReady(): boolean {
  return waiting !== 0 || running.blocked === 0;
}

/** Gives a process one more reason not to run. */
export function block(process: Process, reason: Blocked): void {
  if (process.blocked === 0 && process !== running) dequeue(process);
  process.blocked |= reason;
}

/** Takes a reason away; without any left, the process can run. */
export function unblock(process: Process, reason: Blocked): void {
  const before = process.blocked;
  process.blocked = before & ~reason;
  if (before !== 0 && process.blocked === 0) ready(process);
}

/**
 * Where the running process has just blocked and nobody is more urgent, the turn passes on without a queue: the heart of
 * a fast SENDREC. Otherwise the process waits in line.
 */
function ready(process: Process): void {
  if (process === running) return; // blocked and unblocked within one entry into the kernel
  if (running.blocked !== 0 && (waiting & process.moreUrgent) === 0) running = process;
  else enqueueLast(process);
}

/** A process' place among the queues: 0 to 15, and the ticks it may use before it is demoted. */
export function setPriority(process: Process, priority: i32, quantumMilliseconds: u32): void {
  process.basePriority = priority;
  process.quantumTicks = i32(quantumMilliseconds / MILLISECONDS_PER_TICK);
  if (process.quantumTicks === 0) process.quantumTicks = 1;
  process.quantumLeft = process.quantumTicks;
  move(process, priority);
}

/** A tick has passed while `running` ran. */
export function chargeTick(): void {
  const process = running;
  if (process.blocked !== 0 || --process.quantumLeft > 0) return;
  process.quantumLeft = process.quantumTicks;
  if (process.priority < QUEUES - 1) setQueue(process, process.priority + 1);
  if (waiting === 0) return;
  enqueueLast(process);
  running = idler; // never ready, so that the next one is picked
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

/** Stands in for `running` when nobody runs. */
const idler = new Process();

/** Nobody runs yet. */
export function initializeScheduling(): void {
  idler.blocked = Blocked.Vacant;
  running = idler;
}

function move(process: Process, priority: i32): void {
  const isWaiting = process.blocked === 0 && process !== running;
  if (isWaiting) dequeue(process);
  setQueue(process, priority);
  if (isWaiting) enqueueLast(process);
}

function setQueue(process: Process, priority: i32): void {
  process.priority = priority;
  process.moreUrgent = (u32(1) << priority) - 1;
}

function enqueueLast(process: Process): void {
  const queue = queueOf(process);
  process.nextReady = null;
  if (queue.last === null) queue.first = process;
  else queue.last.nextReady = process;
  queue.last = process;
  waiting |= process.moreUrgent + 1;
}

function enqueueFirst(process: Process): void {
  const queue = queueOf(process);
  process.nextReady = queue.first;
  if (queue.last === null) queue.last = process;
  queue.first = process;
  waiting |= process.moreUrgent + 1;
}

function dequeue(process: Process): void {
  const queue = queueOf(process);
  if (queue.first === process) {
    queue.first = process.nextReady;
    if (queue.first === null) {
      queue.last = null;
      waiting &= ~(process.moreUrgent + 1);
    }
  } else removeBehindFirst(queue, process);
  process.nextReady = null;
}

function removeBehindFirst(queue: Queue, process: Process): void {
  let before = queue.first;
  while (before !== null && before.nextReady !== process) before = before.nextReady;
  assert(before !== null);
  before.nextReady = process.nextReady;
  if (queue.last === process) queue.last = before;
}

function queueOf(process: Process): Queue {
  return queues[process.priority & (QUEUES - 1)];
}

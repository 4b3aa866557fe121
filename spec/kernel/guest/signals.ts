/**
 * What PM does to programs, with the kernel's calls: signals and handlers, faults, fork, exec. A puppet in PM's slot is the programs' manager, the
 * director does the rest. Begin at `main`.
 */
import { type Endpoint, PM, RS, slotOf } from "../../../lib/endpoint.ts";
import { KERNEL_CALL, receive, sendNonblocking } from "../../../lib/ipc.ts";
import { Crash, DeathCause, getCrash } from "../../../lib/kernel-call/crash.ts";
import { KernelCall } from "../../../lib/kernel-call/number.ts";
import {
  executeProcess,
  forkProcess,
  killProcess,
  NewProcess,
  PendingSignals,
  returnSignal,
  runControl,
  sendSignal,
  virtualCopy,
} from "../../../lib/kernel-call/process.ts";
import { Blocked } from "../../../lib/kernel-call/service.ts";
import {
  PAGE_BYTES,
  PageFlags,
  PageMapping,
  spaceCreate,
  spaceMap,
  spaceQuery,
} from "../../../lib/kernel-call/space.ts";
import { STACK_TOP } from "../../../lib/protocol/vm.ts";
import { Signal } from "../../../lib/signal.ts";
import { Status } from "../../../lib/status.ts";
import { ask, blockedOf, describe, end, settle } from "./direct.ts";
import { takeFrame } from "./frames.ts";
import { Special } from "./orders.ts";
import { Plan, Report, Step } from "./plan.ts";
import { beginReport, check, claim, endReport } from "./report.ts";
import { allRights, map, PROGRAM_SLOT, spawn } from "./spawn.ts";

const PLACE: vaddr = 0x3000_0000;
const RW = PageFlags.Read | PageFlags.Write;

const report = new Report();
const plan = new Plan();
const pending = new PendingSignals();
const crash = new Crash();
const word = new Uint32Array(1);

let manager: Endpoint = 0;
let subject: Endpoint = 0;
let handler: vaddr = 0;
let trampoline: vaddr = 0;

export function main(): never {
  beginReport();
  manager = spawn(PM, "puppet", allRights());
  map(manager, PLACE, 1, RW);
  inNewWorld();
  handlers();
  inNewWorld();
  calls();
  inNewWorld();
  faults();
  inNewWorld();
  stopping();
  inNewWorld();
  forks();
  inNewWorld();
  execs();
  endReport();
}

/** A new subject, which has asked for its first plan. */
function inNewWorld(): void {
  end(subject);
  subject = spawn(PROGRAM_SLOT, "subject", allRights());
  map(subject, PLACE, 1, RW);
  hear();
  handler = report.handler;
  trampoline = report.trampoline;
}

function hear(): Status {
  return receive(subject, report);
}

/** Answers the subject with what to do next. */
function tellSubject(who: Endpoint, step: Step, value: u32): Status {
  plan.step = step;
  plan.value = value;
  return sendNonblocking(who, plan);
}

function handlers(): void {
  tellSubject(subject, Step.Count, PLACE);
  settle();
  check("a handler is entered from anywhere", sendSignal(subject, Signal.User1, handler, trampoline), Status.Ok);
  hear();
  check("it gets the signal's number, and then the trampoline runs", i32(report.handled), Signal.User1);
  check("handlers can be interrupted by handlers", sendSignal(subject, Signal.User2, handler, trampoline), Status.Ok);
  hear();
  check("the inner one runs", i32(report.handled), 1000 + 12);
  check("it is undone", returnSignal(subject), Status.Ok);
  check("and then the outer one", returnSignal(subject), Status.Ok);
  check("and then there is nothing to undo", returnSignal(subject), Status.Invalid);
  settle();
  word[0] = 1;
  virtualCopy(RS, address(word), subject, PLACE, 4);
  hear();
  check("no register has changed meanwhile", i32(report.value), 1);
}

/** A signal to one that is in the middle of SENDREC. */
function calls(): void {
  check("it waits for its answer", i32(blockedOf(subject)), Blocked.Receiving);
  sendSignal(subject, Signal.User1, handler, trampoline);
  hear();
  check("a signal takes it out of its call", i32(report.isReturn), 1);
  returnSignal(subject);
  hear();
  check("which ends with Interrupted", report.status, Status.Interrupted);
  check("and nobody hears of the answer", tellSubject(subject, Step.Echo, 42), Status.Ok);
  settle();
  check("a request that nobody has taken", i32(blockedOf(subject)), Blocked.Sending | Blocked.Receiving);
  sendSignal(subject, Signal.User1, handler, trampoline);
  hear();
  check("waits until the handler has run", i32(report.isReturn), 1);
  returnSignal(subject);
  hear();
  check("and is asked again", i32(report.value), 42);
  check("as if nothing had happened", report.status, Status.Ok);
  sendSignal(subject, Signal.User1, handler, trampoline);
  check(
    "who answers a call that was interrupted finds nobody waiting",
    tellSubject(subject, Step.Echo, 1),
    Status.NotReady,
  );
}

function faults(): void {
  tellSubject(subject, Step.Load, 0x10);
  settle();
  claim("a program that faults stands still", (blockedOf(subject) & Blocked.Signaled) !== 0);
  check("its manager hears of it", signalsFor(subject), 1 << Signal.Segmentation);
  getCrash(subject, crash);
  check("with the cause", i32(crash.cause), DeathCause.Exception);
  check("and the address", i32(crash.address), 0x10);
  check("a handler can run all the same", sendSignal(subject, Signal.Segmentation, handler, trampoline), Status.Ok);
  endSignalOf(subject);
  check("when its manager lets it", hear(), Status.Ok);
  check("with the signal", i32(report.handled), Signal.Segmentation);
  inNewWorld();
  tellSubject(subject, Step.Illegal, 0);
  settle();
  check("an illegal instruction is Illegal", signalsFor(subject), 1 << Signal.Illegal);
  endSignalOf(subject);
  settle();
  check("and again, if it is let run", signalsFor(subject), 1 << Signal.Illegal);
  inNewWorld();
  tellSubject(subject, Step.Check, 1);
  settle();
  check("a failed check is Trap", signalsFor(subject), 1 << Signal.Trap);
  inNewWorld();
  executeProcess(subject, handler, 0x40, address(word));
  check("a handler needs a stack", sendSignal(subject, Signal.User1, handler, trampoline), Status.Fault);
}

/** What the puppet in PM's slot gets from GetSignal, if it is about this process. */
function signalsFor(who: Endpoint): i32 {
  if (ask(manager, Special.Ask, i32(PLACE), KERNEL_CALL + KernelCall.GetSignal) !== Status.Ok) return 0;
  virtualCopy(manager, PLACE, RS, address(pending), u32(sizeOf(PendingSignals)));
  return pending.endpoint === who ? i32(pending.signals) : 0;
}

function endSignalOf(who: Endpoint): void {
  ask(manager, Special.Ask, who, KERNEL_CALL + KernelCall.EndSignal);
}

function stopping(): void {
  runControl(subject, true);
  check("the stopped can be answered", tellSubject(subject, Step.Echo, 7), Status.Ok);
  settle();
  check("but do not run", i32(blockedOf(subject)), Blocked.Stopped);
  runControl(subject, false);
  hear();
  check("until they are let", i32(report.value), 7);
  killProcess(subject, Signal.Terminate);
  check("signals are posted to the manager", signalsFor(subject), 1 << Signal.Terminate);
  tellSubject(subject, Step.Echo, 8);
  settle();
  check("and keep a program still", i32(blockedOf(subject)), Blocked.Signaled);
  killProcess(subject, Signal.User1);
  endSignalOf(subject);
  settle();
  check("until its manager has seen to all of them", i32(blockedOf(subject)), Blocked.Signaled);
  check("each of which it hears", signalsFor(subject), 1 << Signal.User1);
  endSignalOf(subject);
  hear();
  check("then it runs on", i32(report.value), 8);
  const outside = ask(manager, Special.Ask, manager, KERNEL_CALL + KernelCall.EndSignal);
  check("nobody but the manager can end a signal", outside, Status.Denied);
}

const created = new NewProcess();
const mapping = new PageMapping();

function forks(): void {
  tellSubject(subject, Step.Echo, 1);
  hear(); // both will wait for the answer to this
  check("a program can be copied", forkProcess(subject, created), Status.Ok);
  const child = created.endpoint;
  claim("the copy is somebody else", child !== subject && slotOf(child) >= PROGRAM_SLOT);
  claim("with a process id of its own", created.pid > 1);
  check(
    "it is stopped, and waits for what its parent waits for",
    i32(blockedOf(child)),
    Blocked.Stopped | Blocked.Receiving,
  );
  check("by the same name", describe(child).name[0], 0x73);
  copySpace(child);
  tellSubject(subject, Step.Echo, 10);
  check("both can be answered", tellSubject(child, Step.Echo, 20), Status.Ok);
  runControl(child, false);
  hear();
  check("the parent got its own", i32(report.value), 10);
  receive(child, report);
  check("and the child too", i32(report.value), 20);
  end(child);
}

/** Every page that the subject has, for its child. */
function copySpace(child: Endpoint): void {
  spaceCreate(child, takeFrame());
  copyPages(child, 0x1_0000, 0x2_0000);
  copyPages(child, STACK_TOP - 4 * PAGE_BYTES, STACK_TOP);
}

function copyPages(child: Endpoint, from: vaddr, to: vaddr): void {
  for (let page = from; page < to; page += PAGE_BYTES) {
    spaceQuery(subject, page, mapping);
    if (mapping.flags === 0) continue;
    const frame = map(child, page, 1, RW);
    virtualCopy(subject, page, child, page, PAGE_BYTES);
    spaceMap(child, page, frame, 1, mapping.flags, 0);
  }
}

function execs(): void {
  const name = new Uint8Array(16);
  name[0] = 0x78;
  tellSubject(subject, Step.Count, PLACE);
  settle();
  check("a program begins anew", executeProcess(subject, handler, STACK_TOP - 16, address(name)), Status.Ok);
  check("by its new name", describe(subject).name[0], 0x78);
  settle();
  claim("a return to nowhere is a fault", (blockedOf(subject) & Blocked.Signaled) !== 0);
  getCrash(subject, crash);
  check("at address zero, as ra was zero", i32(crash.pc), 0);
  check("a process cannot begin anew itself", executeProcess(RS, handler, STACK_TOP, address(name)), Status.Invalid);
}

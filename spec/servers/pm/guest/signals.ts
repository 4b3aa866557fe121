/** Signals, alarms and process groups. */
import { now, TICKS_PER_MILLISECOND } from "../../../../lib/clock.ts";
import { close, makePipe, read, write } from "../../../../lib/library/file.ts";
import {
  Ending,
  endingSignal,
  exitStatus,
  groupId,
  hasExited,
  isStopped,
  processId,
  setGroup,
  setSession,
  waitFor,
} from "../../../../lib/library/process.ts";
import { handle, ignore, kill, maskSignals, pause, restoreDefault, setAlarm } from "../../../../lib/library/signals.ts";
import { sleep } from "../../../../lib/library/time.ts";
import { MaskHow, WaitOptions } from "../../../../lib/protocol/pm.ts";
import { Signal } from "../../../../lib/signal.ts";
import { Status } from "../../../../lib/status.ts";
import { join, start } from "./cases.ts";
import { byte, pipe, sleepLittle } from "./lives.ts";

/** The first process that the kernel makes after init's number. */
const RS_PID = 2;

/** Handlers change it between any two instructions: volatile, as it is looked at through `at`. */
class Counter {
  value: i32 = 0;
}
const handled = new Counter();
let depth = 0;
let deepest = 0;

export function count(_: i32): void {
  handled.value++;
}

export function times(): i32 {
  return at(address(handled), Counter).value;
}

function sleepLong(): void {
  sleep(20_000);
}

export function signalEnds(): void {
  const ending = new Ending();
  const pid = start(sleepLong);
  sleep(20);
  assert(kill(pid, Signal.Terminate) === Status.Ok);
  assert(waitFor(pid, 0, ending) === pid);
  assert(!hasExited(ending) && endingSignal(ending) === Signal.Terminate && exitStatus(ending) === 143);
}

export function handlerRuns(): void {
  handle(Signal.User1, count);
  assert(kill(processId(), Signal.User1) === Status.Ok);
  assert(times() === 1);
  assert(kill(processId(), Signal.User1) === Status.Ok);
  assert(times() === 2);
  restoreDefault(Signal.User1);
}

export function handlerKeepsRegisters(): void {
  handle(Signal.Alarm, count);
  setAlarm(20);
  let sum: u32 = 0;
  let index: u32 = 0;
  while (times() === 0 || (index & 0xffff) !== 0) {
    sum += index;
    index++;
  }
  let again: u32 = 0;
  for (let each: u32 = 0; each < index; each++) again += each;
  assert(sum === again);
}

export function blockedSignalsWait(): void {
  handle(Signal.User1, count);
  maskSignals(MaskHow.Block, (1 << Signal.User1) | (1 << Signal.Kill));
  kill(processId(), Signal.User1);
  kill(processId(), Signal.User1);
  assert(times() === 0);
  assert(maskSignals(MaskHow.Unblock, 1 << Signal.User1) === 1 << Signal.User1);
  assert(times() === 1);
}

/** Another signal comes at once; its own not before it has returned, and then once. */
function nest(_: i32): void {
  depth++;
  if (depth > deepest) deepest = depth;
  if (times() === 0) {
    kill(processId(), Signal.User2);
    assert(times() === 1);
    kill(processId(), Signal.User1);
    assert(times() === 1);
  }
  depth--;
  handled.value++;
}

export function handlersNest(): void {
  handle(Signal.User1, nest);
  handle(Signal.User2, count);
  kill(processId(), Signal.User1);
  assert(times() === 3 && deepest === 1);
}

export function ignoredSignals(): void {
  ignore(Signal.Terminate);
  kill(processId(), Signal.Terminate);
  kill(processId(), Signal.Child);
  kill(processId(), Signal.Continue);
  assert(kill(processId(), 0) === Status.Ok);
}

export function killCannotBeCaught(): void {
  assert(handle(Signal.Kill, count) === Status.Invalid);
  assert(ignore(Signal.Stop) === Status.Invalid);
  const pid = start(sleepLong);
  kill(pid, Signal.Kill);
  assert(join(pid) === 137);
}

export function sleepTakesTime(): void {
  const began = now();
  assert(sleep(50) === Status.Ok);
  const milliseconds = (now() - began) / TICKS_PER_MILLISECOND;
  assert(milliseconds >= 50n && milliseconds < 80n);
}

export function alarmInterruptsSleep(): void {
  handle(Signal.Alarm, count);
  assert(setAlarm(30) === 0);
  assert(sleep(10_000) === Status.Interrupted);
  assert(times() === 1);
}

export function alarmInterruptsRead(): void {
  handle(Signal.Alarm, count);
  assert(makePipe(pipe) >= 0);
  setAlarm(30);
  assert(read(pipe.readEnd, byte) === Status.Interrupted);
  assert(times() === 1);
}

export function alarmInterruptsWait(): void {
  const ending = new Ending();
  handle(Signal.Alarm, count);
  const pid = start(sleepLong);
  setAlarm(30);
  assert(waitFor(pid, 0, ending) === Status.Interrupted);
  assert(times() === 1);
  kill(pid, Signal.Kill);
  assert(join(pid) === 137);
}

export function alarmTakenBack(): void {
  handle(Signal.Alarm, count);
  setAlarm(50);
  const left = setAlarm(0);
  assert(left > 0 && left <= 50);
  assert(sleep(80) === Status.Ok);
  assert(times() === 0);
}

export function pauseEnds(): void {
  handle(Signal.Alarm, count);
  setAlarm(20);
  assert(pause() === Status.Interrupted);
  assert(times() === 1);
}

export function stopAndContinue(): void {
  const ending = new Ending();
  const pid = start(sleepLittle);
  kill(pid, Signal.Stop);
  assert(waitFor(pid, WaitOptions.Untraced, ending) === pid);
  assert(isStopped(ending) && endingSignal(ending) === Signal.Stop);
  sleep(60);
  assert(waitFor(pid, WaitOptions.NoHang | WaitOptions.Untraced, ending) === 0);
  kill(pid, Signal.Continue);
  assert(join(pid) === 0);
}

export function stoppedCanBeKilled(): void {
  const pid = start(sleepLong);
  kill(pid, Signal.Stop);
  kill(pid, Signal.Terminate);
  sleep(20);
  const ending = new Ending();
  assert(waitFor(pid, WaitOptions.NoHang, ending) === 0);
  kill(pid, Signal.Kill);
  assert(join(pid) === 137);
}

export function groupsAndSessions(): void {
  const me = processId();
  assert(groupId() === me); // run() made a session
  assert(setSession() === Status.NotPermitted);
  assert(setGroup(0, 0) === Status.NotPermitted);
  const pid = start(sleepLong);
  assert(setGroup(pid, 0) === Status.Ok);
  assert(setGroup(pid, me) === Status.Ok);
  assert(setGroup(pid, 1) === Status.NotPermitted);
  assert(setGroup(1, 0) === Status.NoProcess);
  kill(pid, Signal.Kill);
  assert(join(pid) === 137);
}

export function groupIsSignalled(): void {
  const first = start(sleepLong);
  const second = start(sleepLong);
  setGroup(first, 0);
  setGroup(second, first);
  assert(kill(-first, Signal.Interrupt) === Status.Ok);
  assert(join(first) === 130);
  assert(join(second) === 130);
  assert(kill(-first, Signal.Interrupt) === Status.NoProcess);
}

export function signalsToNobody(): void {
  assert(kill(29_999, Signal.Terminate) === Status.NoProcess);
  assert(kill(processId(), 32) === Status.Invalid);
  assert(kill(processId(), -1) === Status.Invalid);
  assert(kill(1, Signal.Kill) === Status.Ok); // init takes no notice
  assert(kill(1, 0) === Status.Ok);
  assert(kill(RS_PID, Signal.Kill) === Status.NotPermitted);
  assert(kill(RS_PID, Signal.Interrupt) === Status.NotPermitted);
  assert(kill(RS_PID, 0) === Status.Ok);
}

function writeToNobody(): void {
  makePipe(pipe);
  close(pipe.readEnd);
  write(pipe.writeEnd, byte);
}

function writeIgnoring(): void {
  ignore(Signal.Pipe);
  makePipe(pipe);
  close(pipe.readEnd);
  assert(write(pipe.writeEnd, byte) === Status.BrokenPipe);
}

export function brokenPipe(): void {
  assert(join(start(writeToNobody)) === 128 + Signal.Pipe);
  assert(join(start(writeIgnoring)) === 0);
}

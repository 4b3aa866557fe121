/**
 * A program that tries everything PM and VM do for programs, from inside: each case in a process of its own, so that a failed
 * assertion ends that case alone. Prints a line for each: `ok NAME`, or `failed NAME` and how the process ended.
 */
import { now, TICKS_PER_MILLISECOND } from "../../../../lib/clock.ts";
import { PM } from "../../../../lib/endpoint.ts";
import { sendReceive } from "../../../../lib/ipc.ts";
import { execute } from "../../../../lib/library/execute.ts";
import { close, makePipe, Pipe, read, write } from "../../../../lib/library/file.ts";
import { TextList } from "../../../../lib/library/list.ts";
import { flushOutput, print } from "../../../../lib/library/output.ts";
import {
  breakAddress,
  Ending,
  endingSignal,
  exit,
  exitStatus,
  fork,
  groupId,
  hasExited,
  isStopped,
  moveBreak,
  parentId,
  processId,
  setGroup,
  setSession,
  waitFor,
} from "../../../../lib/library/process.ts";
import { handle, ignore, kill, maskSignals, pause, restoreDefault, setAlarm } from "../../../../lib/library/signals.ts";
import { processTimes, sleep, systemInformation } from "../../../../lib/library/time.ts";
import { Message } from "../../../../lib/message.ts";
import { MaskHow, PmCall, PmSignalReturn, PmSystem, PmTimesReply, WaitOptions } from "../../../../lib/protocol/pm.ts";
import { Signal } from "../../../../lib/signal.ts";
import { Status } from "../../../../lib/status.ts";

const MEBIBYTE = 0x10_0000;
/** The first process that the kernel makes after init's number. */
const RS_PID = 2;

export function main(args: readonly string[]): i32 {
  if (args.length === 4 && args[1] === "executed") return checkArguments(args);
  if (args.length === 2 && args[1] === "resist") resist();
  run("fork and wait", forkAndWait);
  run("wait for one of several", waitForOne);
  run("wait without children", waitWithoutChildren);
  run("wait without hanging", waitWithoutHanging);
  run("orphans go to init", orphansGoToInit);
  run("children that are ignored leave no zombies", ignoredChildren);
  run("exec passes arguments", execPassesArguments);
  run("exec of nothing fails", execOfNothing);
  run("a signal ends a process", signalEnds);
  run("a handler runs before kill returns", handlerRuns);
  run("a handler's registers are its own", handlerKeepsRegisters);
  run("blocked signals wait", blockedSignalsWait);
  run("handlers nest", handlersNest);
  run("ignored signals do nothing", ignoredSignals);
  run("kill cannot be caught", killCannotBeCaught);
  run("sleep takes its time", sleepTakesTime);
  run("an alarm interrupts a sleep", alarmInterruptsSleep);
  run("an alarm interrupts a read", alarmInterruptsRead);
  run("an alarm interrupts a wait", alarmInterruptsWait);
  run("an alarm can be taken back", alarmTakenBack);
  run("pause ends with a signal", pauseEnds);
  run("stop and continue", stopAndContinue);
  run("a stopped process can be killed", stoppedCanBeKilled);
  run("groups and sessions", groupsAndSessions);
  run("a group is signalled", groupIsSignalled);
  run("signals to nobody", signalsToNobody);
  run("a broken pipe is a signal", brokenPipe);
  run("a null store is a segmentation fault", nullStore);
  run("code cannot be written", codeCannotBeWritten);
  run("data cannot be executed", dataCannotBeExecuted);
  run("a failed assertion is a trap", failedAssertion);
  run("an exception can be handled", exceptionHandled);
  run("the stack grows", stackGrows);
  run("the stack has an end", stackEnds);
  run("brk gives and takes memory", brkMoves);
  run("brk answers when there is none", brkRefuses);
  run("what brk gave is not given twice", memoryIsPromised);
  run("parent and child do not share memory", memoryIsCopied);
  run("times add up", timesAddUp);
  run("processes run out with an answer", processesRunOut);
  run("nonsense does no harm", nonsenseHarmless);
  run("nothing leaks", nothingLeaks);
  return 0;
}

/** Ends only when it is killed. */
function resist(): never {
  ignore(Signal.Terminate);
  ignore(Signal.Hangup);
  for (;;) pause();
}

type Case = () => void;

function run(name: string, test: Case): void {
  const pid = fork();
  if (pid === 0) {
    setSession();
    test();
    exit(0);
  }
  const ending = new Ending();
  while (waitFor(pid, 0, ending) === Status.Interrupted) {}
  if (exitStatus(ending) === 0) print`ok ${name}\n`;
  else print`failed ${name}: ${exitStatus(ending)}\n`;
  flushOutput();
}

/** Forks a child that does one thing and exits with 0. */
function start(test: Case): i32 {
  const pid = fork();
  if (pid !== 0) return pid;
  test();
  exit(0);
}

/** How the child ended, as a shell shows it. */
function join(pid: i32): i32 {
  const ending = new Ending();
  assert(waitFor(pid, 0, ending) === pid);
  return exitStatus(ending);
}

// --- Fork, wait, exec ------------------------------------------------------------------------------------------------

function exitSeven(): void {
  exit(7);
}

function forkAndWait(): void {
  const ending = new Ending();
  const pid = start(exitSeven);
  assert(pid > 1);
  assert(waitFor(-1, 0, ending) === pid);
  assert(hasExited(ending) && exitStatus(ending) === 7);
  assert(waitFor(-1, 0, ending) === Status.NoChild);
}

function sleepLittle(): void {
  sleep(30);
}

function waitForOne(): void {
  const slow = start(sleepLittle);
  const quick = start(exitSeven);
  assert(join(slow) === 0);
  assert(join(quick) === 7);
}

function waitWithoutChildren(): void {
  const ending = new Ending();
  assert(waitFor(-1, 0, ending) === Status.NoChild);
  assert(waitFor(1, 0, ending) === Status.NoChild);
  assert(waitFor(-30_000, WaitOptions.NoHang, ending) === Status.NoChild);
}

function waitWithoutHanging(): void {
  const ending = new Ending();
  const pid = start(sleepLittle);
  assert(waitFor(-1, WaitOptions.NoHang, ending) === 0);
  sleep(100);
  assert(waitFor(-1, WaitOptions.NoHang, ending) === pid);
}

const pipe = new Pipe();
const byte = new Uint8Array(1);

function tellWhenOrphaned(): void {
  const parent = parentId();
  for (let tries = 0; tries < 100 && parentId() === parent; tries++) sleep(10);
  byte[0] = u8(parentId());
  write(pipe.writeEnd, byte);
}

function leaveOrphan(): void {
  start(tellWhenOrphaned);
}

function orphansGoToInit(): void {
  assert(makePipe(pipe) >= 0);
  assert(join(start(leaveOrphan)) === 0);
  assert(read(pipe.readEnd, byte) === 1);
  assert(byte[0] === 1);
}

function ignoredChildren(): void {
  const ending = new Ending();
  assert(ignore(Signal.Child) >= 0);
  start(exitSeven);
  start(sleepLittle);
  assert(waitFor(-1, 0, ending) === Status.NoChild);
}

function execPassesArguments(): void {
  const args = new TextList();
  args.append("a program");
  args.append("executed");
  args.append("");
  args.append("with spaces, and ünïcode");
  const environment = new TextList();
  environment.append("KEY=value");
  execute("/bin/processes", args, environment);
  exit(99);
}

function checkArguments(args: readonly string[]): i32 {
  return args[0] === "a program" && args[2] === "" && args[3] === "with spaces, and ünïcode" ? 0 : 1;
}

function execOfNothing(): void {
  const list = new TextList();
  list.append("x");
  const environment = new TextList();
  assert(execute("/bin/none", list, environment) === Status.NoEntry);
  assert(execute("/etc/rc", list, environment) < 0);
  assert(execute("/bin", list, environment) < 0);
}

// --- Signals ---------------------------------------------------------------------------------------------------------

/** Handlers change it between any two instructions: volatile, as it is looked at through `at`. */
class Counter {
  value: i32 = 0;
}
const handled = new Counter();
let depth = 0;
let deepest = 0;

function count(_: i32): void {
  handled.value++;
}

function times(): i32 {
  return at(address(handled), Counter).value;
}

function sleepLong(): void {
  sleep(20_000);
}

function signalEnds(): void {
  const ending = new Ending();
  const pid = start(sleepLong);
  sleep(20);
  assert(kill(pid, Signal.Terminate) === Status.Ok);
  assert(waitFor(pid, 0, ending) === pid);
  assert(!hasExited(ending) && endingSignal(ending) === Signal.Terminate && exitStatus(ending) === 143);
}

function handlerRuns(): void {
  handle(Signal.User1, count);
  assert(kill(processId(), Signal.User1) === Status.Ok);
  assert(times() === 1);
  assert(kill(processId(), Signal.User1) === Status.Ok);
  assert(times() === 2);
  restoreDefault(Signal.User1);
}

function handlerKeepsRegisters(): void {
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

function blockedSignalsWait(): void {
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

function handlersNest(): void {
  handle(Signal.User1, nest);
  handle(Signal.User2, count);
  kill(processId(), Signal.User1);
  assert(times() === 3 && deepest === 1);
}

function ignoredSignals(): void {
  ignore(Signal.Terminate);
  kill(processId(), Signal.Terminate);
  kill(processId(), Signal.Child);
  kill(processId(), Signal.Continue);
  assert(kill(processId(), 0) === Status.Ok);
}

function killCannotBeCaught(): void {
  assert(handle(Signal.Kill, count) === Status.Invalid);
  assert(ignore(Signal.Stop) === Status.Invalid);
  const pid = start(sleepLong);
  kill(pid, Signal.Kill);
  assert(join(pid) === 137);
}

function sleepTakesTime(): void {
  const began = now();
  assert(sleep(50) === Status.Ok);
  const milliseconds = (now() - began) / TICKS_PER_MILLISECOND;
  assert(milliseconds >= 50n && milliseconds < 80n);
}

function alarmInterruptsSleep(): void {
  handle(Signal.Alarm, count);
  assert(setAlarm(30) === 0);
  assert(sleep(10_000) === Status.Interrupted);
  assert(times() === 1);
}

function alarmInterruptsRead(): void {
  handle(Signal.Alarm, count);
  assert(makePipe(pipe) >= 0);
  setAlarm(30);
  assert(read(pipe.readEnd, byte) === Status.Interrupted);
  assert(times() === 1);
}

function alarmInterruptsWait(): void {
  const ending = new Ending();
  handle(Signal.Alarm, count);
  const pid = start(sleepLong);
  setAlarm(30);
  assert(waitFor(pid, 0, ending) === Status.Interrupted);
  assert(times() === 1);
  kill(pid, Signal.Kill);
  assert(join(pid) === 137);
}

function alarmTakenBack(): void {
  handle(Signal.Alarm, count);
  setAlarm(50);
  const left = setAlarm(0);
  assert(left > 0 && left <= 50);
  assert(sleep(80) === Status.Ok);
  assert(times() === 0);
}

function pauseEnds(): void {
  handle(Signal.Alarm, count);
  setAlarm(20);
  assert(pause() === Status.Interrupted);
  assert(times() === 1);
}

function stopAndContinue(): void {
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

function stoppedCanBeKilled(): void {
  const pid = start(sleepLong);
  kill(pid, Signal.Stop);
  kill(pid, Signal.Terminate);
  sleep(20);
  const ending = new Ending();
  assert(waitFor(pid, WaitOptions.NoHang, ending) === 0);
  kill(pid, Signal.Kill);
  assert(join(pid) === 137);
}

function groupsAndSessions(): void {
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

function groupIsSignalled(): void {
  const first = start(sleepLong);
  const second = start(sleepLong);
  setGroup(first, 0);
  setGroup(second, first);
  assert(kill(-first, Signal.Interrupt) === Status.Ok);
  assert(join(first) === 130);
  assert(join(second) === 130);
  assert(kill(-first, Signal.Interrupt) === Status.NoProcess);
}

function signalsToNobody(): void {
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

function brokenPipe(): void {
  assert(join(start(writeToNobody)) === 128 + Signal.Pipe);
  assert(join(start(writeIgnoring)) === 0);
}

// --- Exceptions ------------------------------------------------------------------------------------------------------

class Word {
  value: u32 = 0;
}
const data = new Uint32Array(4);

function storeNull(): void {
  at(0, Word).value = 1;
}

function nullStore(): void {
  assert(join(start(storeNull)) === 128 + Signal.Segmentation);
}

function storeToCode(): void {
  at(address(storeToCode), Word).value = 0;
}

function codeCannotBeWritten(): void {
  assert(join(start(storeToCode)) === 128 + Signal.Segmentation);
}

function jumpTo(place: vaddr): void {
  asm`jalr ra, 0(${place})`;
}

function executeData(): void {
  data[0] = 0x0000_8067; // ret
  jumpTo(address(data));
}

function dataCannotBeExecuted(): void {
  assert(join(start(executeData)) === 128 + Signal.Segmentation);
}

function failAssertion(): void {
  assert(times() > 0);
}

function failedAssertion(): void {
  assert(join(start(failAssertion)) === 128 + Signal.Trap);
}

function exitThree(_: i32): void {
  exit(3);
}

function handleNull(): void {
  handle(Signal.Segmentation, exitThree);
  storeNull();
}

function exceptionHandled(): void {
  assert(join(start(handleNull)) === 3);
}

// --- Memory ----------------------------------------------------------------------------------------------------------

/** Uses about a page of stack for each level, and every one of its words. */
function descend(levels: i32): u32 {
  const block = new Uint32Array(1000);
  for (let index = 0; index < block.length; index++) block[index] = u32(levels);
  const below = levels === 0 ? 0 : descend(levels - 1);
  assert(block[999] === u32(levels));
  return below + block[0];
}

function stackGrows(): void {
  assert(descend(200) === 20_100);
}

function descendForever(): void {
  descend(1000);
}

function stackEnds(): void {
  assert(join(start(descendForever)) === 128 + Signal.Segmentation);
}

function brkMoves(): void {
  const begin = breakAddress();
  assert(moveBreak(begin + 4 * MEBIBYTE) === begin + 4 * MEBIBYTE);
  const words = wordsAt(begin, MEBIBYTE);
  for (let index = 0; index < words.length; index += 1024) {
    assert(words[index] === 0);
    words[index] = u32(index);
  }
  for (let index = 0; index < words.length; index += 1024) assert(words[index] === u32(index));
  assert(moveBreak(begin) === begin);
  assert(moveBreak(begin + 4096) === begin + 4096);
  assert(words[0] === 0);
}

function brkRefuses(): void {
  const begin = breakAddress();
  assert(moveBreak(begin + 512 * MEBIBYTE) === 0);
  assert(moveBreak(begin - 4096) === 0);
  assert(breakAddress() === begin);
}

/** Nobody has touched the heap, but a child could want all of its copy. */
function memoryIsPromised(): void {
  const begin = breakAddress();
  assert(moveBreak(begin + 36 * MEBIBYTE) !== 0);
  assert(fork() === Status.NoMemory);
  assert(moveBreak(begin) !== 0);
  assert(join(start(exitSeven)) === 7);
}

function changeData(): void {
  assert(data[1] === 11);
  data[1] = 12;
}

function memoryIsCopied(): void {
  data[1] = 11;
  assert(join(start(changeData)) === 0);
  assert(data[1] === 11);
}

function spin(): void {
  const began = now();
  while (now() - began < 30n * TICKS_PER_MILLISECOND) {}
}

function timesAddUp(): void {
  const used = new PmTimesReply();
  assert(join(start(spin)) === 0);
  assert(processTimes(used) === Status.Ok);
  assert(used.childUserCycles >= 1_000_000n);
  assert(used.userCycles < used.childUserCycles);
}

function forkAll(): void {
  let children = 0;
  let pid = fork();
  while (pid > 0) {
    children++;
    pid = fork();
  }
  if (pid === 0) for (;;) pause();
  assert(pid === Status.TryAgain || pid === Status.NoMemory);
  assert(children > 30);
  ignore(Signal.Terminate);
  kill(0, Signal.Terminate);
  const ending = new Ending();
  while (children > 0) {
    assert(waitFor(-1, 0, ending) > 0);
    children--;
  }
}

function processesRunOut(): void {
  forkAll();
}

// --- Nonsense --------------------------------------------------------------------------------------------------------

const SEEDS = 8;
const LETTERS = 400;
let random: u32 = 1;

function nextRandom(): u32 {
  random ^= random << 13;
  random ^= random >>> 17;
  random ^= random << 5;
  return random;
}

/** Requests that may take a long time, end others, or make more processes. */
function isLeftOut(type: u32): boolean {
  const call = type as PmCall;
  return (
    call === PmCall.Fork ||
    call === PmCall.Exit ||
    call === PmCall.Kill ||
    call === PmCall.Pause ||
    call === PmCall.Sleep ||
    call === PmCall.Reboot ||
    call === PmCall.Alarm ||
    call === PmCall.SignalReturn
  );
}

class Anything extends Message {
  override type: u32 = 0;
  readonly words = new Uint32Array(14);
}

/** Random letters of PM's protocol, and of none: often plausible words, often not. */
function talkNonsense(): void {
  const letter = new Anything();
  for (let count = 0; count < LETTERS; count++) {
    letter.type = PmCall.Fork + (nextRandom() % 24);
    for (let index = 0; index < letter.words.length; index++) {
      const word = nextRandom();
      letter.words[index] =
        (word & 1) !== 0 ? word : (word & 2) !== 0 ? (word >>> 2) & 0xff : (word & 0x1f_ffff) + 0x1_0000;
    }
    if (!isLeftOut(letter.type)) sendReceive(PM, letter);
  }
}

function returnFromNothing(): void {
  sendReceive(PM, new PmSignalReturn());
}

function nonsenseHarmless(): void {
  for (let seed: u32 = 1; seed <= SEEDS; seed++) {
    random = seed * 0x9e37_79b9;
    join(start(talkNonsense)); // it may end somehow: its handlers are nonsense too
    assert(join(start(exitSeven)) === 7);
  }
  assert(join(start(returnFromNothing)) === 128 + Signal.Segmentation);
}

// --- Leaks -----------------------------------------------------------------------------------------------------------

function freeBytes(): u32 {
  const system = new PmSystem();
  assert(systemInformation(system) >= 0);
  return system.freeBytes;
}

function useMemory(): void {
  brkMoves();
  stackGrows();
}

/** The answer to the question before the last process has been cleared may come early: so ask again for a while. */
function nothingLeaks(): void {
  start(exitSeven);
  assert(waitFor(-1, 0, new Ending()) > 0);
  const before = freeBytes();
  for (let round = 0; round < 2; round++) {
    assert(join(start(useMemory)) === 0);
    assert(join(start(execPassesArguments)) === 0);
    assert(join(start(memoryIsPromised)) === 0);
    assert(join(start(storeNull)) !== 0);
    assert(join(start(descendForever)) !== 0);
  }
  assert(freeBytes() === before);
}

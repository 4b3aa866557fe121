/**
 * A program that tries everything PM and VM do for programs, from inside: each case in a process of its own, so that a failed
 * assertion ends that case alone. Prints a line for each: `ok NAME`, or `failed NAME` and how the process ended. The cases are in the files beside
 * this one, by what they are about.
 */
import { ignore, pause } from "../../../../lib/library/signals.ts";
import { Signal } from "../../../../lib/signal.ts";
import { run } from "./cases.ts";
import {
  checkArguments,
  execOfNothing,
  execPassesArguments,
  forkAndWait,
  ignoredChildren,
  orphansGoToInit,
  waitForOne,
  waitWithoutChildren,
  waitWithoutHanging,
} from "./lives.ts";
import {
  brkMoves,
  brkRefuses,
  codeCannotBeWritten,
  dataCannotBeExecuted,
  exceptionHandled,
  failedAssertion,
  memoryIsCopied,
  memoryIsPromised,
  nullStore,
  processesRunOut,
  stackEnds,
  stackGrows,
  timesAddUp,
} from "./memory.ts";
import { nonsenseHarmless, nothingLeaks } from "./nonsense.ts";
import {
  alarmInterruptsRead,
  alarmInterruptsSleep,
  alarmInterruptsWait,
  alarmTakenBack,
  blockedSignalsWait,
  brokenPipe,
  groupIsSignalled,
  groupsAndSessions,
  handlerKeepsRegisters,
  handlerRuns,
  handlersNest,
  ignoredSignals,
  killCannotBeCaught,
  pauseEnds,
  signalEnds,
  signalsToNobody,
  sleepTakesTime,
  stopAndContinue,
  stoppedCanBeKilled,
} from "./signals.ts";

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

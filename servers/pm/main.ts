/**
 * PM, the process manager: which programs there are, who is whose child, and what signals become of them.
 *
 * It waits for VFS and VM, who lie below it, and for nobody above. A program that has to wait (for a child, a signal, the time) is a
 * row of the table in program.ts meanwhile. Begin at `main`; each kind of request has its file.
 */
import { CLOCK, KERNEL } from "../../lib/endpoint.ts";
import { Message, MessageType, type Notification } from "../../lib/message.ts";
import {
  PmBreak,
  PmCall,
  PmIds,
  PmProcess,
  type PmRequest,
  type PmSleep,
  PmSystem,
  PmTimesReply,
} from "../../lib/protocol/pm.ts";
import { answerAndReceive, receiveRequest, reply, startService } from "../../lib/service.ts";
import { Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { answer } from "./answer.ts";
import { serveKernel } from "./crash.ts";
import { endHandler, settleSignals } from "./deliver.ts";
import { endProgram, hasExited } from "./ending.ts";
import { execute, fork } from "./fork.ts";
import { setGroup, setSession, tellIds } from "./group.ts";
import { moveBreak, tellBootArguments, tellProcess, tellSystem, tellTimes } from "./inform.ts";
import { kill, signalGroup } from "./kill.ts";
import { initialisePrograms, type Program, Purpose, programOf, State, type Timer, Waiting } from "./program.ts";
import { beginShutdown, continueShutdown, endGrace } from "./reboot.ts";
import { postSignal, setAction, setMask } from "./signals.ts";
import { cancelTimer, setTimer, takeExpired } from "./timers.ts";
import { waitForChild } from "./wait.ts";

const inbox = new Message();

export function main(): never {
  initialisePrograms();
  startService();
  let request = receiveRequest<Heard>(inbox);
  for (;;) {
    const next = serveQuestion(request);
    if (next !== null) request = next;
    else {
      if (request.type === MessageType.Notify) serveNotification(request);
      else serveRequest(request);
      settleSignals();
      continueShutdown();
      request = receiveRequest<Heard>(inbox);
    }
  }
}

type Heard = PmRequest | Notification;

/** A program's request that changes nothing here, so that all there is to do is to answer. Returns the next message; null: it is no such request. */
function serveQuestion(request: Heard): Heard | null {
  const program = programOf(request.source);
  if (program === null || program.state !== State.Alive) return null;
  switch (request.type) {
    case PmCall.GetIds: {
      const ids = new PmIds();
      tellIds(program, ids);
      return answerAndNext(program, ids);
    }
    case PmCall.Brk: {
      const result = new PmBreak();
      result.status = moveBreak(program, request, result);
      return answerAndNext(program, result);
    }
    case PmCall.Times: {
      const times = new PmTimesReply();
      times.status = tellTimes(program, times);
      return answerAndNext(program, times);
    }
    case PmCall.ProcessInfo: {
      const process = new PmProcess();
      process.status = tellProcess(request, process);
      return answerAndNext(program, process);
    }
    case PmCall.SystemInfo: {
      const system = new PmSystem();
      system.status = tellSystem(system);
      return answerAndNext(program, system);
    }
    default:
      return null;
  }
}

function answerAndNext(program: Program, answer: Message): Heard {
  return answerAndReceive<Heard>(program.endpoint, answer, inbox);
}

function serveNotification(notification: Notification): void {
  if (notification.source === KERNEL) serveKernel();
  else if (notification.source === CLOCK) serveTimers();
}

function serveTimers(): void {
  for (let timer = takeExpired(); timer !== null; timer = takeExpired()) expire(timer);
}

function expire(timer: Timer): void {
  const { program } = timer;
  if (timer.purpose === Purpose.Grace) endGrace();
  else if (program === null) unreachable();
  else if (timer.purpose === Purpose.Alarm) postSignal(program, Signal.Alarm);
  else answer(program, Status.Ok);
}

function serveRequest(request: PmRequest): void {
  const program = programOf(request.source);
  if (program !== null && program.state === State.Alive) serveProgram(program, request);
  else if (request.type === PmCall.SignalGroup) signalGroup(request);
  else reply(request.source, Status.NoProcess);
}

/** Each request ends with an answer, or with the program ended, changed or waiting. */
function serveProgram(program: Program, request: PmRequest): void {
  switch (request.type) {
    case PmCall.Fork:
      fork(program);
      break;
    case PmCall.Exec:
      execute(program, request);
      break;
    case PmCall.Exit:
      endProgram(program, hasExited(request.status));
      break;
    case PmCall.Wait:
      waitForChild(program, request);
      break;
    case PmCall.Kill:
      answer(program, kill(program, request));
      break;
    case PmCall.SetGroup:
      answer(program, setGroup(program, request));
      break;
    case PmCall.SetSession:
      answer(program, setSession(program));
      break;
    case PmCall.SignalAction:
      setAction(program, request);
      break;
    case PmCall.SignalMask:
      setMask(program, request);
      break;
    case PmCall.SignalReturn:
      endHandler(program);
      break;
    case PmCall.Pause:
      program.waiting = Waiting.Signal;
      break;
    case PmCall.Alarm:
      answer(program, startAlarm(program, request.milliseconds));
      break;
    case PmCall.Sleep:
      startSleep(program, request);
      break;
    case PmCall.Reboot:
      beginShutdown(program, request);
      break;
    case PmCall.BootArguments:
      answer(program, tellBootArguments(program, request));
      break;
    default:
      answer(program, Status.NoSuchCall);
  }
}

/** Answers the milliseconds that were left of the alarm before, as far as a status can say it. */
function startAlarm(program: Program, milliseconds: u32): i32 {
  const left = cancelTimer(program.alarm);
  if (milliseconds > 0) setTimer(program.alarm, Purpose.Alarm, program, milliseconds);
  return i32(left & 0x7fff_ffff);
}

function startSleep(program: Program, request: PmSleep): void {
  program.waiting = Waiting.Sleep;
  setTimer(program.sleep, Purpose.Sleep, program, request.milliseconds);
}

/**
 * What RS does by the clock: asks for signs of life, ends those who give none, and starts those whose backoff is over. One kernel
 * alarm serves all of it.
 */
import { now, TICKS_PER_MILLISECOND } from "../lib/clock.ts";
import { notify } from "../lib/ipc.ts";
import { killProcess } from "../lib/kernel-call/process.ts";
import { setAlarm } from "../lib/kernel-call/service.ts";
import { ServiceState } from "../lib/protocol/rs.ts";
import { Signal } from "../lib/signal.ts";
import { rowOf, Sentence, type Service, services } from "./services.ts";
import { inMilliseconds, start } from "./start.ts";

/** So many unanswered questions are death. */
const UNANSWERED_MAXIMUM = 2;

/** Sees to every service whose time has come. */
export function checkClocks(): void {
  for (const service of services()) {
    if (hasDeadline(service) && service.deadline <= now()) act(service);
  }
}

/** Winds the alarm to the next deadline. */
export function setNextAlarm(): void {
  let next: u64 = 0n;
  for (const service of services()) {
    if (hasDeadline(service) && (next === 0n || service.deadline < next)) next = service.deadline;
  }
  if (next === 0n) {
    setAlarm(0);
    return;
  }
  const time = now();
  setAlarm(next > time ? u32((next - time) / TICKS_PER_MILLISECOND) + 1 : 1);
}

/** Ends an incarnation for a reason that its crash record will give. */
export function sentence(service: Service, why: Sentence): void {
  service.sentence = why;
  killProcess(service.endpoint, Signal.Kill);
}

function act(service: Service): void {
  switch (service.state) {
    case ServiceState.Starting:
      sentence(service, Sentence.NotReady);
      break;
    case ServiceState.Waiting:
      start(service);
      break;
    case ServiceState.Running:
      askForSign(service);
      break;
    default:
  }
}

function askForSign(service: Service): void {
  if (service.unanswered === UNANSWERED_MAXIMUM) {
    sentence(service, Sentence.NoHeartbeat);
    return;
  }
  service.unanswered++;
  service.deadline = inMilliseconds(rowOf(service).heartbeatMilliseconds);
  notify(service.endpoint);
}

function hasDeadline(service: Service): boolean {
  switch (service.state) {
    case ServiceState.Starting:
    case ServiceState.Waiting:
      return true;
    case ServiceState.Running:
      return rowOf(service).heartbeatMilliseconds !== 0;
    default:
      return false;
  }
}

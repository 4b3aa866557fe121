/**
 * What happens when a service dies: the record is taken first, then the remains are cleared away, then policy decides. Nothing here waits for
 * anybody but the kernel, VM and DS.
 */
import { now, TICKS_PER_MILLISECOND } from "../lib/clock.ts";
import { VM } from "../lib/endpoint.ts";
import { sendReceive } from "../lib/ipc.ts";
import { Crash, DeathCause, getCrash } from "../lib/kernel-call/crash.ts";
import { abort, Shutdown } from "../lib/kernel-call/machine.ts";
import { clearProcess, endSignal, getSignal, killProcess, PendingSignals } from "../lib/kernel-call/process.ts";
import { log } from "../lib/log.ts";
import { ServiceState } from "../lib/protocol/rs.ts";
import { VmExit } from "../lib/protocol/vm.ts";
import { RestartPolicy, type ServiceRow } from "../lib/service-table.ts";
import { Signal } from "../lib/signal.ts";
import { Status } from "../lib/status.ts";
import { recordCrash } from "./record.ts";
import { logLastRecord } from "./record-text.ts";
import { rowOf, Sentence, type Service, serviceAt } from "./services.ts";
import { inMilliseconds, publish, start } from "./start.ts";

/** Fetches every signal that the kernel keeps for RS. */
export function seeToSignals(): void {
  const pending = new PendingSignals();
  while (getSignal(pending) === Status.Ok) {
    const service = serviceAt(pending.endpoint);
    if (service === null) endSignal(pending.endpoint);
    else seeTo(service, pending.signals);
  }
}

/** Signals that end a program end a service too; it has no handlers. */
function seeTo(service: Service, signals: u32): void {
  const crash = new Crash();
  const status = getCrash(service.endpoint, crash);
  if (status === Status.Ok && crash.cause !== DeathCause.None) bury(service, crash);
  else if ((signals & HARMLESS) === signals) endSignal(service.endpoint);
  else killProcess(service.endpoint, Signal.Kill); // and the kernel tells us so
}

const HARMLESS = (1 << Signal.Child) | (1 << Signal.Continue) | (1 << Signal.Alarm) | (1 << Signal.Pipe);

/** Record, remains, policy. */
function bury(service: Service, crash: Crash): void {
  const row = rowOf(service);
  service.state = ServiceState.Dead;
  recordCrash(service, crash);
  if (row.policy === RestartPolicy.Vital) {
    logLastRecord();
    log`${row.name} is vital: the system ends here`;
    abort(Shutdown.PowerOff, 1);
  }
  clearRemains(service);
  decide(service, row);
}

/** Its memory first, then the process: who waits for it hears that it is dead. */
function clearRemains(service: Service): void {
  const request = new VmExit();
  request.endpoint = service.endpoint;
  sendReceive(VM, request);
  clearProcess(service.endpoint);
}

function decide(service: Service, row: ServiceRow): void {
  if (service.sentence === Sentence.Down) {
    service.state = ServiceState.Down;
    publish(service);
    return;
  }
  service.restarts++;
  if (service.sentence === Sentence.Restart) start(service);
  else if (isHopeless(service, row)) giveUp(service, row);
  else if (service.deaths === 1) start(service);
  else backOff(service, row);
}

/** Counts the death, in a window that begins with the first one it counts. */
function isHopeless(service: Service, row: ServiceRow): boolean {
  const time = now();
  if (service.deaths === 0 || time - service.windowStart > u64(row.windowMilliseconds) * TICKS_PER_MILLISECOND) {
    service.windowStart = time;
    service.deaths = 0;
    service.backoffMilliseconds = row.backoffMilliseconds;
  }
  service.deaths++;
  return service.deaths > row.restartsMaximum;
}

function backOff(service: Service, row: ServiceRow): void {
  service.state = ServiceState.Waiting;
  service.deadline = inMilliseconds(service.backoffMilliseconds);
  log`${row.name} has died ${service.deaths} times: the next attempt in ${service.backoffMilliseconds} ms`;
  const doubled = service.backoffMilliseconds * 2;
  service.backoffMilliseconds = doubled < row.backoffMaximumMilliseconds ? doubled : row.backoffMaximumMilliseconds;
}

function giveUp(service: Service, row: ServiceRow): void {
  service.restarts--;
  service.state = ServiceState.GivenUp;
  log`${row.name} has died ${service.deaths} times in ${row.windowMilliseconds} ms: given up`;
  publish(service);
}

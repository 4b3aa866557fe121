/**
 * RS, the reincarnation server: starts every service, watches them, and brings back whatever dies.
 *
 * services.ts holds what it knows, start.ts the only way to life, clocks.ts heartbeats and backoff, death.ts what happens at a death, record.ts the
 * crash records, requests.ts what the `service` program asks. RS waits for nobody but the kernel, VM and DS, so it can restart all others.
 */
import { ANY, CLOCK, KERNEL } from "../lib/endpoint.ts";
import { receive } from "../lib/ipc.ts";
import { Message, MessageType } from "../lib/message.ts";
import { type RsRequest, ServiceState } from "../lib/protocol/rs.ts";
import { Status } from "../lib/status.ts";
import { checkClocks, setNextAlarm } from "./clocks.ts";
import { seeToSignals } from "./death.ts";
import { serve } from "./requests.ts";
import { loadServices, serviceAt } from "./services.ts";
import { becomeReady, startEverything } from "./start.ts";

const inbox = new Message();

export function main(): never {
  loadServices();
  startEverything();
  for (;;) {
    setNextAlarm();
    const status = receive(ANY, inbox);
    assert(status === Status.Ok);
    if (inbox.type !== MessageType.Notify) serve(inbox as RsRequest);
    else if (inbox.source === KERNEL) seeToSignals();
    else if (inbox.source === CLOCK) checkClocks();
    else hearSignOfLife();
  }
}

/** A service has notified RS: the first time that it is ready, later that it lives. */
function hearSignOfLife(): void {
  const service = serviceAt(inbox.source);
  if (service === null) return;
  if (service.state === ServiceState.Starting) becomeReady(service);
  service.unanswered = 0;
}

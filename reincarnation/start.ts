/**
 * How an incarnation comes to life: at boot, after a death, and when somebody asks. There is no other way, so every boot tries the path that
 * a restart needs. It waits for nobody but the kernel, VM and DS.
 */
import { now, TICKS_PER_MILLISECOND } from "../lib/clock.ts";
import { DS, type Endpoint, NONE, RS, slotOf, VM } from "../lib/endpoint.ts";
import { sendReceive } from "../lib/ipc.ts";
import { abort, Shutdown } from "../lib/kernel-call/machine.ts";
import { createProcess, executeProcess, NewProcess, setRights } from "../lib/kernel-call/process.ts";
import { About, information, ProcessInformation } from "../lib/kernel-call/service.ts";
import { log } from "../lib/log.ts";
import type { Message } from "../lib/message.ts";
import { DsPublish } from "../lib/protocol/ds.ts";
import { ServiceState } from "../lib/protocol/rs.ts";
import { type VmImage, VmLoad, VmReleaseQuarantine } from "../lib/protocol/vm.ts";
import { RestartPolicy } from "../lib/service-table.ts";
import { Status } from "../lib/status.ts";
import { rowOf, Sentence, type Service, services } from "./services.ts";

/** A service that is not ready after this has failed to start. */
const START_MILLISECONDS = 2000;
/** A program finds its arguments at its stack pointer: fresh stacks are zero, and so are the counts of both lists. */
const EMPTY_FRAME_BYTES = 16;
/** RS and VM run before anybody else: the kernel has started them. */
const BOOTED_SLOTS_END = VM + 1;

/** Makes every process first, so that whoever runs early can send to those who run later; then starts them in the page's order. */
export function startEverything(): void {
  for (const service of services()) if (!isBooted(service)) create(service);
  for (const service of services()) {
    if (isBooted(service)) adopt(service);
    else launch(service);
  }
}

/** A new incarnation in the service's slot. */
export function start(service: Service): void {
  if (create(service)) launch(service);
}

/** The first sign of life of an incarnation: it works. Who waits for it hears of it from DS. */
export function becomeReady(service: Service): void {
  service.state = ServiceState.Running;
  service.unanswered = 0;
  service.deadline = inMilliseconds(rowOf(service).heartbeatMilliseconds);
  publish(service);
  const release = new VmReleaseQuarantine();
  release.slot = rowOf(service).slot;
  sendReceive(VM, release);
}

/** Tells DS where the service lives now, or that it is down. */
export function publish(service: Service): void {
  const message = new DsPublish();
  message.name.set(rowOf(service).name);
  message.endpoint = service.state === ServiceState.Running ? service.endpoint : NONE;
  sendReceive(DS, message);
}

/** A point of time from now on, in ticks. */
export function inMilliseconds(milliseconds: u32): u64 {
  return now() + u64(milliseconds) * TICKS_PER_MILLISECOND;
}

function create(service: Service): boolean {
  const created = new NewProcess();
  const row = rowOf(service);
  const status = createProcess(row.slot, address(row.name), created);
  if (status !== Status.Ok) return fail(service, "no process", status);
  service.endpoint = created.endpoint;
  service.pid = created.pid;
  return true;
}

/** Fills the process with its program, gives it its rights, and lets it run. */
function launch(service: Service): void {
  const row = rowOf(service);
  const request = new VmLoad();
  request.endpoint = service.endpoint;
  request.program.set(row.program);
  const status = sendReceive(VM, request);
  const image = request as Message as VmImage;
  if (status < 0 || image.status < 0) {
    fail(service, "no program", status < 0 ? status : image.status);
    return;
  }
  setRights(service.endpoint, row.rights);
  service.state = row.rights.program ? ServiceState.Running : ServiceState.Starting;
  service.sentence = Sentence.None;
  service.unanswered = 0;
  service.deadline = inMilliseconds(START_MILLISECONDS);
  executeProcess(service.endpoint, image.pc, image.stackTop - EMPTY_FRAME_BYTES, address(row.name));
}

/** The kernel has started it. RS itself is its own witness. */
function adopt(service: Service): void {
  service.endpoint = rowOf(service).slot;
  service.pid = pidOf(service.endpoint);
  service.state = service.endpoint === RS ? ServiceState.Running : ServiceState.Starting;
  service.deadline = inMilliseconds(START_MILLISECONDS);
}

function pidOf(endpoint: Endpoint): i32 {
  const described = new ProcessInformation();
  information(About.Process, u32(slotOf(endpoint)), address(described), u32(sizeOf(ProcessInformation)));
  return described.pid;
}

function isBooted(service: Service): boolean {
  return rowOf(service).slot < BOOTED_SLOTS_END;
}

function fail(service: Service, what: string, status: i32): boolean {
  log`cannot start ${rowOf(service).name}: ${what} (${status})`;
  if (rowOf(service).policy === RestartPolicy.Vital) abort(Shutdown.PowerOff, 1);
  service.state = ServiceState.GivenUp;
  publish(service);
  return false;
}

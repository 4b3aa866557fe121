/**
 * Stands in RS' slot and puts VM through what RS asks of it: loads good programs and damaged ones out of the archive, lets services live
 * and die, runs out of memory, and finds every frame back each time. Powers off with 0, or dies of its first failed assertion.
 */
import { ARCHIVE_BASE, ArchiveEntry, ArchiveHeader } from "../../../../lib/archive.ts";
import { type Endpoint, KERNEL, NONE, PM, RS, VFS, VM } from "../../../../lib/endpoint.ts";
import { receive, sendReceive } from "../../../../lib/ipc.ts";
import { Crash, DeathCause, getCrash } from "../../../../lib/kernel-call/crash.ts";
import { abort, Shutdown } from "../../../../lib/kernel-call/machine.ts";
import {
  clearProcess,
  createProcess,
  endSignal,
  executeProcess,
  getSignal,
  NewProcess,
  PendingSignals,
  Rights,
  setRights,
} from "../../../../lib/kernel-call/process.ts";
import { Message, type Reply } from "../../../../lib/message.ts";
import {
  VmBrk,
  VmExecBegin,
  VmExit,
  VmFork,
  type VmImage,
  VmInformation,
  VmLoad,
  VmMapDevice,
  VmReleaseQuarantine,
  type VmUsage,
} from "../../../../lib/protocol/vm.ts";
import { startService } from "../../../../lib/service.ts";
import { Status } from "../../../../lib/status.ts";

const SLOT = 20;
const LAST_SLOT = 60;
const inbox = new Message();
const process = new NewProcess();

export function main(): never {
  startService();
  receive(VM, inbox); // ready
  // The first life costs nothing that the second does not.
  liveAndDie();
  const before = freeBytes();
  for (let round = 0; round < 20; round++) liveAndDie();
  assert(freeBytes() === before);
  loadDamaged();
  assert(freeBytes() === before);
  refuseStrangers();
  runOut();
  assert(freeBytes() === before);
  abort(Shutdown.PowerOff, 0);
}

function ask(request: Message): i32 {
  const delivery = sendReceive(VM, request);
  return delivery === Status.Ok ? (request as Reply).status : delivery;
}

function freeBytes(): u32 {
  return usage(NONE);
}

/** Of the whole, what is free; of a process, what it has. */
function usage(endpoint: Endpoint): u32 {
  const request = new VmInformation();
  request.endpoint = endpoint;
  assert(ask(request) === Status.Ok);
  const answer = request as Message as VmUsage;
  return endpoint === NONE ? answer.freeBytes : answer.processBytes;
}

function fillName(target: Uint8Array, name: string): void {
  target.fill(0);
  target.set(name.bytes);
}

function create(slot: i32): Endpoint {
  const name = new Uint8Array(16);
  fillName(name, "guinea pig");
  assert(createProcess(slot, address(name), process) === Status.Ok);
  return process.endpoint;
}

function remove(endpoint: Endpoint): void {
  const request = new VmExit();
  request.endpoint = endpoint;
  assert(ask(request) === Status.Ok);
  assert(clearProcess(endpoint) === Status.Ok);
}

/** A service is loaded, uses memory, exits, and is cleared away. */
function liveAndDie(): void {
  const endpoint = create(SLOT);
  const name = new Uint8Array(16);
  fillName(name, "victim");
  const request = new VmLoad();
  request.endpoint = endpoint;
  request.program.set(name);
  assert(ask(request) === Status.Ok);
  const image = request as Message as VmImage;
  const loaded = usage(endpoint);
  const rights = new Rights();
  rights.sendTo[0] = (1 << RS) | (1 << VM);
  rights.calls[0] = 0x7f;
  rights.manager = RS;
  rights.priority = 5;
  rights.quantumMilliseconds = 50;
  assert(setRights(endpoint, rights) === Status.Ok);
  assert(executeProcess(endpoint, image.pc, image.stackTop, address(name)) === Status.Ok);
  awaitDeath(endpoint);
  assert(usage(endpoint) >= loaded + 45 * 4096); // what victim.ts says that it touches
  remove(endpoint);
}

function awaitDeath(endpoint: Endpoint): void {
  const signals = new PendingSignals();
  const crash = new Crash();
  while (getSignal(signals) !== Status.Ok) receive(KERNEL, inbox);
  assert(signals.endpoint === endpoint);
  assert(getCrash(endpoint, crash) === Status.Ok);
  assert(crash.cause === DeathCause.Exit && crash.code === 7);
  endSignal(endpoint);
}

/** Entries whose names begin with `bad` must be refused; those that begin with `odd` may be, or not. */
function loadDamaged(): void {
  const header = view(ARCHIVE_BASE, ArchiveHeader);
  const entries = tableAt(ARCHIVE_BASE + u32(sizeOf(ArchiveHeader)), ArchiveEntry, header.count);
  let tried = 0;
  for (const entry of entries) {
    const first = entry.name[0];
    if (first !== 0x62 && first !== 0x6f) continue;
    tried++;
    const endpoint = create(SLOT);
    const request = new VmLoad();
    request.endpoint = endpoint;
    request.program.set(entry.name);
    const status = ask(request);
    if (first === 0x62) assert(status === Status.NotExecutable);
    remove(endpoint);
  }
  assert(tried > 10);
}

function refuseStrangers(): void {
  const endpoint = create(SLOT);
  const load = new VmLoad();
  load.endpoint = endpoint;
  fillName(load.program, "no such program");
  assert(ask(load) === Status.NoEntry);
  const exit = new VmExit();
  exit.endpoint = 64;
  assert(ask(exit) === Status.Denied);
  assert(ask(new VmFork()) === Status.Denied);
  assert(ask(new VmBrk()) === Status.Denied);
  assert(ask(new VmExecBegin()) === Status.Denied);
  assert(ask(new VmMapDevice()) === Status.NoDevice);
  const release = new VmReleaseQuarantine();
  release.slot = SLOT;
  assert(ask(release) === Status.Ok);
  const nobody = new VmLoad();
  nobody.endpoint = endpoint + 256; // a later life
  fillName(nobody.program, "victim");
  assert(ask(nobody) < 0);
  assert(PM !== VFS);
  remove(endpoint);
}

/** Loads until memory has been promised away, and gives everything back. */
function runOut(): void {
  const lives = new Int32Array(64);
  let count = 0;
  let status: i32 = Status.Ok;
  for (let slot = SLOT; slot < LAST_SLOT && status === Status.Ok; slot++) {
    lives[count] = create(slot);
    const request = new VmLoad();
    request.endpoint = lives[count];
    fillName(request.program, "hog");
    status = ask(request);
    count++;
  }
  assert(status === Status.NoMemory && count > 2);
  for (let index = 0; index < count; index++) remove(lives[index]);
}

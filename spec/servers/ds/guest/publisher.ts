/**
 * Stands in RS' slot and asks DS everything: publishes, subscribes, and lets a service (keeper.ts) keep state across two lives. Powers off
 * with 0, or dies of its first failed assertion.
 */
import { ANY, DS, type Endpoint, NONE, RS, VM } from "../../../../lib/endpoint.ts";
import { GrantFlags, grantDirect } from "../../../../lib/grant.ts";
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
import { Message, MessageType, type Reply } from "../../../../lib/message.ts";
import {
  DsCheck,
  DsDelete,
  DsLoad,
  DsPublish,
  type DsReply,
  DsRetrieve,
  DsSave,
  DsSubscribe,
} from "../../../../lib/protocol/ds.ts";
import { VmExit, type VmImage, VmLoad } from "../../../../lib/protocol/vm.ts";
import { Status } from "../../../../lib/status.ts";

const KEEPER_SLOT = 9;
const inbox = new Message();
const process = new NewProcess();
const name = new Uint8Array(16);
const state = new Uint8Array(256);

export function main(): never {
  assert(start(DS, "ds") === DS);
  publishAndRetrieve();
  subscribeToPrefix();
  seeEveryChangeOnce();
  keepState();
  liveTwice();
  abort(Shutdown.PowerOff, 0);
}

function ask(to: Endpoint, request: Message): i32 {
  const delivery = sendReceive(to, request);
  return delivery === Status.Ok ? (request as Reply).status : delivery;
}

function fill(target: Uint8Array, text: string): void {
  target.fill(0);
  target.set(text.bytes);
}

function isName(field: Uint8Array, text: string): boolean {
  for (let index = 0; index < 16; index++) {
    const expected: i32 = index < text.length ? text.charCodeAt(index) : 0;
    if (field[index] !== expected) return false;
  }
  return true;
}

/** Loads a service of the archive into a slot and lets it run, with the rights to ask RS, VM and DS. */
function start(slot: i32, program: string): Endpoint {
  fill(name, program);
  assert(createProcess(slot, address(name), process) === Status.Ok);
  const request = new VmLoad();
  request.endpoint = process.endpoint;
  request.program.set(name);
  assert(ask(VM, request) === Status.Ok);
  const image = request as Message as VmImage;
  const rights = new Rights();
  rights.sendTo[0] = 0xffff_fff8;
  rights.manager = RS;
  rights.priority = 4;
  rights.quantumMilliseconds = 50;
  assert(setRights(process.endpoint, rights) === Status.Ok);
  assert(executeProcess(process.endpoint, image.pc, image.stackTop, address(name)) === Status.Ok);
  return process.endpoint;
}

function publish(what: string, endpoint: Endpoint): i32 {
  const request = new DsPublish();
  fill(request.name, what);
  request.endpoint = endpoint;
  return ask(DS, request);
}

function publishAndRetrieve(): void {
  const request = new DsRetrieve();
  fill(request.name, "first");
  assert(ask(DS, request) === Status.NoEntry);
  assert(publish("first", 300) === Status.Ok);
  assert(publish("", 300) === Status.Invalid);
  const again = new DsRetrieve();
  fill(again.name, "first");
  assert(ask(DS, again) === Status.Ok);
  assert((again as Message as DsReply).endpoint === 300);
  assert(publish("first", NONE) === Status.Ok);
  const down = new DsRetrieve();
  fill(down.name, "first");
  assert(ask(DS, down) === Status.ServiceDown);
}

function subscribe(prefix: string): i32 {
  const request = new DsSubscribe();
  fill(request.prefix, prefix);
  return ask(DS, request);
}

/** The next change must be this one. */
function expectChange(what: string, endpoint: Endpoint): void {
  const request = new DsCheck();
  assert(ask(DS, request) === Status.Ok);
  const change = request as Message as DsReply;
  assert(isName(change.name, what) && change.endpoint === endpoint);
}

function expectNothing(): void {
  assert(ask(DS, new DsCheck()) === Status.Nothing);
}

function expectNotification(): void {
  assert(receive(DS, inbox) === Status.Ok);
  assert(inbox.type === MessageType.Notify);
}

function subscribeToPrefix(): void {
  assert(publish("drive.a", 512) === Status.Ok);
  expectNothing();
  assert(subscribe("drive.") === Status.Ok);
  expectNotification(); // one is there already
  expectChange("drive.a", 512);
  expectNothing();
  assert(publish("drive.b", 513) === Status.Ok);
  assert(publish("driver", 514) === Status.Ok); // not the prefix
  expectNotification();
  expectChange("drive.b", 513);
  expectNothing();
}

function seeEveryChangeOnce(): void {
  publish("drive.a", 768);
  publish("drive.a", 1024);
  publish("drive.b", NONE);
  expectNotification(); // three are one
  expectChange("drive.a", 1024);
  expectChange("drive.b", NONE);
  expectNothing();
  for (let round = 0; round < 7; round++) assert(subscribe(round < 4 ? "x" : "drive.") === Status.Ok);
  expectNotification();
  expectChange("drive.a", 1024);
  expectChange("drive.b", NONE);
}

function save(key: u32, bytes: u32): i32 {
  const request = new DsSave();
  request.key = key;
  request.bytes = bytes;
  request.grant = grantDirect(DS, address(state), u32(state.length), GrantFlags.Read);
  return ask(DS, request);
}

function load(key: u32, bytes: u32): DsLoad {
  const request = loading;
  copy(request, fresh);
  request.key = key;
  request.bytes = bytes;
  request.grant = grantDirect(DS, address(state), u32(state.length), GrantFlags.Write);
  return request;
}
const loading = new DsLoad();
const fresh = new DsLoad();

function keepState(): void {
  for (let index = 0; index < state.length; index++) state[index] = u8(index);
  assert(save(1, 256) === Status.Ok);
  assert(save(2, 257) === Status.Invalid);
  for (let key: u32 = 2; key < 9; key++) assert(save(key, 4) === Status.Ok);
  assert(save(9, 4) === Status.NoMemory); // enough for one service
  state.fill(0xee);
  const request = load(1, 100);
  assert(ask(DS, request) === Status.Ok);
  assert((request as Message as DsReply).bytes === 256);
  for (let index = 0; index < 256; index++) assert(state[index] === (index < 100 ? index : 0xee));
  const remove = new DsDelete();
  remove.key = 1;
  assert(ask(DS, remove) === Status.Ok);
  assert(ask(DS, load(1, 100)) === Status.NoEntry);
}

/** keeper.ts exits with 1 in its first life and with 2 in its second, if it finds what it kept. */
function liveTwice(): void {
  for (let life = 1; life <= 2; life++) {
    const endpoint = start(KEEPER_SLOT, "keeper");
    const crash = new Crash();
    awaitDeath(endpoint);
    assert(getCrash(endpoint, crash) === Status.Ok);
    assert(crash.cause === DeathCause.Exit && crash.code === life);
    const request = new VmExit();
    request.endpoint = endpoint;
    assert(ask(VM, request) === Status.Ok);
    assert(clearProcess(endpoint) === Status.Ok);
    publish("drive.a", 2048 + life);
  }
}

function awaitDeath(endpoint: Endpoint): void {
  const signals = new PendingSignals();
  while (getSignal(signals) !== Status.Ok) {
    assert(receive(ANY, inbox) === Status.Ok);
    assert(inbox.type === MessageType.Notify);
  }
  assert(signals.endpoint === endpoint);
  endSignal(endpoint);
}

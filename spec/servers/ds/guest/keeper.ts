/** A service that saves a state and subscribes, then exits; in its second life it finds the state, and none of its subscriptions. */
import { DS } from "../../../../lib/endpoint.ts";
import { GrantFlags, grantDirect } from "../../../../lib/grant.ts";
import { sendReceive } from "../../../../lib/ipc.ts";
import { exitService } from "../../../../lib/kernel-call/service.ts";
import type { Message, Reply } from "../../../../lib/message.ts";
import { DsCheck, DsLoad, DsPublish, DsSave, DsSubscribe } from "../../../../lib/protocol/ds.ts";
import { Status } from "../../../../lib/status.ts";

const state = new Uint8Array(8);

export function main(): never {
  const load = new DsLoad();
  load.key = 77;
  load.bytes = 8;
  load.grant = grantDirect(DS, address(state), 8, GrantFlags.Write);
  const status = ask(load);
  if (status === Status.NoEntry) firstLife();
  assert(status === Status.Ok && state[7] === 42);
  assert(ask(new DsCheck()) === Status.Nothing);
  const request = new DsSubscribe();
  request.prefix[0] = 0x7a; // "z": nothing
  assert(ask(request) === Status.Ok);
  assert(ask(new DsCheck()) === Status.Nothing);
  exitService(2);
}

function firstLife(): never {
  state[7] = 42;
  const save = new DsSave();
  save.key = 77;
  save.bytes = 8;
  save.grant = grantDirect(DS, address(state), 8, GrantFlags.Read);
  assert(ask(save) === Status.Ok);
  assert(ask(new DsPublish()) === Status.Denied);
  assert(ask(new DsSubscribe()) === Status.Ok);
  exitService(1);
}

function ask(request: Message): i32 {
  const delivery = sendReceive(DS, request);
  return delivery === Status.Ok ? (request as Reply).status : delivery;
}

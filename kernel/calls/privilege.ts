/** Privilege: RS gives a process its rights. a0: the process; a1: its `Rights`. They replace those it had. */
import { type Endpoint, PM, RS, USER, VFS } from "../../lib/endpoint.ts";
import { Trap } from "../../lib/ipc.ts";
import { BASIC_CALLS } from "../../lib/kernel-call/number.ts";
import { Rights } from "../../lib/kernel-call/process.ts";
import { Status } from "../../lib/status.ts";
import { claimDevices, releaseDevices } from "../devices.ts";
import { fetch } from "../memory.ts";
import { lookup, type Process } from "../process.ts";
import { QUEUES, setPriority } from "../schedule.ts";

const wanted = new Rights();
const ALL_TRAPS =
  (1 << Trap.Send) |
  (1 << Trap.Receive) |
  (1 << Trap.SendReceive) |
  (1 << Trap.Notify) |
  (1 << Trap.SendNonblocking) |
  (1 << Trap.SendAsync) |
  (1 << Trap.ReplyReceive);

export function privilegeCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  const process = lookup(i32(a0));
  if (process === null) return Status.DeadEndpoint;
  const status = fetch(caller, caller, vaddr(a1), bytesOf(wanted));
  if (status !== Status.Ok) return status;
  return giveRights(process, wanted);
}

/** Invalid: a service's rights for a process in a program's slot, or the other way round; or no such priority. */
export function giveRights(process: Process, rights: Rights): Status {
  if (rights.priority >= QUEUES || rights.program === process.isService()) return Status.Invalid;
  if (rights.program) giveProgramRights(process, PM);
  else giveServiceRights(process, rights);
  process.outboxPlace = 0; // that it has answered proves nothing any more
  setPriority(process, i32(rights.priority), rights.quantumMilliseconds);
  return Status.Ok;
}

/** What every program may: ask PM, VFS and RS, and nothing else. */
export function giveProgramRights(process: Process, manager: Endpoint): void {
  process.privilege = USER;
  process.manager = manager;
  process.traps = 1 << Trap.SendReceive;
  process.sendTo.empty();
  process.sendTo.add(PM);
  process.sendTo.add(VFS);
  process.sendTo.add(RS);
  process.calls.empty();
}

function giveServiceRights(process: Process, rights: Rights): void {
  process.privilege = process.slot;
  process.manager = rights.manager;
  process.traps = ALL_TRAPS;
  process.sendTo.low = rights.sendTo[0];
  process.sendTo.high = rights.sendTo[1];
  process.calls.low = rights.calls[0] | BASIC_CALLS;
  process.calls.high = rights.calls[1];
  releaseDevices(process);
  process.devices.set(rights.devices);
  claimDevices(process);
}

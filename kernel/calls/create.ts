/** Create: a process in a vacant slot, stopped, with no rights and no space. a0: slot; a1: its name; a2: where to write a `NewProcess`. */
import { SLOTS } from "../../lib/endpoint.ts";
import { NewProcess } from "../../lib/kernel-call/process.ts";
import { Blocked } from "../../lib/kernel-call/service.ts";
import { NAME_BYTES } from "../../lib/message.ts";
import { Status } from "../../lib/status.ts";
import { ensureWritable, fetch, store } from "../memory.ts";
import { beginLife, type Process, processes } from "../process.ts";
import { useSpace } from "../space.ts";

const name = new Uint8Array(NAME_BYTES);
const answer = new NewProcess();

export function createCall(caller: Process): i32 {
  const { a0, a1, a2 } = caller.frame;
  if (a0 >= SLOTS) return Status.Invalid;
  const process = processes[a0];
  if ((process.blocked & Blocked.Vacant) === 0) return Status.Busy;
  let status = fetch(caller, caller, vaddr(a1), name);
  if (status === Status.Ok) status = ensureWritable(caller, vaddr(a2), sizeOf(NewProcess));
  if (status !== Status.Ok) return status;

  createProcess(process, name);
  return announceProcess(caller, process, vaddr(a2));
}

/** A new life in a slot, with a name and nothing else. */
export function createProcess(process: Process, called: Uint8Array): void {
  beginLife(process);
  useSpace(process, 0);
  process.name.set(called);
}

export function announceProcess(caller: Process, process: Process, to: vaddr): i32 {
  answer.endpoint = process.endpoint;
  answer.pid = process.pid;
  return store(caller, to, bytesOf(answer));
}

/** What PM asks of VFS and VM. It waits for both: they lie below it in the order of waiting. */
import type { Endpoint } from "../../lib/endpoint.ts";
import { VFS, VM } from "../../lib/endpoint.ts";
import { sendReceive } from "../../lib/ipc.ts";
import type { Message, Reply } from "../../lib/message.ts";
import { VfsPmCancel, VfsPmExit, VfsPmFork, VfsPmReboot } from "../../lib/protocol/vfs.ts";
import { VmExit, VmFork } from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";

/** Asks, waits, and returns the answer's status, or why there is none. The answer takes the request's place. */
export function ask(server: Endpoint, request: Message): i32 {
  const delivery = sendReceive(server, request);
  if (delivery !== Status.Ok) return delivery;
  const answer = request as Reply;
  return answer.status;
}

/** The child gets a copy of the parent's memory. Errors: NoMemory. */
export function forkMemory(parent: Endpoint, child: Endpoint): i32 {
  const request = new VmFork();
  request.parent = parent;
  request.child = child;
  return ask(VM, request);
}

export function freeMemory(process: Endpoint): i32 {
  const request = new VmExit();
  request.endpoint = process;
  return ask(VM, request);
}

/** The child gets the parent's descriptors and directory. Errors: NoMemory. */
export function forkFiles(parent: Endpoint, child: Endpoint, pid: i32): i32 {
  const request = new VfsPmFork();
  request.parent = parent;
  request.child = child;
  request.pid = pid;
  return ask(VFS, request);
}

/** Closes everything a process has open, and forgets what it waits for. */
export function closeFiles(process: Endpoint): i32 {
  const request = new VfsPmExit();
  request.process = process;
  return ask(VFS, request);
}

/** Whatever the process waits for in VFS is answered with Interrupted. */
export function cancelFiles(process: Endpoint): i32 {
  const request = new VfsPmCancel();
  request.process = process;
  return ask(VFS, request);
}

/** Syncs and unmounts. */
export function unmountFiles(): i32 {
  return ask(VFS, new VfsPmReboot());
}

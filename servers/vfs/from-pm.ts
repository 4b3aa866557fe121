/** What PM tells VFS about processes: they are born, begin another program, end; one must stop waiting; the system ends. */
import { NONE, PM, slotOf } from "../../lib/endpoint.ts";
import { ALL_VOLUMES } from "../../lib/protocol/file-server.ts";
import {
  OPEN_MAXIMUM,
  VfsExecReply,
  type VfsPmCancel,
  type VfsPmExec,
  type VfsPmExit,
  type VfsPmFork,
} from "../../lib/protocol/vfs.ts";
import { replyWith } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { ANSWERED } from "./answer.ts";
import { closeAll } from "./close.ts";
import { cancelDeviceWait } from "./device.ts";
import { exec } from "./exec.ts";
import { syncVolume } from "./file-server.ts";
import { unmountAll } from "./mount.ts";
import { cancelPipeWait } from "./pipe.ts";
import { type Process, processes, processOf, Waiting } from "./process.ts";
import { dropVnode, shareVnode } from "./vnode.ts";

/** The child has what the parent has. Errors: NoProcess. */
export function fork(request: VfsPmFork): i32 {
  const parent = processOf(request.parent);
  if (parent === null || request.child < 0) return Status.NoProcess;
  const child = processes[slotOf(request.child)];
  end(child);
  child.endpoint = request.child;
  child.pid = request.pid;
  child.creationMask = parent.creationMask;
  child.closeOnExec = parent.closeOnExec;
  child.directory = parent.directory === null ? null : shareVnode(parent.directory);
  for (let descriptor = 0; descriptor < OPEN_MAXIMUM; descriptor++) {
    const file = parent.files[descriptor];
    child.files[descriptor] = file;
    if (file !== null) file.references += 1;
  }
  return Status.Ok;
}

/** Answers a `VfsExecReply`. */
export function beginProgram(request: VfsPmExec): i32 {
  const answer = new VfsExecReply();
  answer.status = exec(request, answer);
  replyWith(PM, answer);
  return ANSWERED;
}

export function exit(request: VfsPmExit): i32 {
  const process = processOf(request.process);
  if (process === null) return Status.NoProcess;
  end(process);
  return Status.Ok;
}

/** Returns 1 if the process did wait here, 0 if not. */
export function cancel(request: VfsPmCancel): i32 {
  const process = processOf(request.process);
  return process !== null && cancelWait(process) ? 1 : 0;
}

/** Nobody will use a file any more; the disks shall be whole. */
export function reboot(): i32 {
  for (const process of processes) end(process);
  const unmounted = unmountAll();
  const synced = syncVolume(ALL_VOLUMES);
  return unmounted === Status.Ok ? synced : unmounted;
}

/** Closes everything; the row is vacant. */
function end(process: Process): void {
  if (process.endpoint === NONE) return;
  cancelWait(process);
  closeAll(process, false);
  if (process.directory !== null) dropVnode(process.directory);
  process.directory = null;
  process.endpoint = NONE;
}

function cancelWait(process: Process): boolean {
  const { kind } = process.wait;
  if (kind === Waiting.Nothing) return false;
  if (kind >= Waiting.DeviceOpen) cancelDeviceWait(process);
  else cancelPipeWait(process);
  return true;
}

/** Fork and exec: how programs come to be, and how they become others. */

import { VFS } from "../../lib/endpoint.ts";
import { clearProcess, executeProcess, forkProcess, NewProcess, runControl } from "../../lib/kernel-call/process.ts";
import { log } from "../../lib/log.ts";
import { type Message, MessageType } from "../../lib/message.ts";
import { EXEC_FRAME_MAXIMUM_BYTES, type PmExec } from "../../lib/protocol/pm.ts";
import { PATH_MAXIMUM_BYTES, type VfsExecReply, VfsPmExec } from "../../lib/protocol/vfs.ts";
import { Signal } from "../../lib/signal.ts";
import { Status } from "../../lib/status.ts";
import { answer } from "./answer.ts";
import { ask, forkFiles, forkMemory, freeMemory } from "./below.ts";
import { endProgram, wasKilled } from "./ending.ts";
import { beginProgram, type Program } from "./program.ts";
import { isShuttingDown } from "./reboot.ts";
import { forgetHandlers } from "./signals.ts";

/** Answers the child's pid to the parent and 0 to the child. Errors: NoMemory, TryAgain (no slot, or the system is going down). */
export function fork(parent: Program): void {
  const process = new NewProcess();
  if (isShuttingDown() || forkProcess(parent.endpoint, process) !== Status.Ok) {
    answer(parent, Status.TryAgain);
    return;
  }
  const status = copyProcess(parent, process);
  if (status !== Status.Ok) {
    clearProcess(process.endpoint);
    answer(parent, status);
    return;
  }
  const child = beginProgram(process.endpoint, process.pid);
  assert(child !== null); // rows and slots go together
  inherit(child, parent);
  runControl(child.endpoint, false);
  answer(child, 0);
  answer(parent, child.pid);
}

/** Memory and files, or neither. */
function copyProcess(parent: Program, process: NewProcess): i32 {
  const memory = forkMemory(parent.endpoint, process.endpoint);
  if (memory !== Status.Ok) return memory;
  const files = forkFiles(parent.endpoint, process.endpoint, process.pid);
  if (files !== Status.Ok) freeMemory(process.endpoint);
  return files;
}

/** Pending signals, alarms and times are the parent's own. */
function inherit(child: Program, parent: Program): void {
  child.parent = parent;
  child.group = parent.group;
  child.session = parent.session;
  child.mask = parent.mask;
  child.trampoline = parent.trampoline;
  child.nested = parent.nested;
  for (let signal = 0; signal < child.handlers.length; signal++) child.handlers[signal] = parent.handlers[signal];
  for (let level = 0; level < child.masks.length; level++) child.masks[level] = parent.masks[level];
}

/** Answers only on failure: ArgumentsTooLong, NameTooLong, and what VFS says. */
export function execute(program: Program, request: PmExec): void {
  if (request.frameBytes > EXEC_FRAME_MAXIMUM_BYTES) answer(program, Status.ArgumentsTooLong);
  else if (request.pathBytes > PATH_MAXIMUM_BYTES) answer(program, Status.NameTooLong);
  else replaceImage(program, request);
}

function replaceImage(program: Program, request: PmExec): void {
  const order = new VfsPmExec();
  order.process = program.endpoint;
  order.path = request.path;
  order.pathBytes = request.pathBytes;
  order.frame = request.frame;
  order.frameBytes = request.frameBytes;
  const status = ask(VFS, order);
  const answered: Message = order;
  const image = answered as VfsExecReply;
  if (status === Status.Ok) begin(program, image);
  else if (answered.type === MessageType.Reply && image.committed !== 0) fail(program, status);
  else answer(program, status);
}

function begin(program: Program, image: VfsExecReply): void {
  forgetHandlers(program);
  const status = executeProcess(program.endpoint, image.pc, image.sp, address(image.name));
  if (status !== Status.Ok) fail(program, status);
}

/** The old program is gone, and the new one is not there. */
function fail(program: Program, status: i32): void {
  log`process ${program.pid}: its new image could not be loaded (${status})`;
  endProgram(program, wasKilled(Signal.Kill));
}

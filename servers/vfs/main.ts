/**
 * VFS, the virtual file system: descriptors, paths, pipes and devices, for programs and PM. What is on disks it asks MFS.
 *
 * The loop in `main` takes a message and has it served; a status that comes back is the answer, ANSWERED means that there has been one
 * or will be. Read on in process.ts (what is known of each process), open.ts, transfer.ts and path.ts, and in device.ts for how a
 * driver's death goes unnoticed.
 */
import { CLOCK, DS, INIT, PM } from "../../lib/endpoint.ts";
import { Message, MessageType, type Notification } from "../../lib/message.ts";
import { CharacterCall, type CharacterReply } from "../../lib/protocol/character.ts";
import { VfsCall, type VfsRequest } from "../../lib/protocol/vfs.ts";
import { answerAndReceive, plainAnswer, receiveRequest, startService } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { ANSWERED } from "./answer.ts";
import { hearDrivers, hearReply, retryDevices } from "./device.ts";
import { startDrivers } from "./driver.ts";
import { startFileServer } from "./file-server.ts";
import { beginProgram, cancel, exit, fork, reboot } from "./from-pm.ts";
import { mountRoot, rootVnode } from "./mount.ts";
import { processOf, startProcesses } from "./process.ts";
import { serve } from "./serve.ts";
import { shareVnode } from "./vnode.ts";

const inbox = new Message();

export function main(): never {
  startFileServer();
  startProcesses();
  startService();
  startDrivers();
  mountRoot();
  processOf(INIT)!.directory = shareVnode(rootVnode());
  let message = receiveRequest<Heard>(inbox);
  for (;;) {
    const { source } = message;
    const status = heed(message);
    message =
      status === ANSWERED ? receiveRequest<Heard>(inbox) : answerAndReceive<Heard>(source, plainAnswer(status), inbox);
  }
}

type Heard = VfsRequest | CharacterReply | Notification;

/** Returns the status to answer with; ANSWERED where that is done already, or nobody asked. */
function heed(message: Heard): i32 {
  const { source } = message;
  if (message.type === MessageType.Notify) {
    if (source === DS) hearDrivers();
    else if (source === CLOCK) retryDevices();
    return ANSWERED;
  }
  if (message.type === CharacterCall.Reply) {
    hearReply(message);
    return ANSWERED;
  }
  return source === PM ? servePm(message) : serve(message);
}

/** What PM alone may ask. */
function servePm(request: VfsRequest): i32 {
  switch (request.type) {
    case VfsCall.PmFork:
      return fork(request);
    case VfsCall.PmExec:
      return beginProgram(request);
    case VfsCall.PmExit:
      return exit(request);
    case VfsCall.PmCancel:
      return cancel(request);
    case VfsCall.PmReboot:
      return reboot();
    default:
      return Status.NoSuchCall;
  }
}

/**
 * VM, the memory manager: owns every frame that the kernel left, and decides what each address space holds.
 *
 * RS loads services through it, PM forks and ends processes, VFS gives programs new images; the kernel asks it for pages that are not there
 * yet. VM waits for nobody but the kernel. What it knows lies in two tables: frames (frames.ts) and spaces (space.ts).
 */
import { type Endpoint, NONE, PM, RS, SERVICES, slotOf } from "../../lib/endpoint.ts";
import { dmaRelease } from "../../lib/kernel-call/device.ts";
import { PAGE_BYTES } from "../../lib/kernel-call/space.ts";
import { Message, MessageType, type Notification } from "../../lib/message.ts";
import {
  VmBreak,
  VmCall,
  VmDevice,
  type VmExit,
  VmImage,
  type VmInformation,
  type VmReleaseQuarantine,
  type VmRequest,
  VmUsage,
} from "../../lib/protocol/vm.ts";
import { answerAndReceive, plainAnswer, receiveRequest, startService } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { setBreak } from "./break.ts";
import { mapDevice } from "./device.ts";
import { beginExec, endExec } from "./exec.ts";
import { serveFaults } from "./fault.ts";
import { forkSpace } from "./fork.ts";
import { initialiseFrames, memory, sweepQuarantine } from "./frames.ts";
import { loadProgram } from "./load.ts";
import { destroySpace, findSpace } from "./space.ts";

const inbox = new Message();

export function main(): never {
  initialiseFrames();
  startService();
  let request = receiveRequest<VmRequest | Notification>(inbox);
  for (;;) {
    if (request.type !== MessageType.Notify) request = serve(request);
    else {
      serveFaults();
      request = receiveRequest<VmRequest | Notification>(inbox);
    }
  }
}

/** Returns the next message. */
function serve(request: VmRequest): VmRequest | Notification {
  const client = request.source;
  switch (request.type) {
    case VmCall.Load: {
      const answer = new VmImage();
      answer.status = loadProgram(request, answer);
      return answerAndNext(client, answer);
    }
    case VmCall.ExecBegin: {
      const answer = new VmImage();
      answer.status = beginExec(request, answer);
      return answerAndNext(client, answer);
    }
    case VmCall.ExecEnd:
      return answerAndNext(client, plainAnswer(endExec(request)));
    case VmCall.Fork:
      return answerAndNext(client, plainAnswer(forkSpace(request)));
    case VmCall.Exit:
      return answerAndNext(client, plainAnswer(exitSpace(request)));
    case VmCall.Brk: {
      const answer = new VmBreak();
      answer.status = setBreak(request, answer);
      return answerAndNext(client, answer);
    }
    case VmCall.MapDevice: {
      const answer = new VmDevice();
      answer.status = mapDevice(request, answer);
      return answerAndNext(client, answer);
    }
    case VmCall.ReleaseQuarantine:
      return answerAndNext(client, plainAnswer(releaseQuarantine(request)));
    case VmCall.Information: {
      const answer = new VmUsage();
      answer.status = describe(request, answer);
      return answerAndNext(client, answer);
    }
    default:
      return answerAndNext(client, plainAnswer(Status.NoSuchCall));
  }
}

function answerAndNext(client: Endpoint, answer: Message): VmRequest | Notification {
  return answerAndReceive<VmRequest | Notification>(client, answer, inbox);
}

/** A process' manager asks. A process that VM knows nothing of has nothing to free. Errors: Denied. */
function exitSpace(request: VmExit): Status {
  if (request.source !== managerOf(request.endpoint)) return Status.Denied;
  const space = findSpace(request.endpoint);
  if (space !== null) destroySpace(space);
  sweepQuarantine();
  return Status.Ok;
}

/** RS asks, when the device of the service in this slot has been reset. Errors: Denied, and what the kernel answers. */
function releaseQuarantine(request: VmReleaseQuarantine): Status {
  if (request.source !== RS) return Status.Denied;
  const status = dmaRelease(request.slot);
  sweepQuarantine();
  return status;
}

/** Errors: DeadEndpoint. */
function describe(request: VmInformation, answer: VmUsage): Status {
  answer.totalBytes = memory.frames * PAGE_BYTES;
  answer.freeBytes = memory.free * PAGE_BYTES;
  if (request.endpoint === NONE) return Status.Ok;
  const space = findSpace(request.endpoint);
  if (space === null) return Status.DeadEndpoint;
  answer.processBytes = space.pages * PAGE_BYTES;
  return Status.Ok;
}

/** Services are RS' to end, programs PM's. */
function managerOf(endpoint: Endpoint): Endpoint {
  return slotOf(endpoint) < SERVICES ? RS : PM;
}

/**
 * The two halves of exec in VM: a new space for VFS to fill with an executable's segments, and their rights when it has.
 *
 * The decision to replace the old space falls in `beginExec`, when every frame the new one can need is promised.
 */
import { SERVICES, slotOf, VFS, VM } from "../../lib/endpoint.ts";
import { virtualCopy } from "../../lib/kernel-call/process.ts";
import { PAGE_BYTES } from "../../lib/kernel-call/space.ts";
import {
  SEGMENTS_MAXIMUM,
  Segment,
  STACK_TOP,
  type VmExecBegin,
  type VmExecEnd,
  type VmImage,
} from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";
import { addSegment, Plan } from "./plan.ts";
import { createSpace, findSpace, regionAt, type Space, sealSpace, stackOf, supplyFilled, supplyPage } from "./space.ts";

/** VFS asks. Errors: Denied, DeadEndpoint, NotExecutable, NoMemory, Fault (the array is not there). */
export function beginExec(request: VmExecBegin, answer: VmImage): Status {
  if (request.source !== VFS || slotOf(request.endpoint) < SERVICES) return Status.Denied;
  const space = findSpace(request.endpoint);
  if (space === null) return Status.DeadEndpoint;
  const plan = new Plan();
  const planned = planSegments(request, plan);
  if (planned !== Status.Ok) return planned;
  const status = createSpace(request.endpoint, plan);
  if (status !== Status.Ok) return status;
  answer.stackTop = STACK_TOP;
  return supplyAhead(space, request.count);
}

/** VFS asks. Errors: Denied, DeadEndpoint, Invalid (nothing was begun). */
export function endExec(request: VmExecEnd): Status {
  if (request.source !== VFS) return Status.Denied;
  const space = findSpace(request.endpoint);
  if (space === null) return Status.DeadEndpoint;
  if (!space.filling) return Status.Invalid;
  sealSpace(space);
  return Status.Ok;
}

const segments = table(Segment, SEGMENTS_MAXIMUM);

function planSegments(request: VmExecBegin, plan: Plan): Status {
  if (request.count === 0 || request.count > SEGMENTS_MAXIMUM) return Status.NotExecutable;
  const bytes = request.count * u32(sizeOf(Segment));
  const status = virtualCopy(request.source, request.segments, VM, address(segments), bytes);
  if (status !== Status.Ok) return status;
  for (let index: u32 = 0; index < request.count; index++) {
    const segment = segments[index];
    if (segment.fileBytes > segment.memoryBytes) return Status.NotExecutable;
    if (!addSegment(plan, segment.address, segment.memoryBytes, segment.flags)) return Status.NotExecutable;
  }
  return Status.Ok;
}

/** What is about to be filled, from the file and with the arguments: better now than one page fault each. */
function supplyAhead(space: Space, count: u32): Status {
  for (let index: u32 = 0; index < count; index++) {
    const { address, fileBytes } = segments[index];
    const region = regionAt(space, address);
    if (fileBytes === 0 || region === null) continue;
    const status = supplyFilled(space, region, address, fileBytes);
    if (status !== Status.Ok) return status;
  }
  return supplyPage(space, stackOf(space), STACK_TOP - PAGE_BYTES, true);
}

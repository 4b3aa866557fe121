/**
 * The two halves of exec in VM: a new space for VFS to fill with an executable's segments, and their rights when it has.
 *
 * The decision to replace the old space falls in `beginExec`, when every frame the new one can need is promised.
 */
import { SERVICES, slotOf, VFS, VM } from "../../lib/endpoint.ts";
import { PAGE_BYTES, PageFlags, virtualCopy } from "../../lib/kernel-call.ts";
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
import { createSpace, findSpace, type Region, type Space, sealSpace, supplyPage } from "./space.ts";

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
  return supplyCode(space);
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
    if (!addSegment(plan, segment.address, segment.memoryBytes, segment.flags)) return Status.NotExecutable;
  }
  return Status.Ok;
}

/** Code and constants are about to be read from the file to the last page: better now than one page fault each. */
function supplyCode(space: Space): Status {
  for (const region of space.regions) {
    const writable: u32 = PageFlags.Write;
    if (region.flags === 0 || (region.flags & writable) !== 0) continue;
    const status = supplyRegion(space, region);
    if (status !== Status.Ok) return status;
  }
  return Status.Ok;
}

function supplyRegion(space: Space, region: Region): Status {
  for (let page = region.start; page < region.end; page += PAGE_BYTES) {
    const status = supplyPage(space, region, page, true);
    if (status !== Status.Ok) return status;
  }
  return Status.Ok;
}

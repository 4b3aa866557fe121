/**
 * Fork: a child's address space with everything its parent has. Pages that can be written are copied, the others shared; pages that were
 * never touched stay so on both sides.
 */
import { type Endpoint, PM, SERVICES, slotOf } from "../../lib/endpoint.ts";
import { frameCopy, PageFlags, type PageMapping } from "../../lib/kernel-call/space.ts";
import type { VmFork } from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";
import { availableFrames, shareFrame } from "./frames.ts";
import { MappedPages, nextMapped, walkMapped } from "./mapped.ts";
import {
  destroySpace,
  findSpace,
  mapFrame,
  openSpace,
  type Region,
  type Space,
  setPromise,
  setRegion,
  takeFor,
} from "./space.ts";

const walk = new MappedPages();

/** PM asks. Errors: Denied, DeadEndpoint, Busy (the child has a space), NoMemory. */
export function forkSpace(request: VmFork): Status {
  if (request.source !== PM || slotOf(request.child) < SERVICES) return Status.Denied;
  const parent = findSpace(request.parent);
  if (parent === null) return Status.DeadEndpoint;
  const needed = parent.pages + parent.tableCount + 1 + parent.promised;
  if (needed > availableFrames()) return Status.NoMemory;
  const opened = openSpace(request.child, needed);
  return opened === Status.Ok ? copySpace(parent, request.child) : opened;
}

function copySpace(parent: Space, endpoint: Endpoint): Status {
  const child = findSpace(endpoint);
  if (child === null) return Status.DeadEndpoint;
  child.breakAddress = parent.breakAddress;
  child.filling = parent.filling;
  for (let index = 0; index < parent.regions.length; index++) {
    const region = parent.regions[index];
    if (region.flags === 0 || (region.flags & PageFlags.Device) !== 0) continue;
    setRegion(child.regions[index], region.start, region.end, region.flags);
    const status = copyPages(parent, region, child, child.regions[index]);
    if (status === Status.Ok) continue;
    destroySpace(child);
    return status;
  }
  setPromise(child, parent.promised);
  return Status.Ok;
}

function copyPages(parent: Space, from: Region, child: Space, to: Region): Status {
  walkMapped(walk, from.touchedStart, from.touchedEnd);
  for (;;) {
    const mapping = nextMapped(parent.endpoint, walk);
    if (mapping === null) return Status.Ok;
    const status = mapFrame(child, to, walk.page, frameForChild(child, mapping));
    if (status !== Status.Ok) return status;
  }
}

/** The parent's own frame where nobody can write to it, else a copy. */
function frameForChild(child: Space, mapping: PageMapping): paddr {
  if ((mapping.flags & PageFlags.Write) === 0) {
    shareFrame(mapping.frame);
    return mapping.frame;
  }
  const frame = takeFor(child);
  assert(frame !== 0); // promised
  frameCopy(frame, mapping.frame);
  return frame;
}

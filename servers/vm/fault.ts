/**
 * Page faults: pages that somebody touched and that are not there. A page of a region comes into being, zeroed; everything else is
 * an error of the one who touched it. So stacks grow, and heaps and tables cost nothing until they are used.
 */
import { pageFloor } from "../../lib/elf.ts";
import { endFault, getFault, PageFault, PageMapping, spaceQuery } from "../../lib/kernel-call/space.ts";
import { log } from "../../lib/log.ts";
import { Status } from "../../lib/status.ts";
import { findSpace, regionAt, rightsOf, supplyPage } from "./space.ts";

/** The kernel has notified: sees to every fault there is. */
export function serveFaults(): void {
  const fault = new PageFault();
  while (getFault(fault) === Status.Ok) endFault(fault.endpoint, fault.address, resolve(fault));
}

function resolve(fault: PageFault): Status {
  const space = findSpace(fault.endpoint);
  if (space === null) return Status.Fault;
  const region = regionAt(space, fault.address);
  if (region === null || (fault.access & ~rightsOf(space, region)) !== 0) return Status.Fault;
  const page = pageFloor(fault.address);
  const mapping = new PageMapping();
  spaceQuery(fault.endpoint, page, mapping);
  // Two may have asked for the same page: the process itself and a copy on its behalf.
  if (mapping.flags !== 0) return (fault.access & ~mapping.flags) === 0 ? Status.Ok : Status.Fault;
  const status = supplyPage(space, region, page, true);
  if (status === Status.Ok) return Status.Ok;
  log`no memory for a page of endpoint ${fault.endpoint}`;
  return Status.Fault;
}

/**
 * Stands in for VM in tests of the kernel: a page between `DEMAND_BASE` and `DEMAND_END` comes when it is missed, any other does not.
 */

import { pageFloor } from "../../../lib/elf.ts";
import { ANY, type Endpoint } from "../../../lib/endpoint.ts";
import { receive } from "../../../lib/ipc.ts";
import { endFault, frameZero, getFault, PageFault, PageFlags, spaceMap } from "../../../lib/kernel-call/space.ts";
import { Message } from "../../../lib/message.ts";
import { Status } from "../../../lib/status.ts";
import { DEMAND_BASE, DEMAND_END } from "./demand.ts";
import { takeLastFrame } from "./frames.ts";

const inbox = new Message();
const fault = new PageFault();

export function main(): never {
  for (;;) {
    receive(ANY, inbox);
    while (getFault(fault) === Status.Ok) endFault(fault.endpoint, fault.address, decide(fault));
  }
}

function decide(missing: PageFault): Status {
  if (missing.address < DEMAND_BASE || missing.address >= DEMAND_END) return Status.Fault;
  const frame = takeLastFrame();
  frameZero(frame, 1);
  return map(missing.endpoint, pageFloor(missing.address), frame);
}

function map(who: Endpoint, page: vaddr, frame: paddr): Status {
  const flags = PageFlags.Read | PageFlags.Write;
  const status = spaceMap(who, page, frame, 1, flags, 0);
  if (status === Status.NeedTable)
    return spaceMap(who, page, frame, 1, flags, takeLastFrame()) < 0 ? Status.Fault : Status.Ok;
  return status < 0 ? Status.Fault : Status.Ok;
}

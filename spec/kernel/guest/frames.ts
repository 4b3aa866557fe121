/** Frames for the processes a test makes: taken in order, never given back. */
import { About, information, MachineInformation } from "../../../lib/kernel-call/service.ts";
import { PAGE_BYTES } from "../../../lib/kernel-call/space.ts";

const machine = new MachineInformation();
let nextFrame: paddr = 0;

export function takeFrame(): paddr {
  if (nextFrame === 0) nextFrame = machineInformation().freeBase;
  nextFrame += PAGE_BYTES;
  return nextFrame - PAGE_BYTES;
}

/** The test's VM takes its frames from the other end. */
export function takeLastFrame(): paddr {
  if (nextFrame === 0) nextFrame = machineInformation().freeEnd;
  nextFrame -= PAGE_BYTES;
  return nextFrame;
}

export function machineInformation(): MachineInformation {
  information(About.Machine, 0, address(machine), u32(sizeOf(MachineInformation)));
  return machine;
}

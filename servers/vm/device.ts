/** A driver's device registers in its address space: which ones, the kernel says by the rights of its row in system/services.ts. */
import { pageCeiling } from "../../lib/elf.ts";
import { DeviceInformation, deviceInformation } from "../../lib/kernel-call/device.ts";
import { PAGE_BYTES, PageFlags } from "../../lib/kernel-call/space.ts";
import { DEVICE_BASE, type VmDevice, type VmMapDevice } from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";
import { addRegion, findSpace, mapPages, regionAt, type Space } from "./space.ts";

/** Devices lie this far apart in a driver's space. */
const DEVICE_SPAN_BYTES = 0x10_0000;
/** As many as a service's `Rights` name. */
const DEVICES_MAXIMUM = 4;

/** The service itself asks. Asking again gives the same answer. Errors: NoDevice, NoMemory. */
export function mapDevice(request: VmMapDevice, answer: VmDevice): Status {
  const space = findSpace(request.source);
  const device = new DeviceInformation();
  if (space === null || request.index >= DEVICES_MAXIMUM) return Status.NoDevice;
  const found = deviceInformation(request.source, request.index, device);
  if (found !== Status.Ok) return found;
  const offset: u32 = device.base & (PAGE_BYTES - 1);
  const start = DEVICE_BASE + request.index * DEVICE_SPAN_BYTES;
  answer.address = start + offset;
  answer.bytes = device.bytes;
  if (regionAt(space, start) !== null) return Status.Ok;
  if (device.bytes > DEVICE_SPAN_BYTES - PAGE_BYTES) return Status.NoMemory;
  return mapRegisters(space, start, device.base - offset, offset + device.bytes);
}

function mapRegisters(space: Space, start: vaddr, base: paddr, bytes: u32): Status {
  const flags = PageFlags.Read | PageFlags.Write | PageFlags.Device;
  const end = pageCeiling(start + bytes);
  const region = addRegion(space, start, end, flags);
  if (region === null) return Status.NoMemory;
  const status = mapPages(space, start, base, (end - start) / PAGE_BYTES, flags);
  if (status !== Status.Ok) region.flags = 0;
  return status;
}

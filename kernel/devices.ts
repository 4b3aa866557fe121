/**
 * Devices by kind: where the device tree has them, and which service drives each.
 *
 * A service's rights name kinds; the kernel resolves them, lets the service map just those registers and hear just those
 * interrupts. Begin at `deviceOf`.
 */
import { type DeviceInformation, DeviceKind } from "../lib/kernel-call/device.ts";
import { PAGE_BYTES } from "../lib/kernel-call/space.ts";
import { disableLine } from "./interrupt.ts";
import type { Process } from "./process.ts";

export class Device {
  base: paddr = 0;
  /** 0: the board has none. */
  bytes: u32 = 0;
  /** Its line at the interrupt controller, which is its name for the DMA guard too. */
  line: u32 = 0;
  /** Who drives it. */
  driver: Process | null = null;
  /** Which of the driver's devices it is. */
  index: i32 = 0;
}

const KINDS = 4;
const devices = table(Device, KINDS);

/** What the device tree says about a kind; the first device of a kind counts. */
export function foundDevice(kind: DeviceKind, base: paddr, bytes: u32, line: u32): void {
  const device = devices[kind];
  if (device.bytes !== 0) return;
  device.base = base;
  device.bytes = bytes;
  device.line = line;
}

/** A service's nth device, or null. */
export function deviceOf(process: Process, index: u32): Device | null {
  if (index >= u32(process.devices.length)) return null;
  const kind = process.devices[index];
  if (kind === DeviceKind.None || kind >= KINDS) return null;
  const device = devices[kind];
  return device.bytes === 0 ? null : device;
}

export function describeDevice(device: Device, result: DeviceInformation): void {
  result.base = device.base;
  result.bytes = device.bytes;
  result.line = device.line;
}

/** Whose interrupt this line is; null: nobody's. */
export function deviceOnLine(line: u32): Device | null {
  for (const device of devices) if (device.bytes !== 0 && device.line === line) return device;
  return null;
}

/** The devices in a service's rights are its own from now on. */
export function claimDevices(process: Process): void {
  for (let index = 0; index < process.devices.length; index++) {
    const device = deviceOf(process, u32(index));
    if (device === null) continue;
    device.driver = process;
    device.index = index;
  }
}

/** The dead hear nothing: their lines stay masked until a successor enables them. */
export function silenceDevices(process: Process): void {
  for (const device of devices) if (device.driver === process) disableLine(device.line);
}

export function releaseDevices(process: Process): void {
  for (const device of devices) if (device.driver === process) device.driver = null;
}

/** Whether these frames are registers of a device of this process. */
export function deviceCovers(process: Process, frame: paddr, pages: u32): boolean {
  for (let index: u32 = 0; index < u32(process.devices.length); index++) {
    const device = deviceOf(process, index);
    if (device === null || frame < device.base) continue;
    const room = (device.bytes + (PAGE_BYTES - 1)) / PAGE_BYTES;
    const first = (frame - device.base) / PAGE_BYTES;
    if (frame % PAGE_BYTES === 0 && first < room && pages <= room - first) return true;
  }
  return false;
}

/** Kernel calls of drivers: their device, its interrupt, and memory for it to transfer. */
import type { Endpoint } from "../endpoint.ts";
import { KERNEL_CALL } from "../ipc.ts";
import type { Grant } from "../message.ts";
import type { Status } from "../status.ts";
import { KernelCall } from "./number.ts";

/** Devices by kind: what a row in system/services.ts names, and the kernel finds in the device tree. */
export const enum DeviceKind {
  None = 0,
  Uart,
  VirtioBlock,
  RealTimeClock,
}

export class DeviceInformation {
  base: paddr = 0;
  bytes: u32 = 0;
  line: u32 = 0;
}

/** Where `who`'s nth device (index into its `Rights.devices`) lies. A service may ask about itself, VM about anybody. Errors: NoDevice. */
export function deviceInformation(who: Endpoint, index: u32, result: DeviceInformation): Status {
  return ecall(KERNEL_CALL + KernelCall.DeviceInformation, who, index, result);
}

/**
 * Lets the interrupt of the caller's nth device through, once: the kernel masks it when it comes, notifies (from HARDWARE, bit n), and
 * waits for the next enable, which completes it. `enable` false masks it.
 */
export function interruptControl(index: u32, enable: boolean): Status {
  return ecall(KERNEL_CALL + KernelCall.InterruptControl, index, enable ? 1 : 0);
}

export const enum DmaDirection {
  /** The device reads memory. */
  FromMemory = 1,
  ToMemory = 2,
}

export class DmaRequest {
  /** Who has granted the memory; the caller itself (with `grant` 0) for memory of its own. */
  granter: Endpoint = 0;
  grant: Grant = 0;
  /** Offset in the grant, or an address of the caller's own. */
  offset: u32 = 0;
  bytes: u32 = 0;
  /** `DmaDirection` bits. */
  direction: u32 = 0;
  /** Which of the caller's devices. */
  device: u32 = 0;
  /** Out: where the first piece lies on the bus, and how long it is: up to the end of its page. */
  bus: paddr = 0;
  contiguousBytes: u32 = 0;
}

/**
 * Opens a piece of memory, at most up to the end of its page, for a device to transfer: pins the frame and opens a window of the DMA guard.
 * Returns a handle >= 0 for `dmaClose`. What a dead driver had open stays pinned until its successor is up. Errors: BadGrant, NoMemory (no window left).
 */
export function dmaOpen(request: DmaRequest): i32 {
  return ecall(KERNEL_CALL + KernelCall.DmaOpen, request);
}
export function dmaClose(handle: i32): Status {
  return ecall(KERNEL_CALL + KernelCall.DmaClose, handle);
}

/** Unpins what dead incarnations of the service in this slot had open: its device has been reset. */
export function dmaRelease(slot: i32): Status {
  return ecall(KERNEL_CALL + KernelCall.DmaRelease, slot);
}

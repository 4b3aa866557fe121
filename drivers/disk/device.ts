/**
 * The virtio device itself: its registers (Virtio 1.1, section 4.2.2), and how it is brought up (section 3.1). RS gives the driver one device,
 * of the right kind; where it lies is the device tree's business.
 */

import { VM } from "../../lib/endpoint.ts";
import { sendReceive } from "../../lib/ipc.ts";
import { log } from "../../lib/log.ts";
import type { Message } from "../../lib/message.ts";
import { type VmDevice, VmMapDevice } from "../../lib/protocol/vm.ts";
import {
  VIRTIO_BLOCK_FEATURE_FLUSH,
  VIRTIO_FEATURE_VERSION_1,
  VIRTIO_MAGIC,
  VIRTIO_VERSION,
  VirtioDevice,
  VirtioStatus,
} from "../../machine/board/virtio.ts";
import { busAddressOf, clearRings, openQueue, Part, QUEUE_SIZE } from "./queue.ts";

/** Offsets as in machine/board/virtio.ts. */
class Registers {
  magic: u32 = 0;
  version: u32 = 0;
  deviceId: u32 = 0;
  vendorId: u32 = 0;
  deviceFeatures: u32 = 0;
  deviceFeaturesSelect: u32 = 0;
  spare18: u32 = 0;
  spare1c: u32 = 0;
  driverFeatures: u32 = 0;
  driverFeaturesSelect: u32 = 0;
  spare28: u32 = 0;
  spare2c: u32 = 0;
  queueSelect: u32 = 0;
  queueSizeMaximum: u32 = 0;
  queueSize: u32 = 0;
  spare3c: u32 = 0;
  spare40: u32 = 0;
  queueReady: u32 = 0;
  spare48: u32 = 0;
  spare4c: u32 = 0;
  queueNotify: u32 = 0;
  readonly spare54 = new Uint32Array(3);
  interruptStatus: u32 = 0;
  interruptAcknowledge: u32 = 0;
  readonly spare68 = new Uint32Array(2);
  status: u32 = 0;
  readonly spare74 = new Uint32Array(3);
  queueDescriptorsLow: u32 = 0;
  queueDescriptorsHigh: u32 = 0;
  readonly spare88 = new Uint32Array(2);
  queueAvailableLow: u32 = 0;
  queueAvailableHigh: u32 = 0;
  readonly spare98 = new Uint32Array(2);
  queueUsedLow: u32 = 0;
  queueUsedHigh: u32 = 0;
  readonly sparea8 = new Uint32Array(21);
  configGeneration: u32 = 0;
  capacityLow: u32 = 0;
  capacityHigh: u32 = 0;
}

let base: vaddr = 0;
let isQueueOpen = false;
/** Whether the device may keep written data in a cache until it is told to flush it. */
export let hasCache = false;

/** Maps the device, resets it and brings it up with one queue. False when there is none. */
export function startDevice(): boolean {
  if (base === 0 && !mapDevice()) return false;
  const registers = at(base, Registers);
  if (
    registers.magic !== VIRTIO_MAGIC ||
    registers.version !== VIRTIO_VERSION ||
    registers.deviceId !== VirtioDevice.Block
  ) {
    log`no block device of virtio's version ${VIRTIO_VERSION}`;
    return false;
  }
  registers.status = 0; // a reset: whatever a dead predecessor had asked for is cancelled
  while (registers.status !== 0) continue;
  if (!isQueueOpen && !openQueue()) return false;
  isQueueOpen = true;
  clearRings();
  registers.status = VirtioStatus.Acknowledge;
  registers.status = VirtioStatus.Acknowledge | VirtioStatus.Driver;
  if (!negotiate(registers)) return false;
  setUpQueue(registers);
  registers.status = VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk | VirtioStatus.DriverOk;
  return true;
}

export function capacitySectors(): u64 {
  const registers = at(base, Registers);
  return (u64(registers.capacityHigh) << 32n) | u64(registers.capacityLow);
}

/** There is something new in the queue. */
export function notifyDevice(): void {
  at(base, Registers).queueNotify = 0;
}

/** The device may drop its interrupt line. */
export function acknowledge(): void {
  const registers = at(base, Registers);
  registers.interruptAcknowledge = registers.interruptStatus;
}

function mapDevice(): boolean {
  const request = new VmMapDevice();
  if (sendReceive(VM, request) < 0) return false;
  const answer = request as Message as VmDevice;
  if (answer.status < 0) return false;
  base = answer.address;
  return true;
}

/** Of the features: that the device follows the standard, and flushing where it keeps a cache. */
function negotiate(registers: Registers): boolean {
  registers.deviceFeaturesSelect = 0;
  const flush = registers.deviceFeatures & (1 << VIRTIO_BLOCK_FEATURE_FLUSH);
  hasCache = flush !== 0;
  registers.driverFeaturesSelect = 0;
  registers.driverFeatures = flush;
  registers.driverFeaturesSelect = 1;
  registers.driverFeatures = 1 << (VIRTIO_FEATURE_VERSION_1 - 32);
  registers.status = VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk;
  return (registers.status & VirtioStatus.FeaturesOk) !== 0;
}

function setUpQueue(registers: Registers): void {
  registers.queueSelect = 0;
  registers.queueSize = QUEUE_SIZE;
  registers.queueDescriptorsLow = busAddressOf(Part.Descriptors);
  registers.queueDescriptorsHigh = 0;
  registers.queueAvailableLow = busAddressOf(Part.Available);
  registers.queueAvailableHigh = 0;
  registers.queueUsedLow = busAddressOf(Part.Used);
  registers.queueUsedHigh = 0;
  registers.queueReady = 1;
}

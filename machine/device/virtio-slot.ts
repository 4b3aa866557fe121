/**
 * A virtio transport over memory-mapped registers (Virtio 1.1, section 4.2), with a block device behind it or nothing:
 * version 2, or where the board is configured so, the legacy version 1.
 *
 * Requests are carried out one after the other, each `delayCycles` after it began. Between the two, the request stands
 * in `#chain`; a reset of the device forgets it at once, and nothing of it happens.
 */
import {
  Virtio as Register,
  VIRTIO_FEATURE_VERSION_1,
  VIRTIO_LEGACY_VERSION,
  VIRTIO_MAGIC,
  VIRTIO_QUEUE_MAXIMUM,
  VIRTIO_VERSION,
  VirtioDevice,
  VirtioStatus,
} from "../board/virtio.ts";
import { type Clock, type Device, Reading, type Wire } from "../bus.ts";
import type { Width } from "../isa/meaning.ts";
import type { Archive } from "../state/archive.ts";
import type { BlockDevice } from "./block.ts";
import type { Dma } from "./dma.ts";
import { LegacyQueueRegisters } from "./virtio-legacy.ts";
import { BrokenQueue, type Chain, Virtqueue } from "./virtqueue.ts";

/** "QEMU", as the board's transports answer there. */
const VENDOR = 0x554d4551;
const enum InterruptReason {
  UsedBuffer = 1,
  Configuration = 2,
}
/** Sections 5.2.3 and 6: flush requests, indirect descriptors. */
const FEATURE_FLUSH = 9;
const FEATURE_INDIRECT = 28;
const FEATURES_LOW = (1 << FEATURE_FLUSH) | (1 << FEATURE_INDIRECT);
const FEATURES_HIGH = 1 << (VIRTIO_FEATURE_VERSION_1 - 32);
/** Drivers access registers as words (section 4.2.2.2). What less does is open: as on QEMU, it reads zero and writes nothing. */
const REGISTER_BYTES = 4;
const NEVER = Number.POSITIVE_INFINITY;

export class VirtioSlot implements Device {
  nextEventCycle = NEVER;
  #status = 0;
  #interruptStatus = 0;
  #deviceFeaturesSelect = 0;
  #driverFeaturesSelect = 0;
  #driverFeaturesLow = 0;
  #driverFeaturesHigh = 0;
  #queueSelect = 0;
  /** The request under way. */
  #chain: Chain | null = null;
  readonly #queue: Virtqueue;
  /** Null where the transport is of version 2. */
  readonly #legacy: LegacyQueueRegisters | null;
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #device: BlockDevice | null;

  constructor(device: BlockDevice | null, dma: Dma, clock: Clock, wire: Wire, isLegacy = false) {
    this.#device = device;
    this.#queue = new Virtqueue(dma);
    this.#legacy = isLegacy ? new LegacyQueueRegisters(this.#queue) : null;
    this.#clock = clock;
    this.#wire = wire;
  }

  read(offset: number, width: Width): number {
    if (offset >= Register.Config) return this.#readConfiguration(offset - Register.Config, width);
    if (width !== REGISTER_BYTES) return 0;
    switch (offset) {
      case Register.Magic:
        return VIRTIO_MAGIC;
      case Register.Version:
        return this.#legacy === null ? VIRTIO_VERSION : VIRTIO_LEGACY_VERSION;
      case Register.DeviceId:
        return this.#device === null ? VirtioDevice.None : VirtioDevice.Block;
      case Register.VendorId:
        return VENDOR;
      case Register.DeviceFeatures:
        return this.#deviceFeatures;
      case Register.QueueSizeMaximum:
        return this.#isQueueSelected ? VIRTIO_QUEUE_MAXIMUM : 0;
      case Register.InterruptStatus:
        return this.#interruptStatus;
      case Register.Status:
        return this.#status;
      default:
        return this.#isQueueSelected ? this.#readQueue(offset) : 0;
    }
  }

  effectOfReading(): Reading {
    return Reading.Steady;
  }

  write(offset: number, width: Width, value: number): boolean {
    if (offset >= Register.Config) return true; // the device's configuration is read-only
    if (width !== REGISTER_BYTES || this.#device === null) return true;
    const word = value >>> 0;
    switch (offset) {
      case Register.DeviceFeaturesSelect:
        this.#deviceFeaturesSelect = word;
        break;
      case Register.DriverFeaturesSelect:
        this.#driverFeaturesSelect = word;
        break;
      case Register.DriverFeatures:
        if (this.#driverFeaturesSelect === 0) this.#driverFeaturesLow = word;
        else if (this.#driverFeaturesSelect === 1) this.#driverFeaturesHigh = word;
        break;
      case Register.QueueSelect:
        this.#queueSelect = word;
        break;
      case Register.QueueNotify:
        if (word === 0) this.#startNext(this.#clock.cycle);
        break;
      case Register.InterruptAcknowledge:
        this.#interruptStatus &= ~word;
        this.#drive();
        break;
      case Register.Status:
        this.#writeStatus(word);
        break;
      default:
        if (this.#isQueueSelected) this.#writeQueue(offset, word);
    }
    return true;
  }

  advance(cycle: number): void {
    while (this.nextEventCycle <= cycle) this.#finish(this.nextEventCycle);
  }

  /** Power-on. */
  reset(): void {
    this.#resetDevice();
    this.#legacy?.forget();
  }

  /** Section 2.1.2: transfers are cancelled, and the driver starts over. */
  #resetDevice(): void {
    this.nextEventCycle = NEVER;
    this.#status = 0;
    this.#interruptStatus = 0;
    this.#deviceFeaturesSelect = 0;
    this.#driverFeaturesSelect = 0;
    this.#driverFeaturesLow = 0;
    this.#driverFeaturesHigh = 0;
    this.#queueSelect = 0;
    this.#chain = null;
    this.#queue.reset();
    this.#legacy?.reset();
    this.#drive();
  }

  exchange(archive: Archive): void {
    this.nextEventCycle = archive.number(this.nextEventCycle);
    this.#status = archive.number(this.#status);
    this.#interruptStatus = archive.number(this.#interruptStatus);
    this.#deviceFeaturesSelect = archive.number(this.#deviceFeaturesSelect);
    this.#driverFeaturesSelect = archive.number(this.#driverFeaturesSelect);
    this.#driverFeaturesLow = archive.number(this.#driverFeaturesLow);
    this.#driverFeaturesHigh = archive.number(this.#driverFeaturesHigh);
    this.#queueSelect = archive.number(this.#queueSelect);
    this.#chain = exchangeChain(archive, this.#chain);
    this.#queue.exchange(archive);
    this.#legacy?.exchange(archive);
    this.#device?.exchange(archive);
  }

  get #isQueueSelected(): boolean {
    return this.#device !== null && this.#queueSelect === 0;
  }

  get #deviceFeatures(): number {
    if (this.#device === null) return 0;
    if (this.#deviceFeaturesSelect === 0) return FEATURES_LOW;
    return this.#deviceFeaturesSelect === 1 && this.#legacy === null ? FEATURES_HIGH : 0;
  }

  /** Section 5.2.4: the capacity, of which any part may be read. */
  #readConfiguration(offset: number, width: Width): number {
    const capacity = this.#device?.capacity ?? 0;
    if (offset + width > 8) return 0;
    return Math.floor(capacity / 2 ** (8 * offset)) % 2 ** (8 * width);
  }

  #readQueue(offset: number): number {
    if (this.#legacy !== null) return this.#legacy.read(offset);
    return offset === Register.QueueReady && this.#queue.isReady ? 1 : 0;
  }

  #writeQueue(offset: number, word: number): void {
    if (offset === Register.QueueSize) this.#queue.sizeEntries = Math.min(word, VIRTIO_QUEUE_MAXIMUM);
    else if (this.#legacy !== null) this.#legacy.write(offset, word);
    else this.#placeQueue(offset, word);
  }

  #placeQueue(offset: number, word: number): void {
    const queue = this.#queue;
    switch (offset) {
      case Register.QueueReady:
        queue.isReady = (word & 1) !== 0 && queue.sizeEntries > 0;
        break;
      case Register.QueueDescriptorsLow:
        queue.descriptors = withLow(queue.descriptors, word);
        break;
      case Register.QueueDescriptorsHigh:
        queue.descriptors = withHigh(queue.descriptors, word);
        break;
      case Register.QueueAvailableLow:
        queue.available = withLow(queue.available, word);
        break;
      case Register.QueueAvailableHigh:
        queue.available = withHigh(queue.available, word);
        break;
      case Register.QueueUsedLow:
        queue.used = withLow(queue.used, word);
        break;
      case Register.QueueUsedHigh:
        queue.used = withHigh(queue.used, word);
        break;
    }
  }

  /**
   * Section 3.1.1: FEATURES_OK stays off if the driver asks for what was not offered, or does not speak version 1. The
   * legacy interface knows no such answer (section 3.1.2).
   */
  #writeStatus(word: number): void {
    if (word === 0) {
      this.#resetDevice();
      return;
    }
    const isOffered = (this.#driverFeaturesLow & ~FEATURES_LOW) === 0 && this.#driverFeaturesHigh === FEATURES_HIGH;
    this.#status = isOffered || this.#legacy !== null ? word : word & ~VirtioStatus.FeaturesOk;
  }

  /** Takes the next request, unless one is under way. */
  #startNext(cycle: number): void {
    const isRunning = (this.#status & (VirtioStatus.DriverOk | VirtioStatus.NeedsReset)) === VirtioStatus.DriverOk;
    if (this.#chain !== null || !isRunning) return;
    this.#guarded(() => {
      const chain = this.#queue.next();
      if (chain === null) return;
      this.nextEventCycle = cycle + this.#device!.delayCycles(chain);
      this.#chain = chain;
    });
  }

  #finish(cycle: number): void {
    const chain = this.#chain!;
    this.#chain = null;
    this.nextEventCycle = NEVER;
    this.#guarded(() => {
      const writtenBytes = this.#device!.perform(chain);
      if (this.#queue.complete(chain.head, writtenBytes)) this.#interrupt(InterruptReason.UsedBuffer);
    });
    this.#startNext(cycle);
  }

  /** Section 2.1.2: after what no correct driver does, the device stops and says so. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof BrokenQueue)) throw error;
      this.#status |= VirtioStatus.NeedsReset;
      this.#interrupt(InterruptReason.Configuration);
    }
  }

  #interrupt(reason: InterruptReason): void {
    this.#interruptStatus |= reason;
    this.#drive();
  }

  /** To be called where an interrupt has come or gone, and nowhere else: to raise the line again is an event. */
  #drive(): void {
    this.#wire(this.#interruptStatus !== 0);
  }
}

function withLow(address: number, word: number): number {
  return Math.floor(address / 2 ** 32) * 2 ** 32 + word;
}

function withHigh(address: number, word: number): number {
  return (address % 2 ** 32) + word * 2 ** 32;
}

/** A chain as numbers: none, or its head and three for each buffer. */
function exchangeChain(archive: Archive, chain: Chain | null): Chain | null {
  const isPresent = archive.boolean(chain !== null);
  if (!isPresent) return null;
  const head = archive.number(chain?.head ?? 0);
  const flat = archive.numbers(
    (chain?.buffers ?? []).flatMap(({ address, lengthBytes, isWritable }) => [
      address,
      lengthBytes,
      isWritable ? 1 : 0,
    ]),
  );
  const buffers = [];
  for (let i = 0; i < flat.length; i += 3) {
    buffers.push({ address: flat[i]!, lengthBytes: flat[i + 1]!, isWritable: flat[i + 2] !== 0 });
  }
  return { head, buffers };
}

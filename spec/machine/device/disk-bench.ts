/** A virtio slot with a disk, RAM and a DMA guard, and a driver for tests that builds requests in that RAM. */
import { Base, Line } from "../../../machine/board/memory-map.ts";
import { DescriptorFlags, SECTOR_BYTES, Virtio, VirtioStatus } from "../../../machine/board/virtio.ts";
import { BlockDevice } from "../../../machine/device/block.ts";
import { Disk } from "../../../machine/device/disk.ts";
import { Dma } from "../../../machine/device/dma.ts";
import { DmaGuard } from "../../../machine/device/dma-guard.ts";
import { VirtioSlot } from "../../../machine/device/virtio-slot.ts";
import { Ram } from "../../../machine/ram.ts";
import { FakeClock, FakeWire, passTime } from "./fake-clock.ts";

export const LINE = Line.Virtio + 7;
export const DESCRIPTORS = Base.Ram + 0x1000;
export const AVAILABLE = Base.Ram + 0x2000;
export const USED = Base.Ram + 0x3000;
export const HEADER = Base.Ram + 0x4000;
export const STATUS = Base.Ram + 0x4100;
export const BUFFER = Base.Ram + 0x5000;
export const QUEUE_ENTRIES = 8;
export const DISK_SECTORS = 64;

export interface Descriptor {
  readonly address: number;
  readonly lengthBytes: number;
  readonly flags?: number;
}

export class DiskBench {
  readonly clock = new FakeClock();
  readonly wire = new FakeWire();
  readonly ram = new Ram(1 << 20);
  readonly guard = new DmaGuard();
  readonly disk: Disk;
  readonly block: BlockDevice;
  readonly slot: VirtioSlot;
  #made = 0;

  constructor(isLegacy = false) {
    this.disk = Disk.from(Uint8Array.from({ length: DISK_SECTORS * SECTOR_BYTES }, (_, i) => (i >> 9) + (i & 0xff)));
    const dma = new Dma(this.ram, this.guard, LINE, () => {});
    this.block = new BlockDevice(this.disk, dma);
    this.slot = new VirtioSlot(this.block, dma, this.clock, this.wire.set, isLegacy);
  }

  register(offset: number): number {
    return this.slot.read(offset, 4);
  }

  set(offset: number, value: number): void {
    this.slot.write(offset, 4, value);
  }

  /** Negotiates, and hands the queue over (Virtio 1.1, section 3.1.1). */
  initialize(): void {
    this.set(Virtio.Status, 0);
    this.set(Virtio.Status, VirtioStatus.Acknowledge | VirtioStatus.Driver);
    this.set(Virtio.DriverFeaturesSelect, 1);
    this.set(Virtio.DriverFeatures, 1);
    this.set(Virtio.Status, VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk);
    this.set(Virtio.QueueSelect, 0);
    this.set(Virtio.QueueSize, QUEUE_ENTRIES);
    this.set(Virtio.QueueDescriptorsLow, DESCRIPTORS);
    this.set(Virtio.QueueAvailableLow, AVAILABLE);
    this.set(Virtio.QueueUsedLow, USED);
    this.set(Virtio.QueueReady, 1);
    this.set(
      Virtio.Status,
      VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk | VirtioStatus.DriverOk,
    );
    this.ram.bytes.fill(0, USED - Base.Ram, USED - Base.Ram + 0x1000);
    this.ram.bytes.fill(0, AVAILABLE - Base.Ram, AVAILABLE - Base.Ram + 0x1000);
    this.#made = 0;
  }

  /** Makes a request available: header, data, status byte, in descriptors from `first` on. */
  request(type: number, sector: number, data: readonly Descriptor[], first = 0): void {
    this.word(HEADER + 16 * first, type);
    this.word(HEADER + 16 * first + 8, sector);
    const status = { address: STATUS + first, lengthBytes: 1, flags: DescriptorFlags.DeviceWrites };
    this.chain([{ address: HEADER + 16 * first, lengthBytes: 16 }, ...data, status], first);
  }

  /** Makes any chain of descriptors available, and notifies. */
  chain(descriptors: readonly Descriptor[], first = 0): void {
    this.ram.bytes[STATUS - Base.Ram + first] = 0xee;
    descriptors.forEach((descriptor, index) => {
      const isLast = index === descriptors.length - 1;
      this.descriptor(first + index, descriptor, isLast ? null : first + index + 1);
    });
    this.half(AVAILABLE + 4 + 2 * (this.#made % QUEUE_ENTRIES), first);
    this.#made += 1;
    this.half(AVAILABLE + 2, this.#made);
    this.set(Virtio.QueueNotify, 0);
  }

  descriptor(
    index: number,
    { address, lengthBytes, flags = 0 }: Descriptor,
    next: number | null,
    table = DESCRIPTORS,
  ): void {
    const at = table + 16 * index;
    this.word(at, address);
    this.word(at + 4, 0);
    this.word(at + 8, lengthBytes);
    this.half(at + 12, flags | (next === null ? 0 : DescriptorFlags.Next));
    this.half(at + 14, next ?? 0);
  }

  word(address: number, value: number): void {
    this.ram.write(address - Base.Ram, new Uint8Array(Uint32Array.of(value).buffer));
  }

  half(address: number, value: number): void {
    this.ram.write(address - Base.Ram, new Uint8Array(Uint16Array.of(value).buffer));
  }

  bytes(address: number, lengthBytes: number): Uint8Array {
    return this.ram.bytes.slice(address - Base.Ram, address - Base.Ram + lengthBytes);
  }

  /** The status byte of the request whose chain begins at `first`. */
  status(first = 0): number {
    return this.ram.bytes[STATUS - Base.Ram + first]!;
  }

  /** The used ring: how many, and the elements as [head, bytes written]. */
  used(): [number, number][] {
    const view = new DataView(this.bytes(USED, 0x100).buffer);
    return Array.from({ length: view.getUint16(2, true) }, (_, i) => [
      view.getUint32(4 + 8 * (i % QUEUE_ENTRIES), true),
      view.getUint32(8 + 8 * (i % QUEUE_ENTRIES), true),
    ]);
  }

  wait(cycles: number): void {
    passTime(this.clock, this.slot, this.clock.cycle + cycles);
  }
}

/** Data that the device writes, and reads. */
export function toDevice(address: number, lengthBytes: number): Descriptor {
  return { address, lengthBytes };
}

export function fromDevice(address: number, lengthBytes: number): Descriptor {
  return { address, lengthBytes, flags: DescriptorFlags.DeviceWrites };
}

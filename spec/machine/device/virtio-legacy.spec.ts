/** The legacy virtio transport (Virtio 1.1, section 4.2.4): a queue in one block of pages, and no version 1. */
import { expect } from "chai";
import { Base } from "../../../machine/board/memory-map.ts";
import {
  BlockRequest,
  BlockStatus,
  LegacyVirtio,
  SECTOR_BYTES,
  Virtio,
  VirtioStatus,
} from "../../../machine/board/virtio.ts";
import { BUFFER, DiskBench, fromDevice, HEADER, STATUS } from "./disk-bench.ts";

const PAGE_BYTES = 4096;
const QUEUE = Base.Ram + 0x8000;
const ENTRIES = 4;
const PATIENCE_CYCLES = 10_000;
const DRIVING = VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.DriverOk;

/** A device whose driver has said where its queue is, and that it begins `alignBytes` further on with the used ring. */
function ready(alignBytes = PAGE_BYTES): DiskBench {
  const bench = new DiskBench(true);
  bench.set(LegacyVirtio.GuestPageSize, PAGE_BYTES);
  bench.set(Virtio.Status, 0);
  bench.set(Virtio.QueueSize, ENTRIES);
  bench.set(LegacyVirtio.QueueAlign, alignBytes);
  bench.set(LegacyVirtio.QueuePage, QUEUE / PAGE_BYTES);
  bench.set(Virtio.Status, DRIVING);
  return bench;
}

/** Asks for sector 3, in descriptors 0 to 2: the driver's `count`th request. */
function readSector(bench: DiskBench, count = 1): void {
  bench.word(HEADER, BlockRequest.Read);
  bench.word(HEADER + 8, 3);
  bench.descriptor(0, { address: HEADER, lengthBytes: 16 }, 1, QUEUE);
  bench.descriptor(1, fromDevice(BUFFER, SECTOR_BYTES), 2, QUEUE);
  bench.descriptor(2, fromDevice(STATUS, 1), null, QUEUE);
  const available = QUEUE + 16 * ENTRIES;
  bench.half(available + 2, count);
  bench.set(Virtio.QueueNotify, 0);
}

describe("legacy virtio transport", () => {
  it("says version 1, and offers no features beyond 32", () => {
    const bench = new DiskBench(true);
    expect(bench.register(Virtio.Version)).to.equal(1);
    bench.set(Virtio.DeviceFeaturesSelect, 1);
    expect(bench.register(Virtio.DeviceFeatures)).to.equal(0);
    bench.set(Virtio.Status, VirtioStatus.FeaturesOk);
    expect(bench.register(Virtio.Status)).to.equal(VirtioStatus.FeaturesOk);
  });

  for (const alignBytes of [PAGE_BYTES, 256, 4]) {
    it(`finds the used ring at the next multiple of ${alignBytes}`, () => {
      const bench = ready(alignBytes);
      readSector(bench);
      bench.wait(PATIENCE_CYCLES);
      const endOfAvailable = 16 * ENTRIES + 6 + 2 * ENTRIES;
      const used = QUEUE + Math.ceil(endOfAvailable / alignBytes) * alignBytes;
      expect([...bench.bytes(used, 12)]).to.deep.equal([0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 0, 0]);
      expect(bench.status()).to.equal(BlockStatus.Ok);
      expect(bench.bytes(BUFFER, SECTOR_BYTES)).to.deep.equal(bench.disk.read(3));
      expect(bench.register(Virtio.InterruptStatus)).to.equal(1);
    });
  }

  it("reads the queue's page back, and takes the queue away for page 0", () => {
    const bench = ready();
    expect(bench.register(LegacyVirtio.QueuePage)).to.equal(QUEUE / PAGE_BYTES);
    bench.set(LegacyVirtio.QueuePage, 0);
    expect(bench.register(LegacyVirtio.QueuePage)).to.equal(0);
    readSector(bench);
    bench.wait(PATIENCE_CYCLES);
    expect(bench.register(Virtio.InterruptStatus)).to.equal(0);
  });

  it("forgets the queue when its driver resets it, but not the size of a page", () => {
    const bench = ready();
    bench.set(Virtio.Status, 0);
    expect(bench.register(LegacyVirtio.QueuePage)).to.equal(0);
    bench.set(Virtio.QueueSize, ENTRIES);
    bench.set(LegacyVirtio.QueuePage, QUEUE / PAGE_BYTES);
    bench.set(Virtio.Status, DRIVING);
    readSector(bench);
    bench.wait(PATIENCE_CYCLES);
    expect(bench.status()).to.equal(BlockStatus.Ok);
  });

  it("raises its line for each request, and for nothing else, where the driver acknowledges none", () => {
    const bench = ready();
    for (const [used, raised] of [
      [1, 1],
      [2, 2],
    ] as const) {
      readSector(bench, used);
      bench.wait(PATIENCE_CYCLES);
      expect(bench.wire.raised).to.equal(raised);
    }
    bench.set(Virtio.QueueSelect, 0);
    expect(bench.wire.raised).to.equal(2);
    bench.set(Virtio.InterruptAcknowledge, 1);
    expect(bench.wire.level).to.equal(false);
  });

  it("has no registers of version 2", () => {
    const bench = ready();
    bench.set(Virtio.QueueDescriptorsLow, 0x1234);
    bench.set(Virtio.QueueReady, 0);
    expect(bench.register(Virtio.QueueReady)).to.equal(0);
    readSector(bench);
    bench.wait(PATIENCE_CYCLES);
    expect(bench.status()).to.equal(BlockStatus.Ok);
  });
});

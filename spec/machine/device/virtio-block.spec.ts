/**
 * The block device behind its transport (Virtio 1.1, sections 2.6, 4.2 and 5.2), its timing, its errors, and the DMA
 * guard.
 */
import { expect } from "chai";
import { DmaAccess, DmaGuard as GuardRegister } from "../../../machine/board/dma-guard.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import {
  BlockRequest,
  BlockStatus,
  DescriptorFlags,
  SECTOR_BYTES,
  VIRTIO_MAGIC,
  Virtio,
  VirtioStatus,
} from "../../../machine/board/virtio.ts";
import { DeviceDelay } from "../../../machine/cost.ts";
import { Dma } from "../../../machine/device/dma.ts";
import { VirtioSlot } from "../../../machine/device/virtio-slot.ts";
import { Loader, Saver } from "../../../machine/state/archive.ts";
import {
  AVAILABLE,
  BUFFER,
  DESCRIPTORS,
  DISK_SECTORS,
  DiskBench,
  fromDevice,
  HEADER,
  LINE,
  STATUS,
  toDevice,
  USED,
} from "./disk-bench.ts";

const ONE_SECTOR = DeviceDelay.diskRequest + DeviceDelay.diskSector;

function ready(): DiskBench {
  const bench = new DiskBench();
  bench.initialize();
  return bench;
}

describe("virtio transport", () => {
  it("says what it is, and how large the disk is", () => {
    const bench = new DiskBench();
    expect([Virtio.Magic, Virtio.Version, Virtio.DeviceId].map((r) => bench.register(r))).to.deep.equal([
      VIRTIO_MAGIC,
      2,
      2,
    ]);
    expect([bench.register(Virtio.Config), bench.register(Virtio.Config + 4)]).to.deep.equal([DISK_SECTORS, 0]);
    expect(bench.slot.read(Virtio.Config, 1)).to.equal(DISK_SECTORS);
  });

  it("reads zero by bytes and halves, and takes nothing written so: registers are words", () => {
    const bench = ready();
    for (const width of [1, 2] as const) {
      expect(bench.slot.read(Virtio.Magic, width)).to.equal(0);
      expect(bench.slot.write(Virtio.Status, width, 0)).to.equal(true);
    }
    expect(bench.register(Virtio.Status)).not.to.equal(0);
  });

  it("without a device behind it answers device 0, and nothing it is told has an effect", () => {
    const bench = new DiskBench();
    const slot = new VirtioSlot(null, new Dma(bench.ram, null, 1, () => {}), bench.clock, () => {});
    slot.write(Virtio.Status, 4, VirtioStatus.Acknowledge);
    expect([slot.read(Virtio.Magic, 4), slot.read(Virtio.DeviceId, 4), slot.read(Virtio.Status, 4)]).to.deep.equal([
      VIRTIO_MAGIC,
      0,
      0,
    ]);
  });

  it("takes only features it has offered, and insists on version 1", () => {
    const bench = new DiskBench();
    const accepts = (low: number, high: number) => {
      bench.set(Virtio.Status, 0);
      bench.set(Virtio.DriverFeaturesSelect, 0);
      bench.set(Virtio.DriverFeatures, low);
      bench.set(Virtio.DriverFeaturesSelect, 1);
      bench.set(Virtio.DriverFeatures, high);
      bench.set(Virtio.Status, VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk);
      return (bench.register(Virtio.Status) & VirtioStatus.FeaturesOk) !== 0;
    };
    bench.set(Virtio.DeviceFeaturesSelect, 0);
    const offered = bench.register(Virtio.DeviceFeatures);
    expect(accepts(0, 1)).to.equal(true);
    expect(accepts(offered, 1)).to.equal(true);
    expect(accepts(0, 0)).to.equal(false);
    expect(accepts(offered | 1, 1)).to.equal(false);
  });
});

describe("virtio block device", () => {
  it("reads sectors into the buffers, after the documented time, with one interrupt", () => {
    const bench = ready();
    bench.request(BlockRequest.Read, 3, [fromDevice(BUFFER, SECTOR_BYTES)]);
    bench.wait(ONE_SECTOR - 1);
    expect([bench.status(), bench.wire.level]).to.deep.equal([0xee, false]);
    bench.wait(1);
    expect([bench.status(), bench.wire.level]).to.deep.equal([BlockStatus.Ok, true]);
    expect(bench.bytes(BUFFER, SECTOR_BYTES)).to.deep.equal(bench.disk.read(3));
    expect(bench.used()).to.deep.equal([[0, SECTOR_BYTES + 1]]);
    bench.set(Virtio.InterruptAcknowledge, bench.register(Virtio.InterruptStatus));
    expect(bench.wire.level).to.equal(false);
  });

  it("writes sectors, gathered from buffers of any size", () => {
    const bench = ready();
    const data = Uint8Array.from({ length: 1024 }, (_, i) => i * 7);
    bench.ram.write(BUFFER - Base.Ram, data);
    bench.request(BlockRequest.Write, 5, [toDevice(BUFFER, 100), toDevice(BUFFER + 100, 924)]);
    bench.wait(ONE_SECTOR + DeviceDelay.diskSector);
    expect(bench.status()).to.equal(BlockStatus.Ok);
    expect(bench.disk.read(5)).to.deep.equal(data.subarray(0, 512));
    expect(bench.disk.read(6)).to.deep.equal(data.subarray(512));
    expect(bench.used()).to.deep.equal([[0, 1]]);
    expect(bench.disk.changedSectors()).to.deep.equal([5, 6]);
  });

  it("carries out several requests one after the other, in order", () => {
    const bench = ready();
    bench.request(BlockRequest.Read, 1, [fromDevice(BUFFER, SECTOR_BYTES)], 0);
    bench.request(BlockRequest.Read, 2, [fromDevice(BUFFER + 512, SECTOR_BYTES)], 3);
    bench.wait(ONE_SECTOR);
    expect(bench.used().map(([head]) => head)).to.deep.equal([0]);
    bench.wait(ONE_SECTOR);
    expect(bench.used().map(([head]) => head)).to.deep.equal([0, 3]);
    expect(bench.bytes(BUFFER + 512, SECTOR_BYTES)).to.deep.equal(bench.disk.read(2));
  });

  it("goes around its rings", () => {
    const bench = ready();
    for (let i = 0; i < 20; i++) {
      bench.request(BlockRequest.Read, i, [fromDevice(BUFFER, SECTOR_BYTES)], 3 * (i % 2));
      bench.wait(ONE_SECTOR);
      expect(bench.used().length).to.equal(i + 1);
      expect(bench.bytes(BUFFER, SECTOR_BYTES)).to.deep.equal(bench.disk.read(i));
    }
  });

  it("follows indirect descriptors", () => {
    const bench = ready();
    const table = BUFFER + 0x1000;
    bench.word(HEADER, BlockRequest.Read);
    bench.word(HEADER + 8, 4);
    bench.descriptor(0, { address: HEADER, lengthBytes: 16 }, 1, table);
    bench.descriptor(1, fromDevice(BUFFER, SECTOR_BYTES), 2, table);
    bench.descriptor(2, fromDevice(STATUS, 1), null, table);
    bench.chain([{ address: table, lengthBytes: 48, flags: DescriptorFlags.Indirect }]);
    bench.wait(ONE_SECTOR);
    expect(bench.bytes(BUFFER, SECTOR_BYTES)).to.deep.equal(bench.disk.read(4));
  });

  it("gives up a chain that comes back to itself in an indirect table of any size", () => {
    const bench = ready();
    const table = BUFFER + 0x1000;
    bench.descriptor(0, toDevice(HEADER, 16), 0, table);
    bench.chain([{ address: table, lengthBytes: 0xffff_fff0, flags: DescriptorFlags.Indirect }]);
    expect(bench.register(Virtio.Status) & VirtioStatus.NeedsReset).to.equal(VirtioStatus.NeedsReset);
  });

  it("flushes, and says that it does not support what it does not know", () => {
    const bench = ready();
    bench.request(BlockRequest.Flush, 0, []);
    bench.wait(DeviceDelay.diskRequest);
    expect(bench.status()).to.equal(BlockStatus.Ok);
    bench.request(77, 0, [], 3);
    bench.wait(DeviceDelay.diskRequest);
    expect(bench.status(3)).to.equal(BlockStatus.Unsupported);
  });

  it("keeps quiet when the driver asks for no interrupts", () => {
    const bench = ready();
    bench.half(AVAILABLE, 1);
    bench.request(BlockRequest.Flush, 0, []);
    bench.wait(ONE_SECTOR);
    expect([bench.used().length, bench.wire.level]).to.deep.equal([1, false]);
  });

  for (const [what, type, sector, data] of [
    ["beyond the end", BlockRequest.Read, DISK_SECTORS, [fromDevice(BUFFER, 512)]],
    ["over the end", BlockRequest.Write, DISK_SECTORS - 1, [toDevice(BUFFER, 1024)]],
    ["of half a sector", BlockRequest.Read, 0, [fromDevice(BUFFER, 256)]],
    ["into a buffer that is not the device's to write", BlockRequest.Read, 0, [toDevice(BUFFER, 512)]],
    ["outside RAM", BlockRequest.Read, 0, [fromDevice(0x1000, 512)]],
  ] as const) {
    it(`ends a request ${what} with an I/O error, having done nothing`, () => {
      const bench = ready();
      bench.request(type, sector, data);
      bench.wait(10 * ONE_SECTOR);
      expect(bench.status()).to.equal(BlockStatus.Error);
      expect(bench.disk.changedSectors()).to.deep.equal([]);
      expect(bench.bytes(BUFFER, 512)).to.deep.equal(new Uint8Array(512));
    });
  }

  it("fails as many requests as were injected, in that direction only", () => {
    const bench = ready();
    bench.block.failNext(2, "read");
    const statusOf = (type: number, data: ReturnType<typeof toDevice>) => {
      bench.request(type, 0, [data]);
      bench.wait(ONE_SECTOR);
      return bench.status();
    };
    expect(statusOf(BlockRequest.Write, toDevice(BUFFER, 512))).to.equal(BlockStatus.Ok);
    expect(statusOf(BlockRequest.Read, fromDevice(BUFFER, 512))).to.equal(BlockStatus.Error);
    expect(statusOf(BlockRequest.Read, fromDevice(BUFFER, 512))).to.equal(BlockStatus.Error);
    expect(statusOf(BlockRequest.Read, fromDevice(BUFFER, 512))).to.equal(BlockStatus.Ok);
  });

  it("forgets its transfer at once when it is reset, and works again afterwards", () => {
    const bench = ready();
    bench.ram.bytes.fill(0xff, BUFFER - Base.Ram, BUFFER - Base.Ram + 512);
    bench.request(BlockRequest.Write, 7, [toDevice(BUFFER, 512)]);
    bench.wait(ONE_SECTOR - 1);
    bench.set(Virtio.Status, 0);
    bench.wait(10 * ONE_SECTOR);
    expect([bench.status(), bench.wire.level, bench.used()]).to.deep.equal([0xee, false, []]);
    expect(bench.disk.changedSectors()).to.deep.equal([]);
    bench.initialize();
    bench.request(BlockRequest.Write, 7, [toDevice(BUFFER, 512)]);
    bench.wait(ONE_SECTOR);
    expect(bench.disk.changedSectors()).to.deep.equal([7]);
  });

  for (const [what, breakIt] of [
    ["a head that does not exist", (bench: DiskBench) => bench.half(AVAILABLE + 4, 99)],
    ["a chain that goes in circles", (bench: DiskBench) => bench.half(DESCRIPTORS + 16 + 14, 1)],
    ["a queue outside RAM", (bench: DiskBench) => bench.set(Virtio.QueueAvailableLow, 0x1000)],
    ["a request of one buffer", (bench: DiskBench) => bench.half(DESCRIPTORS + 12, 0)],
  ] as const) {
    it(`after ${what} demands a reset, and does no more until then`, () => {
      const bench = ready();
      bench.half(AVAILABLE, 0);
      bench.set(Virtio.Status, VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk); // not running yet
      bench.request(BlockRequest.Read, 0, [fromDevice(BUFFER, 512)]);
      breakIt(bench);
      bench.set(Virtio.Status, bench.register(Virtio.Status) | VirtioStatus.DriverOk);
      bench.set(Virtio.QueueNotify, 0);
      bench.wait(10 * ONE_SECTOR);
      expect(bench.register(Virtio.Status) & VirtioStatus.NeedsReset).to.equal(VirtioStatus.NeedsReset);
      expect([bench.wire.level, bench.used().length]).to.deep.equal([true, 0]);
      bench.initialize();
      bench.request(BlockRequest.Read, 0, [fromDevice(BUFFER, 512)]);
      bench.wait(ONE_SECTOR);
      expect(bench.status()).to.equal(BlockStatus.Ok);
    });
  }

  it("comes back from an archive in the middle of a request", () => {
    const bench = ready();
    bench.request(BlockRequest.Read, 3, [fromDevice(BUFFER, SECTOR_BYTES)]);
    bench.wait(100);
    const saver = new Saver();
    bench.slot.exchange(saver);
    bench.set(Virtio.Status, 0);
    bench.slot.exchange(new Loader(saver.saved));
    bench.wait(ONE_SECTOR - 100);
    expect(bench.status()).to.equal(BlockStatus.Ok);
    expect(bench.bytes(BUFFER, SECTOR_BYTES)).to.deep.equal(bench.disk.read(3));
  });
});

describe("DMA guard", () => {
  const open = (bench: DiskBench, window: number, base: number, bytes: number, access: number, line = LINE) => {
    const at = GuardRegister.Window + window * GuardRegister.WindowStride;
    [base, bytes, line, access].forEach((value, index) => {
      bench.guard.write(at + 4 * index, 4, value);
    });
  };
  const both = DmaAccess.DeviceReads | DmaAccess.DeviceWrites;
  const enforcing = () => {
    const bench = ready();
    open(bench, 0, DESCRIPTORS, 0x4000, both);
    bench.guard.write(GuardRegister.Control, 4, 1);
    return bench;
  };
  const readStatus = (bench: DiskBench) => {
    bench.request(BlockRequest.Read, 3, [fromDevice(BUFFER, SECTOR_BYTES)]);
    bench.wait(ONE_SECTOR);
    return bench.status();
  };

  it("lets everything pass until it is told to enforce", () => {
    expect(readStatus(ready())).to.equal(BlockStatus.Ok);
  });

  it("refuses a buffer that no window covers, as the device's I/O error, and counts it", () => {
    const bench = enforcing();
    expect(readStatus(bench)).to.equal(BlockStatus.Error);
    expect(bench.guard.read(GuardRegister.Violations, 4)).to.equal(1);
    expect(bench.bytes(BUFFER, SECTOR_BYTES)).to.deep.equal(new Uint8Array(SECTOR_BYTES));
  });

  for (const [what, base, bytes, access, line, expected] of [
    ["that covers it", BUFFER, 512, DmaAccess.DeviceWrites, LINE, BlockStatus.Ok],
    ["that covers all but a byte", BUFFER, 511, DmaAccess.DeviceWrites, LINE, BlockStatus.Error],
    ["for the other direction", BUFFER, 512, DmaAccess.DeviceReads, LINE, BlockStatus.Error],
    ["of another device", BUFFER, 512, DmaAccess.DeviceWrites, LINE - 1, BlockStatus.Error],
    ["that is closed", BUFFER, 0, DmaAccess.DeviceWrites, LINE, BlockStatus.Error],
  ] as const) {
    it(`${expected === BlockStatus.Ok ? "permits" : "refuses"} a transfer by a window ${what}`, () => {
      const bench = enforcing();
      open(bench, 127, base, bytes, access, line);
      expect(readStatus(bench)).to.equal(expected);
    });
  }

  it("refuses the queue itself: the device then needs a reset, and says so", () => {
    const bench = ready();
    bench.guard.write(GuardRegister.Control, 4, 1);
    bench.request(BlockRequest.Read, 3, [fromDevice(BUFFER, SECTOR_BYTES)]);
    bench.wait(ONE_SECTOR);
    expect(bench.register(Virtio.Status) & VirtioStatus.NeedsReset).to.equal(VirtioStatus.NeedsReset);
    expect(bench.bytes(USED, 8)).to.deep.equal(new Uint8Array(8));
  });
});

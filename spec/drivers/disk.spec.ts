/** The disk driver against a device that does not do its part: silent, deaf, noisy, broken, absent. Programs notice only what cannot be healed. */
import { expect } from "chai";
import sinon from "sinon";
import { Line, VIRTIO_SLOTS } from "../../machine/board/memory-map.ts";
import { Virtio } from "../../machine/board/virtio.ts";
import { VirtioSlot } from "../../machine/device/virtio-slot.ts";
import { type Edit, Machine } from "../../machine/machine.ts";
import { bootedSystem, System, systemImage } from "../harness.ts";

const DISK_LINE = Line.Virtio + VIRTIO_SLOTS - 1;
/** A file that nobody has read since boot. */
const READ = "cksum </bin/more";

function inject(system: System, edit: Edit): void {
  system.machine.post({ at: system.machine.cycle, type: "inject", edit });
}

/** From now on the device does not hear that there is something in its queue, so many times. */
function deafen(times: number): void {
  let left = times;
  const write = VirtioSlot.prototype.write;
  sinon.stub(VirtioSlot.prototype, "write").callsFake(function (this: VirtioSlot, offset, width, value) {
    return offset === Virtio.QueueNotify && left-- > 0 ? true : write.call(this, offset, width, value);
  });
}

describe("the disk driver", () => {
  let sum = "";
  before(async () => {
    sum = (await bootedSystem()).run(READ);
  });
  afterEach(() => sinon.restore());

  it("resets a device that does not answer, and asks again", async () => {
    const system = await bootedSystem();
    deafen(2);
    expect(system.run(READ)).to.equal(sum);
    expect(system.run("dmesg")).to.include("disk: no answer in 50 ms: reset, attempt 3");
    expect(system.run("service status disk")).to.match(/running +\d+ +\d+ +0 +-/);
  });

  it("says so when the device never answers, and works on when it does again", async () => {
    const system = await bootedSystem();
    deafen(Number.POSITIVE_INFINITY);
    expect(system.run(READ)).to.include("Input/output error");
    sinon.restore();
    expect(system.run(READ)).to.equal(sum);
  });

  it("looks for itself when an interrupt got lost", async () => {
    const system = await bootedSystem();
    inject(system, { kind: "lose-interrupt", line: DISK_LINE });
    expect(system.run(READ)).to.equal(sum);
    expect(system.run("dmesg")).to.include("disk: an interrupt was lost");
  });

  it("ignores interrupts that nobody sent, with a request under way and without", async () => {
    const system = await bootedSystem();
    inject(system, { kind: "raise-interrupt", line: DISK_LINE });
    system.advance(1_000_000);
    system.type(`${READ}\r`);
    const limit = system.machine.cycle + 30_000_000;
    for (; system.machine.cycle < limit; system.advance(20_000)) {
      inject(system, { kind: "raise-interrupt", line: DISK_LINE });
    }
    expect(system.output).to.include(sum);
    expect(system.run("service status disk")).to.match(/running +\d+ +\d+ +0 +-/);
  });

  it("lets the file server ask again when the device fails once", async () => {
    const system = await bootedSystem();
    inject(system, { kind: "disk-error", direction: "read", count: 1 });
    expect(system.run(READ)).to.equal(sum);
  });

  it("finds no disk in a machine without one: the system says why it ends", async () => {
    const machine = new Machine({ disk: null });
    machine.loadElf((await systemImage()).elf);
    const system = new System(machine);
    expect(system.runToEnd()).to.equal(1);
    expect(system.output).to.include("vfs: cannot mount the root file system from disk: status -6");
  });
});

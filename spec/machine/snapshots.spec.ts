/** Snapshots, forks and hashes: states that are equal, and that come back exactly. */
import { expect } from "chai";
import sinon from "sinon";
import { CodeCache } from "../../machine/hart/code-cache.ts";
import { TranslationCache } from "../../machine/hart/translation-cache.ts";
import { Csr } from "../../machine/isa/registers.ts";
import { Machine, MachineError } from "../../machine/machine.ts";
import { Ram } from "../../machine/ram.ts";
import { assemble, ORIGIN } from "./assembler.ts";
import { machineWith } from "./bench-top.ts";
import { busy, busyMachine, DATA, typed } from "./busy-program.ts";

describe("snapshots", () => {
  it("restoring goes back exactly, and the same happens again", () => {
    const machine = busyMachine();
    machine.post(typed);
    machine.run(30_000);
    const snapshot = machine.snapshot();
    const before = machine.hash();
    machine.run(90_000);
    const after = machine.hash();
    machine.restore(snapshot);
    expect(machine.hash()).to.equal(before);
    expect(machine.cycle).to.be.within(30_000, 30_030);
    machine.run(90_000);
    expect(machine.hash()).to.equal(after);
  });

  it("taking one changes nothing", () => {
    const watched = busyMachine();
    const plain = busyMachine();
    for (let cycle = 1000; cycle <= 60_000; cycle += 1000) {
      watched.run(cycle);
      watched.snapshot();
    }
    plain.run(60_000);
    expect(watched.hash()).to.equal(plain.hash());
  });

  it("can be restored in any order, in another machine too", () => {
    const machine = busyMachine();
    const moments = [10_000, 20_000, 30_000, 40_000].map((cycle) => {
      machine.run(cycle);
      return { snapshot: machine.snapshot(), hash: machine.hash() };
    });
    const other = busyMachine();
    for (const index of [2, 0, 3, 1, 2]) {
      other.restore(moments[index]!.snapshot);
      expect(other.hash()).to.equal(moments[index]!.hash);
    }
  });

  it("a fork goes its own way", () => {
    const machine = busyMachine();
    machine.run(20_000);
    const twin = machine.fork();
    expect(twin.hash()).to.equal(machine.hash());
    const hash = machine.hash();
    twin.post({ at: twin.cycle, type: "input", text: "x" });
    twin.run(50_000);
    expect(machine.hash()).to.equal(hash);
    machine.run(50_000);
    expect(machine.hash()).to.not.equal(twin.hash());
  });

  it("restores code that has been decoded, back to what it was", () => {
    const machine = machineWith((a) => {
      a.label("again");
      a.i("addi", "a0", "a0", 1);
      a.j("again");
    });
    machine.run(100);
    const snapshot = machine.snapshot();
    machine.writePhysical(
      ORIGIN,
      assemble((a) => a.i("addi", "a0", "a0", 2)),
    );
    machine.run(200);
    machine.restore(snapshot);
    const before = machine.hart.readRegister(10);
    const cycle = machine.cycle;
    machine.run(cycle + 300);
    expect(machine.hart.readRegister(10) - before).to.equal(100);
  });

  it("restoring copies the pages that differ, and decodes nothing again that did not", () => {
    const machine = busyMachine();
    machine.run(30_000);
    const snapshot = machine.snapshot();
    machine.run(60_000);
    let differing = 0;
    machine.snapshot().ram.difference(snapshot.ram, () => {
      differing += 1;
    });
    const copies = sinon.spy(Ram.prototype, "write");
    const decodings = sinon.spy(CodeCache.prototype, "decodeSlot");
    try {
      machine.restore(snapshot);
      expect(copies.callCount).to.equal(differing).and.be.within(1, 4);
      machine.run(60_000);
      expect(decodings.callCount).to.equal(0);
    } finally {
      sinon.restore();
    }
  });

  it("going back again and again, the first store to a page is looked at only once", () => {
    const machine = machineWith(busy, { engine: "interpreter" });
    machine.run(30_000);
    const snapshot = machine.snapshot();
    const looksOfOneRun = (): number => {
      const looks = sinon.spy(TranslationCache.prototype, "keepData");
      machine.restore(snapshot);
      machine.run(60_000);
      looks.restore();
      return looks.callCount;
    };
    expect(looksOfOneRun()).to.be.greaterThan(0);
    expect(looksOfOneRun()).to.equal(0);
    const after = machine.hash();
    expect(looksOfOneRun()).to.be.greaterThan(0); // the hash must hear of every change since
    expect(machine.hash()).to.equal(after);
  });

  it("a snapshot right after a restore is the same one", () => {
    const machine = busyMachine();
    const snapshot = machine.snapshot();
    machine.run(60_000);
    machine.restore(snapshot);
    expect(machine.snapshot().ram).to.equal(snapshot.ram);
  });

  it("restoring brings back what PMP allowed", () => {
    const machine = machineWith((a) => {
      a.label("again");
      a.li("t0", ORIGIN + 0x2000);
      a.load("lw", "t1", 0, "t0");
      a.j("again");
    });
    const everything = 0x1f;
    machine.hart.writeCsr(Csr.pmpaddr0, -1);
    machine.hart.writeCsr(Csr.pmpcfg0, everything);
    machine.hart.writeMode(0);
    machine.run(100);
    const open = machine.snapshot();
    machine.hart.writeCsr(Csr.pmpcfg0, 0);
    const closed = machine.snapshot();
    machine.restore(open);
    machine.run(machine.cycle + 100);
    expect(machine.hart.readMode()).to.equal(0);
    machine.restore(closed);
    machine.run(machine.cycle + 10);
    expect(machine.hart.readMode()).to.equal(3);
    expect(machine.hart.readCsr(Csr.mcause)).to.equal(1); // instruction access fault
  });

  it("share what has not changed", () => {
    const machine = busyMachine();
    const first = machine.snapshot();
    machine.run(50_000);
    const second = machine.snapshot();
    let different = 0;
    second.ram.difference(first.ram, () => {
      different += 1;
    });
    expect(different).to.be.within(1, 4);
  });

  it("of another configuration are refused", () => {
    const snapshot = new Machine({ ramBytes: 1 << 20 }).snapshot();
    expect(() => busyMachine().restore(snapshot)).to.throw(MachineError, /another configuration/);
  });
});

describe("the hash", () => {
  it("covers every register, every byte of RAM and disk, and what is going to happen", () => {
    const machine = busyMachine();
    machine.run(10_000);
    const base = machine.snapshot();
    const hashes = new Set([machine.hash()]);
    const changes: ((twin: Machine) => void)[] = [
      (twin) => twin.hart.writeRegister(31, 1),
      (twin) => twin.hart.writePc(ORIGIN),
      (twin) => twin.hart.writeMode(1),
      (twin) => twin.hart.writeCsr(Csr.stval, 1),
      (twin) => twin.hart.writeCsr(Csr.pmpaddr0, 1),
      (twin) => twin.writePhysical(ORIGIN + (8 << 20) - 1, Uint8Array.of(1)),
      (twin) => twin.post({ at: 20_000, type: "input", text: "a" }),
      (twin) => twin.post({ at: 20_000, type: "input", text: "b" }),
      (twin) => twin.post({ at: 20_001, type: "input", text: "b" }),
      (twin) => twin.run(10_100),
    ];
    for (const change of changes) {
      machine.restore(base);
      change(machine);
      expect(hashes.has(machine.hash())).to.equal(false);
      hashes.add(machine.hash());
    }
  });

  it("does not depend on how a state came about", () => {
    const machine = busyMachine();
    const before = machine.hash();
    machine.writePhysical(DATA, Uint8Array.of(1));
    expect(machine.hash()).to.not.equal(before);
    machine.writePhysical(DATA, Uint8Array.of(0));
    expect(machine.hash()).to.equal(before);
  });

  it("is 128 bits, in hexadecimal", () => {
    expect(busyMachine().hash()).to.match(/^[0-9a-f]{32}$/);
  });
});

/**
 * The machine as a whole: exact stops, the same states whatever the slices, snapshots, forks, hashes, events,
 * injections, stops on purpose.
 */
import { expect } from "chai";
import fc from "fast-check";
import sinon from "sinon";
import { Base, Line } from "../../machine/board/memory-map.ts";
import { LineStatus, Uart } from "../../machine/board/uart.ts";
import { CodeCache } from "../../machine/hart/code-cache.ts";
import { Csr, Interrupt, Status } from "../../machine/isa/registers.ts";
import { type Edit, Machine, MachineError, type OutsideEvent } from "../../machine/machine.ts";
import { Ram } from "../../machine/ram.ts";
import { type Assembler, addressIn, assemble, ORIGIN } from "./assembler.ts";
import { machineWith, runCode, runToEnd, wordAt } from "./bench-top.ts";
import { satpOf, setCsr } from "./user-mode.ts";

const DATA = ORIGIN + 0x10_0000;

/** A program that computes, writes memory, talks, echoes what is typed, and takes timer interrupts; for ever. */
function busy(a: Assembler): void {
  a.la("t0", "handler");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", Base.Uart);
  a.li("s1", DATA);
  a.li("s2", Base.Clint + 0x4000);
  a.store("sw", "zero", 4, "s2");
  a.store("sw", "zero", 0, "s2");
  setCsr(a, Csr.mie, 1 << Interrupt.MachineTimer);
  a.csr("csrrsi", "zero", Csr.mstatus, Status.Mie);
  a.label("loop");
  a.r("mul", "s4", "s4", "s5");
  a.i("addi", "s5", "s5", 77);
  a.r("div", "s6", "s4", "s5");
  a.i("andi", "t0", "s5", 0x7fc);
  a.shift("slli", "t1", "s6", 12);
  a.i("andi", "t1", "t1", -4);
  a.r("add", "t0", "t0", "s1");
  a.store("sw", "s6", 0, "t0");
  a.store("sh", "s4", 1, "t0");
  a.load("lbu", "t0", Uart.LineStatus, "s0");
  a.i("andi", "t0", "t0", LineStatus.DataReady);
  a.branch("beq", "t0", "zero", "loop");
  a.load("lbu", "t0", Uart.Data, "s0");
  a.store("sb", "t0", Uart.Data, "s0");
  a.j("loop");
  a.align(4);
  a.label("handler");
  a.i("addi", "s7", "s7", 1);
  a.csrr("s8", Csr.mcycle);
  a.li("s9", Base.Clint + 0xbff8);
  a.load("lw", "s10", 0, "s9");
  a.i("addi", "s10", "s10", 333);
  a.store("sw", "s10", 0, "s2");
  a.i("andi", "t3", "s7", 3);
  a.branch("bne", "t3", "zero", "awake");
  a.wfi();
  a.label("awake");
  a.i("addi", "t3", "zero", 0x2e);
  a.store("sb", "t3", Uart.Data, "s0");
  a.mret();
}

/** Where its loop begins. */
const LOOP = addressIn(busy, "loop");

const busyMachine = () => machineWith(busy, { disk: new Uint8Array(1 << 16) });
const typed: OutsideEvent = { at: 40_000, type: "input", text: "héllo\n" };

describe("exact stops", () => {
  it("run stops before the first instruction that would start at or after the cycle", () => {
    const machine = machineWith((a) => {
      a.r("div", "a0", "a0", "a1"); // twenty cycles
      a.nop();
      a.nop();
    });
    expect(machine.run(1)).to.deep.equal({ kind: "cycle" });
    expect([machine.cycle, machine.instructions]).to.deep.equal([20, 1]);
    machine.run(20);
    expect(machine.cycle).to.equal(20);
    machine.run(21);
    expect([machine.cycle, machine.instructions]).to.deep.equal([21, 2]);
  });

  it("slices of any size give the same states", () => {
    const whole = busyMachine();
    whole.post(typed);
    whole.run(100_000);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const sliced = busyMachine();
        sliced.post(typed);
        for (let target = 0, i = 0; target < 100_000; i++) {
          target = Math.min(100_000, target + sizes[i % sizes.length]!);
          sliced.run(target);
        }
        expect(sliced.hash()).to.equal(whole.hash());
      }),
      { numRuns: 20 },
    );
  });

  it("one cycle at a time is the same as all at once", () => {
    const whole = busyMachine();
    whole.run(20_000);
    const sliced = busyMachine();
    for (let cycle = 1; cycle <= 20_000; cycle++) sliced.run(cycle);
    expect(sliced.hash()).to.equal(whole.hash());
    expect(sliced.instructions).to.equal(whole.instructions);
  });

  it("says what is wrong with a cycle that is none", () => {
    expect(() => busyMachine().run(1.5)).to.throw(MachineError, /^cannot run until cycle 1.5$/);
  });
});

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

describe("the one door", () => {
  it("types UTF-8 that arrives after its cycle", () => {
    const machine = busyMachine();
    const output: [number, number][] = [];
    machine.onOutput((byte, cycle) => output.push([byte, cycle]));
    machine.post({ at: 40_000, type: "input", text: "é€\u{1f600}" });
    machine.run(100_000);
    const echoed = output.filter(([byte]) => byte !== 0x2e);
    expect(Uint8Array.from(echoed, ([byte]) => byte)).to.deep.equal(new TextEncoder().encode("é€\u{1f600}"));
    expect(echoed[0]![1]).to.be.above(42_000);
  });

  it("refuses the past, and events that cannot be", () => {
    const machine = busyMachine();
    machine.run(1000);
    expect(() => machine.post({ at: 999, type: "input", text: "a" })).to.throw(
      MachineError,
      /^event at cycle 999, but it is/,
    );
    const refuse = (edit: Edit) =>
      expect(() => machine.post({ at: 5000, type: "inject", edit })).to.throw(MachineError);
    refuse({ kind: "register", register: 0, value: 1 });
    refuse({ kind: "register", register: 1, value: -1 });
    refuse({ kind: "pc", value: 3 });
    refuse({ kind: "memory", address: 0x1000, value: 1 });
    refuse({ kind: "memory", address: DATA + 1, value: 1 });
    refuse({ kind: "lose-interrupt", line: 0 });
    refuse({ kind: "disk-error", direction: "read", count: 0 });
    expect(() => machine.post({ at: 5000, type: "input", bytes: [256] })).to.throw(MachineError);
  });

  it("makes edits between two instructions, at their cycle, in the order of posting", () => {
    const machine = machineWith((a) => {
      for (let i = 0; i < 50; i++) a.i("addi", "a0", "a0", 1);
      a.finish();
    });
    const inject = (at: number, edit: Edit) => machine.post({ at, type: "inject", edit });
    inject(20, { kind: "register", register: 10, value: 1000 });
    inject(20, { kind: "register", register: 11, value: 5 });
    inject(20, { kind: "register", register: 11, value: 6 });
    inject(30, { kind: "memory", address: DATA, value: 0xffff_fffe });
    inject(10, { kind: "pc", value: ORIGIN + 0x40 }); // skips six
    const { x } = runToEnd(machine);
    expect([x("a0"), x("a1")]).to.deep.equal([1000 + 50 - 6 - 20, 6]);
    expect(wordAt(machine, DATA)).to.equal(0xffff_fffe);
  });

  it("changes a word of code into an endless loop", () => {
    const machine = busyMachine();
    machine.run(5_000);
    machine.post({ at: 6_000, type: "inject", edit: { kind: "memory", address: LOOP, value: 0x0000_006f } });
    machine.run(20_000);
    machine.hart.writeCsr(Csr.mie, 0);
    machine.run(30_000);
    expect(machine.hart.readPc()).to.equal(LOOP);
  });

  it("loses or makes up an interrupt of a line", () => {
    const machine = machineWith((a) => {
      a.li("s0", Base.Plic);
      a.i("addi", "t0", "zero", 1);
      a.store("sw", "t0", 4 * Line.Uart, "s0");
      a.li("s1", Base.Plic + 0x2000);
      a.i("addi", "t0", "zero", 1 << Line.Uart);
      a.store("sw", "t0", 0, "s1");
      setCsr(a, Csr.mie, 1 << Interrupt.MachineExternal);
      a.wfi();
      a.csrr("s3", Csr.mcycle);
      a.finish();
    });
    machine.post({ at: 777, type: "inject", edit: { kind: "raise-interrupt", line: Line.Uart } });
    expect(runToEnd(machine).x("s3")).to.equal(777);
  });
});

describe("stops on purpose", () => {
  it("a breakpoint stops before the instruction, each time, and changes no count and no hash", () => {
    const machine = busyMachine();
    const plain = busyMachine();
    machine.addBreakpoint({ physical: LOOP });
    for (let time = 0; time < 5; time++) {
      const stop = machine.run(1_000_000);
      expect(stop).to.deep.equal({ kind: "breakpoint", pc: LOOP });
      plain.run(machine.cycle);
      expect(machine.hash()).to.equal(plain.hash());
      expect(machine.instructions).to.equal(plain.instructions);
    }
    machine.clearBreakpoints();
    expect(machine.run(200_000)).to.deep.equal({ kind: "cycle" });
    plain.run(200_000);
    expect(machine.hash()).to.equal(plain.hash());
  });

  it("a virtual breakpoint stops only in its address space", () => {
    const wanted = satpOf(ORIGIN + 0x30_0000);
    const code = assemble((a) => {
      a.nop();
      a.ecall();
    });
    const machine = machineWith((a) => {
      a.la("t0", "next");
      a.csrw(Csr.mtvec, "t0");
      setCsr(a, Csr.pmpaddr0, 0xffff_ffff);
      setCsr(a, Csr.pmpcfg0, 0x1f);
      a.align(4);
      a.label("next");
      a.i("addi", "s0", "s0", 1);
      a.i("andi", "t1", "s0", 1);
      a.shift("slli", "t1", "t1", 1); // the other root, two pages on
      a.li("t0", wanted);
      a.r("add", "t0", "t0", "t1");
      a.csrw(Csr.satp, "t0");
      a.li("t0", 0x4000_0000);
      a.csrw(Csr.mepc, "t0");
      a.csrw(Csr.mstatus, "zero");
      a.mret();
    });
    for (const root of [ORIGIN + 0x30_0000, ORIGIN + 0x30_2000]) {
      machine.writePhysical(root + 0x400, new Uint8Array(Uint32Array.of(((root + 0x1000) >>> 2) | 1).buffer));
      machine.writePhysical(root + 0x1000, new Uint8Array(Uint32Array.of(((ORIGIN + 0x40_0000) >>> 2) | 0x1b).buffer));
    }
    machine.writePhysical(ORIGIN + 0x40_0000, code);
    machine.run(500);
    machine.addBreakpoint({ virtual: 0x4000_0000, satp: wanted });
    for (let time = 0; time < 3; time++) {
      expect(machine.run(100_000)).to.deep.equal({ kind: "breakpoint", pc: 0x4000_0000 });
      expect(machine.hart.readCsr(Csr.satp)).to.equal(wanted);
    }
    // Another such breakpoint makes the hart enter its page anew: it goes on all the same.
    const { cycle } = machine;
    machine.addBreakpoint({ virtual: 0x4000_0800, satp: wanted });
    expect(machine.run(100_000)).to.deep.equal({ kind: "breakpoint", pc: 0x4000_0000 });
    expect(machine.cycle).to.be.above(cycle);
  });

  it("a watch stops after each write to its word and to no other", () => {
    const machine = machineWith((a) => {
      a.li("s1", DATA);
      a.store("sw", "s1", 4, "s1");
      for (let i = 1; i <= 3; i++) {
        a.i("addi", "t0", "zero", i);
        a.store("sw", "t0", 0, "s1");
        a.store("sb", "t0", 4, "s1");
      }
      a.finish();
    });
    machine.watch(DATA);
    for (let i = 1; i <= 3; i++) {
      expect(machine.run(10_000)).to.deep.equal({ kind: "watch", address: DATA });
      expect(wordAt(machine, DATA)).to.equal(i);
    }
    machine.clearWatches();
    expect(machine.run(10_000).kind).to.equal("finished");
  });
});

describe("the end", () => {
  it("the finisher gives 0, a status, or a reset", () => {
    const stopOf = (word: number) => {
      return runCode((a) => {
        a.li("t5", Base.Finisher);
        a.li("t6", word);
        a.store("sw", "t6", 0, "t5");
        a.j(0);
      }).stop;
    };
    expect(stopOf(0x5555)).to.deep.equal({ kind: "finished", status: 0 });
    expect(stopOf((42 << 16) | 0x3333)).to.deep.equal({ kind: "finished", status: 42 });
    expect(stopOf(0x7777)).to.deep.equal({ kind: "reset" });
  });

  it("a finished machine stays finished", () => {
    const { machine } = runCode((a) => a.finish(3));
    const { cycle } = machine;
    expect(machine.run(cycle + 1000)).to.deep.equal({ kind: "finished", status: 3 });
    expect(machine.cycle).to.equal(cycle);
  });

  it("a reboot starts the hart over and keeps time and RAM", () => {
    const machine = machineWith((a) => {
      a.li("s1", DATA);
      a.load("lw", "s0", 0, "s1");
      a.branch("bne", "s0", "zero", "second");
      a.store("sw", "s1", 0, "s1");
      a.li("t5", Base.Finisher);
      a.li("t6", 0x7777);
      a.store("sw", "t6", 0, "t5");
      a.j(0);
      a.label("second");
      a.finish(1);
    });
    expect(runToEnd(machine).stop).to.deep.equal({ kind: "reset" });
    const { cycle } = machine;
    machine.reboot();
    expect([machine.hart.readPc(), machine.hart.readRegister(9), machine.cycle]).to.deep.equal([ORIGIN, 0, cycle]);
    expect(runToEnd(machine).stop).to.deep.equal({ kind: "finished", status: 1 });
  });
});

describe("configurations", () => {
  for (const [what, configuration, message] of [
    ["RAM of half a page", { ramBytes: 2048 }, /^RAM of 2048 bytes: expected a multiple of 1 MiB, at most 1 GiB$/],
    ["two GiB of RAM", { ramBytes: 2 ** 31 }, /at most 1 GiB$/],
    ["a disk of 100 bytes", { disk: new Uint8Array(100) }, /^disk image of 100 bytes: expected a multiple of 512/],
    ["an empty disk", { disk: new Uint8Array(0) }, /^disk image of 0 bytes/],
    ["a ninth slot", { diskSlot: 8 }, /^disk in virtio slot 8: expected 0 to 7$/],
  ] as const) {
    it(`refuses ${what} in one clear line`, () => {
      expect(() => new Machine(configuration)).to.throw(MachineError, message);
    });
  }

  it("the disk is the machine's own copy, and says what changed", () => {
    const image = new Uint8Array(4096 * 3);
    const machine = new Machine({ disk: image });
    image.fill(1);
    expect(machine.disk!.sectorCount).to.equal(24);
    expect(machine.disk!.read(5)[0]).to.equal(0);
    expect(machine.disk!.changedSectors()).to.deep.equal([]);
    expect(new Machine().disk).to.equal(null);
  });
});

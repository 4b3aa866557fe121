/**
 * The machine as a whole: exact stops, the same states whatever the slices, events, injections, stops on purpose.
 */
import { expect } from "chai";
import fc from "fast-check";
import { Base, Line } from "../../machine/board/memory-map.ts";
import { Csr, Interrupt } from "../../machine/isa/registers.ts";
import { type Edit, Machine, MachineError } from "../../machine/machine.ts";
import { assemble, ORIGIN } from "./assembler.ts";
import { machineWith, runCode, runToEnd, wordAt } from "./bench-top.ts";
import { busyMachine, DATA, LOOP, typed } from "./busy-program.ts";
import { satpOf, setCsr } from "./user-mode.ts";

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

  it("takes a paste of any length, and keeps it in a snapshot until it is due", () => {
    const machine = busyMachine();
    machine.post({ at: 100, type: "input", text: "x".repeat(300_000) });
    machine.restore(machine.snapshot());
    expect(machine.run(10_000)).to.deep.equal({ kind: "cycle" });
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
    ["half a second", { rtcStartSeconds: 0.5 }, /^clock at 0.5 seconds since 1970: expected a whole number/],
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

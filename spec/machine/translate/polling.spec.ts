/** Registers of devices read in translated code: never anything else than what the device would say, and without leaving as long as it says the same. */
import { expect } from "chai";
import { Base } from "../../../machine/board/memory-map.ts";
import { Context, Plic } from "../../../machine/board/plic.ts";
import { LineStatus, Uart } from "../../../machine/board/uart.ts";
import { Virtio } from "../../../machine/board/virtio.ts";
import { type Device, Reading } from "../../../machine/bus.ts";
import { Plic as PlicDevice } from "../../../machine/device/plic.ts";
import { Uart as UartDevice } from "../../../machine/device/uart.ts";
import { Csr } from "../../../machine/isa/registers.ts";
import { Saver } from "../../../machine/state/archive.ts";
import type { Assembler, Register } from "../assembler.ts";
import { machineWith, runToEnd } from "../bench-top.ts";
import { FakeClock, passTime } from "../device/fake-clock.ts";
import { Random } from "../random.ts";
import { runAlike } from "./alike.ts";

const DEVICES = [
  { base: Base.Uart, offsets: [0, 1, 2, 3, 4, 5, 6, 7] },
  {
    base: Base.Plic,
    offsets: [0, 4 * 10, Plic.Pending, Plic.Enable, Plic.Enable + Plic.EnableStride, Plic.Threshold, Plic.Claim],
  },
  { base: Base.Virtio + 0x7000, offsets: [Virtio.Magic, Virtio.InterruptStatus, Virtio.Status, Virtio.Config] },
  { base: Base.RealTimeClock, offsets: [0x08, 0x0c, 0x10, 0x14, 0x18] },
  { base: Base.Clint, offsets: [0, 0x4000, 0x4004, 0xbff8, 0xbffc] },
] as const;
const LOADS = ["lw", "lw", "lbu", "lb", "lhu", "lh"] as const;
const ROUNDS = 60;
const seed = Number(process.env.RENIX_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Loads and stores of random registers, in a loop; all that was read goes into a0. What traps is skipped. */
function accessing(a: Assembler, random: Random): void {
  a.la("t0", "trap");
  a.csrw(Csr.mtvec, "t0");
  a.li("s0", ROUNDS);
  a.j("round");
  a.align(4);
  a.label("trap");
  a.csrr("t0", Csr.mepc);
  a.i("addi", "t0", "t0", 4);
  a.csrw(Csr.mepc, "t0");
  a.mret();
  a.label("round");
  for (let access = 0; access < 30; access++) {
    const { base, offsets } = random.pick(DEVICES);
    const address = base + random.pick(offsets);
    a.li("t1", address);
    if (random.chance(0.15)) {
      a.li("t2", random.word() & 0xff);
      a.store(base === Base.Uart ? "sb" : "sw", "t2", 0, "t1");
      continue;
    }
    for (let times = random.integer(3); times >= 0; times--) {
      a.load(random.pick(LOADS), "t2", 0, "t1");
      a.shift("slli", "t3", "a0", 5);
      a.r("sub", "a0", "t3", "a0");
      a.r("add", "a0", "a0", "t2");
    }
  }
  a.i("addi", "s0", "s0", -1);
  a.branch("beq", "s0", "zero", "end");
  a.j("round");
  a.label("end");
  a.finish();
}

describe("registers of devices in translated code", () => {
  for (let index = 0; index < 12; index++) {
    const slice = index % 2 === 0 ? 997 : 99_991;
    it(`say what they say to the interpreter (RENIX_SEED=${seed}, program ${index})`, () => {
      const random = new Random(seed + index);
      const programSeed = random.seed();
      runAlike(
        (a) => accessing(a, new Random(programSeed)),
        slice,
        (machine) => {
          machine.post({ at: 5000, type: "input", text: "some text that is typed" });
          machine.post({ at: 60_000, type: "input", text: "and more" });
        },
      );
    });
  }
});

/** Reads a register a number of times. */
function reading(a: Assembler, times: number, address: number): void {
  a.li("s0", times);
  a.li("s1", address);
  a.label("loop");
  a.load("lw", "a0", 0, "s1");
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "loop");
  a.finish();
}

/** Sends characters, each as soon as the status says so. */
function sending(a: Assembler, characters: number): void {
  const [base, status]: Register[] = ["s1", "t0"];
  a.li("s0", characters);
  a.li(base!, Base.Uart);
  a.label("wait");
  a.load("lbu", status!, Uart.LineStatus, base!);
  a.i("andi", status!, status!, LineStatus.TransmitterHoldingEmpty);
  a.branch("beq", status!, "zero", "wait");
  a.store("sb", "s0", Uart.Data, base!);
  a.i("addi", "s0", "s0", -1);
  a.branch("bne", "s0", "zero", "wait");
  a.finish();
}

/** How often WebAssembly was left between one count and another. */
function exitsBetween(from: number, to: number, write: (a: Assembler, count: number) => void): number {
  const [few, many] = [from, to].map((count) => {
    const { machine } = runToEnd(machineWith((a) => write(a, count), { engine: "translator", translateAfter: 4 }));
    return machine.statistics.translatorEntries + machine.statistics.interpreterEntries;
  });
  return many! - few!;
}

describe("a program that polls", () => {
  for (const [name, address] of [
    ["the line's status", Base.Uart + 4],
    ["a virtio device's interrupt status", Base.Virtio + Virtio.InterruptStatus],
    ["the interrupt controller, which has nothing to claim", Base.Plic + Plic.Claim + Context.Machine],
  ] as const) {
    it(`leaves WebAssembly for none of 10,000 reads of ${name}`, () => {
      expect(exitsBetween(10_000, 20_000, (a, times) => reading(a, times, address))).to.equal(0);
    });
  }

  it("leaves it a few times for each character that it sends, however long that takes", () => {
    expect(exitsBetween(500, 1500, sending) / 1000).to.be.within(2, 8);
  });
});

/** A device's state. */
function stateOf(device: Device): number[] {
  const saver = new Saver();
  device.exchange(saver);
  return [...saver.saved];
}

describe("a register of which a device says that it is steady", () => {
  const clock = new FakeClock();
  const plic = new PlicDevice([() => {}, () => {}]);
  const wire = (level: boolean) => plic.pulse(10, level);
  const uart = new UartDevice(clock, wire, () => {});

  it(`changes nothing when it is read, and says the same again (RENIX_SEED=${seed})`, () => {
    const random = new Random(seed);
    let steady = 0;
    for (let turn = 0; turn < 4000; turn++) {
      passTime(clock, uart, clock.cycle + random.integer(500));
      if (random.chance(0.05)) uart.type([random.integer(256)]);
      const [device, { offsets }] = random.chance(0.5) ? ([uart, DEVICES[0]] as const) : ([plic, DEVICES[1]] as const);
      const offset = random.pick(offsets);
      if (random.chance(0.2)) device.write(offset, 4, random.word());
      else if (device.effectOfReading(offset) === Reading.Steady) {
        const before = [stateOf(uart), stateOf(plic), uart.nextEventCycle];
        const value = device.read(offset, 4);
        expect([stateOf(uart), stateOf(plic), uart.nextEventCycle]).to.deep.equal(before);
        clock.cycle += 1;
        expect(device.read(offset, 4)).to.equal(value);
        steady++;
      } else device.read(offset, 4);
    }
    expect(steady).to.be.above(500);
  });
});

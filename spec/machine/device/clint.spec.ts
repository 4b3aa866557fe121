/** Core-local interruptor: the timer's comparison over 64 bits, and its next event. */
import { expect } from "chai";
import { Clint as Register } from "../../../machine/board/clint.ts";
import { Clint } from "../../../machine/device/clint.ts";
import { Interrupt } from "../../../machine/isa/registers.ts";
import { FakeClock, FakeHart } from "./fake-clock.ts";

function setup() {
  const clock = new FakeClock();
  const hart = new FakeHart();
  const [software, timer] = [Interrupt.MachineSoftware, Interrupt.MachineTimer].map((interrupt) => ({
    get level() {
      return ((hart.pendingByWire >> interrupt) & 1) !== 0;
    },
  }));
  const clint = new Clint(clock, hart);
  const compare = (low: number, high = 0) => {
    clint.write(Register.TimeCompare, 4, low);
    clint.write(Register.TimeCompare + 4, 4, high);
  };
  return { clock, software: software!, timer: timer!, clint, compare };
}

describe("CLINT", () => {
  it("raises and lowers the software interrupt by bit 0", () => {
    const { clint, software } = setup();
    clint.write(Register.SoftwareInterrupt, 4, 0xffff_ffff);
    expect([software.level, clint.read(Register.SoftwareInterrupt, 4)]).to.deep.equal([true, 1]);
    clint.write(Register.SoftwareInterrupt, 4, 2);
    expect(software.level).to.equal(false);
  });

  it("compares with zero after a reset, as on QEMU: the lower half alone sets a timer", () => {
    const { clint, timer } = setup();
    clint.write(Register.TimeCompare + 4, 4, 1);
    clint.reset();
    expect([clint.nextEventCycle, timer.level]).to.deep.equal([Number.POSITIVE_INFINITY, true]);
    clint.write(Register.TimeCompare, 4, 7);
    expect([clint.nextEventCycle, timer.level]).to.deep.equal([70, false]);
  });

  it("announces the cycle at which time reaches the comparison, and is up from then on", () => {
    const { clock, clint, timer, compare } = setup();
    clock.cycle = 15;
    compare(7);
    expect([clint.nextEventCycle, timer.level]).to.deep.equal([70, false]);
    clock.cycle = 70;
    clint.advance();
    expect([clint.nextEventCycle, timer.level]).to.deep.equal([Number.POSITIVE_INFINITY, true]);
    compare(8);
    expect([clint.nextEventCycle, timer.level]).to.deep.equal([80, false]);
  });

  it("is up at once for a moment in the past", () => {
    const { clock, timer, compare } = setup();
    clock.cycle = 1000;
    compare(100);
    expect(timer.level).to.equal(true);
    compare(101);
    expect(timer.level).to.equal(false);
  });

  it("compares 64 bits, unsigned", () => {
    const { clint, timer, compare } = setup();
    clint.write(Register.Time + 4, 4, 1);
    compare(5, 0);
    expect(timer.level).to.equal(true);
    compare(0, 1);
    expect(timer.level).to.equal(true);
    compare(5, 1);
    expect([timer.level, clint.nextEventCycle]).to.deep.equal([false, 50]);
    clint.write(Register.Time + 4, 4, 0xffff_ffff);
    expect(timer.level).to.equal(true);
  });

  it("counts time from what was written to it", () => {
    const { clock, clint } = setup();
    clint.write(Register.Time, 4, 0xffff_ffff);
    clint.write(Register.Time + 4, 4, 3);
    clock.cycle = 10;
    expect([clint.read(Register.Time, 4), clint.read(Register.Time + 4, 4)]).to.deep.equal([0, 4]);
  });
});

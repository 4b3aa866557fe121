/** Goldfish clock: nanoseconds, latched halves, and the alarm. */
import { expect } from "chai";
import { RealTimeClock as Register } from "../../../machine/board/real-time-clock.ts";
import { RealTimeClock } from "../../../machine/device/real-time-clock.ts";
import { FakeClock, FakeWire } from "./fake-clock.ts";

const START_SECONDS = 1_735_689_600;

function setup() {
  const clock = new FakeClock();
  const wire = new FakeWire();
  const rtc = new RealTimeClock(START_SECONDS, clock, wire.set);
  const now = () => {
    const low = BigInt(rtc.read(Register.TimeLow, 4));
    return (BigInt(rtc.read(Register.TimeHigh, 4)) << 32n) | low;
  };
  const setAlarm = (at: bigint) => {
    rtc.write(Register.AlarmHigh, 4, Number(at >> 32n));
    rtc.write(Register.AlarmLow, 4, Number(at & 0xffff_ffffn));
  };
  return { clock, wire, rtc, now, setAlarm };
}

describe("real-time clock", () => {
  it("starts where it is told and runs ten nanoseconds a cycle", () => {
    const { clock, now } = setup();
    expect(now()).to.equal(BigInt(START_SECONDS) * 1_000_000_000n);
    clock.cycle = 100_000_000;
    expect(now()).to.equal(BigInt(START_SECONDS + 1) * 1_000_000_000n);
  });

  it("gives the high half that belongs to the low half read before", () => {
    const { clock, rtc } = setup();
    rtc.write(Register.TimeHigh, 4, 5);
    rtc.write(Register.TimeLow, 4, 0xffff_fff0);
    expect(rtc.read(Register.TimeLow, 4)).to.equal(0xffff_fff0);
    clock.cycle = 2;
    expect(rtc.read(Register.TimeHigh, 4)).to.equal(5);
    expect(rtc.read(Register.TimeLow, 4)).to.equal(4);
    expect(rtc.read(Register.TimeHigh, 4)).to.equal(6);
  });

  it("interrupts at the alarm, if enabled, until that is cleared", () => {
    const { clock, wire, rtc, now, setAlarm } = setup();
    rtc.write(Register.InterruptEnabled, 4, 1);
    setAlarm(now() + 1005n);
    expect([rtc.nextEventCycle, rtc.read(Register.AlarmStatus, 4)]).to.deep.equal([101, 1]);
    clock.cycle = 101;
    rtc.advance(101);
    expect([wire.level, rtc.read(Register.AlarmStatus, 4), rtc.nextEventCycle]).to.deep.equal([
      true,
      0,
      Number.POSITIVE_INFINITY,
    ]);
    rtc.write(Register.ClearInterrupt, 4, 1);
    expect(wire.level).to.equal(false);
  });

  it("may be set to less than the machine has run", () => {
    const { clock, wire, rtc, now, setAlarm } = setup();
    clock.cycle = 1_000_000;
    rtc.write(Register.TimeHigh, 4, 0);
    rtc.write(Register.TimeLow, 4, 0);
    rtc.write(Register.InterruptEnabled, 4, 1);
    clock.cycle += 50;
    expect(now()).to.equal(500n);
    setAlarm(1000n);
    expect(rtc.nextEventCycle).to.equal(1_000_100);
    clock.cycle = 1_000_100;
    rtc.advance(clock.cycle);
    expect(wire.level).to.equal(true);
  });

  it("forgets a cleared alarm", () => {
    const { rtc, now, setAlarm } = setup();
    setAlarm(now() + 1000n);
    rtc.write(Register.ClearAlarm, 4, 1);
    expect(rtc.nextEventCycle).to.equal(Number.POSITIVE_INFINITY);
  });
});

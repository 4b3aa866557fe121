/** A clock that a test sets, and wires that it reads. */
import type { Wire } from "../../../machine/bus.ts";
import type { ClintRegisters } from "../../../machine/device/clint.ts";
import type { UartClock } from "../../../machine/device/uart.ts";
import type { Interrupt } from "../../../machine/isa/registers.ts";

export class FakeClock implements UartClock {
  cycle = 0;

  stall(cycles: number): void {
    this.cycle += cycles;
  }
}

/** Lets a device do everything that is due up to a cycle, as the machine would. */
export function passTime(
  clock: FakeClock,
  device: { nextEventCycle: number; advance(cycle: number): void },
  cycle: number,
): void {
  while (device.nextEventCycle <= cycle) {
    clock.cycle = Math.max(clock.cycle, device.nextEventCycle);
    device.advance(clock.cycle);
  }
  clock.cycle = cycle;
}

export class FakeWire {
  level = false;
  /** How often the device has raised it, though it was up. */
  raised = 0;
  readonly set: Wire = (level) => {
    this.level = level;
    if (level) this.raised++;
  };
}

/** As much of a hart as the core-local interruptor is wired to. */
export class FakeHart implements ClintRegisters {
  timeCompareLow = 0;
  timeCompareHigh = 0;
  pendingByWire = 0;

  setWire(interrupt: Interrupt, level: boolean): void {
    this.pendingByWire = (this.pendingByWire & ~(1 << interrupt)) | (level ? 1 << interrupt : 0);
  }
}

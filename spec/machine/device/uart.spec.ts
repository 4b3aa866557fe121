/**
 * The serial port (PC16550D data sheet, section 8): timing, FIFOs, interrupts, and that nothing typed or written is
 * lost.
 */
import { expect } from "chai";
import {
  FifoControl,
  InterruptCause,
  InterruptEnable,
  LineControl,
  LineStatus,
  ModemControl,
  Uart as Register,
} from "../../../machine/board/uart.ts";
import { DeviceDelay } from "../../../machine/cost.ts";
import { Uart } from "../../../machine/device/uart.ts";
import { FakeClock, FakeWire, passTime } from "./fake-clock.ts";

const CHARACTER = DeviceDelay.uartCharacter;
const FIFOS = 0xc0;

function setup(options: { fifos?: boolean; enable?: number } = {}) {
  const clock = new FakeClock();
  const wire = new FakeWire();
  const output: [number, number][] = [];
  const uart = new Uart(clock, wire.set, (byte, cycle) => output.push([byte, cycle]));
  if (options.fifos) uart.write(Register.FifoControl, 1, FifoControl.Enable);
  uart.write(Register.InterruptEnable, 1, options.enable ?? 0);
  return { clock, wire, output, uart, wait: (cycle: number) => passTime(clock, uart, cycle) };
}

const text = (bytes: readonly number[]) => String.fromCharCode(...bytes);

describe("UART, transmitting", () => {
  it("sends a character in the documented time", () => {
    const { uart, output, wait } = setup();
    uart.write(Register.Data, 1, 65);
    wait(CHARACTER - 1);
    expect(output).to.deep.equal([]);
    wait(CHARACTER);
    expect(output).to.deep.equal([[65, CHARACTER]]);
  });

  it("says when the holding register and the whole transmitter are empty", () => {
    const { uart, wait } = setup();
    const empty = LineStatus.TransmitterHoldingEmpty | LineStatus.TransmitterEmpty;
    expect(uart.read(Register.LineStatus)).to.equal(empty);
    uart.write(Register.Data, 1, 65); // goes to the line at once
    expect(uart.read(Register.LineStatus)).to.equal(LineStatus.TransmitterHoldingEmpty);
    uart.write(Register.Data, 1, 66);
    expect(uart.read(Register.LineStatus)).to.equal(0);
    wait(CHARACTER);
    expect(uart.read(Register.LineStatus)).to.equal(LineStatus.TransmitterHoldingEmpty);
    wait(2 * CHARACTER);
    expect(uart.read(Register.LineStatus)).to.equal(empty);
  });

  it("sends a full FIFO back to back", () => {
    const { uart, output, wait } = setup({ fifos: true });
    for (let i = 0; i < 17; i++) uart.write(Register.Data, 1, i);
    wait(17 * CHARACTER);
    expect(output).to.deep.equal(Array.from({ length: 17 }, (_, i) => [i, (i + 1) * CHARACTER]));
  });

  it("holds the bus rather than lose what is written to a full transmitter", () => {
    const { uart, clock, output, wait } = setup();
    for (let i = 0; i < 5; i++) uart.write(Register.Data, 1, i);
    expect(clock.cycle).to.equal(3 * CHARACTER);
    wait(10 * CHARACTER);
    expect(output.map(([byte]) => byte)).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it("interrupts when it becomes empty and when that interrupt is switched on; reading the cause resets it", () => {
    const { uart, wire, wait } = setup();
    uart.write(Register.InterruptEnable, 1, InterruptEnable.TransmitterEmpty);
    expect(wire.level).to.equal(true);
    expect(uart.read(Register.InterruptIdentification)).to.equal(InterruptCause.TransmitterEmpty);
    expect(wire.level).to.equal(false);
    expect(uart.read(Register.InterruptIdentification)).to.equal(InterruptCause.None);
    uart.write(Register.Data, 1, 65);
    uart.write(Register.Data, 1, 66);
    expect(wire.level).to.equal(false);
    wait(CHARACTER);
    expect(wire.level).to.equal(true);
  });

  it("raises its line for what happens, and not for being looked at: some drivers never read the cause", () => {
    const { uart, wire, wait } = setup();
    uart.write(Register.InterruptEnable, 1, InterruptEnable.TransmitterEmpty);
    expect(wire.raised).to.equal(1);
    uart.read(Register.LineStatus);
    uart.read(Register.InterruptEnable);
    uart.write(Register.Scratch, 1, 7);
    uart.write(Register.LineControl, 1, 3);
    expect(wire.raised).to.equal(1);
    uart.write(Register.Data, 1, 65);
    wait(CHARACTER);
    expect([wire.level, wire.raised]).to.deep.equal([true, 3]); // the holding register is empty, then the line too
  });

  it("drains what is left when the machine ends", () => {
    const { uart, output } = setup({ fifos: true });
    for (const byte of [1, 2, 3]) uart.write(Register.Data, 1, byte);
    uart.drain();
    expect(output.map(([byte]) => byte)).to.deep.equal([1, 2, 3]);
  });

  it("forgets the FIFO when told to, but not the character on the line", () => {
    const { uart, output, wait } = setup({ fifos: true });
    for (const byte of [1, 2, 3]) uart.write(Register.Data, 1, byte);
    uart.write(Register.FifoControl, 1, FifoControl.Enable | FifoControl.ClearTransmit);
    wait(10 * CHARACTER);
    expect(output.map(([byte]) => byte)).to.deep.equal([1]);
  });
});

describe("UART, receiving", () => {
  it("receives typed characters a character's time apart", () => {
    const { uart, wait } = setup({ fifos: true });
    uart.type([65, 66]);
    wait(CHARACTER - 1);
    expect(uart.read(Register.LineStatus) & LineStatus.DataReady).to.equal(0);
    wait(CHARACTER);
    expect(uart.read(Register.LineStatus) & LineStatus.DataReady).to.equal(LineStatus.DataReady);
    expect(uart.read(Register.Data)).to.equal(65);
    expect(uart.read(Register.LineStatus) & LineStatus.DataReady).to.equal(0);
    wait(2 * CHARACTER);
    expect(uart.read(Register.Data)).to.equal(66);
  });

  for (const fifos of [false, true]) {
    it(`never loses a pasted line, however slowly it is read, ${fifos ? "with" : "without"} FIFOs`, () => {
      const { uart, wait, clock } = setup({ fifos });
      const line = Array.from({ length: 100 }, (_, i) => i + 32);
      uart.type(line);
      const seen: number[] = [];
      while (seen.length < line.length) {
        wait(clock.cycle + 7 * CHARACTER);
        const status = uart.read(Register.LineStatus);
        expect(status & LineStatus.Overrun).to.equal(0);
        if (status & LineStatus.DataReady) seen.push(uart.read(Register.Data));
      }
      expect(text(seen)).to.equal(text(line));
    });
  }

  it("without FIFOs reads the last character again where there is no new one, with FIFOs zero", () => {
    const { uart, wait } = setup();
    uart.type([65]);
    wait(CHARACTER);
    expect([uart.read(Register.Data), uart.read(Register.Data)]).to.deep.equal([65, 65]);
    uart.write(Register.FifoControl, 1, FifoControl.Enable);
    expect(uart.read(Register.Data)).to.equal(0);
  });

  it("interrupts at the trigger level, and after silence below it", () => {
    const { uart, wire, wait } = setup({ enable: InterruptEnable.Received });
    uart.write(Register.FifoControl, 1, FifoControl.Enable | (1 << 6)); // four characters
    uart.type([1, 2, 3, 4]);
    wait(3 * CHARACTER);
    expect(wire.level).to.equal(false);
    wait(4 * CHARACTER);
    expect(uart.read(Register.InterruptIdentification)).to.equal(FIFOS | InterruptCause.Received);
    uart.read(Register.Data);
    expect(wire.level).to.equal(false);
    wait(4 * CHARACTER + DeviceDelay.uartReceiveTimeout);
    expect(uart.read(Register.InterruptIdentification)).to.equal(FIFOS | InterruptCause.ReceiveTimeout);
    uart.read(Register.Data);
    expect(wire.level).to.equal(false);
  });

  it("interrupts for each character without FIFOs", () => {
    const { uart, wire, wait } = setup({ enable: InterruptEnable.Received });
    uart.type([1]);
    wait(CHARACTER);
    expect(uart.read(Register.InterruptIdentification)).to.equal(InterruptCause.Received);
    expect(wire.level).to.equal(true);
    uart.read(Register.Data);
    expect(wire.level).to.equal(false);
  });

  it("in loopback receives what it sends, and overruns as a receiver does", () => {
    const { uart, output, wait } = setup({ enable: InterruptEnable.LineStatus });
    uart.write(Register.ModemControl, 1, ModemControl.Loopback | 0x0f);
    uart.write(Register.Data, 1, 9);
    uart.write(Register.Data, 1, 10);
    expect(uart.read(Register.InterruptIdentification)).to.equal(InterruptCause.LineStatus);
    expect(uart.read(Register.LineStatus) & LineStatus.Overrun).to.equal(LineStatus.Overrun);
    expect(uart.read(Register.LineStatus) & LineStatus.Overrun).to.equal(0);
    expect(uart.read(Register.Data)).to.equal(9);
    expect(uart.read(Register.ModemStatus) & 0xf0).to.equal(0xf0);
    wait(10 * CHARACTER);
    expect(output).to.deep.equal([]);
  });
});

describe("UART, in loopback", () => {
  it("interrupts for what has left as it does on a line (PC16550D, section 8.9)", () => {
    const { uart, wire } = setup({ enable: InterruptEnable.TransmitterEmpty });
    uart.write(Register.ModemControl, 1, ModemControl.Loopback);
    expect(uart.read(Register.InterruptIdentification)).to.equal(InterruptCause.TransmitterEmpty);
    expect([uart.read(Register.InterruptIdentification), wire.level]).to.deep.equal([InterruptCause.None, false]);
    uart.write(Register.Data, 1, 9);
    expect(wire.level).to.equal(true);
    expect(uart.read(Register.InterruptIdentification)).to.equal(InterruptCause.TransmitterEmpty);
  });
});

describe("UART, registers", () => {
  it("says five bits at a reset (PC16550D, table 3)", () => {
    const { uart } = setup();
    expect(uart.read(Register.LineControl)).to.equal(0);
    uart.write(Register.LineControl, 1, LineControl.EightBits);
    uart.reset();
    expect(uart.read(Register.LineControl)).to.equal(0);
  });

  it("keeps the divisor behind its latch, the scratch register, and the line control", () => {
    const { uart } = setup();
    uart.write(Register.LineControl, 1, LineControl.DivisorLatch | LineControl.EightBits);
    uart.write(Register.Data, 1, 0x12);
    uart.write(Register.InterruptEnable, 1, 0x34);
    expect([uart.read(Register.Data), uart.read(Register.InterruptEnable)]).to.deep.equal([0x12, 0x34]);
    uart.write(Register.LineControl, 1, LineControl.EightBits);
    expect(uart.read(Register.InterruptEnable)).to.equal(0);
    uart.write(Register.Scratch, 1, 0xa5);
    expect([uart.read(Register.Scratch), uart.read(Register.LineControl)]).to.deep.equal([0xa5, LineControl.EightBits]);
  });
});

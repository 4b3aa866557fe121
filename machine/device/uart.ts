/**
 * The serial port: a 16550A with its FIFOs and interrupts (National Semiconductor PC16550D data sheet, section 8).
 *
 * A character takes `DeviceDelay.uartCharacter` cycles on the line, whatever the divisor says. Two differences from the
 * chip, both for the sake of whoever uses it: typed input waits outside while the receiver is full, as with flow
 * control, so that a pasted line is never lost; and a write to a full transmitter holds the bus until there is room, so
 * that a program which does not poll, as works on QEMU, loses nothing either.
 */
import {
  FifoControl,
  InterruptCause,
  InterruptEnable,
  LineControl,
  LineStatus,
  ModemControl,
  Uart as Register,
  UART_FIFO_BYTES,
} from "../board/uart.ts";
import { type Clock, type Device, Reading, type Wire } from "../bus.ts";
import { DeviceDelay } from "../cost.ts";
import type { Archive } from "../state/archive.ts";

export interface UartClock extends Clock {
  /** Lets time pass for the instruction that is accessing the device. */
  stall(cycles: number): void;
}

const NEVER = Number.POSITIVE_INFINITY;
/** Bits 7–6 of InterruptIdentification while FIFOs are on. */
const FIFOS_ENABLED = 0xc0;
/** By bits 7–6 of FifoControl. */
const TRIGGER_LEVELS = [1, 4, 8, 14] as const;
/** Data carrier detect, data set ready, clear to send: a terminal is connected. */
const MODEM_READY = 0xb0;
/** OUT2, which gates the interrupt on a PC and not here, and request to send, data terminal ready: all storable. */
const MODEM_CONTROL_MASK = 0x1f;

export class Uart implements Device {
  #interruptEnable = 0;
  #lineControl = 0;
  #modemControl = 0;
  #scratch = 0;
  #divisorLow = 0;
  #divisorHigh = 0;
  #hasFifos = false;
  #trigger = 1;
  #overrun = false;
  /** The transmitter-empty interrupt, which reading its cause resets. */
  #isEmptyPending = false;
  #isTimedOut = false;
  /** Received, and not read yet. */
  #received: number[] = [];
  /** What was read last: without FIFOs, the receiver's buffer keeps it. */
  #lastRead = 0;
  /** Typed, and not arrived yet. */
  #typed: number[] = [];
  /** When the next typed character may arrive. */
  #arrivesAt = NEVER;
  /** When silence becomes a timeout. */
  #timesOutAt = NEVER;
  /** Written, and waiting for the line. */
  #unsent: number[] = [];
  /** On the line; -1 if the line is idle. */
  #sending = -1;
  #sentAt = NEVER;
  readonly #clock: UartClock;
  readonly #wire: Wire;
  readonly #onOutput: (byte: number, cycle: number) => void;

  constructor(clock: UartClock, wire: Wire, onOutput: (byte: number, cycle: number) => void) {
    this.#clock = clock;
    this.#wire = wire;
    this.#onOutput = onOutput;
  }

  /** Somebody types: the bytes arrive one after the other, each a character's time after the last. */
  type(bytes: readonly number[]): void {
    for (const byte of bytes) this.#typed.push(byte);
    this.#expectArrival(this.#clock.cycle);
  }

  /** The machine is about to stop: what was written still leaves. */
  drain(): void {
    while (this.#sending >= 0) this.#finishSending();
    this.#drive();
  }

  get nextEventCycle(): number {
    return Math.min(this.#arrivesAt, this.#timesOutAt, this.#sentAt);
  }

  advance(cycle: number): void {
    while (this.nextEventCycle <= cycle) {
      const at = this.nextEventCycle;
      if (this.#sentAt === at) this.#finishSending();
      else if (this.#arrivesAt === at) this.#arrive();
      else this.#timeOut();
    }
    this.#drive();
  }

  /** Every width reads the register's byte: the board's bus shifts nothing in. */
  read(offset: number): number {
    const isDivisor = (this.#lineControl & LineControl.DivisorLatch) !== 0;
    switch (offset) {
      case Register.Data:
        return isDivisor ? this.#divisorLow : this.#readData();
      case Register.InterruptEnable:
        return isDivisor ? this.#divisorHigh : this.#interruptEnable;
      case Register.InterruptIdentification:
        return this.#readCause();
      case Register.LineControl:
        return this.#lineControl;
      case Register.ModemControl:
        return this.#modemControl;
      case Register.LineStatus:
        return this.#readLineStatus();
      case Register.ModemStatus:
        return this.#modemStatus;
      case Register.Scratch:
        return this.#scratch;
      default:
        return 0;
    }
  }

  /** What has been received, and causes of interrupts, are taken by reading them; so are errors. */
  effectOfReading(offset: number): Reading {
    switch (offset) {
      case Register.Data:
      case Register.InterruptIdentification:
        return Reading.Changes;
      case Register.LineStatus:
        return this.#overrun ? Reading.Changes : Reading.Steady;
      default:
        return Reading.Steady;
    }
  }

  write(offset: number, _width: number, value: number): boolean {
    const byte = value & 0xff;
    const isDivisor = (this.#lineControl & LineControl.DivisorLatch) !== 0;
    switch (offset) {
      case Register.Data:
        if (isDivisor) this.#divisorLow = byte;
        else this.#writeData(byte);
        break;
      case Register.InterruptEnable:
        if (isDivisor) this.#divisorHigh = byte;
        else this.#writeInterruptEnable(byte);
        break;
      case Register.FifoControl:
        this.#writeFifoControl(byte);
        break;
      case Register.LineControl:
        this.#lineControl = byte;
        break;
      case Register.ModemControl:
        this.#modemControl = byte & MODEM_CONTROL_MASK;
        break;
      case Register.Scratch:
        this.#scratch = byte;
        break;
    }
    return true;
  }

  reset(): void {
    this.#interruptEnable = 0;
    this.#lineControl = 0;
    this.#modemControl = 0;
    this.#scratch = 0;
    this.#isEmptyPending = false;
    this.#lastRead = 0;
    this.#sending = -1;
    this.#sentAt = NEVER;
    this.#writeFifoControl(FifoControl.ClearReceive | FifoControl.ClearTransmit);
  }

  exchange(archive: Archive): void {
    this.#interruptEnable = archive.number(this.#interruptEnable);
    this.#lineControl = archive.number(this.#lineControl);
    this.#modemControl = archive.number(this.#modemControl);
    this.#scratch = archive.number(this.#scratch);
    this.#divisorLow = archive.number(this.#divisorLow);
    this.#divisorHigh = archive.number(this.#divisorHigh);
    this.#hasFifos = archive.boolean(this.#hasFifos);
    this.#trigger = archive.number(this.#trigger);
    this.#overrun = archive.boolean(this.#overrun);
    this.#isEmptyPending = archive.boolean(this.#isEmptyPending);
    this.#isTimedOut = archive.boolean(this.#isTimedOut);
    this.#received = archive.numbers(this.#received);
    this.#lastRead = archive.number(this.#lastRead);
    this.#typed = archive.numbers(this.#typed);
    this.#arrivesAt = archive.number(this.#arrivesAt);
    this.#timesOutAt = archive.number(this.#timesOutAt);
    this.#unsent = archive.numbers(this.#unsent);
    this.#sending = archive.number(this.#sending);
    this.#sentAt = archive.number(this.#sentAt);
  }

  get #capacity(): number {
    return this.#hasFifos ? UART_FIFO_BYTES : 1;
  }

  get #isLoopback(): boolean {
    return (this.#modemControl & ModemControl.Loopback) !== 0;
  }

  // Transmitter

  #writeData(byte: number): void {
    if (this.#isLoopback) this.#sendToItself(byte);
    else this.#send(byte);
    this.#drive();
  }

  /** At once; the transmitter's interrupt works as ever (section 8.9). */
  #sendToItself(byte: number): void {
    this.#receive(byte);
    this.#isEmptyPending = true;
  }

  #send(byte: number): void {
    while (this.#unsent.length >= this.#capacity) {
      this.#clock.stall(Math.max(0, this.#sentAt - this.#clock.cycle));
      this.#finishSending();
    }
    this.#isEmptyPending = false;
    this.#unsent.push(byte);
    if (this.#sending < 0) this.#startSending(this.#clock.cycle);
  }

  #startSending(cycle: number): void {
    const byte = this.#unsent.shift();
    this.#sending = byte ?? -1;
    this.#sentAt = byte === undefined ? NEVER : cycle + DeviceDelay.uartCharacter;
    if (byte !== undefined && this.#unsent.length === 0) this.#isEmptyPending = true;
  }

  #finishSending(): void {
    const at = this.#sentAt;
    this.#onOutput(this.#sending, at);
    this.#startSending(at);
  }

  // Receiver

  #expectArrival(earliest: number): void {
    if (this.#arrivesAt === NEVER && this.#typed.length > 0 && this.#received.length < this.#capacity) {
      this.#arrivesAt = earliest + DeviceDelay.uartCharacter;
    }
  }

  #arrive(): void {
    const at = this.#arrivesAt;
    this.#arrivesAt = NEVER;
    if (this.#received.length >= this.#capacity) return;
    this.#receive(this.#typed.shift()!, at);
    this.#expectArrival(at);
  }

  #receive(byte: number, at = this.#clock.cycle): void {
    if (this.#received.length >= this.#capacity) {
      this.#overrun = true;
      return;
    }
    this.#received.push(byte);
    this.#awaitTimeout(at);
  }

  #readData(): number {
    const byte = this.#received.shift() ?? (this.#hasFifos ? 0 : this.#lastRead);
    this.#lastRead = byte;
    this.#isTimedOut = false;
    this.#awaitTimeout(this.#clock.cycle);
    this.#expectArrival(this.#clock.cycle);
    this.#drive();
    return byte;
  }

  #awaitTimeout(from: number): void {
    this.#timesOutAt = this.#hasFifos && this.#received.length > 0 ? from + DeviceDelay.uartReceiveTimeout : NEVER;
  }

  #timeOut(): void {
    this.#timesOutAt = NEVER;
    this.#isTimedOut = true;
  }

  // Status and interrupts

  #writeInterruptEnable(byte: number): void {
    const enabled = byte & 0x0f;
    const isNew = (enabled & ~this.#interruptEnable & InterruptEnable.TransmitterEmpty) !== 0;
    this.#interruptEnable = enabled;
    if (isNew && this.#unsent.length === 0) this.#isEmptyPending = true;
    this.#drive();
  }

  #writeFifoControl(byte: number): void {
    const hasFifos = (byte & FifoControl.Enable) !== 0;
    const switches = hasFifos !== this.#hasFifos;
    this.#hasFifos = hasFifos;
    this.#trigger = hasFifos ? TRIGGER_LEVELS[(byte >> 6) as 0 | 1 | 2 | 3] : 1;
    if (switches || byte & FifoControl.ClearReceive) {
      this.#received = [];
      this.#isTimedOut = false;
      this.#timesOutAt = NEVER;
      this.#expectArrival(this.#clock.cycle);
    }
    if (switches || byte & FifoControl.ClearTransmit) {
      if (this.#unsent.length > 0) this.#isEmptyPending = true;
      this.#unsent = [];
    }
    this.#drive();
  }

  #readLineStatus(): number {
    const isHoldingEmpty = this.#unsent.length === 0;
    const status =
      (this.#received.length > 0 ? LineStatus.DataReady : 0) |
      (this.#overrun ? LineStatus.Overrun : 0) |
      (isHoldingEmpty ? LineStatus.TransmitterHoldingEmpty : 0) |
      (isHoldingEmpty && this.#sending < 0 ? LineStatus.TransmitterEmpty : 0);
    if (this.#overrun) {
      this.#overrun = false;
      this.#drive();
    }
    return status;
  }

  /** In loopback the modem's outputs appear as its inputs (section 8.9). */
  get #modemStatus(): number {
    if (!this.#isLoopback) return MODEM_READY;
    const control = this.#modemControl;
    return ((control & 0x0c) << 4) | ((control & 0x02) << 3) | ((control & 0x01) << 5);
  }

  /** The most urgent cause (table 4). */
  get #cause(): InterruptCause {
    const enabled = this.#interruptEnable;
    if (enabled & InterruptEnable.LineStatus && this.#overrun) return InterruptCause.LineStatus;
    if (enabled & InterruptEnable.Received) {
      if (this.#received.length >= this.#trigger) return InterruptCause.Received;
      if (this.#isTimedOut) return InterruptCause.ReceiveTimeout;
    }
    if (enabled & InterruptEnable.TransmitterEmpty && this.#isEmptyPending) return InterruptCause.TransmitterEmpty;
    return InterruptCause.None;
  }

  #readCause(): number {
    const cause = this.#cause;
    if (cause === InterruptCause.TransmitterEmpty) this.#isEmptyPending = false;
    this.#drive();
    return cause | (this.#hasFifos ? FIFOS_ENABLED : 0);
  }

  /** To be called where an interrupt may have come or gone, and nowhere else: to raise the line again is an event. */
  #drive(): void {
    this.#wire(this.#cause !== InterruptCause.None);
  }
}

/**
 * The serial port (machine/board/uart.ts): bytes in, bytes out, sixteen at a time. Nothing here clears a FIFO: what a dead predecessor
 * has put into the transmitter still goes out, once.
 */
import { VM } from "../../lib/endpoint.ts";
import { sendReceive } from "../../lib/ipc.ts";
import { interruptControl } from "../../lib/kernel-call/device.ts";
import { panic } from "../../lib/log.ts";
import type { Message } from "../../lib/message.ts";
import { type VmDevice, VmMapDevice } from "../../lib/protocol/vm.ts";
import { FifoControl, InterruptEnable, LineControl, LineStatus, UART_FIFO_BYTES } from "../../machine/board/uart.ts";

class Registers {
  data: u8 = 0;
  interruptEnable: u8 = 0;
  /** Read: which interrupt; write: the FIFOs. */
  fifoControl: u8 = 0;
  lineControl: u8 = 0;
  modemControl: u8 = 0;
  lineStatus: u8 = 0;
}

const DEVICE = 0;
let base: vaddr = 0;
let enabled: u32 = 0;

/** Maps the port and lets its interrupts through. */
export function startUart(): void {
  const request = new VmMapDevice();
  const status = sendReceive(VM, request);
  const answer = request as Message as VmDevice;
  if (status < 0 || answer.status < 0) panic`there is no serial port`;
  base = answer.address;
  const registers = at(base, Registers);
  registers.lineControl = LineControl.EightBits;
  registers.fifoControl = FifoControl.Enable;
  listen(true);
  interruptControl(DEVICE, true);
}

/** The interrupt has been seen to; the next may come. */
export function rearm(): void {
  interruptControl(DEVICE, true);
}

/** Whether a byte has been received. */
export function hasReceived(): boolean {
  return (at(base, Registers).lineStatus & LineStatus.DataReady) !== 0;
}

export function takeReceived(): u8 {
  return at(base, Registers).data;
}

/** How many bytes the transmitter takes now: all of its FIFO, or none. */
export function transmitterRoom(): i32 {
  return (at(base, Registers).lineStatus & LineStatus.TransmitterHoldingEmpty) !== 0 ? UART_FIFO_BYTES : 0;
}

export function transmit(byte: u8): void {
  at(base, Registers).data = byte;
}

/** Wants an interrupt for received bytes, or lets them wait in the port. */
export function listen(on: boolean): void {
  enableInterrupt(InterruptEnable.Received, on);
}

/** Wants an interrupt when the transmitter is empty. */
export function awaitTransmitter(on: boolean): void {
  enableInterrupt(InterruptEnable.TransmitterEmpty, on);
}

function enableInterrupt(bit: u32, on: boolean): void {
  const wanted = on ? enabled | bit : enabled & ~bit;
  if (wanted === enabled) return;
  enabled = wanted;
  at(base, Registers).interruptEnable = u8(enabled);
}

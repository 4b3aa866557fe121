/**
 * How guest tests of the kernel report: a line for each check on the serial port, which the director drives by itself, and the exit status.
 * Begin at `check`.
 */

import { RS } from "../../../lib/endpoint.ts";
import { DeviceKind } from "../../../lib/kernel-call/device.ts";
import { abort, Shutdown } from "../../../lib/kernel-call/machine.ts";
import { setRights } from "../../../lib/kernel-call/process.ts";
import { PageFlags, spaceMap } from "../../../lib/kernel-call/space.ts";
import { DEVICE_BASE } from "../../../lib/protocol/vm.ts";
import { Base } from "../../../machine/board/memory-map.ts";
import { LineStatus, Uart } from "../../../machine/board/uart.ts";
import { takeFrame } from "./frames.ts";
import { allRights } from "./spawn.ts";

class Port {
  readonly registers = new Uint8Array(8);
}

let failures: u32 = 0;

/** The director gets every right there is, and the serial port. Call first. */
export function beginReport(): void {
  const rights = allRights();
  rights.priority = 1;
  rights.devices[0] = DeviceKind.Uart;
  setRights(RS, rights);
  spaceMap(RS, DEVICE_BASE, paddr(Base.Uart), 1, PageFlags.Read | PageFlags.Write | PageFlags.Device, takeFrame());
}

/** One line: whether a number is what it should be. `detail` ends the name. */
export function check(name: string, actual: i32, expected: i32, detail = ""): void {
  if (actual === expected) say`ok ${name} ${detail}`;
  else {
    failures++;
    say`not ok ${name} ${detail}: ${actual} instead of ${expected}`;
  }
}

/** The same for a claim. */
export function claim(name: string, isTrue: boolean): void {
  check(name, isTrue ? 1 : 0, 1);
}

/** Ends the run. */
export function endReport(): never {
  say`done`;
  abort(Shutdown.PowerOff, failures === 0 ? 0 : 2);
}

export declare function say(text: TemplateStringsArray, ...values: Printable[]): void;
export function sayText(text: string): void {
  for (const byte of text.bytes) write(byte);
}
export function sayUnsigned(value: u32): void {
  if (value >= 10) sayUnsigned(value / 10);
  write(u8(0x30 + (value % 10)));
}
export function saySigned(value: i32): void {
  if (value < 0) write(0x2d);
  sayUnsigned(value < 0 ? ~u32(value) + 1 : u32(value));
}
export function sayHexadecimal(value: u32): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = (value >>> shift) & 0xf;
    write(u8(digit < 10 ? 0x30 + digit : 0x57 + digit));
  }
}
export function sayEnd(): void {
  write(0x0a);
}

function write(byte: u8): void {
  const port = at(DEVICE_BASE, Port);
  while ((port.registers[Uart.LineStatus] & LineStatus.TransmitterHoldingEmpty) === 0);
  port.registers[Uart.Data] = byte;
}

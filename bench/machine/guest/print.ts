/** `` print`…` `` to the serial port, waiting for each character: for the last words of a benchmark. */
import { Base } from "../../../machine/board/memory-map.ts";
import { LineStatus, Uart } from "../../../machine/board/uart.ts";

class Register {
  value: u8 = 0;
}

export declare function print(text: TemplateStringsArray, ...values: Printable[]): void;

export function printText(text: string): void {
  for (const byte of text.bytes) put(byte);
}

export function printUnsigned(value: u32): void {
  if (value >= 10) printUnsigned(value / 10);
  put(u8(0x30 + (value % 10)));
}

export function printHexadecimal(value: u32): void {
  for (let shift: u32 = 32; shift !== 0; ) {
    shift -= 4;
    const digit = (value >>> shift) & 0xf;
    put(u8(digit < 10 ? 0x30 + digit : 0x57 + digit));
  }
}

export function printEnd(): void {}

function put(byte: u8): void {
  while ((at(Base.Uart + Uart.LineStatus, Register).value & LineStatus.TransmitterHoldingEmpty) === 0);
  at(Base.Uart + Uart.Data, Register).value = byte;
}

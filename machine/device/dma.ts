/**
 * Direct memory access: how a device reads and writes RAM, through the guard.
 *
 * A transfer that is refused, or does not lie in RAM, moves nothing and says so.
 */
import { DmaAccess } from "../board/dma-guard.ts";
import { Base } from "../board/memory-map.ts";
import type { Ram } from "../ram.ts";
import type { DmaGuard } from "./dma-guard.ts";

export class Dma {
  readonly #ram: Ram;
  readonly #guard: DmaGuard | null;
  readonly #line: number;
  readonly #onWrite: (offset: number, lengthBytes: number) => void;

  /** For the device on one interrupt line. `onWrite` hears of every write, by offset in RAM. */
  constructor(ram: Ram, guard: DmaGuard | null, line: number, onWrite: (offset: number, lengthBytes: number) => void) {
    this.#ram = ram;
    this.#guard = guard;
    this.#line = line;
    this.#onWrite = onWrite;
  }

  /** The bytes at a bus address, a view to be used at once; null if refused. */
  read(address: number, lengthBytes: number): Uint8Array | null {
    if (!this.permits(address, lengthBytes, DmaAccess.DeviceReads)) return null;
    return this.#ram.bytes.subarray(address - Base.Ram, address - Base.Ram + lengthBytes);
  }

  /** A little-endian number of 2 or 4 bytes; null if refused. */
  readNumber(address: number, widthBytes: 2 | 4): number | null {
    const bytes = this.read(address, widthBytes);
    if (bytes === null) return null;
    return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** Whether the bytes could be written, and were. */
  write(address: number, bytes: Uint8Array): boolean {
    if (!this.permits(address, bytes.length, DmaAccess.DeviceWrites)) return false;
    this.#ram.write(address - Base.Ram, bytes);
    this.#onWrite(address - Base.Ram, bytes.length);
    return true;
  }

  writeNumber(address: number, widthBytes: 1 | 2 | 4, value: number): boolean {
    return this.write(
      address,
      Uint8Array.from({ length: widthBytes }, (_, index) => value >>> (8 * index)),
    );
  }

  permits(address: number, lengthBytes: number, access: DmaAccess): boolean {
    if (!this.#ram.contains(address, lengthBytes)) return false;
    return this.#guard?.permits(this.#line, address, lengthBytes, access) ?? true;
  }
}

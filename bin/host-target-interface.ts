/**
 * HTIF, as far as programs written for the Spike simulator use it, conformance suites above all: they end, print, and
 * call the host through 64 bits of memory named `tohost`, and are answered in `fromhost`. (riscv-isa-sim, fesvr.)
 *
 * Begin with `answer`, called whenever one of the two words was written. The top byte of the 64 bits is a device, the
 * next a command: `#obey` says which exist.
 */
import { type Elf, symbolAddress } from "../machine/elf.ts";
import { type Machine, MachineError } from "../machine/machine.ts";

const WORD_BYTES = 4;
/** No program needs as long from one half of `tohost` to the other. */
const HALVES_APART_CYCLES = 1000;
/** Device and command, as the upper half says them. */
const enum Request {
  /** The lower half is the end, or where a system call's arguments are. */
  Program = 0x0000,
  ConsoleRead = 0x0100,
  ConsoleWrite = 0x0101,
}
/** The proxy's system calls: which, and three arguments, 64 bits each; the result replaces the first. */
const CALL_BYTES = 4 * 8;
const CALL_WRITE = 64;
const NO_SUCH_CALL = -38n;
/** Statuses of tests have seven bits. */
const STATUS_MAXIMUM = 125;

export class HostTargetInterface {
  readonly #machine: Machine;
  readonly #print: (bytes: Uint8Array) => void;
  readonly #tohost: number;
  readonly #fromhost: number | undefined;
  /** Whether `tohost` has an upper half. */
  readonly #isWide: boolean;

  /** Null where the program has no `tohost`. Throws a MachineError where that is not in RAM. */
  static of(machine: Machine, elf: Elf, print: (bytes: Uint8Array) => void): HostTargetInterface | null {
    const tohost = symbolAddress(elf, "tohost");
    return tohost === undefined ? null : new HostTargetInterface(machine, elf, tohost, print);
  }

  private constructor(machine: Machine, elf: Elf, tohost: number, print: (bytes: Uint8Array) => void) {
    this.#machine = machine;
    this.#print = print;
    this.#tohost = tohost;
    this.#fromhost = symbolAddress(elf, "fromhost");
    const isOneWord = elf.symbols.some(({ name, sizeBytes }) => name === "tohost" && sizeBytes === WORD_BYTES);
    this.#isWide = !isOneWord && !elf.symbols.some(({ address }) => address === tohost + WORD_BYTES);
    machine.watch(tohost);
    if (this.#isWide) machine.watch(tohost + WORD_BYTES);
  }

  /** The machine has stopped because a word was written. Gives the status with which the program ends; null to go on. */
  answer(): number | null {
    const isCleared = this.#word(0) === 0 && (!this.#isWide || this.#word(WORD_BYTES) === 0);
    if (isCleared) return null;
    // The other half follows, in either order; or the same again, or nothing, where the program writes one only.
    if (this.#isWide) this.#machine.run(this.#machine.cycle + HALVES_APART_CYCLES);
    return this.#obey(this.#isWide ? this.#word(WORD_BYTES) : 0, this.#word(0));
  }

  #obey(high: number, low: number): number | null {
    switch (high >>> 16) {
      case Request.ConsoleWrite:
        this.#print(Uint8Array.of(low));
        this.#finish();
        return null;
      case Request.ConsoleRead: // there is never anything to read: what is typed goes to the serial port
        this.#finish();
        return null;
      case Request.Program:
        if ((low & 1) === 0 && this.#call(low)) return null;
    }
    return low === 1 ? 0 : Math.min(Math.max(low >>> 1, 1), STATUS_MAXIMUM);
  }

  /** Carries out a system call; false if there is none at that address. */
  #call(address: number): boolean {
    const call = this.#read(address, CALL_BYTES);
    if (call === null) return false;
    const [which, , text, lengthBytes] = Array.from(new BigUint64Array(call.buffer), Number);
    const bytes = which === CALL_WRITE ? this.#read(text!, lengthBytes!) : null;
    if (bytes !== null) this.#print(bytes);
    const result = bytes === null ? NO_SUCH_CALL : BigInt(bytes.length);
    this.#machine.writePhysical(address, new Uint8Array(BigInt64Array.of(result).buffer));
    this.#finish();
    if (this.#fromhost !== undefined) this.#machine.writePhysical(this.#fromhost, Uint8Array.of(1));
    return true;
  }

  /** Tells the program that its request was heard. */
  #finish(): void {
    this.#machine.writePhysical(this.#tohost, new Uint8Array(this.#isWide ? 2 * WORD_BYTES : WORD_BYTES));
  }

  #read(address: number, lengthBytes: number): Uint8Array | null {
    try {
      return this.#machine.readPhysical(address, lengthBytes);
    } catch (error) {
      if (error instanceof MachineError) return null;
      throw error;
    }
  }

  #word(offset: number): number {
    return new DataView(this.#machine.readPhysical(this.#tohost + offset, WORD_BYTES).buffer).getUint32(0, true);
  }
}

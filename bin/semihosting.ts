/**
 * Semihosting, as far as programs without an operating system use it: they print, read what is typed, ask for the time
 * and end by calls to the host (RISC-V Semihosting 1.0; the calls are those of Arm's Semihosting 3.0).
 *
 * A call is an `ebreak` between two instructions that do nothing, with its number in a0 and its argument in a1. The
 * machine stops before each that the executable holds; begin with `answer`. There are no files but the console: what a
 * program computes depends on nothing but its input.
 */
import { CYCLES_PER_SECOND } from "../machine/board/memory-map.ts";
import type { Elf } from "../machine/elf.ts";
import { type Machine, MachineError } from "../machine/machine.ts";

/** `slli x0, x0, 0x1f; ebreak; srai x0, x0, 7`, none of them compressed. */
const CALL = Uint8Array.from([0x13, 0x10, 0xf0, 0x01, 0x73, 0x00, 0x10, 0x00, 0x13, 0x50, 0x70, 0x40]);
const EBREAK_OFFSET_BYTES = 4;
const WORD_BYTES = 4;
const PAGE_BYTES = 4096;
const A0 = 10;
const A1 = 11;

/** Arm's names, without SYS_. */
const enum Call {
  Open = 0x01,
  Close = 0x02,
  WriteCharacter = 0x03,
  WriteString = 0x04,
  Write = 0x05,
  Read = 0x06,
  ReadCharacter = 0x07,
  IsError = 0x08,
  IsTerminal = 0x09,
  Seek = 0x0a,
  Length = 0x0c,
  Clock = 0x10,
  Time = 0x11,
  ErrorNumber = 0x13,
  CommandLine = 0x15,
  HeapInformation = 0x16,
  Exit = 0x18,
  ExitExtended = 0x20,
  Elapsed = 0x30,
  TickFrequency = 0x31,
}

/** What `open` gives for the console's name, by its mode: to read, to write, to append (which is standard error). */
const CONSOLE = ":tt";
const HANDLES = [1, 2, 3] as const;
const MODES_PER_HANDLE = 4;
/** A file that says what there is beside the first calls: an end with a status, and standard error. */
const FEATURES = ":semihosting-features";
const FEATURES_HANDLE = 4;
const FEATURES_CONTENT = Uint8Array.from([0x53, 0x48, 0x46, 0x42, 0b11]);
const FAILED = -1;
const NO_SUCH_FILE = 2;
const BAD_ADDRESS = 14;
/** The reason of an end that is none of the failures: the program is done. */
const APPLICATION_EXIT = 0x2_0026;

/** Nothing was typed yet: the same call is made again. */
const LATER = Symbol("later");
type Result = number | typeof LATER | { readonly status: number };

export class Semihosting {
  readonly #machine: Machine;
  readonly #print: (bytes: Uint8Array) => void;
  readonly #commandLine: string;
  /** Says when nothing will be typed any more. */
  readonly #input: { readonly ended: boolean };
  readonly #typed: number[] = [];
  #featuresPosition = 0;
  #errorNumber = 0;
  /** A call waits for input: to run on means to make it again. */
  awaitsInput = false;

  /** Prepares the machine to stop at the calls of an executable. */
  constructor(
    machine: Machine,
    elf: Elf,
    commandLine: string,
    input: { readonly ended: boolean },
    print: (bytes: Uint8Array) => void,
  ) {
    this.#machine = machine;
    this.#commandLine = commandLine;
    this.#input = input;
    this.#print = print;
    for (const { address, bytes } of elf.segments) {
      for (const offset of callsIn(bytes)) machine.addBreakpoint({ physical: address + offset + EBREAK_OFFSET_BYTES });
    }
  }

  /** What a call to read gets. */
  type(text: string): void {
    this.#typed.push(...new TextEncoder().encode(text));
  }

  /** The machine has stopped before a call. Gives the status with which the program ends; null to go on. */
  answer(): number | null {
    const { hart } = this.#machine;
    const result = this.#carryOut(hart.readRegister(A0), hart.readRegister(A1));
    if (typeof result === "object") return result.status;
    this.awaitsInput = result === LATER;
    if (result !== LATER) hart.writeRegister(A0, result);
    hart.writePc(hart.readPc() + (result === LATER ? 0 : WORD_BYTES));
    return null;
  }

  #carryOut(call: number, argument: number): Result {
    try {
      return this.#obey(call, argument);
    } catch (error) {
      if (error instanceof MachineError) return this.#fail(BAD_ADDRESS);
      throw error;
    }
  }

  #obey(call: number, argument: number): Result {
    const { cycle, configuration } = this.#machine;
    switch (call) {
      case Call.Open:
        return this.#open(argument);
      case Call.WriteCharacter:
        return this.#write(argument, 1);
      case Call.WriteString:
        return this.#write(argument, this.#stringLength(argument));
      case Call.Write:
        return this.#write(this.#word(argument, 1), this.#word(argument, 2));
      case Call.Read:
        return this.#read(this.#word(argument, 0), this.#word(argument, 1), this.#word(argument, 2));
      case Call.ReadCharacter:
        return this.#typed.shift() ?? LATER; // this call knows no end of what is typed
      case Call.IsError:
        return (this.#word(argument, 0) | 0) < 0 ? 1 : 0;
      case Call.IsTerminal:
        return this.#word(argument, 0) === FEATURES_HANDLE ? 0 : 1;
      case Call.Seek:
        this.#featuresPosition = this.#word(argument, 1);
        return 0;
      case Call.Close:
        return 0;
      case Call.Length:
        return this.#word(argument, 0) === FEATURES_HANDLE ? FEATURES_CONTENT.length : 0;
      case Call.Clock:
        return Math.floor((cycle * 100) / CYCLES_PER_SECOND);
      case Call.Time:
        return configuration.rtcStartSeconds + Math.floor(cycle / CYCLES_PER_SECOND);
      case Call.ErrorNumber:
        return this.#errorNumber;
      case Call.CommandLine:
        return this.#tellCommandLine(argument);
      case Call.HeapInformation: // unknown: the program is to know its own
        this.#store(this.#word(argument, 0), new Uint8Array(4 * WORD_BYTES));
        return 0;
      case Call.Exit:
        return { status: argument === APPLICATION_EXIT ? 0 : 1 };
      case Call.ExitExtended:
        return { status: this.#word(argument, 0) === APPLICATION_EXIT ? this.#word(argument, 1) & 0xff : 1 };
      case Call.Elapsed:
        this.#store(argument, new Uint8Array(BigUint64Array.of(BigInt(cycle)).buffer));
        return 0;
      case Call.TickFrequency:
        return CYCLES_PER_SECOND;
      default:
        return FAILED;
    }
  }

  #open(block: number): number {
    const name = new TextDecoder().decode(this.#load(this.#word(block, 0), this.#word(block, 2)));
    if (name === FEATURES) {
      this.#featuresPosition = 0;
      return FEATURES_HANDLE;
    }
    const handle = HANDLES[Math.floor(this.#word(block, 1) / MODES_PER_HANDLE)];
    return name === CONSOLE && handle !== undefined ? handle : this.#fail(NO_SUCH_FILE);
  }

  /** Gives how many bytes were not written: none. */
  #write(address: number, lengthBytes: number): number {
    this.#print(this.#load(address, lengthBytes));
    return 0;
  }

  /** Gives how many of the bytes that were wanted did not come: all, where nothing ever will. */
  #read(handle: number, address: number, lengthBytes: number): number | typeof LATER {
    const isTyped = handle !== FEATURES_HANDLE;
    if (isTyped && this.#typed.length === 0) return this.#input.ended ? lengthBytes : LATER;
    const bytes = isTyped
      ? Uint8Array.from(this.#typed.slice(0, lengthBytes))
      : FEATURES_CONTENT.slice(this.#featuresPosition, this.#featuresPosition + lengthBytes);
    this.#store(address, bytes);
    if (isTyped) this.#typed.splice(0, bytes.length);
    else this.#featuresPosition += bytes.length;
    return lengthBytes - bytes.length;
  }

  /** A buffer and its length: the text goes there, with a zero behind it, and its length replaces the buffer's. */
  #tellCommandLine(block: number): number {
    const text = new TextEncoder().encode(`${this.#commandLine}\0`);
    if (text.length > this.#word(block, 1)) return FAILED;
    this.#store(this.#word(block, 0), text);
    this.#store(block + WORD_BYTES, new Uint8Array(Uint32Array.of(text.length - 1).buffer));
    return 0;
  }

  #fail(errorNumber: number): number {
    this.#errorNumber = errorNumber;
    return FAILED;
  }

  #stringLength(address: number): number {
    for (let length = 0; ; length++) if (this.#load(address + length, 1)[0] === 0) return length;
  }

  #word(block: number, index: number): number {
    return new DataView(this.#load(block + index * WORD_BYTES, WORD_BYTES).buffer).getUint32(0, true);
  }

  /** A MachineError where the program could not read there itself, or where no RAM is. */
  #load(address: number, lengthBytes: number): Uint8Array {
    const parts = this.#parts(address, lengthBytes, "load");
    return Uint8Array.from(parts.flatMap(({ bus, bytes }) => Array.from(this.#machine.readPhysical(bus, bytes))));
  }

  #store(address: number, content: Uint8Array): void {
    let done = 0;
    for (const { bus, bytes } of this.#parts(address, content.length, "store")) {
      this.#machine.writePhysical(bus, content.subarray(done, done + bytes));
      done += bytes;
    }
  }

  /** Where the program's bytes are, page by page. */
  #parts(address: number, lengthBytes: number, access: "load" | "store"): { bus: number; bytes: number }[] {
    const machine = this.#machine;
    const parts = [];
    for (let at = address; at < address + lengthBytes; ) {
      const bytes = Math.min(address + lengthBytes - at, PAGE_BYTES - (at % PAGE_BYTES));
      const bus = machine.translate(at, access, undefined, machine.hart.readMode());
      if (bus === null) throw new MachineError(`nothing is mapped at 0x${at.toString(16)}`);
      parts.push({ bus, bytes });
      at += bytes;
    }
    return parts;
  }
}

/** Where calls stand: instructions are at even addresses. */
function* callsIn(code: Uint8Array): Generator<number> {
  for (let offset = 0; offset + CALL.length <= code.length; offset += 2) {
    if (CALL.every((byte, index) => code[offset + index] === byte)) yield offset;
  }
}

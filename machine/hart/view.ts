/** The processor's registers, for the host: what a debugger shows and sets. */
import type { Mode } from "../isa/registers.ts";
import { ADDRESS_MASK } from "./csr.ts";
import type { Hart } from "./hart.ts";

export class HartView {
  readonly #hart: Hart;
  /** Hears of every write. */
  readonly #changed: () => void;

  constructor(hart: Hart, changed: () => void) {
    this.#hart = hart;
    this.#changed = changed;
  }

  /** x0 to x31, unsigned. */
  readRegister(register: number): number {
    return this.#hart.state.x[register]! >>> 0;
  }

  /** x1 to x31; x0 stays zero. */
  writeRegister(register: number, value: number): void {
    if (register !== 0) this.#hart.state.x[register] = value;
    this.#changed();
  }

  /** The virtual address of the next instruction. */
  readPc(): number {
    return this.#hart.state.pc >>> 0;
  }

  /** An instruction's address is even (Unprivileged, section 1.5): bit 0 is dropped. */
  writePc(pc: number): void {
    this.#hart.state.pc = pc & ADDRESS_MASK;
    this.#hart.markedOffset = null;
    this.#changed();
  }

  /** 0 user, 1 supervisor, 3 machine. */
  readMode(): Mode {
    return this.#hart.state.mode;
  }

  writeMode(mode: Mode): void {
    this.#hart.state.mode = mode;
    this.#changed();
  }

  /** A control and status register by number, unsigned, whatever the mode; undefined if there is none. */
  readCsr(csr: number): number | undefined {
    const value = this.#hart.registers.read(csr);
    return value === undefined ? undefined : value >>> 0;
  }

  /** Writes what is writable of a control and status register, whatever the mode; nothing if there is none. */
  writeCsr(csr: number, value: number): void {
    this.#hart.registers.write(csr, value);
    this.#hart.forgetEverything();
    this.#changed();
  }

  /** Whether it sleeps in `wfi`. */
  isWaiting(): boolean {
    return this.#hart.state.waiting;
  }
}

/**
 * Where the host wants to stop: before an instruction, or after a write.
 *
 * These belong to the host, not to the machine: they change no count, no cost and no hash, and no snapshot holds them.
 * A breakpoint is a mark in the cache of decoded instructions, so it costs nothing until it is reached.
 */
import { Base } from "./board/memory-map.ts";
import type { Hart } from "./hart/hart.ts";
import { Mode } from "./isa/registers.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "./state/pages.ts";

/**
 * Before the instruction at a bus address, whoever runs it; or at a virtual address of one address space (the value of
 * satp).
 */
export type Breakpoint = { readonly physical: number } | { readonly virtual: number; readonly satp: number };

export class Breakpoints {
  readonly #hart: Hart;
  #breakpoints: Breakpoint[] = [];
  /** Bus addresses of words. */
  readonly #watched = new Set<number>();
  #written: number | null = null;

  constructor(hart: Hart) {
    this.#hart = hart;
    hart.onEnterPage = (ramPage) => this.#armPage(ramPage);
  }

  add(breakpoint: Breakpoint): void {
    this.#breakpoints.push(breakpoint);
    if ("physical" in breakpoint) this.#hart.addBreakpoint(breakpoint.physical - Base.Ram);
    else this.#hart.forgetEverything(); // so that its page is entered anew, and armed
  }

  clear(): void {
    this.#breakpoints = [];
    this.#hart.removeBreakpoints();
    this.#hart.markedOffset = null;
  }

  /** Whether the host wanted to stop where the hart stands, at the marked instruction at this offset of RAM. */
  shouldStop(ramOffset: number): boolean {
    const { pc, satp, mode } = this.#hart.state;
    return this.#breakpoints.some((breakpoint) => {
      if ("physical" in breakpoint) return breakpoint.physical - Base.Ram === ramOffset;
      return mode !== Mode.Machine && (breakpoint.virtual | 0) === pc && (breakpoint.satp | 0) === satp;
    });
  }

  /** The hart was moved to another place or time. */
  forgetStop(): void {
    this.#hart.markedOffset = null;
    this.#written = null;
  }

  watch(address: number): void {
    this.#watched.add(address);
    this.#hart.watchPage((address - Base.Ram) >> PAGE_SHIFT);
  }

  clearWatches(): void {
    this.#watched.clear(); // pages stay flagged, which costs a little time and no more
  }

  /** A watched page was written to. */
  wrote(ramOffset: number, lengthBytes: number): void {
    const first = (ramOffset & ~3) + Base.Ram;
    for (let address = first; address < Base.Ram + ramOffset + lengthBytes; address += 4) {
      if (!this.#watched.has(address)) continue;
      this.#written = address;
      this.#hart.state.leaveHart();
    }
  }

  /** The watched word that was written since last asked; null if none was. */
  takeWritten(): number | null {
    const written = this.#written;
    this.#written = null;
    return written;
  }

  #armPage(ramPage: number): void {
    const { pc, satp, mode } = this.#hart.state;
    if (mode === Mode.Machine) return;
    for (const breakpoint of this.#breakpoints) {
      if (
        !("virtual" in breakpoint) ||
        (breakpoint.satp | 0) !== satp ||
        (breakpoint.virtual ^ pc) >>> PAGE_SHIFT !== 0
      )
        continue;
      this.#hart.addBreakpoint((ramPage << PAGE_SHIFT) + (breakpoint.virtual & (PAGE_BYTES - 1)));
    }
  }
}

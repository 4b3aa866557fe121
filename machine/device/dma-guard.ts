/**
 * The DMA guard: which parts of RAM a device may touch, as the kernel has opened them (registers: board/dma-guard.ts).
 *
 * Until it is told to enforce, everything is allowed, as on a board without it.
 */
import { DMA_WINDOWS, DmaWindow, DmaGuard as Register } from "../board/dma-guard.ts";
import { type Device, NO_ANSWER } from "../bus.ts";
import type { Width } from "../isa/meaning.ts";
import type { Archive } from "../state/archive.ts";

const WORDS_PER_WINDOW = Register.WindowStride / 4;
const BaseWord = DmaWindow.Base / 4;
const BytesWord = DmaWindow.Bytes / 4;
const DeviceWord = DmaWindow.Device / 4;
const AccessWord = DmaWindow.Access / 4;

export class DmaGuard implements Device {
  readonly nextEventCycle = Number.POSITIVE_INFINITY;
  #isEnforcing = false;
  #violations = 0;
  /** The windows' registers, one after the other. */
  readonly #windows = new Int32Array(DMA_WINDOWS * WORDS_PER_WINDOW);

  /** Whether the device on this interrupt line may do this to these bytes; if not, that is a violation. */
  permits(line: number, address: number, lengthBytes: number, access: number): boolean {
    if (!this.#isEnforcing || this.#isCovered(line, address, lengthBytes, access)) return true;
    this.#violations += 1;
    return false;
  }

  read(offset: number, width: Width): number {
    if (width !== 4) return NO_ANSWER;
    switch (offset) {
      case Register.Control:
        return this.#isEnforcing ? 1 : 0;
      case Register.Windows:
        return DMA_WINDOWS;
      case Register.Violations:
        return this.#violations;
      default: {
        const word = wordOf(offset);
        return word === null ? 0 : this.#windows[word]! >>> 0;
      }
    }
  }

  write(offset: number, width: Width, value: number): boolean {
    if (width !== 4) return false;
    const word = wordOf(offset);
    if (offset === Register.Control) this.#isEnforcing = (value & 1) !== 0;
    else if (word !== null) this.#windows[word] = value;
    return true;
  }

  advance(): void {}

  reset(): void {
    this.#isEnforcing = false;
    this.#violations = 0;
    this.#windows.fill(0);
  }

  exchange(archive: Archive): void {
    this.#isEnforcing = archive.boolean(this.#isEnforcing);
    this.#violations = archive.number(this.#violations);
    archive.words(this.#windows);
  }

  /** One window must cover the transfer whole. */
  #isCovered(line: number, address: number, lengthBytes: number, access: number): boolean {
    for (let first = 0; first < this.#windows.length; first += WORDS_PER_WINDOW) {
      const base = this.#windows[first + BaseWord]! >>> 0;
      const sizeBytes = this.#windows[first + BytesWord]! >>> 0;
      const isRightDevice = this.#windows[first + DeviceWord] === line;
      const isRightAccess = (this.#windows[first + AccessWord]! & access) === access;
      const isInside = address >= base && address + lengthBytes <= base + sizeBytes;
      if (isRightDevice && isRightAccess && isInside) return true;
    }
    return false;
  }
}

/** The index into the windows' registers; null before the first and after the last. */
function wordOf(offset: number): number | null {
  const word = (offset - Register.Window) >> 2;
  return word >= 0 && word < DMA_WINDOWS * WORDS_PER_WINDOW ? word : null;
}

/**
 * Physical memory protection: sixteen entries, the lowest-numbered match decides (Privileged Specification, section
 * 3.7).
 *
 * Begin with `allows`. Whole pages are asked about with `allowsPage`, so that a page which no entry cuts through
 * is checked once and then kept in a translation cache.
 */
import { Mode, PMP_ENTRIES } from "../isa/registers.ts";
import type { Archive, Archived } from "../state/archive.ts";
import { PAGE_BYTES } from "../state/pages.ts";

/** Bits of a pmpcfg byte. An access is one of the first three. */
export const enum PmpBit {
  Read = 1 << 0,
  Write = 1 << 1,
  Execute = 1 << 2,
  MatchShift = 3,
  Locked = 1 << 7,
}

/** What PMP says of a whole page. */
export const enum PagePermission {
  Never,
  Always,
  InParts,
}

const enum Match {
  Off = 0,
  TopOfRange = 1,
  Word = 2,
  PowerOfTwo = 3,
}

const CONFIGURATION_MASK = 0x9f;
const ALL = PmpBit.Read | PmpBit.Write | PmpBit.Execute;

interface Region {
  /** Bus addresses, up to 2^34: the end is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly configuration: number;
}

export class Pmp implements Archived {
  readonly #configurations = new Uint8Array(PMP_ENTRIES);
  /** pmpaddr: address bits 33–2. */
  readonly #addresses = new Int32Array(PMP_ENTRIES);
  #regions: Region[] = [];
  /** How often the entries became others. */
  changes = 0;

  /** Whether an access of `mode` may touch these bytes; `access` is a bit of R, W, X. */
  allows(address: number, lengthBytes: number, access: number, mode: Mode): boolean {
    for (const region of this.#regions) {
      if (address + lengthBytes <= region.start || address >= region.end) continue;
      const partial = address < region.start || address + lengthBytes > region.end;
      return !partial && (permissions(region, mode) & access) !== 0;
    }
    return mode === Mode.Machine;
  }

  /** Whether all of a page is alike for an access; where it is not, `allows` must be asked each time. */
  allowsPage(pageAddress: number, access: number, mode: Mode): PagePermission {
    for (const region of this.#regions) {
      if (pageAddress + PAGE_BYTES <= region.start || pageAddress >= region.end) continue;
      if (pageAddress < region.start || pageAddress + PAGE_BYTES > region.end) return PagePermission.InParts;
      return permissions(region, mode) & access ? PagePermission.Always : PagePermission.Never;
    }
    return mode === Mode.Machine ? PagePermission.Always : PagePermission.Never;
  }

  /** Whether anything is forbidden to M-mode, or might be: an entry is locked. */
  get bindsMachine(): boolean {
    return this.#regions.some(({ configuration }) => (configuration & PmpBit.Locked) !== 0);
  }

  readConfiguration(register: number): number {
    const first = register * 4;
    return (
      this.#configurations[first]! |
      (this.#configurations[first + 1]! << 8) |
      (this.#configurations[first + 2]! << 16) |
      (this.#configurations[first + 3]! << 24)
    );
  }

  /**
   * Writes pmpcfg0 to pmpcfg3. Locked bytes keep their value. R, W and X are one field (section 3.7.1): of the reserved
   * W without R nothing is permitted.
   */
  writeConfiguration(register: number, value: number): void {
    for (let i = 0; i < 4; i++) {
      const entry = register * 4 + i;
      if (this.#isLocked(entry)) continue;
      const wanted = (value >> (8 * i)) & CONFIGURATION_MASK;
      const isReserved = (wanted & (PmpBit.Read | PmpBit.Write)) === PmpBit.Write;
      this.#configurations[entry] = isReserved ? wanted & ~ALL : wanted;
    }
    this.#rebuild();
  }

  readAddress(entry: number): number {
    return this.#addresses[entry]!;
  }

  /**
   * Writes pmpaddr0 to pmpaddr15, unless locked, or the base of a locked range (section 3.7.1, "Locking and Privilege
   * Mode").
   */
  writeAddress(entry: number, value: number): void {
    const next = entry + 1;
    const isBaseOfLocked = next < PMP_ENTRIES && this.#isLocked(next) && this.#matchOf(next) === Match.TopOfRange;
    if (this.#isLocked(entry) || isBaseOfLocked) return;
    this.#addresses[entry] = value;
    this.#rebuild();
  }

  exchange(archive: Archive): void {
    const configurations = this.#configurations.slice();
    const addresses = this.#addresses.slice();
    archive.words(this.#configurations);
    archive.words(this.#addresses);
    const isSame =
      configurations.every((byte, entry) => byte === this.#configurations[entry]) &&
      addresses.every((word, entry) => word === this.#addresses[entry]);
    if (!isSame) this.#rebuild();
  }

  #isLocked(entry: number): boolean {
    return (this.#configurations[entry]! & PmpBit.Locked) !== 0;
  }

  #matchOf(entry: number): Match {
    return (this.#configurations[entry]! >> PmpBit.MatchShift) & 3;
  }

  #rebuild(): void {
    this.changes += 1;
    this.#regions = [];
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      const region = this.#region(entry);
      if (region !== null && region.start < region.end) this.#regions.push(region);
    }
  }

  #region(entry: number): Region | null {
    const configuration = this.#configurations[entry]!;
    const address = this.#addresses[entry]! >>> 0;
    const start = address * 4;
    switch (this.#matchOf(entry)) {
      case Match.Off:
        return null;
      case Match.TopOfRange: {
        const bottom = entry === 0 ? 0 : (this.#addresses[entry - 1]! >>> 0) * 4;
        return { start: bottom, end: start, configuration };
      }
      case Match.Word:
        return { start, end: start + 4, configuration };
      case Match.PowerOfTwo: {
        // The trailing ones of the address say the size (table 3.10).
        const ones = address === 0xffff_ffff ? 32 : 31 - Math.clz32(~address & (address + 1));
        const sizeBytes = 2 ** (ones + 3);
        const base = Math.floor(start / sizeBytes) * sizeBytes;
        return { start: base, end: base + sizeBytes, configuration };
      }
    }
  }
}

/** Machine mode is bound by locked entries only. */
function permissions(region: Region, mode: Mode): number {
  if (mode === Mode.Machine && (region.configuration & PmpBit.Locked) === 0) return ALL;
  return region.configuration & ALL;
}

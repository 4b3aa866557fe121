/**
 * From a virtual address to a bus address: Sv32 with hardware-set accessed and dirty bits (Privileged Specification,
 * section 4.3), then PMP.
 *
 * `translate` does what section 4.3.2 says, step by step, at every call; that it is not called at every access is the
 * business of translation-cache.ts. Walks take no time.
 */
import { Base } from "../board/memory-map.ts";
import { Cause, Mode, Pte, Satp, Status } from "../isa/registers.ts";
import { PageFlag, type Ram } from "../ram.ts";
import { PAGE_SHIFT } from "../state/pages.ts";
import { PmpBit } from "./pmp.ts";
import type { HartState } from "./state.ts";

export const enum Access {
  Fetch = 0,
  Load = 1,
  Store = 2,
}

const PAGE_FAULT = [Cause.FetchPage, Cause.LoadPage, Cause.StorePage] as const;
const ACCESS_FAULT = [Cause.FetchAccess, Cause.LoadAccess, Cause.StoreAccess] as const;
/** What PMP calls an access. */
export const PMP_BIT = [PmpBit.Execute, PmpBit.Read, PmpBit.Write] as const;
const PTE_BYTES = 4;
/** Bits that a pointer to the next table must not have (section 4.3.1, and step 3 of 4.3.2). */
const NON_LEAF_RESERVED = Pte.User | Pte.Accessed | Pte.Dirty;
const LEVELS = 2;
const BITS_PER_LEVEL = 10;

/** Not an address: the reason is in `Mmu.fault`. */
export const NO_ADDRESS = -1;

export class Mmu {
  /** Why the last translation failed. */
  fault: Cause = Cause.LoadPage;
  readonly #state: HartState;
  readonly #ram: Ram;
  /** Hears which pages of RAM a walk has read. */
  readonly #onWalk: (page: number, access: Access) => void;
  /** Hears in which a walk has set bits. */
  readonly #onMark: (page: number) => void;

  constructor(
    state: HartState,
    ram: Ram,
    onWalk: (page: number, access: Access) => void,
    onMark: (page: number) => void,
  ) {
    this.#onMark = onMark;
    this.#state = state;
    this.#ram = ram;
    this.#onWalk = onWalk;
  }

  /** The bus address of `lengthBytes` bytes, which lie within a page, or `NO_ADDRESS`. Sets accessed and dirty bits. */
  translate(address: number, lengthBytes: number, access: Access): number {
    const mode = access === Access.Fetch ? this.#state.mode : this.#state.dataMode;
    const isTranslated = mode !== Mode.Machine && (this.#state.satp & Satp.Sv32) !== 0;
    const bus = isTranslated ? this.#walk(address, access, mode, true) : address >>> 0;
    if (bus === NO_ADDRESS) return NO_ADDRESS;
    if (!this.#state.pmp.allows(bus, lengthBytes, PMP_BIT[access], mode)) return this.#fail(ACCESS_FAULT[access]);
    return bus;
  }

  /**
   * Where an address space maps an address, for the host: changes nothing. `NO_ADDRESS` where `mode` may not do that
   * there.
   */
  inspect(address: number, access: Access, mode: Mode, satp: number): number {
    const { satp: before } = this.#state;
    this.#state.satp = satp;
    const bus =
      (satp & Satp.Sv32) !== 0 && mode !== Mode.Machine ? this.#walk(address, access, mode, false) : address >>> 0;
    this.#state.satp = before;
    return bus;
  }

  #walk(address: number, access: Access, mode: Mode, isReal: boolean): number {
    let table = (this.#state.satp & Satp.RootMask) * (1 << PAGE_SHIFT);
    for (let level = LEVELS - 1; level >= 0; level--) {
      const index = (address >>> (PAGE_SHIFT + level * BITS_PER_LEVEL)) & ((1 << BITS_PER_LEVEL) - 1);
      const entryAddress = table + index * PTE_BYTES;
      if (!this.#mayWalk(entryAddress, PmpBit.Read, isReal)) return this.#fail(ACCESS_FAULT[access]);
      const entryOffset = entryAddress - Base.Ram;
      if (isReal) this.#onWalk(entryOffset >> PAGE_SHIFT, access);
      const entry = this.#ram.words[entryOffset >> 2]!;
      if (!(entry & Pte.Valid) || (entry & (Pte.Read | Pte.Write)) === Pte.Write) return this.#fail(PAGE_FAULT[access]);
      const frame = (entry >>> Pte.FrameShift) * (1 << PAGE_SHIFT);
      if (entry & (Pte.Read | Pte.Execute)) {
        const pageMask = (1 << (PAGE_SHIFT + level * BITS_PER_LEVEL)) - 1;
        const isMisaligned = level > 0 && ((entry >>> Pte.FrameShift) & ((1 << BITS_PER_LEVEL) - 1)) !== 0;
        if (!this.#permits(entry, access, mode) || isMisaligned) return this.#fail(PAGE_FAULT[access]);
        if (isReal && !this.#mark(entryOffset, entry, access)) return this.#fail(ACCESS_FAULT[access]);
        return frame + (address & pageMask);
      }
      if (entry & NON_LEAF_RESERVED) return this.#fail(PAGE_FAULT[access]);
      table = frame;
    }
    return this.#fail(PAGE_FAULT[access]);
  }

  /** Steps 5 and 6: R, W, X and U against mode, SUM and MXR. */
  #permits(entry: number, access: Access, mode: Mode): boolean {
    const { mstatus } = this.#state;
    if (mode === Mode.User && !(entry & Pte.User)) return false;
    if (mode === Mode.Supervisor && entry & Pte.User && (access === Access.Fetch || !(mstatus & Status.Sum)))
      return false;
    switch (access) {
      case Access.Fetch:
        return (entry & Pte.Execute) !== 0;
      case Access.Load:
        return (entry & Pte.Read) !== 0 || (entry & Pte.Execute && mstatus & Status.Mxr) !== 0;
      case Access.Store:
        return (entry & Pte.Write) !== 0;
    }
  }

  /** Step 7: the entry's accessed bit, and for stores its dirty bit. */
  #mark(entryOffset: number, entry: number, access: Access): boolean {
    const marked = entry | Pte.Accessed | (access === Access.Store ? Pte.Dirty : 0);
    if (marked === entry) return true;
    if (!this.#mayWalk(entryOffset + Base.Ram, PmpBit.Write, true)) return false;
    this.#ram.words[entryOffset >> 2] = marked;
    // Setting these bits makes no translation wrong that is kept: a store is kept only once the dirty bit is set.
    this.#ram.wrote(entryOffset, PTE_BYTES, PageFlag.Table);
    this.#onMark(entryOffset >> PAGE_SHIFT);
    return true;
  }

  /** Tables lie in RAM, and are read and written with supervisor rights (section 3.7.2), except by the host. */
  #mayWalk(entryAddress: number, access: PmpBit, isReal: boolean): boolean {
    if (!this.#ram.contains(entryAddress, PTE_BYTES)) return false;
    return !isReal || this.#state.pmp.allows(entryAddress, PTE_BYTES, access, Mode.Supervisor);
  }

  #fail(cause: Cause): number {
    this.fault = cause;
    return NO_ADDRESS;
  }
}

/**
 * Loads, stores and atomics the long way: everything that the engines' short way leaves over.
 *
 * First access to a page, misaligned access, devices, protected pages, faults. Where an access faults, the trap has
 * been taken when the method returns, and `state.departed` says so. Addresses are virtual and may be negative (they are
 * 32-bit words).
 */
import { Base } from "../board/memory-map.ts";
import { type Bus, NO_ANSWER, Reading } from "../bus.ts";
import { EventCost } from "../cost.ts";
import type { Width } from "../isa/meaning.ts";
import { Cause, type Mode, Pte } from "../isa/registers.ts";
import { Place } from "../linear-memory.ts";
import { PageFlag, type Ram } from "../ram.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../state/pages.ts";
import { Access, type Mmu, NO_ADDRESS, PMP_BIT } from "./mmu.ts";
import { PagePermission } from "./pmp.ts";
import type { HartState } from "./state.ts";
import { kindOfLoad, SteadyReads, TIMER_PAGES } from "./steady-reads.ts";
import { DATA_WORDS_PER_SET, type TranslationCache } from "./translation-cache.ts";

const WORD_BYTES = 4;

export class DataPath {
  /** Told when the instruction at pc has accessed a device in a way that translated code can, too. */
  onDeviceAccess: () => void = () => {};
  readonly #state: HartState;
  readonly #ram: Ram;
  readonly #bus: Bus;
  readonly #mmu: Mmu;
  readonly #translations: TranslationCache;
  readonly #steadyReads: SteadyReads;

  constructor(state: HartState, ram: Ram, bus: Bus, mmu: Mmu, translations: TranslationCache) {
    this.#state = state;
    this.#ram = ram;
    this.#bus = bus;
    this.#mmu = mmu;
    this.#translations = translations;
    this.#steadyReads = new SteadyReads(ram.memory);
    bus.onChange = () => this.#steadyReads.forget();
  }

  /** Where the present context's translations are kept. */
  get dataSet(): number {
    return (this.#state.dataSet - Place.DataSets) / (4 * DATA_WORDS_PER_SET);
  }

  /** What memory holds at an address, sign- or zero-extended; meaningless if the hart departed. */
  load(address: number, width: Width, signed: boolean): number {
    if ((address & (width - 1)) !== 0) return extend(this.#loadMisaligned(address, width), width, signed);
    const bus = this.#mmu.translate(address, width, Access.Load);
    if (bus === NO_ADDRESS) return this.#trap(this.#mmu.fault, address);
    if (this.#ram.contains(bus, width)) {
      this.#keep(address, bus, Access.Load);
      return extend(this.#ramLoad(bus - Base.Ram, width), width, signed);
    }
    return this.#loadFromDevice(address, bus, width, signed);
  }

  #loadFromDevice(address: number, bus: number, width: Width, signed: boolean): number {
    const answer = this.#bus.read(bus, width);
    if (answer === NO_ANSWER) return this.#trap(Cause.LoadAccess, address);
    const value = extend(answer, width, signed);
    const reading = this.#bus.lastReading;
    if (reading === Reading.Changes) this.#state.leaveHart();
    else {
      const number = this.#keepDevice(address, bus, Access.Load);
      if (number !== null && reading === Reading.Steady)
        this.#steadyReads.keep(number, address, kindOfLoad(width, signed), value);
    }
    this.#state.charge(EventCost.device);
    return value;
  }

  store(address: number, width: Width, value: number): void {
    if ((address & (width - 1)) !== 0) {
      this.#storeMisaligned(address, width, value);
      return;
    }
    const bus = this.#mmu.translate(address, width, Access.Store);
    if (bus === NO_ADDRESS) {
      this.#trap(this.#mmu.fault, address);
    } else if (this.#ram.contains(bus, width)) {
      // What changes a table may have changed what was just found, and has forgotten which tables that went through.
      const isTable = (this.#ram.flags[(bus - Base.Ram) >> PAGE_SHIFT]! & PageFlag.Table) !== 0;
      this.#ramStore(bus - Base.Ram, width, value);
      if (!isTable) this.#keep(address, bus, Access.Store);
    } else {
      const isAnswered = this.#bus.write(bus, width, value);
      this.#state.leaveHart();
      if (!isAnswered) {
        this.#trap(Cause.StoreAccess, address);
        return;
      }
      this.#state.charge(EventCost.device);
      const number = this.#steadyReads.numberOf(bus);
      if (number !== null && number < TIMER_PAGES) this.#keepDevice(address, bus, Access.Store);
    }
  }

  /** The offset in RAM of a word that an AMO is about to read and write; the write is reported already. */
  atomicOffset(address: number): number {
    const offset = this.#wordOffset(address, Access.Store);
    if (!this.#state.departed) this.#ram.wrote(offset, WORD_BYTES);
    return offset;
  }

  /** `lr.w` (Unprivileged Specification, section 8.2). */
  loadReserved(address: number): number {
    const offset = this.#wordOffset(address, Access.Load);
    if (this.#state.departed) return 0;
    const value = this.#ram.words[offset >> 2]!;
    this.#state.reserve(address, offset, value);
    return value;
  }

  /**
   * `sc.w`: 0 if it stored, 1 if not. It fails, as it may, also where the word no longer holds what `lr.w` read,
   * and needs no access where there is no reservation at all: both as on QEMU.
   */
  storeConditional(address: number, value: number): number {
    const state = this.#state;
    if ((address & (WORD_BYTES - 1)) !== 0) return this.#trap(Cause.StoreMisaligned, address);
    const { reservedAddress, reservedOffset, reservedValue } = state;
    if (reservedOffset < 0 || reservedAddress !== address) {
      state.dropReservation();
      return 1;
    }
    const offset = this.#wordOffset(address, Access.Store);
    if (state.departed) return 1;
    state.dropReservation();
    if (offset !== reservedOffset || this.#ram.words[offset >> 2] !== reservedValue) return 1;
    this.#ramStore(offset, WORD_BYTES, value);
    return 0;
  }

  /** Atomics work on aligned words of RAM only; anything else traps. */
  #wordOffset(address: number, access: Access.Load | Access.Store): number {
    const isLoad = access === Access.Load;
    if ((address & (WORD_BYTES - 1)) !== 0)
      return this.#trap(isLoad ? Cause.LoadMisaligned : Cause.StoreMisaligned, address);
    const bus = this.#mmu.translate(address, WORD_BYTES, access);
    if (bus === NO_ADDRESS) return this.#trap(this.#mmu.fault, address);
    if (!this.#ram.contains(bus, WORD_BYTES)) return this.#trap(isLoad ? Cause.LoadAccess : Cause.StoreAccess, address);
    return bus - Base.Ram;
  }

  /**
   * Misaligned accesses complete in RAM and trap elsewhere. Across two pages, both must permit before anything happens.
   */
  #loadMisaligned(address: number, width: Width): number {
    const offsets = this.#byteOffsets(address, width, Access.Load);
    if (offsets === null) return 0;
    this.#state.charge(EventCost.misaligned);
    return offsets.reduce((value, offset, index) => value | (this.#ram.bytes[offset]! << (8 * index)), 0);
  }

  #storeMisaligned(address: number, width: Width, value: number): void {
    const offsets = this.#byteOffsets(address, width, Access.Store);
    if (offsets === null) return;
    this.#state.charge(EventCost.misaligned);
    offsets.forEach((offset, index) => {
      this.#ramStore(offset, 1, value >> (8 * index));
    });
  }

  /** The offset in RAM of each byte; null if the access trapped. */
  #byteOffsets(address: number, width: Width, access: Access.Load | Access.Store): number[] | null {
    const toPageEnd = PAGE_BYTES - (address & (PAGE_BYTES - 1));
    const inFirst = Math.min(width, toPageEnd);
    const parts = [{ start: address, lengthBytes: inFirst }];
    if (inFirst < width) parts.push({ start: (address + inFirst) | 0, lengthBytes: width - inFirst });
    const offsets: number[] = [];
    for (const { start, lengthBytes } of parts) {
      const bus = this.#mmu.translate(start, lengthBytes, access);
      if (bus === NO_ADDRESS || !this.#ram.contains(bus, lengthBytes)) {
        this.#trap(bus === NO_ADDRESS ? this.#mmu.fault : this.#refusal(bus, access), start);
        return null;
      }
      for (let i = 0; i < lengthBytes; i++) offsets.push(bus - Base.Ram + i);
    }
    return offsets;
  }

  /**
   * Why a misaligned access cannot complete outside RAM: devices take aligned accesses only, and elsewhere is nobody.
   */
  #refusal(bus: number, access: Access.Load | Access.Store): Cause {
    const isLoad = access === Access.Load;
    if (this.#bus.isOccupied(bus)) return isLoad ? Cause.LoadMisaligned : Cause.StoreMisaligned;
    return isLoad ? Cause.LoadAccess : Cause.StoreAccess;
  }

  #ramLoad(offset: number, width: Width): number {
    if (width === 1) return this.#ram.bytes[offset]!;
    return width === 2 ? this.#ram.halves[offset >> 1]! : this.#ram.words[offset >> 2]!;
  }

  #ramStore(offset: number, width: Width, value: number): void {
    // Where this is an entry of a page table, and invalid, nothing is kept that came from it.
    const isEntry = (this.#ram.words[offset >> 2]! & Pte.Valid) !== 0;
    if (width === 1) this.#ram.bytes[offset] = value;
    else if (width === 2) this.#ram.halves[offset >> 1] = value;
    else this.#ram.words[offset >> 2] = value;
    this.#ram.wrote(offset, width, isEntry ? 0 : PageFlag.Table);
    if (!isEntry) this.#translations.invalidEntryWritten(offset >> PAGE_SHIFT);
  }

  /**
   * Lets the short way have the page, as far as PMP treats all of it alike. Who may store may load (W without R is
   * reserved).
   */
  #keep(address: number, bus: number, access: Access.Load | Access.Store): void {
    if (!this.permitPage((bus - Base.Ram) >> PAGE_SHIFT, access, this.#state.dataMode)) return;
    this.#translations.keepData(this.dataSet, address, bus - Base.Ram, access === Access.Store);
  }

  /** Lets translated code know that PMP permits something in all of a page of RAM, if it does; gives back whether. */
  permitPage(page: number, access: Access.Load | Access.Store, mode: Mode): boolean {
    const permission = this.#state.pmp.allowsPage(Base.Ram + page * PAGE_BYTES, PMP_BIT[access], mode);
    if (permission !== PagePermission.Always) return false;
    this.#translations.permit(page, mode, PMP_BIT[access]);
    return true;
  }

  /** Translated code makes such accesses itself, where it knows the page: by the number that is given back, null if it does not. */
  #keepDevice(address: number, bus: number, access: Access.Load | Access.Store): number | null {
    this.onDeviceAccess();
    const { pmp, dataMode } = this.#state;
    if (pmp.allowsPage(bus - (bus % PAGE_BYTES), PMP_BIT[access], dataMode) !== PagePermission.Always) return null;
    const number = this.#steadyReads.numberOf(bus);
    if (number !== null) this.#translations.keepDevice(this.dataSet, address, number, access === Access.Store);
    return number;
  }

  #trap(cause: Cause, address: number): number {
    this.#state.trap(cause, address);
    return 0;
  }
}

function extend(value: number, width: Width, signed: boolean): number {
  if (width === 4) return value | 0;
  const shift = 32 - 8 * width;
  return signed ? (value << shift) >> shift : value & ((1 << (8 * width)) - 1);
}

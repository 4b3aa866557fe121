/**
 * Translations already made: from a virtual page to its place in RAM, so that neither engine need ask again.
 *
 * It is no TLB of the architecture: nothing can observe it. A set belongs to one context (mode, satp, and the status
 * bits that matter), so switching address spaces forgets nothing. Pages that hold page tables are flagged in RAM, and
 * known by the sets that were filled through them; a write to one empties those sets. Hence the invariant: *an entry
 * always says what a walk would say now*, and one further for stores: *a writable entry's page is dirty already and
 * nobody needs to hear of writes to it*.
 */
import { Base } from "../board/memory-map.ts";
import { Mode, Status } from "../isa/registers.ts";
import { Place } from "../linear-memory.ts";
import { PageFlag, PROTECTED, type Ram } from "../ram.ts";
import { PAGE_BYTES, PAGE_MASK, PAGE_SHIFT } from "../state/pages.ts";
import { PmpBit } from "./pmp.ts";

/** Words of an entry in `data`, which the short way of every load and store reads. */
export const enum DataEntry {
  /** Virtual page if it may be read, else `NO_PAGE`. */
  ReadTag = 0,
  WriteTag = 1,
  /** Add to a virtual address for the offset in RAM. */
  Delta = 2,
  /** A virtual page that is one of a device's, with `DeviceTag` bits, else `NO_PAGE`. */
  DeviceTag = 3,
  Words = 4,
}

/** What the tag of a device's page says besides its address. */
export const enum DeviceTag {
  Read = 1 << 0,
  Write = 1 << 1,
  /** It is none. */
  None = 1 << 2,
  /** Which page it is: see hart/steady-reads.ts. */
  NumberShift = 4,
  NumberMask = 0xff,
}

/** Words of an entry in `fetch`. */
export const enum FetchEntry {
  Tag = 0,
  /** Where the page's decoded instructions are: see hart/code-cache.ts. */
  Base = 1,
  /** Address in the linear memory of the page's table of translated code: see translate/units.ts. */
  Table = 2,
  Words = 4,
}

export const DATA_ENTRIES = 4096;
export const FETCH_ENTRIES = 256;
export const DATA_WORDS_PER_SET = DATA_ENTRIES * DataEntry.Words;
export const FETCH_WORDS_PER_SET = FETCH_ENTRIES * FetchEntry.Words;
export const SETS = 32;
/** Set 0 is machine mode's own, untranslated. */
export const MACHINE_SET = 0;
/** No page's address: its low bits are set. */
export const NO_PAGE = -1;
/** Nor this. */
export const SEVERAL_PAGES = -2;
/** Stores to a table that change no translation, before it is forgotten: its frame may be something else by now. */
const STORES_ENDURED = 16;

/** Words of what decides how addresses are translated in a set. */
export const enum Context {
  Mode = 0,
  Satp = 1,
  StatusBits = 2,
  Words = 4,
}

/** What PMP permits in all of a page, as far as it was asked: for M-mode, and for the modes below. */
export const enum Permission {
  Read = PmpBit.Read,
  Write = PmpBit.Write,
  MachineShift = 0,
  BelowShift = 3,
}

export class TranslationCache {
  readonly data: Int32Array;
  readonly fetch: Int32Array;
  readonly #contexts: Int32Array;
  /** By set: whether it was ever used. All of it is zero until then, and most sets of a short run never are. */
  readonly #isPrepared: boolean[] = new Array<boolean>(SETS).fill(false);
  /** By set: whether it may hold anything. */
  readonly #filled: boolean[] = new Array<boolean>(SETS).fill(false);
  readonly #ram: Ram;
  /** Pages of RAM that were read as page tables. */
  readonly #tables = new Set<number>();
  /** By page of RAM: a bit for each set that holds translations which went through it as a table, */
  readonly #tableSets: Int32Array;
  /** how many stores it has endured as one, */
  readonly #storesSeen: Uint8Array;
  /** a bit for each set that may hold a writable entry of it, */
  readonly #storingSets: Int32Array;
  /** for which virtual page those are, the machine's set apart, or `SEVERAL_PAGES`; */
  readonly #storingPlaces: Int32Array;
  /** and `Permission` bits. */
  readonly #permissions: Uint8Array;
  /** By base: where in `fetch` it may be. */
  readonly #fetchesOf = new Map<number, Set<number>>();
  #nextVictim = MACHINE_SET + 1;
  #lastSelected = MACHINE_SET;

  constructor(ram: Ram) {
    this.#ram = ram;
    const pages = ram.flags.length;
    this.#tableSets = ram.memory.words(Place.TableSets, pages);
    this.#storesSeen = new Uint8Array(pages);
    this.#storingSets = ram.memory.words(Place.StoringSets, pages);
    this.#storingPlaces = ram.memory.words(Place.StoringPlaces, pages);
    this.#permissions = ram.memory.bytes(Place.Permissions, pages);
    this.data = ram.memory.words(Place.DataSets, SETS * DATA_WORDS_PER_SET);
    this.fetch = ram.memory.words(Place.FetchSets, SETS * FETCH_WORDS_PER_SET);
    this.#prepare(MACHINE_SET);
    this.#contexts = ram.memory.words(Place.Contexts, SETS * Context.Words).fill(Mode.Machine);
  }

  /**
   * The set of a context, found or taken from another. `satp` is 0 where addresses are not translated; `statusBits` are
   * SUM and MXR, where they matter. M-mode has one set; another, with MPRV for `statusBits`, for code whose data goes
   * elsewhere, as that code is translated otherwise.
   */
  select(mode: Mode, satp: number, statusBits: number): number {
    if (mode === Mode.Machine && statusBits !== Status.Mprv) return MACHINE_SET;
    for (let set = MACHINE_SET + 1; set < SETS; set++) {
      const at = set * Context.Words;
      const isSame =
        this.#contexts[at + Context.Satp] === satp &&
        this.#contexts[at + Context.Mode] === mode &&
        this.#contexts[at + Context.StatusBits] === statusBits;
      if (isSame) return this.#select(set);
    }
    const victim = this.#victim();
    if (this.#isPrepared[victim]) this.#empty(victim);
    else this.#prepare(victim);
    this.#contexts.set([mode, satp, statusBits], victim * Context.Words);
    return this.#select(victim);
  }

  /** Keeps a translation that a load has used, or a store (which may then load as well). */
  keepData(set: number, virtualAddress: number, ramOffset: number, isStore: boolean): void {
    const page = virtualAddress & PAGE_MASK;
    const index = dataIndex(set, virtualAddress);
    const delta = ((ramOffset & PAGE_MASK) - page) | 0;
    const isSame = this.data[index + DataEntry.ReadTag] === page && this.data[index + DataEntry.Delta] === delta;
    const flags = this.#ram.flags[ramOffset >> PAGE_SHIFT]!;
    const isSilent = (flags & PROTECTED) === 0 && (flags & PageFlag.Dirty) !== 0;
    if (isStore && isSilent) {
      this.data[index + DataEntry.WriteTag] = page;
      this.#noteStoring(set, page, ramOffset >> PAGE_SHIFT);
    } else if (!isSame) this.data[index + DataEntry.WriteTag] = NO_PAGE;
    this.data[index + DataEntry.ReadTag] = page;
    this.data[index + DataEntry.Delta] = delta;
    this.#filled[set] = true;
  }

  /** Keeps that a virtual page is the device's page with this number. Who may store may load. */
  keepDevice(set: number, virtualAddress: number, number: number, isStore: boolean): void {
    const index = dataIndex(set, virtualAddress) + DataEntry.DeviceTag;
    const tag = (virtualAddress & PAGE_MASK) | (number << DeviceTag.NumberShift) | DeviceTag.Read;
    if (isStore) this.data[index] = tag | DeviceTag.Write;
    else if ((this.data[index]! & ~DeviceTag.Write) !== tag) this.data[index] = tag;
    this.#filled[set] = true;
  }

  keepFetch(set: number, virtualAddress: number, base: number, table: number): void {
    const index = fetchIndex(set, virtualAddress);
    this.fetch[index + FetchEntry.Tag] = virtualAddress & PAGE_MASK;
    this.fetch[index + FetchEntry.Base] = base;
    this.fetch[index + FetchEntry.Table] = table;
    let fetches = this.#fetchesOf.get(base);
    if (fetches === undefined) this.#fetchesOf.set(base, (fetches = new Set()));
    fetches.add(index);
    this.#filled[set] = true;
  }

  /** Where the decoded instructions of a virtual page are, and its translated code; null if that is not known. */
  find(set: number, virtualAddress: number): { readonly base: number; readonly table: number } | null {
    const { fetch } = this;
    const index = fetchIndex(set, virtualAddress);
    if (fetch[index + FetchEntry.Tag] !== (virtualAddress & PAGE_MASK)) return null;
    return { base: fetch[index + FetchEntry.Base]!, table: fetch[index + FetchEntry.Table]! };
  }

  /** A walk for a set has read this page, and what it found may be kept. */
  walked(set: number, page: number): void {
    if (!this.#tables.has(page)) {
      this.#tables.add(page);
      this.#storesSeen[page] = 0;
      this.protect(page, PageFlag.Table);
    }
    this.#tableSets[page]! |= 1 << set;
    this.#filled[set] = true;
  }

  /** PMP permits a kind of access in all of a page, to a mode. */
  permit(page: number, mode: Mode, access: number): void {
    this.#permissions[page]! |= access << (mode === Mode.Machine ? Permission.MachineShift : Permission.BelowShift);
  }

  /** Flags a page, so that stores to it are reported from now on. */
  protect(page: number, flag: PageFlag): void {
    const { flags } = this.#ram;
    const before = flags[page]!;
    flags[page] = before | flag;
    if ((before & PROTECTED) !== 0 || (before & PageFlag.Dirty) === 0) return; // no entry of it is writable
    this.#forgetWritableEntries(page);
  }

  /** A page that was read as a page table changed. */
  tableWritten(page: number): void {
    const sets = this.#tableSets[page]!;
    for (let set = MACHINE_SET + 1; set < SETS; set++) if ((sets >> set) & 1) this.#empty(set);
    this.#forgetTable(page);
  }

  /** The same, where no translation can have gone through what was there. */
  invalidEntryWritten(page: number): void {
    if (this.#tables.has(page) && ++this.#storesSeen[page]! > STORES_ENDURED) this.tableWritten(page);
  }

  forgetEverything(): void {
    this.#permissions.fill(0);
    for (let set = MACHINE_SET; set < SETS; set++) this.#empty(set);
  }

  /** The next store to each of these pages must be seen. */
  forgetWritable(pages: readonly number[]): void {
    let sets = 0;
    for (const page of pages) {
      if (this.#storingPlaces[page] === SEVERAL_PAGES) sets |= this.#storingSets[page]!;
      else this.#forgetWritableEntries(page);
      this.#storingSets[page] = 0;
    }
    for (let set = MACHINE_SET; set < SETS; set++) {
      if (((sets >> set) & 1) === 0) continue;
      const end = (set + 1) * DATA_WORDS_PER_SET;
      for (let index = set * DATA_WORDS_PER_SET; index < end; index += DataEntry.Words)
        this.data[index + DataEntry.WriteTag] = NO_PAGE;
    }
  }

  /** The decoded instructions of a page vanished, or its translated code is another. */
  forgetFetchesOf(base: number): void {
    for (const index of this.#fetchesOf.get(base) ?? []) {
      if (this.fetch[index + FetchEntry.Base] === base) this.#forgetFetch(index);
    }
    this.#fetchesOf.delete(base);
  }

  /** There is translated code for a virtual page, in which address space ever. */
  forgetFetchesAt(virtualAddress: number): void {
    for (let set = MACHINE_SET; set < SETS; set++) {
      const index = fetchIndex(set, virtualAddress);
      if (this.fetch[index + FetchEntry.Tag] === (virtualAddress & PAGE_MASK)) this.#forgetFetch(index);
    }
  }

  /** What is known of code may be wrong everywhere. */
  forgetFetches(): void {
    this.fetch.fill(NO_PAGE);
  }

  #forgetFetch(index: number): void {
    this.fetch.fill(NO_PAGE, index, index + FetchEntry.Words);
  }

  /** A set has a writable entry of a page of RAM now. */
  #noteStoring(set: number, virtualPage: number, page: number): void {
    if (set !== MACHINE_SET && this.#storingPlaces[page] !== virtualPage) {
      this.#storingPlaces[page] = this.#isStoredElsewhere(page) ? SEVERAL_PAGES : virtualPage;
    }
    this.#storingSets[page]! |= 1 << set;
  }

  /** Whether any set but the machine's still has the writable entry that is noted of a page, or may have several. */
  #isStoredElsewhere(page: number): boolean {
    const virtualPage = this.#storingPlaces[page]!;
    const sets = this.#storingSets[page]! & ~(1 << MACHINE_SET);
    if (virtualPage === SEVERAL_PAGES) return sets !== 0;
    for (let set = MACHINE_SET + 1; set < SETS; set++) {
      if ((sets >> set) & 1 && this.#isWritable(dataIndex(set, virtualPage), page)) return true;
    }
    this.#storingSets[page]! &= 1 << MACHINE_SET;
    return false;
  }

  #forgetWritableEntries(page: number): void {
    const sets = this.#storingSets[page]!;
    const virtualPage = this.#storingPlaces[page]!;
    if (sets & (1 << MACHINE_SET)) this.#forgetWritableByMachine(page);
    for (let set = MACHINE_SET + 1; set < SETS; set++) {
      if (((sets >> set) & 1) === 0) continue;
      if (virtualPage === SEVERAL_PAGES) this.#forgetWritablePage(set, page);
      else this.#forgetWritableEntry(dataIndex(set, virtualPage), page);
    }
    this.#storingSets[page] = 0;
  }

  #forgetWritablePage(set: number, page: number): void {
    const end = (set + 1) * DATA_WORDS_PER_SET;
    for (let index = set * DATA_WORDS_PER_SET; index < end; index += DataEntry.Words) {
      this.#forgetWritableEntry(index, page);
    }
  }

  #forgetWritableEntry(index: number, page: number): void {
    if (this.#isWritable(index, page)) this.data[index + DataEntry.WriteTag] = NO_PAGE;
  }

  /** Whether an entry is a page's, and stores may go through it. */
  #isWritable(index: number, page: number): boolean {
    const tag = this.data[index + DataEntry.WriteTag]!;
    return tag !== NO_PAGE && ((tag + this.data[index + DataEntry.Delta]!) | 0) >> PAGE_SHIFT === page;
  }

  /** Machine mode finds every page at its own address. */
  #forgetWritableByMachine(page: number): void {
    const { data } = this;
    const index = dataIndex(MACHINE_SET, Base.Ram + page * PAGE_BYTES);
    if (data[index + DataEntry.WriteTag] === ((Base.Ram + page * PAGE_BYTES) | 0)) {
      data[index + DataEntry.WriteTag] = NO_PAGE;
    }
  }

  #select(set: number): number {
    this.#lastSelected = set;
    return set;
  }

  /** A set for a new context: an empty one, or each in turn; not the last one, which is used beside it. */
  #victim(): number {
    const isFree = (set: number) => !this.#filled[set] && set !== this.#lastSelected;
    for (let set = MACHINE_SET + 1; set < SETS; set++) if (isFree(set)) return set;
    do this.#nextVictim = this.#nextVictim + 1 < SETS ? this.#nextVictim + 1 : MACHINE_SET + 1;
    while (this.#nextVictim === this.#lastSelected);
    return this.#nextVictim;
  }

  #prepare(set: number): void {
    this.#isPrepared[set] = true;
    this.data.fill(NO_PAGE, set * DATA_WORDS_PER_SET, (set + 1) * DATA_WORDS_PER_SET);
    this.fetch.fill(NO_PAGE, set * FETCH_WORDS_PER_SET, (set + 1) * FETCH_WORDS_PER_SET);
  }

  /** Empties a set, which stays its context's. Tables of no other set are watched no more. */
  #empty(set: number): void {
    if (!this.#filled[set]) return;
    this.#prepare(set);
    this.#filled[set] = false;
    for (const page of this.#tables) {
      this.#tableSets[page]! &= ~(1 << set);
      if (this.#tableSets[page] === 0) this.#forgetTable(page);
    }
  }

  #forgetTable(page: number): void {
    this.#tables.delete(page);
    this.#tableSets[page] = 0;
    this.#ram.flags[page]! &= ~PageFlag.Table;
  }
}

/** Where the entry of a virtual page is in `data`. */
function dataIndex(set: number, virtualAddress: number): number {
  return set * DATA_WORDS_PER_SET + ((virtualAddress >>> PAGE_SHIFT) & (DATA_ENTRIES - 1)) * DataEntry.Words;
}

/** Where the entry of a virtual page is in `fetch`. */
function fetchIndex(set: number, virtualAddress: number): number {
  return set * FETCH_WORDS_PER_SET + ((virtualAddress >>> PAGE_SHIFT) & (FETCH_ENTRIES - 1)) * FetchEntry.Words;
}

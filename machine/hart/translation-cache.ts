/**
 * Translations already made: from a virtual page to its place in RAM, so that the interpreter need not ask again.
 *
 * It is no TLB of the architecture: nothing can observe it. A set belongs to one context (mode, satp, and the status
 * bits that matter), so switching address spaces forgets nothing. Pages that hold page tables are flagged in RAM; a
 * write to one empties every translated set. Hence the invariant: *an entry always says what a walk would say now*, and
 * one further for stores: *a writable entry's page is dirty already and nobody needs to hear of writes to it*.
 */
import { Mode } from "../isa/registers.ts";
import { Place } from "../linear-memory.ts";
import { PageFlag, PROTECTED, type Ram } from "../ram.ts";
import { PAGE_SHIFT } from "../state/pages.ts";

/** Words of an entry in `data`; the interpreter's fast path reads them. */
export const enum DataEntry {
  /** Virtual page if it may be read, else `NO_PAGE`. */
  ReadTag = 0,
  WriteTag = 1,
  /** Add to a virtual address for the offset in RAM. */
  Delta = 2,
  Words = 4,
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

export const DATA_ENTRIES = 512;
export const FETCH_ENTRIES = 256;
export const DATA_WORDS_PER_SET = DATA_ENTRIES * DataEntry.Words;
export const FETCH_WORDS_PER_SET = FETCH_ENTRIES * FetchEntry.Words;
export const SETS = 32;
/** Set 0 is machine mode's own, untranslated. */
export const MACHINE_SET = 0;
/** No page's address: its low bits are set. */
const NO_PAGE = -1;

/** Words of what decides how addresses are translated in a set. */
export const enum Context {
  Mode = 0,
  Satp = 1,
  StatusBits = 2,
  Words = 4,
}

export class TranslationCache {
  readonly data: Int32Array;
  readonly fetch: Int32Array;
  readonly #contexts: Int32Array;
  readonly #filled: boolean[] = new Array<boolean>(SETS).fill(false);
  readonly #ram: Ram;
  readonly #tablePages = new Set<number>();
  #nextVictim = MACHINE_SET + 1;

  constructor(ram: Ram) {
    this.#ram = ram;
    this.data = ram.memory.words(Place.DataSets, SETS * DATA_WORDS_PER_SET).fill(NO_PAGE);
    this.fetch = ram.memory.words(Place.FetchSets, SETS * FETCH_WORDS_PER_SET).fill(NO_PAGE);
    this.#contexts = ram.memory.words(Place.Contexts, SETS * Context.Words).fill(Mode.Machine);
  }

  /**
   * The set of a context, found or taken from another. `satp` is 0 where addresses are not translated; `statusBits` are
   * SUM and MXR, where they matter.
   */
  select(mode: Mode, satp: number, statusBits: number): number {
    if (mode === Mode.Machine) return MACHINE_SET;
    for (let set = MACHINE_SET + 1; set < SETS; set++) {
      const at = set * Context.Words;
      const isSame =
        this.#contexts[at + Context.Satp] === satp &&
        this.#contexts[at + Context.Mode] === mode &&
        this.#contexts[at + Context.StatusBits] === statusBits;
      if (isSame) return set;
    }
    const victim = this.#nextVictim;
    this.#nextVictim = victim + 1 < SETS ? victim + 1 : MACHINE_SET + 1;
    this.#empty(victim);
    this.#contexts.set([mode, satp, statusBits], victim * Context.Words);
    return victim;
  }

  /** Keeps a translation that a load has used, or a store (which may then load as well). */
  keepData(set: number, virtualAddress: number, ramOffset: number, isStore: boolean): void {
    const page = virtualAddress & -4096;
    const index = set * DATA_WORDS_PER_SET + ((virtualAddress >>> 12) & (DATA_ENTRIES - 1)) * DataEntry.Words;
    const delta = ((ramOffset & -4096) - page) | 0;
    const isSame = this.data[index + DataEntry.ReadTag] === page && this.data[index + DataEntry.Delta] === delta;
    const flags = this.#ram.flags[ramOffset >> PAGE_SHIFT]!;
    const isSilent = (flags & PROTECTED) === 0 && (flags & PageFlag.Dirty) !== 0;
    if (isStore && isSilent) this.data[index + DataEntry.WriteTag] = page;
    else if (!isSame) this.data[index + DataEntry.WriteTag] = NO_PAGE;
    this.data[index + DataEntry.ReadTag] = page;
    this.data[index + DataEntry.Delta] = delta;
    this.#filled[set] = true;
  }

  keepFetch(set: number, virtualAddress: number, base: number, table: number): void {
    const index = set * FETCH_WORDS_PER_SET + ((virtualAddress >>> 12) & (FETCH_ENTRIES - 1)) * FetchEntry.Words;
    this.fetch[index + FetchEntry.Tag] = virtualAddress & -4096;
    this.fetch[index + FetchEntry.Base] = base;
    this.fetch[index + FetchEntry.Table] = table;
    this.#filled[set] = true;
  }

  /** Where the decoded instructions of a virtual page are, and its translated code; null if that is not known. */
  find(set: number, virtualAddress: number): { readonly base: number; readonly table: number } | null {
    const { fetch } = this;
    const index = set * FETCH_WORDS_PER_SET + ((virtualAddress >>> 12) & (FETCH_ENTRIES - 1)) * FetchEntry.Words;
    if (fetch[index + FetchEntry.Tag] !== (virtualAddress & -4096)) return null;
    return { base: fetch[index + FetchEntry.Base]!, table: fetch[index + FetchEntry.Table]! };
  }

  /** A walk has read this page, and what it found may be kept. */
  protectTable(page: number): void {
    if (this.#tablePages.has(page)) return;
    this.#tablePages.add(page);
    this.protect(page, PageFlag.Table);
  }

  /** Flags a page, so that stores to it are reported from now on. */
  protect(page: number, flag: PageFlag): void {
    const before = this.#ram.flags[page]!;
    this.#ram.flags[page] = before | flag;
    if ((before & PROTECTED) !== 0 || (before & PageFlag.Dirty) === 0) return; // no entry of it is writable
    for (let set = 0; set < SETS; set++) if (this.#filled[set]) this.#forgetWritablePage(set, page);
  }

  /** Some page table changed. */
  forgetTranslated(): void {
    for (let set = MACHINE_SET + 1; set < SETS; set++) this.#empty(set);
    for (const page of this.#tablePages) this.#ram.flags[page]! &= ~PageFlag.Table;
    this.#tablePages.clear();
  }

  forgetEverything(): void {
    this.#empty(MACHINE_SET);
    this.forgetTranslated();
  }

  /** The next store to any page must be seen. */
  forgetWritable(): void {
    for (let index = 0; index < this.data.length; index += DataEntry.Words)
      this.data[index + DataEntry.WriteTag] = NO_PAGE;
  }

  /** Decoded instructions moved or vanished. */
  forgetFetches(): void {
    this.fetch.fill(NO_PAGE);
  }

  #forgetWritablePage(set: number, page: number): void {
    const { data } = this;
    const end = (set + 1) * DATA_WORDS_PER_SET;
    for (let index = set * DATA_WORDS_PER_SET; index < end; index += DataEntry.Words) {
      const tag = data[index + DataEntry.WriteTag]!;
      if (tag !== NO_PAGE && ((tag + data[index + DataEntry.Delta]!) | 0) >> PAGE_SHIFT === page) {
        data[index + DataEntry.WriteTag] = NO_PAGE;
      }
    }
  }

  /** Empties a set, which stays its context's. */
  #empty(set: number): void {
    if (!this.#filled[set]) return;
    this.data.fill(NO_PAGE, set * DATA_WORDS_PER_SET, (set + 1) * DATA_WORDS_PER_SET);
    this.fetch.fill(NO_PAGE, set * FETCH_WORDS_PER_SET, (set + 1) * FETCH_WORDS_PER_SET);
    this.#filled[set] = false;
  }
}

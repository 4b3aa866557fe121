/**
 * Which translated code is that of which page of RAM.
 *
 * A unit is the translated code of one virtual page, and of one way to reach memory: its entry table says, for every
 * half-word of the page, where code begins. It holds for every page of RAM whose bytes are, where instructions were
 * translated, those of the unit: such a page is attached to it, or rather the place of its decoded instructions
 * (hart/code-cache.ts), which outlives the page and is that of the next one with the same bytes. So a program that is
 * executed again, in other frames, and RAM that comes back from a snapshot, find their code translated. A write to
 * translated bytes detaches; the unit itself stays.
 */
import { Place } from "../linear-memory.ts";
import type { Ram } from "../ram.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../state/pages.ts";

/** A word for each half-word of a page. */
const TABLE_BYTES = 2 * PAGE_BYTES;
/** The first table stays empty, for pages of which nothing is translated. */
const NO_CODE = Place.EntryTables;
const MOST_TABLES = (Place.TableSets - Place.EntryTables) / TABLE_BYTES - 1;
/** Different pages seen at one virtual address, beyond which code is taken to change all the time. */
const MOST_UNITS_PER_PAGE = 128;
const WORDS_PER_PAGE = PAGE_BYTES / 4;

export interface Unit {
  readonly virtualPage: number;
  /** Whether it is M-mode's, with all of RAM at hand: other code than elsewhere. */
  readonly isFlat: boolean;
  /** Address of the entry table. */
  readonly table: number;
  /** What the translated words of the page are, */
  readonly words: Int32Array;
  /** and which those are. */
  readonly isTranslated: Uint8Array;
}

/** A page of RAM that holds code. */
export interface CodePage {
  readonly ramPage: number;
  /** The place of its decoded instructions. */
  readonly base: number;
  /** Whether it is run in M-mode, with all of RAM at hand. */
  readonly isFlat: boolean;
}

/** What units need of the places that they are attached to, known by their bases. */
export interface Places {
  /** The page of RAM that has a place now; null if none has. */
  pageOf(base: number): number | null;
  /** The offsets in RAM where a page is to be stopped. */
  breakpointsIn(ramPage: number): readonly number[];
  /** There is translated code at these offsets of a page. */
  makeHot(base: number, offsets: readonly number[]): void;
  /** A table that was given out is not that of its page any more. */
  forgetFetches(base: number): void;
}

export class Units {
  readonly #ram: Ram;
  readonly #places: Places;
  /** All entry tables, from `Place.EntryTables`. */
  readonly #entries: Int32Array;
  readonly #byVirtualPage = new Map<number, Unit[]>();
  /** What is attached to each place. */
  readonly #byBase = new Map<number, readonly Unit[]>();
  /** What was, before the first store to the page that has the place. */
  readonly #whenIntact = new Map<number, readonly Unit[]>();
  #count = 0;

  constructor(ram: Ram, places: Places) {
    this.#ram = ram;
    this.#places = places;
    this.#entries = ram.memory.words(Place.EntryTables, (Place.TableSets - Place.EntryTables) / 4);
  }

  get isFull(): boolean {
    return this.#count === MOST_TABLES;
  }

  /** The entry table of a page of RAM where it is mapped; an empty one if nothing is translated. */
  tableOf(virtualPage: number, page: CodePage): number {
    return this.#find(virtualPage, page)?.table ?? NO_CODE;
  }

  /** The unit of a page, made if need be; null if there is no room, or the page changes all the time. */
  unitOf(virtualPage: number, page: CodePage): Unit | null {
    const known = this.#find(virtualPage, page);
    if (known !== null) return known;
    const others = this.#byVirtualPage.get(virtualPage) ?? [];
    if (this.isFull || others.length === MOST_UNITS_PER_PAGE) return null;
    this.#count += 1;
    const unit: Unit = {
      virtualPage,
      isFlat: page.isFlat,
      table: NO_CODE + this.#count * TABLE_BYTES,
      words: new Int32Array(WORDS_PER_PAGE),
      isTranslated: new Uint8Array(WORDS_PER_PAGE),
    };
    this.#byVirtualPage.set(virtualPage, [...others, unit]);
    this.#attach(unit, page.base);
    return unit;
  }

  /** The entry at an address of a page, 0 for none. */
  entryAt(table: number, pc: number): number {
    return this.#entries[entryIndex(table, pc)]!;
  }

  setEntry(unit: Unit, pc: number, entry: number): void {
    this.#entries[entryIndex(unit.table, pc)] = entry;
  }

  /** Instructions at `pc` are part of what was translated from a page of RAM. */
  cover(unit: Unit, ramPage: number, pc: number, lengthBytes: number): void {
    const first = (pc & (PAGE_BYTES - 1)) >> 2;
    const last = ((pc & (PAGE_BYTES - 1)) + lengthBytes - 1) >> 2;
    for (let word = first; word <= last; word++) {
      unit.words[word] = this.#ram.words[(ramPage << (PAGE_SHIFT - 2)) + word]!;
      unit.isTranslated[word] = 1;
    }
  }

  /** More of a unit was translated: pages that are attached may differ there, or not know of it. */
  review(unit: Unit): void {
    for (const [base, units] of this.#byBase) {
      if (!units.includes(unit)) continue;
      const ramPage = this.#places.pageOf(base);
      const fits = ramPage !== null && this.#mayRun(unit, ramPage) && this.#holds(unit, ramPage);
      if (!fits) this.#detach(base, (other) => other === unit);
    }
    for (const [base, units] of this.#whenIntact) {
      this.#whenIntact.set(
        base,
        units.filter((other) => other !== unit),
      );
    }
  }

  /** A page of RAM was written to, at this offset of the page. */
  wrote(base: number, offset: number, lengthBytes: number): void {
    if (!this.#whenIntact.has(base)) this.#whenIntact.set(base, this.#byBase.get(base) ?? []);
    if (!this.#byBase.has(base)) return;
    const first = offset >> 2;
    const last = (offset + lengthBytes - 1) >> 2;
    this.#detach(base, ({ isTranslated }) => isTranslated.subarray(first, last + 1).includes(1));
  }

  /** A place is no page's now. It will be that of a page that is what this one was before the first store to it. */
  retire(base: number): void {
    const intact = this.#whenIntact.get(base);
    if (intact === undefined) return;
    this.#byBase.set(base, intact);
    this.#whenIntact.delete(base);
  }

  /** What is decoded at a place is not what is attached there, or has a breakpoint now. */
  forget(base: number): void {
    this.#detach(base, () => true);
    if (this.#whenIntact.has(base)) this.#whenIntact.set(base, []);
  }

  clear(): void {
    this.#entries.fill(0);
    this.#byVirtualPage.clear();
    for (const base of this.#byBase.keys()) this.#places.forgetFetches(base);
    this.#byBase.clear();
    for (const base of this.#whenIntact.keys()) this.#whenIntact.set(base, []);
    this.#count = 0;
  }

  #find(virtualPage: number, { ramPage, base, isFlat }: CodePage): Unit | null {
    const fits = (unit: Unit) => unit.isFlat === isFlat && this.#mayRun(unit, ramPage);
    const attached = this.#byBase.get(base)?.find((unit) => unit.virtualPage === virtualPage && fits(unit));
    if (attached !== undefined) return attached;
    const equal = this.#byVirtualPage.get(virtualPage)?.find((unit) => fits(unit) && this.#holds(unit, ramPage));
    if (equal === undefined) return null;
    this.#attach(equal, base);
    return equal;
  }

  /** Whether nobody wants to stop in what was translated, where a page of RAM has it. */
  #mayRun({ isTranslated }: Unit, ramPage: number): boolean {
    const words = this.#places.breakpointsIn(ramPage).map((offset) => (offset & (PAGE_BYTES - 1)) >> 2);
    return words.every((word) => isTranslated[word] === 0);
  }

  /** Whether a page of RAM holds what was translated. */
  #holds({ words, isTranslated }: Unit, ramPage: number): boolean {
    const start = ramPage << (PAGE_SHIFT - 2);
    const ram = this.#ram.words;
    for (let word = 0; word < WORDS_PER_PAGE; word++) {
      if (isTranslated[word] === 1 && words[word] !== ram[start + word]) return false;
    }
    return true;
  }

  #attach(unit: Unit, base: number): void {
    this.#byBase.set(base, [...(this.#byBase.get(base) ?? []), unit]);
    this.#places.makeHot(base, this.#entryOffsets(unit));
  }

  #entryOffsets({ table }: Unit): number[] {
    const offsets: number[] = [];
    for (let offset = 0; offset < PAGE_BYTES; offset += 2) if (this.entryAt(table, offset) !== 0) offsets.push(offset);
    return offsets;
  }

  #detach(base: number, isConcerned: (unit: Unit) => boolean): void {
    const attached = this.#byBase.get(base) ?? [];
    const rest = attached.filter((unit) => !isConcerned(unit));
    if (rest.length === attached.length) return;
    if (rest.length === 0) this.#byBase.delete(base);
    else this.#byBase.set(base, rest);
    this.#places.forgetFetches(base);
  }
}

function entryIndex(table: number, pc: number): number {
  return (table - Place.EntryTables + 2 * (pc & 0xffe)) >> 2;
}

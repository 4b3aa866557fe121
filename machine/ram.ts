/**
 * The board's memory: its bytes, and what is known about each of its pages.
 *
 * Everything that writes RAM other than the engines' short way (slow stores, page-table updates, DMA, injected edits,
 * the loader) reports through `wrote`, so that whoever keeps something derived from a page (decoded instructions,
 * translations) drops it at once. The short way never touches a page that has a flag which someone must hear about: see
 * hart/translation-cache.ts.
 */
import { Base, MEBIBYTE, RAM_MAXIMUM_BYTES } from "./board/memory-map.ts";
import { MachineError } from "./error.ts";
import { LinearMemory, Place } from "./linear-memory.ts";
import { PAGE_BYTES, PAGE_SHIFT, Page, PageTree } from "./state/pages.ts";

export const enum PageFlag {
  /** It may differ from what the last capture or restore left. */
  Dirty = 1 << 0,
  /** Instructions decoded from it are kept. */
  Code = 1 << 1,
  /** Translations that were walked through it are kept. */
  Table = 1 << 2,
  /** The host wants to hear of writes to it. */
  Watched = 1 << 3,
}

/** The flags for which a write must be reported. */
export const PROTECTED = PageFlag.Code | PageFlag.Table | PageFlag.Watched;

/** All flags of a page to which stores may go unheard: it is known to be dirty, and nobody wants to be told. */
export const UNHEARD = PageFlag.Dirty;

const WORDS_PER_PAGE = PAGE_BYTES / 4;

/** Hears of a write to a page that has a flag of `PROTECTED`. Offsets are from the start of RAM. */
export type WriteListener = (offset: number, lengthBytes: number, flags: number) => void;

export class Ram {
  readonly sizeBytes: number;
  /** Where the bytes lie, behind the hart's registers and caches. */
  readonly memory: LinearMemory;
  readonly bytes: Uint8Array;
  readonly signedBytes: Int8Array;
  readonly halves: Uint16Array;
  readonly signedHalves: Int16Array;
  readonly words: Int32Array;
  /** `PageFlag` bits of each page. */
  readonly flags: Uint8Array;
  /** Called when pages stop being dirty: the next write to each must be seen again. */
  onClean: (pages: readonly number[]) => void = () => {};
  onWrite: WriteListener = () => {};
  #tree: PageTree;
  /** Those with the flag, in the order in which they got it. */
  #dirtyPages: number[] = [];

  /** Throws a MachineError unless `sizeBytes` is a multiple of 1 MiB up to 1 GiB. */
  constructor(sizeBytes: number) {
    if (!Number.isInteger(sizeBytes / MEBIBYTE) || sizeBytes <= 0 || sizeBytes > RAM_MAXIMUM_BYTES) {
      throw new MachineError(`RAM of ${sizeBytes} bytes: expected a multiple of 1 MiB, at most 1 GiB`);
    }
    this.sizeBytes = sizeBytes;
    this.memory = new LinearMemory(sizeBytes);
    const { buffer } = this.memory.memory;
    this.bytes = new Uint8Array(buffer, Place.Ram, sizeBytes);
    this.signedBytes = new Int8Array(buffer, Place.Ram, sizeBytes);
    this.halves = new Uint16Array(buffer, Place.Ram, sizeBytes / 2);
    this.signedHalves = new Int16Array(buffer, Place.Ram, sizeBytes / 2);
    this.words = new Int32Array(buffer, Place.Ram, sizeBytes / 4);
    this.flags = this.memory.bytes(Place.PageFlags, sizeBytes / PAGE_BYTES);
    this.#tree = PageTree.zeros(this.flags.length);
  }

  /** Whether `lengthBytes` bytes at this bus address all lie in RAM. */
  contains(address: number, lengthBytes: number): boolean {
    return address >= Base.Ram && address + lengthBytes <= Base.Ram + this.sizeBytes;
  }

  /** Notes that bytes were written; the range may span pages. Who has only a flag of `unheard` is not told. */
  wrote(offset: number, lengthBytes: number, unheard = 0): void {
    const heard = PROTECTED & ~unheard;
    const last = (offset + lengthBytes - 1) >> PAGE_SHIFT;
    for (let page = offset >> PAGE_SHIFT; page <= last; page++) {
      if ((this.flags[page]! & PageFlag.Dirty) === 0) {
        this.flags[page]! |= PageFlag.Dirty;
        this.#dirtyPages.push(page);
      }
      if ((this.flags[page]! & heard) === 0) continue;
      const from = Math.max(offset, page << PAGE_SHIFT);
      const to = Math.min(offset + lengthBytes, (page + 1) << PAGE_SHIFT);
      this.onWrite(from, to - from, this.flags[page]! & heard);
    }
  }

  /** Copies bytes in; `offset` and length are within RAM. */
  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.bytes.set(bytes, offset);
    this.wrote(offset, bytes.length);
  }

  /** The contents now, sharing all that has not changed since the last capture. */
  capture(): PageTree {
    if (this.#dirtyPages.length === 0) return this.#tree;
    const changes = new Map<number, Page>();
    for (const page of this.#dirtyPages) {
      if (this.#holds(page, this.#tree.page(page))) continue;
      const start = page * PAGE_BYTES;
      changes.set(page, new Page(this.bytes.slice(start, start + PAGE_BYTES)));
    }
    this.#tree = this.#tree.with(changes);
    this.#clean(this.#dirtyPages);
    this.#dirtyPages = [];
    return this.#tree;
  }

  /**
   * Puts contents back, writing only pages that differ. Those stay dirty, and stores to them are not looked at again:
   * whoever goes back once will do so again, and find the same pages changed. So do dirty pages that do not differ, as
   * long as they are few.
   */
  restore(tree: PageTree): void {
    const before = this.#tree;
    const equal: number[] = [];
    const differing: number[] = [];
    for (const page of this.#dirtyPages) (this.#holds(page, tree.page(page)) ? equal : differing).push(page);
    before.difference(tree, (page) => {
      if ((this.flags[page]! & PageFlag.Dirty) === 0) differing.push(page);
    });
    for (const page of differing) this.write(page * PAGE_BYTES, tree.page(page).bytes);
    this.#tree = tree;
    if (equal.length <= differing.length) return;
    this.#clean(equal);
    this.#dirtyPages = differing;
  }

  /** Whether a page's bytes are these. */
  #holds(page: number, { words }: Page): boolean {
    const start = page << (PAGE_SHIFT - 2);
    const own = this.words;
    for (let word = 0; word < WORDS_PER_PAGE; word++) if (own[start + word] !== words[word]) return false;
    return true;
  }

  #clean(pages: readonly number[]): void {
    for (const page of pages) this.flags[page]! &= ~PageFlag.Dirty;
    this.onClean(pages);
  }
}

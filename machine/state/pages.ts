/**
 * Contents of RAM or disk as a persistent tree of pages: what snapshots share and hashes remember.
 *
 * A page is never changed after it entered a tree, so trees share pages freely: capturing, restoring, forking and
 * hashing cost what changed, not what exists. Two levels: groups of 256 pages, so that a tree differs from its
 * successor in few groups.
 */
import { type Digest, digest } from "./digest.ts";

export const PAGE_BYTES = 4096;
export const PAGE_SHIFT = 12;
/** Of an address: its page's, and where in the page it is. */
export const PAGE_MASK = -PAGE_BYTES;
export const OFFSET_MASK = PAGE_BYTES - 1;
const WORDS_PER_PAGE = PAGE_BYTES / 4;
const PAGES_PER_GROUP = 256;
const WORDS_PER_DIGEST = 4;

/** A page of immutable bytes, which knows its digest once asked. */
export class Page {
  readonly bytes: Uint8Array;
  #words: Int32Array | null = null;
  #digest: Digest | null = null;

  /** Takes the bytes over; `bytes.byteOffset` is a multiple of four. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The same as words. */
  get words(): Int32Array {
    this.#words ??= new Int32Array(this.bytes.buffer, this.bytes.byteOffset, PAGE_BYTES / 4);
    return this.#words;
  }

  get digest(): Digest {
    this.#digest ??= digest(this.words);
    return this.#digest;
  }
}

class Group {
  readonly pages: readonly Page[];
  #digest: Digest | null = null;

  constructor(pages: readonly Page[]) {
    this.pages = pages;
  }

  /** A group is hashed as a page of its pages' digests. */
  get digest(): Digest {
    this.#digest ??= digest(concatenated(this.pages));
    return this.#digest;
  }
}

const ZERO_PAGE = new Page(new Uint8Array(PAGE_BYTES));
const ZERO_GROUP = new Group(new Array<Page>(PAGES_PER_GROUP).fill(ZERO_PAGE));

export class PageTree {
  readonly pageCount: number;
  readonly #groups: readonly Group[];
  #digest: Digest | null = null;

  private constructor(pageCount: number, groups: readonly Group[]) {
    this.pageCount = pageCount;
    this.#groups = groups;
  }

  /** `pageCount` pages of zeros, which take no room. */
  static zeros(pageCount: number): PageTree {
    return new PageTree(pageCount, new Array<Group>(Math.ceil(pageCount / PAGES_PER_GROUP)).fill(ZERO_GROUP));
  }

  /** A copy of `bytes`, whose length is a multiple of four, the last page filled up with zeros. */
  static from(bytes: Uint8Array): PageTree {
    const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const words = new Int32Array(buffer, byteOffset, length / 4);
    const pageCount = Math.ceil(length / PAGE_BYTES);
    const pages = new Map<number, Page>();
    for (let index = 0; index < pageCount; index++) {
      const start = index * WORDS_PER_PAGE;
      const end = Math.min(start + WORDS_PER_PAGE, words.length);
      if (isZero(words, start, end)) continue;
      const page = new Int32Array(WORDS_PER_PAGE);
      page.set(words.subarray(start, end));
      pages.set(index, new Page(new Uint8Array(page.buffer)));
    }
    return PageTree.zeros(pageCount).with(pages);
  }

  page(index: number): Page {
    return this.#groups[Math.floor(index / PAGES_PER_GROUP)]!.pages[index % PAGES_PER_GROUP]!;
  }

  /** This tree with some pages replaced. */
  with(changes: ReadonlyMap<number, Page>): PageTree {
    if (changes.size === 0) return this;
    const groups = [...this.#groups];
    const fresh = new Map<number, Page[]>();
    for (const [index, page] of changes) {
      const group = Math.floor(index / PAGES_PER_GROUP);
      let pages = fresh.get(group);
      if (pages === undefined) fresh.set(group, (pages = [...groups[group]!.pages]));
      pages[index % PAGES_PER_GROUP] = page;
    }
    for (const [group, pages] of fresh) groups[group] = new Group(pages);
    return new PageTree(this.pageCount, groups);
  }

  /** Calls `visit` for every page that is not the very same in `other`, a tree of the same size. */
  difference(other: PageTree, visit: (index: number, own: Page, others: Page) => void): void {
    this.#groups.forEach((group, groupIndex) => {
      const otherGroup = other.#groups[groupIndex]!;
      if (group === otherGroup) return;
      group.pages.forEach((page, index) => {
        const others = otherGroup.pages[index]!;
        if (page !== others) visit(groupIndex * PAGES_PER_GROUP + index, page, others);
      });
    });
  }

  get digest(): Digest {
    this.#digest ??= digest(concatenated(this.#groups));
    return this.#digest;
  }
}

function isZero(words: Int32Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (words[index] !== 0) return false;
  return true;
}

function concatenated(parts: readonly { readonly digest: Digest }[]): Int32Array {
  const words = new Int32Array(parts.length * WORDS_PER_DIGEST);
  parts.forEach((part, index) => {
    words.set(part.digest, index * WORDS_PER_DIGEST);
  });
  return words;
}

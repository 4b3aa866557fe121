/**
 * What is on the disk: sectors in shared, immutable pages, and over them the pages written since the last capture.
 *
 * It belongs to the machine's state, so it is captured, restored and hashed like RAM. The image that the machine was
 * given is never written to; what differs from it can be listed, for whoever keeps a file of it.
 */
import { SECTOR_BYTES } from "../board/virtio.ts";
import { MachineError } from "../error.ts";
import { PAGE_BYTES, Page, PageTree } from "../state/pages.ts";

const SECTORS_PER_PAGE = PAGE_BYTES / SECTOR_BYTES;

/** Hears of a sector that is about to be overwritten; both arrays are the caller's only until it returns. */
export type SectorListener = (sector: number, before: Uint8Array, after: Uint8Array) => void;

/** What the host may do with the disk. */
export interface DiskView {
  /** Sectors of 512 bytes. */
  readonly sectorCount: number;
  /** A sector's bytes: a view to be used before the machine runs on. */
  read(sector: number): Uint8Array;
  /** A copy of everything on it. */
  content(): Uint8Array;
  /** The sectors that differ from the image in the configuration, ascending. Costs what changed. */
  changedSectors(): number[];
  /** Calls the listener before every write of a sector, with its bytes before and after: both views. */
  onWrite(listener: SectorListener): void;
}

export class Disk implements DiskView {
  readonly sectorCount: number;
  readonly #initial: PageTree;
  #tree: PageTree;
  /** Pages written since the last capture: ours alone. */
  readonly #written = new Map<number, Page>();
  readonly #listeners: SectorListener[] = [];

  private constructor(initial: PageTree, sectorCount: number) {
    this.sectorCount = sectorCount;
    this.#initial = initial;
    this.#tree = initial;
  }

  /** A disk with a copy of the image. Throws a MachineError unless its length is a multiple of 512 and not zero. */
  static from(image: Uint8Array): Disk {
    if (image.length === 0 || image.length % SECTOR_BYTES !== 0) {
      throw new MachineError(
        `disk image of ${image.length} bytes: expected a multiple of ${SECTOR_BYTES}, and more than none`,
      );
    }
    return new Disk(PageTree.from(image), image.length / SECTOR_BYTES);
  }

  /** Another disk that began with the same image, as this one did. */
  twin(): Disk {
    return new Disk(this.#initial, this.sectorCount);
  }

  /** A sector's bytes, a view to be used before the next write. `sector` is below `sectorCount`. */
  read(sector: number): Uint8Array {
    return sectorOf(this.#page(Math.floor(sector / SECTORS_PER_PAGE)), sector);
  }

  /** A copy of everything on it. */
  content(): Uint8Array {
    const bytes = new Uint8Array(this.sectorCount * SECTOR_BYTES);
    for (let sector = 0; sector < this.sectorCount; sector++) bytes.set(this.read(sector), sector * SECTOR_BYTES);
    return bytes;
  }

  write(sector: number, bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(sector, this.read(sector), bytes);
    sectorOf(this.#ownPage(Math.floor(sector / SECTORS_PER_PAGE)), sector).set(bytes);
  }

  /** Calls the listener before every write of a sector, from now on. */
  onWrite(listener: SectorListener): void {
    this.#listeners.push(listener);
  }

  /** The sectors that differ from `since` (by default, from the image the machine was given), ascending. */
  changedSectors(since: PageTree = this.#initial): number[] {
    const changed: number[] = [];
    this.capture().difference(since, (index, own, other) => {
      for (let sector = index * SECTORS_PER_PAGE; sector < (index + 1) * SECTORS_PER_PAGE; sector++) {
        if (sector < this.sectorCount && !areEqual(sectorOf(own, sector), sectorOf(other, sector)))
          changed.push(sector);
      }
    });
    return changed;
  }

  /** The contents now, sharing all that has not changed. */
  capture(): PageTree {
    this.#tree = this.#tree.with(this.#written);
    this.#written.clear();
    return this.#tree;
  }

  restore(tree: PageTree): void {
    this.#written.clear();
    this.#tree = tree;
  }

  #page(index: number): Page {
    return this.#written.get(index) ?? this.#tree.page(index);
  }

  #ownPage(index: number): Page {
    let page = this.#written.get(index);
    if (page === undefined) {
      page = new Page(this.#tree.page(index).bytes.slice());
      this.#written.set(index, page);
    }
    return page;
  }
}

function sectorOf(page: Page, sector: number): Uint8Array {
  const start = (sector % SECTORS_PER_PAGE) * SECTOR_BYTES;
  return page.bytes.subarray(start, start + SECTOR_BYTES);
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, index) => byte === b[index]);
}

/**
 * What registers of devices hold that say the same until something happens to a device: programs read them in a loop, as
 * the status of the serial port before each character. Translated code looks here before it leaves for the device
 * (translate/timer.ts, `deviceLoad`), and all is forgotten as soon as any device is written to or does something.
 *
 * A register is known by its page's number, since an entry of the translation cache has room for no more, its offset in
 * the page, and the kind of load. Begin with `keep`.
 */
import { Base, Size } from "../board/memory-map.ts";
import type { Width } from "../isa/meaning.ts";
import { type LinearMemory, Place } from "../linear-memory.ts";
import { OFFSET_MASK, PAGE_BYTES, PAGE_SHIFT } from "../state/pages.ts";
import { DeviceTag } from "./translation-cache.ts";

export const STEADY_READS = 64;
/** Words of an entry. */
export const enum SteadyRead {
  Key = 0,
  Value = 1,
  Words = 2,
}
/** A key is the page's number, the offset in the page, and in so many bits the kind of load; it is 0 where nothing is kept. */
export const KIND_BITS = 3;

/** Pages of the core-local interruptor have the first numbers. It is served otherwise (translate/timer.ts). */
export const TIMER_PAGES = Size.Clint / PAGE_BYTES;

/** A load's width and what it does to the bits beyond. */
export function kindOfLoad(width: Width, signed: boolean): number {
  return width === 4 ? WORD_LOAD : width | (signed ? 4 : 0);
}
export const WORD_LOAD = 0;

export class SteadyReads {
  readonly #words: Int32Array;
  /** The numbers of other pages, by bus address. */
  readonly #numbers = new Map<number, number>();
  #isEmpty = true;

  constructor(memory: LinearMemory) {
    this.#words = memory.words(Place.SteadyReads, STEADY_READS * SteadyRead.Words);
  }

  /** The number of a bus address's page; null if there are too many. */
  numberOf(bus: number): number | null {
    if (bus >= Base.Clint && bus < Base.Clint + Size.Clint) return (bus - Base.Clint) >> PAGE_SHIFT;
    const page = bus - (bus % PAGE_BYTES);
    const known = this.#numbers.get(page);
    if (known !== undefined) return known;
    const number = TIMER_PAGES + this.#numbers.size;
    if (number > DeviceTag.NumberMask) return null;
    this.#numbers.set(page, number);
    return number;
  }

  /** A load at an address of a page has got this, and would again. */
  keep(number: number, address: number, kind: number, value: number): void {
    const offset = (number << PAGE_SHIFT) | (address & OFFSET_MASK);
    const index = ((offset ^ (offset >> PAGE_SHIFT)) & (STEADY_READS - 1)) * SteadyRead.Words;
    this.#words[index + SteadyRead.Key] = (offset << KIND_BITS) | kind;
    this.#words[index + SteadyRead.Value] = value;
    this.#isEmpty = false;
  }

  forget(): void {
    if (this.#isEmpty) return;
    this.#words.fill(0);
    this.#isEmpty = true;
  }
}

/**
 * Which accesses of translated code miss in the data translations, and how often: where they do so all the time, what
 * holds them is translated anew, in a way that costs more and misses less (`Misses`).
 *
 * An access is known by the entry table of its page and the offset, apart from its address space. Begin with `isOften`.
 */
import { PAGE_BYTES } from "../state/pages.ts";
import type { Region, Step } from "./discover.ts";

/** So many misses of an access, in so short a time, and what comes behind it is translated so that it refills. */
const MOST_MISSES = 64;
const MISSES_WITHIN_CYCLES = 4_000_000;

/** How often accesses in a region have found no page at once. */
export const enum Misses {
  Rare,
  /** So often that each is looked up by itself: a group of them may have lain in two pages. */
  Frequent,
  /** So often even then that it pays to refill the translations without leaving. */
  Refilled,
}

export class MissingAccesses {
  readonly #counts = new Map<number, { sinceCycle: number; count: number }>();
  /** Where accesses have missed so often that whatever holds them is translated otherwise. */
  readonly #known = new Map<number, Misses>();

  /** An access has missed once more: whether it is time to translate what begins there so that it refills. */
  isOften(table: number, pc: number, cycle: number): boolean {
    const place = placeOf(table, pc);
    const misses = this.#counts.get(place) ?? { sinceCycle: cycle, count: 0 };
    this.#counts.set(place, misses);
    if (misses.count > MOST_MISSES || Math.abs(cycle - misses.sinceCycle) > MISSES_WITHIN_CYCLES) {
      misses.sinceCycle = cycle;
      misses.count = 0;
    }
    misses.count += 1;
    return misses.count > MOST_MISSES;
  }

  /** The same for one that is looked up by itself, and does not refill. */
  isOftenAlone(table: number, pc: number, cycle: number): boolean {
    return this.at(table, pc) === Misses.Frequent && this.isOften(table, pc, cycle);
  }

  /** Whatever holds this access is translated in the next better way from now on. */
  remedy(table: number, pc: number): void {
    const place = placeOf(table, pc);
    this.#known.set(place, this.#known.has(place) ? Misses.Refilled : Misses.Frequent);
  }

  at(table: number, pc: number): Misses {
    return this.#known.get(placeOf(table, pc)) ?? Misses.Rare;
  }

  /** The most of what is known of a region's accesses. */
  in({ blocks }: Region, tableOf: (pc: number) => number): Misses {
    if (this.#known.size === 0) return Misses.Rare;
    const missesAt = ({ pc }: Step) => this.at(tableOf(pc), pc);
    return blocks.reduce<Misses>((most, { steps }) => Math.max(most, ...steps.map(missesAt)), Misses.Rare);
  }

  clear(): void {
    this.#counts.clear();
    this.#known.clear();
  }
}

function placeOf(table: number, pc: number): number {
  return table + (pc & (PAGE_BYTES - 1));
}

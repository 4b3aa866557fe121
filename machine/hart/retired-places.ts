/**
 * Decoded instructions that no page of RAM has at present, kept for the next page with the same contents.
 *
 * A program that is executed again lies in other frames, and RAM that comes back from a snapshot is written to: either
 * way a page of code is new, but what stands in it is not. So a place (the decoded instructions of one page, and how
 * hot they are: code-cache.ts) is retired with what it was decoded from, and revived when that comes again.
 */
import { PAGE_BYTES } from "../state/pages.ts";

const WORDS_PER_PAGE = PAGE_BYTES / 4;

export class RetiredPlaces {
  /** What each place was decoded from, by its number. */
  #contents = new Int32Array(0);
  /** Of those that are retired. */
  readonly #hashes: Int32Array;
  readonly #byHash = new Map<number, number[]>();
  /** All that are retired, in the order in which they were. */
  readonly #retired = new Set<number>();

  constructor(mostPlaces: number) {
    this.#hashes = new Int32Array(mostPlaces);
  }

  /** Makes room for so many places. */
  grow(places: number): void {
    const contents = new Int32Array(places * WORDS_PER_PAGE);
    contents.set(this.#contents);
    this.#contents = contents;
  }

  /** A place is going to be used for a page with these contents. */
  note(place: number, contents: Int32Array): void {
    this.#contents.set(contents, place * WORDS_PER_PAGE);
  }

  retire(place: number): void {
    const start = place * WORDS_PER_PAGE;
    const hash = hashOf(this.#contents.subarray(start, start + WORDS_PER_PAGE));
    this.#hashes[place] = hash;
    this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), place]);
    this.#retired.add(place);
  }

  /**
   * A retired place with these contents, which is in use from now on; null if there is none. `likely` is the one to
   * look at first, and need not be a place.
   */
  revive(contents: Int32Array, likely: number): number | null {
    if (this.#retired.has(likely) && this.#holds(likely, contents)) {
      this.#remove(likely);
      return likely;
    }
    if (this.#retired.size === 0) return null;
    const candidates = this.#byHash.get(hashOf(contents));
    const place = candidates?.find((candidate) => this.#holds(candidate, contents));
    if (place === undefined) return null;
    this.#remove(place);
    return place;
  }

  /** Gives up the place that was retired first; null if there is none. */
  takeOldest(): number | null {
    const [place] = this.#retired;
    if (place === undefined) return null;
    this.#remove(place);
    return place;
  }

  #holds(place: number, contents: Int32Array): boolean {
    const start = place * WORDS_PER_PAGE;
    for (let word = 0; word < WORDS_PER_PAGE; word++) {
      if (this.#contents[start + word] !== contents[word]) return false;
    }
    return true;
  }

  #remove(place: number): void {
    this.#retired.delete(place);
    const hash = this.#hashes[place]!;
    const rest = this.#byHash.get(hash)!.filter((other) => other !== place);
    if (rest.length > 0) this.#byHash.set(hash, rest);
    else this.#byHash.delete(hash);
  }
}

/** FNV-1a, a word at a time. */
function hashOf(words: Int32Array): number {
  let hash = 0x811c_9dc5 | 0;
  for (let index = 0; index < words.length; index++) hash = Math.imul(hash ^ words[index]!, 0x0100_0193);
  return hash;
}

/**
 * What the compiler keeps between runs, by content: outlines and modules as JSON, objects and images as bytes. Begin reading at `Artifacts`.
 */
import { decodeText, encodeText } from "./text.ts";

/**
 * Where it is kept: files in a folder, say. Keys are letters, digits and `-`. The owner sees to it that what one version of the compiler has
 * put there is never given to another.
 */
export interface Cache {
  get(key: string): Uint8Array | null;
  put(key: string, value: Uint8Array): void;
}

/** A cache with JSON on top; without a cache nothing is kept. */
export class Artifacts {
  readonly #cache: Cache | null;

  constructor(cache: Cache | null) {
    this.#cache = cache;
  }

  /** Whether it is worth the effort to make what would be kept. */
  get isKept(): boolean {
    return this.#cache !== null;
  }

  bytes(key: string): Uint8Array | null {
    return this.#cache?.get(key) ?? null;
  }

  keep(key: string, value: Uint8Array): void {
    this.#cache?.put(key, value);
  }

  /** What `write` has put there; what cannot be read is a miss. */
  read<T>(key: string): T | null {
    const bytes = this.bytes(key);
    if (bytes === null) return null;
    try {
      return JSON.parse(decodeText(bytes)) as T;
    } catch {
      return null;
    }
  }

  write(key: string, value: object): void {
    if (this.isKept) this.keep(key, encodeText(JSON.stringify(value)));
  }
}

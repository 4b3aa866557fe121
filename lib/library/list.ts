/**
 * A list of strings that grows: arguments, environment, names of files. It holds the strings' addresses; the strings themselves belong to whoever made them.
 */

import { compareBytes } from "./bytes.ts";
import { release, take } from "./heap.ts";
import { greater } from "./number.ts";

const FIRST_COUNT = 8;
const WORD_BYTES = 4;

export class TextList {
  place: vaddr = 0;
  capacity: i32 = 0;
  count: i32 = 0;

  at(index: i32): string {
    return stringAt(this.words()[index]);
  }

  put(index: i32, text: string): void {
    this.words()[index] = address(text);
  }

  append(text: string): void {
    if (this.count === this.capacity) this.grow();
    this.count++;
    this.words()[this.count - 1] = address(text);
  }

  /** Takes out the string at `index`; those after it move down. */
  remove(index: i32): void {
    const words = this.words();
    for (let next = index + 1; next < this.count; next++) words[next - 1] = words[next];
    this.count--;
  }

  /** Bytewise order, from `first` on. Shell sort: small, no recursion, and quick enough for a directory. */
  sort(first: i32 = 0): void {
    const words = this.words().subarray(first);
    let gap = 1;
    while (gap < words.length / 3) gap = gap * 3 + 1;
    for (; gap > 0; gap = gap / 3) {
      for (let index = gap; index < words.length; index++) {
        const moving = words[index];
        let hole = index;
        while (hole >= gap && isAfter(words[hole - gap], moving)) {
          words[hole] = words[hole - gap];
          hole -= gap;
        }
        words[hole] = moving;
      }
    }
  }

  /** Gives the list's memory back, not that of the strings. */
  release(): void {
    release(this.place);
    this.place = 0;
    this.capacity = 0;
    this.count = 0;
  }

  words(): Uint32Array {
    return wordsAt(this.place, u32(this.count));
  }

  grow(): void {
    const capacity = greater(this.capacity * 2, FIRST_COUNT);
    const place = take(u32(capacity * WORD_BYTES));
    const target = wordsAt(place, u32(capacity));
    const source = this.words();
    for (let index = 0; index < source.length; index++) target[index] = source[index];
    release(this.place);
    this.place = place;
    this.capacity = capacity;
  }
}

function isAfter(a: u32, b: u32): boolean {
  return compareBytes(stringAt(a).bytes, stringAt(b).bytes) > 0;
}

/**
 * A list of strings that grows: arguments, environment, names of files. It holds the strings' addresses; the strings
 * themselves belong to whoever made them.
 */

import { compareBytes } from "./bytes.ts";
import { release, take } from "./heap.ts";
import { greater } from "./number.ts";

const FIRST_COUNT = 8;
const WORD_BYTES = 4;

export type TextOrder = (a: string, b: string) => i32;

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

  /** Bytewise order. Shell sort: small, no recursion, and quick enough for a directory. */
  sort(): void {
    this.sortBy(compareTexts);
  }

  /** By an order of the caller's: below zero, zero or above, as a is before, like or after b. */
  sortBy(order: TextOrder): void {
    const words = this.words();
    let gap = 1;
    while (gap < words.length / 3) gap = gap * 3 + 1;
    for (; gap > 0; gap = gap / 3) {
      for (let index = gap; index < words.length; index++) {
        const moving = words[index];
        let hole = index;
        while (hole >= gap && order(stringAt(words[hole - gap]), stringAt(moving)) > 0) {
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

export function compareTexts(a: string, b: string): i32 {
  return compareBytes(a.bytes, b.bytes);
}

const argumentList = new TextList();

/** A program's arguments as a list. There is one such list. */
export function listOf(args: readonly string[]): TextList {
  argumentList.count = 0;
  for (const argument of args) argumentList.append(argument);
  return argumentList;
}

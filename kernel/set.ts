/**
 * Sets of small numbers: of privilege ids and kernel calls (64 bits), and of process slots (256 bits). A set of zeros is
 * empty, so that sets need no initialisation.
 */
import { SLOTS } from "../lib/endpoint.ts";

/** Nothing (more) in the set. */
export const NOBODY = -1;

/** A set of numbers 0 to 63. */
export class Set64 {
  low: u32 = 0;
  high: u32 = 0;

  has(id: i32): boolean {
    return (((id < 32 ? this.low : this.high) >>> id) & 1) !== 0;
  }

  add(id: i32): void {
    if (id < 32) this.low |= u32(1) << id;
    else this.high |= u32(1) << id;
  }

  remove(id: i32): void {
    if (id < 32) this.low &= ~(u32(1) << id);
    else this.high &= ~(u32(1) << id);
  }

  isEmpty(): boolean {
    return (this.low | this.high) === 0;
  }

  /** The least member, or NOBODY. */
  lowest(): i32 {
    if (this.low !== 0) return lowestBit(this.low);
    return this.high !== 0 ? 32 + lowestBit(this.high) : NOBODY;
  }

  empty(): void {
    this.low = 0;
    this.high = 0;
  }
}

/** A set of slots of the process table. */
export class SlotSet {
  readonly words = new Uint32Array(SLOTS / 32);

  add(slot: i32): void {
    this.words[slot >> 5] |= u32(1) << (slot & 31);
  }

  remove(slot: i32): void {
    this.words[slot >> 5] &= ~(u32(1) << (slot & 31));
  }

  /** The least member from `slot` on, or NOBODY. */
  from(slot: i32): i32 {
    let mask = ~u32(0) << (slot & 31);
    for (let word = slot >> 5; word < SLOTS / 32; word++) {
      const members = this.words[word] & mask;
      if (members !== 0) return word * 32 + lowestBit(members);
      mask = ~u32(0);
    }
    return NOBODY;
  }
}

/** The number of the lowest one in a word that is not zero. */
export function lowestBit(word: u32): i32 {
  let rest = word;
  let bit: i32 = 0;
  if ((rest & 0xffff) === 0) {
    rest >>>= 16;
    bit += 16;
  }
  if ((rest & 0xff) === 0) {
    rest >>>= 8;
    bit += 8;
  }
  if ((rest & 0xf) === 0) {
    rest >>>= 4;
    bit += 4;
  }
  if ((rest & 0x3) === 0) {
    rest >>>= 2;
    bit += 2;
  }
  return (rest & 1) === 0 ? bit + 1 : bit;
}

/**
 * Bytes that grow: a string in the making, a file's contents, the output of a command. In the heap, doubling when full.
 */
import { release, take } from "./heap.ts";
import { greater } from "./number.ts";
import { makeText } from "./text.ts";

const FIRST_BYTES = 64;

export class Builder {
  place: vaddr = 0;
  capacity: i32 = 0;
  length: i32 = 0;

  /** What it holds; good until the next change. */
  bytes(): Uint8Array {
    return bytesAt(this.place, u32(this.length));
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    bytesAt(this.place, u32(this.capacity)).set(bytes, this.length);
    this.length += bytes.length;
  }

  appendByte(byte: u8): void {
    this.reserve(1);
    bytesAt(this.place, u32(this.capacity))[this.length] = byte;
    this.length++;
  }

  appendText(text: string): void {
    this.append(text.bytes);
  }

  /** Makes room for `more` bytes, and answers that room; `length` counts them when the caller has filled them. */
  room(more: i32): Uint8Array {
    this.reserve(more);
    return bytesAt(this.place + u32(this.length), u32(this.capacity - this.length));
  }

  /** A new string of what it holds. */
  text(): string {
    return makeText(this.bytes());
  }

  clear(): void {
    this.length = 0;
  }

  /** Gives the memory back; the builder is empty and can be used again. */
  release(): void {
    release(this.place);
    this.place = 0;
    this.capacity = 0;
    this.length = 0;
  }

  reserve(more: i32): void {
    if (this.length + more <= this.capacity) return;
    const capacity = greater(greater(this.capacity * 2, this.length + more), FIRST_BYTES);
    const place = take(u32(capacity));
    bytesAt(place, u32(capacity)).set(this.bytes());
    release(this.place);
    this.place = place;
    this.capacity = capacity;
  }
}

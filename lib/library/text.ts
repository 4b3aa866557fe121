/**
 * Making strings at run time.
 *
 * A string is a word: the address of a length, the bytes, and one NUL. What makes a new string takes it from the heap, and `releaseText` gives it
 * back; short-lived programs need not. Comparing and searching is in bytes.ts. Begin reading at `makeText`.
 */
import { Ascii } from "./ascii.ts";
import { release, take } from "./heap.ts";

const LENGTH_BYTES = 4;

/** A new string of these bytes. */
export function makeText(bytes: Uint8Array): string {
  const place = take(textBytes(bytes.length));
  return writeText(place, bytes);
}

/** Room that a string of `length` bytes needs, with its length word and its NUL; a multiple of four. */
export function textBytes(length: i32): u32 {
  return u32(LENGTH_BYTES + length + 4) & ~3;
}

/** Lays a string down at a place (aligned to a word) that has `textBytes` of room. */
export function writeText(place: vaddr, bytes: Uint8Array): string {
  wordsAt(place, 1)[0] = u32(bytes.length);
  const target = bytesAt(place + LENGTH_BYTES, u32(bytes.length) + 1);
  target.set(bytes);
  target[bytes.length] = Ascii.Null;
  return stringAt(place);
}

/** Gives back a string that `makeText` or its neighbours made. */
export function releaseText(text: string): void {
  release(address(text));
}

/** A new string: `name` in `directory`, or `name` alone when it begins with a slash or the directory is empty. */
export function joinPath(directory: string, name: Uint8Array): string {
  if (directory.length === 0 || (name.length > 0 && name[0] === Ascii.Slash)) return makeText(name);
  const bare = directory.charCodeAt(directory.length - 1) === Ascii.Slash ? directory.length - 1 : directory.length;
  const place = take(textBytes(bare + 1 + name.length));
  wordsAt(place, 1)[0] = u32(bare + 1 + name.length);
  const target = bytesAt(place + LENGTH_BYTES, u32(bare + name.length) + 2);
  target.set(directory.bytes.subarray(0, bare));
  target[bare] = Ascii.Slash;
  target.set(name, bare + 1);
  target[bare + 1 + name.length] = Ascii.Null;
  return stringAt(place);
}

/**
 * Bytes compared, searched and taken apart, paths among them. Nothing here needs memory: results are parts of what was given. The bytes
 * of a string are `text.bytes`.
 */
import { Ascii } from "./ascii.ts";

/** Whether two slices hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** Below zero, zero or above: the order of two slices, byte by byte. */
export function compareBytes(a: Uint8Array, b: Uint8Array): i32 {
  const shorter = a.length < b.length ? a : b;
  for (let index = 0; index < shorter.length; index++) {
    const difference = i32(a[index]) - i32(b[index]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function startsWith(text: Uint8Array, prefix: Uint8Array): boolean {
  return text.length >= prefix.length && sameBytes(text.subarray(0, prefix.length), prefix);
}

/** Where `byte` first stands at or after `from`; -1 if nowhere. */
export function findByte(text: Uint8Array, byte: u8, from: i32 = 0): i32 {
  for (let index = from; index < text.length; index++) if (text[index] === byte) return index;
  return -1;
}

/** Where `byte` stands last; -1 if nowhere. */
export function findLastByte(text: Uint8Array, byte: u8): i32 {
  for (let index = text.length - 1; index >= 0; index--) if (text[index] === byte) return index;
  return -1;
}

/** Where `part` first stands in `text`; -1 if nowhere. */
export function findBytes(text: Uint8Array, part: Uint8Array): i32 {
  const last = text.length - part.length;
  for (let index = 0; index <= last; index++) {
    if (sameBytes(text.subarray(index, index + part.length), part)) return index;
  }
  return -1;
}

/** The bytes of a zero-padded field. */
export function fieldBytes(field: Uint8Array): Uint8Array {
  const end = findByte(field, 0);
  return end < 0 ? field : field.subarray(0, end);
}

/** Writes a name into a zero-padded field; false when it does not fit. */
export function fillField(field: Uint8Array, name: string): boolean {
  if (name.length > field.length) return false;
  field.fill(0);
  field.set(name.bytes);
  return true;
}

// --- Paths ---------------------------------------------------------------------------------------------------------

/** The last step of a path, without slashes at its end; "/" for the root. */
export function baseName(path: Uint8Array): Uint8Array {
  const bare = withoutSlashes(path);
  if (bare.length === 1) return bare;
  return bare.subarray(findLastByte(bare, Ascii.Slash) + 1);
}

/** Everything before the last step: "." if there is only one, "/" below the root. */
export function directoryName(path: Uint8Array): Uint8Array {
  const bare = withoutSlashes(path);
  const slash = findLastByte(bare, Ascii.Slash);
  if (slash < 0) return ".".bytes;
  return slash === 0 ? bare.subarray(0, 1) : withoutSlashes(bare.subarray(0, slash));
}

function withoutSlashes(path: Uint8Array): Uint8Array {
  let end = path.length;
  while (end > 1 && path[end - 1] === Ascii.Slash) end--;
  return path.subarray(0, end);
}

/**
 * Patterns of file names, as the shell and `find` use them: `*` any bytes, `?` any one, `[a-z]` and `[!a-z]` one of a set; a
 * backslash takes the next byte as it is. Begin reading at `matches`.
 */
import { Ascii } from "./ascii.ts";

/**
 * Whether the whole text fits. One `*` at a time can be given more bytes later: only the last one ever needs to, so this takes no recursion and
 * at most pattern times text steps.
 */
export function matches(pattern: Uint8Array, text: Uint8Array): boolean {
  let position = 0;
  let index = 0;
  let starPosition = -1;
  let starIndex = 0;
  while (index < text.length) {
    if (position < pattern.length && pattern[position] === Ascii.Asterisk) {
      position++;
      starPosition = position;
      starIndex = index;
    } else if (position < pattern.length && matchesOne(pattern, position, text[index])) {
      position += elementBytes(pattern, position);
      index++;
    } else if (starPosition >= 0) {
      starIndex++;
      index = starIndex;
      position = starPosition;
    } else return false;
  }
  while (position < pattern.length && pattern[position] === Ascii.Asterisk) position++;
  return position === pattern.length;
}

/** Whether there is anything in the pattern that stands for something else. */
export function isPattern(pattern: Uint8Array): boolean {
  for (let index = 0; index < pattern.length; index++) {
    const byte = pattern[index];
    if (byte === Ascii.Backslash) index++;
    else if (byte === Ascii.Asterisk || byte === Ascii.Question) return true;
    else if (byte === Ascii.OpenBracket && setEnd(pattern, index) > 0) return true;
  }
  return false;
}

function matchesOne(pattern: Uint8Array, position: i32, byte: i32): boolean {
  const element = pattern[position];
  if (element === Ascii.Question) return true;
  if (element === Ascii.OpenBracket) {
    const end = setEnd(pattern, position);
    if (end > 0) return isInSet(pattern.subarray(position + 1, end), byte);
  }
  if (element === Ascii.Backslash && position + 1 < pattern.length) return pattern[position + 1] === byte;
  return element === byte;
}

/** How many bytes of the pattern stand for one byte of text. */
function elementBytes(pattern: Uint8Array, position: i32): i32 {
  const element = pattern[position];
  if (element === Ascii.OpenBracket) {
    const end = setEnd(pattern, position);
    if (end > 0) return end + 1 - position;
  }
  return element === Ascii.Backslash && position + 1 < pattern.length ? 2 : 1;
}

/** Where the set that opens at `begin` has its closing bracket; 0 if it has none, and is a mere bracket. */
function setEnd(pattern: Uint8Array, begin: i32): i32 {
  let index = begin + 1;
  if (index < pattern.length && isNegation(pattern[index])) index++;
  // A closing bracket that stands first is a member.
  for (index++; index < pattern.length; index++) if (pattern[index] === Ascii.CloseBracket) return index;
  return 0;
}

function isInSet(set: Uint8Array, byte: i32): boolean {
  const negated = isNegation(set[0]);
  let found = false;
  let index = negated ? 1 : 0;
  while (index < set.length) {
    const low = set[index];
    const isRange = index + 2 < set.length && set[index + 1] === Ascii.Minus;
    const high = isRange ? set[index + 2] : low;
    if (byte >= low && byte <= high) found = true;
    index += isRange ? 3 : 1;
  }
  return found !== negated;
}

function isNegation(byte: i32): boolean {
  return byte === Ascii.Exclamation || byte === Ascii.Caret;
}

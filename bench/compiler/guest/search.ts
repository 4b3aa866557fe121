/** All places of a word in 8,192 bytes of text, found letter by letter. */
const text = new Uint8Array(8192);
const word = new Uint8Array(5);

export function main(): i32 {
  let seed: u32 = 7;
  for (let index = 0; index < text.length; index++) {
    seed = seed * 1_664_525 + 1_013_904_223;
    text[index] = u8(97 + (seed >>> 30));
  }
  for (let index = 0; index < word.length; index++) word[index] = u8(97 + (index & 1));
  let found = 0;
  for (let round = 0; round < 4; round++) found += occurrences(text, word);
  return found;
}

function occurrences(haystack: Uint8Array, needle: Uint8Array): i32 {
  let count = 0;
  for (let at = 0; at <= haystack.length - needle.length; at++) {
    if (matches(haystack, at, needle)) count++;
  }
  return count;
}

function matches(haystack: Uint8Array, at: i32, needle: Uint8Array): boolean {
  for (let index = 0; index < needle.length; index++) if (haystack[at + index] !== needle[index]) return false;
  return true;
}

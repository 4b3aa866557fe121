/* All places of a word in 8,192 bytes of text, found letter by letter. */
#include "support.h"
static u8 text[8192];
static u8 word[5];

static int matches(const u8 *haystack, int at, const u8 *needle, int length) {
  for (int index = 0; index < length; index++) if (haystack[at + index] != needle[index]) return 0;
  return 1;
}

static int occurrences(const u8 *haystack, int size, const u8 *needle, int length) {
  int count = 0;
  for (int at = 0; at <= size - length; at++) {
    if (matches(haystack, at, needle, length)) count++;
  }
  return count;
}

int main(void) {
  u32 seed = 7;
  for (int index = 0; index < 8192; index++) {
    seed = seed * 1664525 + 1013904223;
    text[index] = 97 + (seed >> 30);
  }
  for (int index = 0; index < 5; index++) word[index] = 97 + (index & 1);
  int found = 0;
  for (int round = 0; round < 4; round++) found += occurrences(text, 8192, word, 5);
  return found;
}

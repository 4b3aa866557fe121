/* memcpy and memset, a word at a time where they can: the counterpart of lib/runtime.ts. */
#include "support.h"

void *memcpy(void *target, const void *source, unsigned bytes) {
  u8 *to = target;
  const u8 *from = source;
  u8 *end = to + bytes;
  if ((((u32)to ^ (u32)from) & 3) == 0) {
    while (to != end && ((u32)to & 3) != 0) *to++ = *from++;
    while (end - to >= 16) {
      u32 *words = (u32 *)to;
      const u32 *sources = (const u32 *)from;
      words[0] = sources[0];
      words[1] = sources[1];
      words[2] = sources[2];
      words[3] = sources[3];
      to += 16;
      from += 16;
    }
  }
  while (to != end) *to++ = *from++;
  return target;
}

void *memset(void *target, int value, unsigned bytes) {
  u8 *to = target;
  u8 *end = to + bytes;
  u32 word = (value & 0xff) * 0x01010101u;
  while (to != end && ((u32)to & 3) != 0) *to++ = value;
  while (end - to >= 16) {
    u32 *words = (u32 *)to;
    words[0] = word;
    words[1] = word;
    words[2] = word;
    words[3] = word;
    to += 16;
  }
  while (to != end) *to++ = value;
  return target;
}

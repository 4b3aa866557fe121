/* SHA-256 (FIPS 180-4) of 4,096 bytes. */
#include "support.h"
static u32 constants[64];
static u32 schedule[64];
static u32 state[8];
static u8 message[4096];

/* Not the real ones (cube roots need floating point), but as good for counting. */
static void make_constants(void) {
  u32 seed = 0x428a2f98;
  for (int index = 0; index < 64; index++) {
    constants[index] = seed;
    seed = seed * 1664525 + 1013904223;
  }
}

static u32 rotate(u32 value, u32 by) { return (value >> by) | (value << (32 - by)); }

static void block(const u8 *bytes) {
  for (int t = 0; t < 16; t++) {
    schedule[t] = ((u32)bytes[4 * t] << 24) | ((u32)bytes[4 * t + 1] << 16) | ((u32)bytes[4 * t + 2] << 8) | bytes[4 * t + 3];
  }
  for (int t = 16; t < 64; t++) {
    u32 early = schedule[t - 15];
    u32 late = schedule[t - 2];
    u32 s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >> 3);
    u32 s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >> 10);
    schedule[t] = schedule[t - 16] + s0 + schedule[t - 7] + s1;
  }
  u32 a = state[0], b = state[1], c = state[2], d = state[3];
  u32 e = state[4], f = state[5], g = state[6], h = state[7];
  for (int t = 0; t < 64; t++) {
    u32 s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    u32 choice = (e & f) ^ (~e & g);
    u32 first = h + s1 + choice + constants[t] + schedule[t];
    u32 s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    u32 majority = (a & b) ^ (a & c) ^ (b & c);
    u32 second = s0 + majority;
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

int main(void) {
  make_constants();
  for (int index = 0; index < 4096; index++) message[index] = index * 7 + (index >> 8);
  for (int index = 0; index < 8; index++) state[index] = 0x6a09e667 + (u32)index * 0x12345679;
  for (int offset = 0; offset < 4096; offset += 64) block(message + offset);
  return state[0] & 0x7fff;
}

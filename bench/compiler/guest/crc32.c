/* CRC-32 (as in Ethernet) of 8,192 bytes, by a table that is made first. */
#include "support.h"
static u32 table[256];
static u8 message[8192];

static void make_table(void) {
  for (u32 index = 0; index < 256; index++) {
    u32 value = index;
    for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ 0xedb88320 : value >> 1;
    table[index] = value;
  }
}

static u32 checksum(const u8 *bytes, int length) {
  u32 crc = 0xffffffff;
  for (int index = 0; index < length; index++) crc = table[(crc ^ bytes[index]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

int main(void) {
  make_table();
  for (int index = 0; index < 8192; index++) message[index] = index ^ (index >> 5);
  return checksum(message, 8192) & 0x7fff;
}

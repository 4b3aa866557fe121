/** CRC-32 (as in Ethernet) of 8,192 bytes, by a table that is made first. */
const table = new Uint32Array(256);
const message = new Uint8Array(8192);

export function main(): i32 {
  makeTable();
  for (let index = 0; index < message.length; index++) message[index] = u8(index ^ (index >> 5));
  return i32(checksum(message) & 0x7fff);
}

function makeTable(): void {
  for (let index: u32 = 0; index < 256; index++) {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = (value & 1) !== 0 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
    table[index] = value;
  }
}

function checksum(bytes: Uint8Array): u32 {
  let crc: u32 = 0xffff_ffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc;
}

/** Memory copied and filled: blocks of 64 bytes to 64 KiB, aligned alike, and now and then not. */
const AREA_BYTES = 262144;
const LARGEST_BYTES = 65536;
const source = new Uint8Array(AREA_BYTES);
const target = new Uint8Array(AREA_BYTES);

export function main(): i32 {
  for (let index = 0; index < AREA_BYTES; index += 61) source[index] = u8(index >> 4);
  target.fill(0x5a);
  for (let bytes = 64; bytes <= LARGEST_BYTES; bytes *= 4) {
    for (let offset = 0; offset + bytes <= AREA_BYTES; offset += bytes) {
      target.set(source.subarray(offset, offset + bytes), offset);
    }
  }
  target.set(source.subarray(3, 3 + 4096), 8);
  target.fill(7);
  target.set(source, 0);
  let sum = 0;
  for (let index = 0; index < AREA_BYTES; index += 127) sum += target[index];
  return sum;
}

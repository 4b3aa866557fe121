/** SHA-256 (FIPS 180-4) of 4,096 bytes. */
const constants = new Uint32Array(64);
const schedule = new Uint32Array(64);
const state = new Uint32Array(8);
const message = new Uint8Array(4096);

export function main(): i32 {
  makeConstants();
  for (let index = 0; index < message.length; index++) message[index] = u8(index * 7 + (index >> 8));
  for (let index = 0; index < 8; index++) state[index] = 0x6a09_e667 + u32(index) * 0x1234_5679;
  for (let offset = 0; offset < message.length; offset += 64) block(message.subarray(offset, offset + 64));
  return i32(state[0] & 0x7fff);
}

/** Not the real ones (cube roots need floating point), but as good for counting. */
function makeConstants(): void {
  let seed: u32 = 0x428a_2f98;
  for (let index = 0; index < 64; index++) {
    constants[index] = seed;
    seed = seed * 1_664_525 + 1_013_904_223;
  }
}

function rotate(value: u32, by: u32): u32 {
  return (value >>> by) | (value << (32 - by));
}

function block(bytes: Uint8Array): void {
  for (let t = 0; t < 16; t++) {
    schedule[t] =
      (u32(bytes[4 * t]) << 24) | (u32(bytes[4 * t + 1]) << 16) | (u32(bytes[4 * t + 2]) << 8) | bytes[4 * t + 3];
  }
  for (let t = 16; t < 64; t++) {
    const early = schedule[t - 15];
    const late = schedule[t - 2];
    const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    schedule[t] = schedule[t - 16] + s0 + schedule[t - 7] + s1;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = h + s1 + choice + constants[t] + schedule[t];
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = s0 + majority;
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

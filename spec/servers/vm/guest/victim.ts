/** A service that touches 32 pages of data that was zero and 16 pages of stack, and exits with 7. */
import { exitService } from "../../../../lib/kernel-call/service.ts";

const words = new Uint32Array(32 * 1024);

export function main(): never {
  for (let index = 0; index < words.length; index += 1024) {
    assert(words[index] === 0);
    words[index] = u32(index) + 1;
  }
  assert(descend(14) === 14);
  for (let index = 0; index < words.length; index += 1024) assert(words[index] === u32(index) + 1);
  exitService(7);
}

function descend(levels: i32): i32 {
  const block = new Uint32Array(1020);
  block[levels] = u32(levels);
  if (levels > 0) assert(descend(levels - 1) === levels - 1);
  return i32(block[levels]);
}

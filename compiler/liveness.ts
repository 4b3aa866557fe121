/**
 * Which virtual registers are still to be read where a block ends: the backward data-flow problem that register allocation starts from.
 */
import { eachRead, FIRST_VIRTUAL, type MachineFunction } from "./machine-code.ts";

/** Sets of virtual registers, a bit each, `words` 32-bit words per block. */
export interface Liveness {
  readonly words: number;
  /** Row b: what is live where block b ends. */
  readonly out: Uint32Array;
}

export function liveness(code: MachineFunction): Liveness {
  const words = (code.registers - FIRST_VIRTUAL + 31) >>> 5;
  const size = code.blocks.length * words;
  const reads = new Uint32Array(size);
  const writes = new Uint32Array(size);
  for (const block of code.blocks) gather(block, words, reads, writes);
  const live = Uint32Array.from(reads);
  const out = new Uint32Array(size);
  // Blocks come in reverse postorder: going backwards, few rounds are needed.
  for (let changed = true; changed; ) {
    changed = false;
    for (let index = code.blocks.length - 1; index >= 0; index--) {
      const row = index * words;
      for (const target of code.blocks[index]!.ending.targets) {
        const from = target.index * words;
        for (let word = 0; word < words; word++) out[row + word]! |= live[from + word]!;
      }
      for (let word = 0; word < words; word++) {
        const before = live[row + word]!;
        const now = (reads[row + word]! | (out[row + word]! & ~writes[row + word]!)) >>> 0;
        if (now === before) continue;
        live[row + word] = now;
        changed = true;
      }
    }
  }
  return { words, out };
}

/** What a block reads before it writes it, and what it writes. */
function gather(
  block: MachineFunction["blocks"][number],
  words: number,
  reads: Uint32Array,
  writes: Uint32Array,
): void {
  const row = block.index * words;
  const read = (register: number): void => {
    const bit = register - FIRST_VIRTUAL;
    if (bit < 0) return;
    const word = row + (bit >>> 5);
    if ((writes[word]! & (1 << (bit & 31))) === 0) reads[word]! |= 1 << (bit & 31);
  };
  for (const instruction of block.instructions) {
    eachRead(instruction, read);
    const bit = instruction.rd - FIRST_VIRTUAL;
    if (bit >= 0) writes[row + (bit >>> 5)]! |= 1 << (bit & 31);
  }
  read(block.ending.rs1);
  read(block.ending.rs2);
}

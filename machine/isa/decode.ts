/**
 * From what stands in memory to an instruction's row, operands and length, derived from the encodings of
 * instructions.ts (and, in decode-compressed.ts, of compressed.ts). Begin with `decode`.
 *
 * Decoding happens once per instruction and page (hart/code-cache.ts keeps the result), so this is written to be read.
 */
import { assert } from "../error.ts";
import { decodeCompressed } from "./decode-compressed.ts";
import { type Format, INSTRUCTIONS } from "./instructions.ts";

export type InstructionLength = 2 | 4;

export interface Decoded {
  /** Index into `INSTRUCTIONS`; for a compressed instruction, of what it stands for. */
  readonly instruction: number;
  readonly lengthBytes: InstructionLength;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  /** As the row's format says, sign-extended; 0 where there is none. */
  readonly immediate: number;
}

/**
 * The instruction that a word begins with: all of the word, or its low half-word, as `lengthOf` says. Null where the
 * encoding is reserved or not implemented.
 */
export function decode(word: number): Decoded | null {
  return lengthOf(word) === 4 ? decodeWord(word) : decodeCompressed(word & 0xffff);
}

/**
 * How long the instruction is that begins with this half-word (or word): section 1.5. The encodings of more than four
 * bytes are not told apart, since none is defined.
 */
export function lengthOf(firstHalf: number): InstructionLength {
  return (firstHalf & 3) === 3 ? 4 : 2;
}

function decodeWord(word: number): Decoded | null {
  const candidates = candidatesByKey[keyOf(word)];
  if (candidates === undefined) return null;
  for (const { instruction, mask, match } of candidates) {
    if ((word & mask) !== match) continue;
    return {
      instruction,
      lengthBytes: 4,
      rd: (word >> 7) & 31,
      rs1: (word >> 15) & 31,
      rs2: (word >> 20) & 31,
      immediate: immediateOf(INSTRUCTIONS[instruction]!.format, word),
    };
  }
  return null;
}

/** The immediate of a word, by format (Unprivileged, figure 2.4). */
function immediateOf(format: Format, word: number): number {
  switch (format) {
    case "R":
      return 0;
    case "I":
      return word >> 20;
    case "S":
      return ((word >> 20) & ~31) | ((word >> 7) & 31);
    case "B":
      return ((word >> 19) & ~0xfff) | ((word << 4) & 0x800) | ((word >> 20) & 0x7e0) | ((word >> 7) & 0x1e);
    case "U":
      return word & ~0xfff;
    case "J":
      return ((word >> 11) & ~0xf_ffff) | (word & 0xf_f000) | ((word >> 9) & 0x800) | ((word >> 20) & 0x7fe);
    case "shift":
      return (word >> 20) & 31;
    case "raw":
      return word | 0;
  }
}

interface Candidate {
  readonly instruction: number;
  readonly mask: number;
  readonly match: number;
}

/** Opcode and funct3: enough to leave few candidates. */
function keyOf(word: number): number {
  return (word & 0x7f) | ((word >> 5) & 0x380);
}

const KEYS = 1 << 10;
const FUNCT3_MASK = 0x7000;

const candidatesByKey: readonly (readonly Candidate[] | undefined)[] = indexByKey();

function indexByKey(): Candidate[][] {
  const index: Candidate[][] = new Array(KEYS);
  INSTRUCTIONS.forEach((row, instruction) => {
    const bits = row.encoding.replaceAll(" ", "");
    assert(bits.length === 32, `the encoding of ${row.name} has ${bits.length} bits`);
    let mask = 0;
    let match = 0;
    for (const bit of bits) {
      mask = (mask << 1) | (bit === "." ? 0 : 1);
      match = (match << 1) | (bit === "1" ? 1 : 0);
    }
    const anyFunct3 = (mask & FUNCT3_MASK) === 0;
    for (let funct3 = 0; funct3 < (anyFunct3 ? 8 : 1); funct3++) {
      const key = keyOf(match | (funct3 << 12));
      (index[key] ??= []).push({ instruction, mask, match });
    }
  });
  return index;
}

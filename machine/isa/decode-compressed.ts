/**
 * From a half-word to the instruction that it stands for: the rows of compressed.ts, taken apart and put to use.
 *
 * Begin with `decodeCompressed`.
 */
import { assert } from "../error.ts";
import { COMPRESSED_INSTRUCTIONS, type CompressedInstruction, type Operands } from "./compressed.ts";
import type { Decoded } from "./decode.ts";

const WORD_BITS = 32;
const HALF_BITS = 16;

/** The instruction that a half-word encodes; null where the encoding is reserved or not implemented. */
export function decodeCompressed(half: number): Decoded | null {
  tables ??= { formsByKey: indexByKey(), decoded: new Array(1 << HALF_BITS) };
  const { decoded, formsByKey } = tables;
  const known = decoded[half];
  if (known !== undefined) return known;
  return (decoded[half] = decodeAnew(half, formsByKey[keyOf(half)]!));
}

interface Tables {
  readonly formsByKey: readonly (readonly Form[])[];
  /** By half-word, those that have been asked for. */
  readonly decoded: (Decoded | null | undefined)[];
}

/** Made when the first is asked for: most programs of ours have none. */
let tables: Tables | null = null;

function decodeAnew(half: number, forms: readonly Form[]): Decoded | null {
  const form = forms.find(({ mask, match }) => (half & mask) === match);
  if (form === undefined) return null;
  const operands: Operands = { rd: 0, rs1: 0, rs2: 0, immediate: 0, ...form.implied };
  for (const { operand, bits, position, firstRegister } of form.fields) {
    bits.forEach((bit, index) => {
      operands[operand] |= ((half >> (position - index)) & 1) << bit;
    });
    operands[operand] += firstRegister;
  }
  if (form.nonZero.some((operand) => operands[operand] === 0)) return null;
  operands.immediate = (operands.immediate << form.immediateShift) >> form.immediateShift;
  return { instruction: form.instruction, lengthBytes: 2, ...operands };
}

/** A row of the table, ready for use. */
interface Form {
  readonly instruction: number;
  readonly mask: number;
  readonly match: number;
  readonly implied: Partial<Operands>;
  readonly fields: readonly Field[];
  readonly nonZero: readonly (keyof Operands)[];
  /** Left and right again by as much, to extend the sign; 0 where there is none. */
  readonly immediateShift: number;
}

/** A run of bits that belong to an operand. */
interface Field {
  readonly operand: keyof Operands;
  /** Where each bit goes in the operand, from the run's highest down. */
  readonly bits: readonly number[];
  /** Of the run's highest bit in the half-word. */
  readonly position: number;
  /** 8 where three bits say a register. */
  readonly firstRegister: number;
}

/** Quadrant and funct3 (section 16.8), which every encoding fixes: few forms have the same. */
function keyOf(half: number): number {
  return (half & 3) | ((half >> 11) & 0x1c);
}

function indexByKey(): Form[][] {
  const index = Array.from({ length: 32 }, (): Form[] => []);
  for (const form of COMPRESSED_INSTRUCTIONS.map(formOf)) index[keyOf(form.match)]!.push(form);
  return index;
}

function formOf({ name, encoding, instruction, implied }: CompressedInstruction): Form {
  const fields: Field[] = [];
  const nonZero: (keyof Operands)[] = [];
  let mask = 0;
  let match = 0;
  let left = HALF_BITS;
  for (const token of encoding.split(" ")) {
    if (/^[01]+$/.test(token)) {
      left -= token.length;
      mask |= ((1 << token.length) - 1) << left;
      match |= Number.parseInt(token, 2) << left;
      continue;
    }
    const operands = operandsOf(token);
    const bits = bitsOf(token);
    const firstRegister = token.includes("'") ? 8 : 0;
    for (const operand of operands) fields.push({ operand, bits, position: left - 1, firstRegister });
    if (token.startsWith("nz") || token.endsWith("≠0")) nonZero.push(...operands);
    left -= bits.length;
  }
  assert(left === 0, `the encoding of ${name} has ${HALF_BITS - left} bits`);
  return { instruction, mask, match, implied, fields, nonZero, immediateShift: shiftOf(encoding, fields) };
}

/** `rd'/rs1'` names two. */
function operandsOf(token: string): (keyof Operands)[] {
  if (token.includes("imm")) return ["immediate"];
  return (["rd", "rs1", "rs2"] as const).filter((register) => token.includes(register));
}

/** `imm[5:3|2]` is 5, 4, 3, 2. */
function bitsOf(token: string): number[] {
  if (!token.includes("imm")) return token.includes("'") ? [2, 1, 0] : [4, 3, 2, 1, 0];
  const ranges = token.slice(token.indexOf("[") + 1, -1).split("|");
  return ranges.flatMap((range) => {
    const [high = 0, low = high] = range.split(":").map(Number);
    return Array.from({ length: high - low + 1 }, (_, index) => high - index);
  });
}

function shiftOf(encoding: string, fields: readonly Field[]): number {
  const bits = fields.filter(({ operand }) => operand === "immediate").flatMap((field) => field.bits);
  return bits.length === 0 || encoding.includes("uimm") ? 0 : WORD_BITS - 1 - Math.max(...bits);
}

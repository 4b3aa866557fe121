/**
 * Registers as assembly text names them: x0 to x31 and the names of the calling convention.
 */
import { CALL_CLOBBERS, RA, REGISTER_NAMES } from "./machine-code.ts";

const numbers = new Map<string, number>([
  ...REGISTER_NAMES.map((name, number) => [name, number] as const),
  ...REGISTER_NAMES.map((_, number) => [`x${number}`, number] as const),
  ["fp", 8],
]);

/** 0 to 31, or `undefined` for a word that is no register's name. */
export const registerNumber = (name: string): number | undefined => numbers.get(name);

/** Which registers a piece of assembly may change: those it names, and what a call in it may change. Bit n is register n. */
export function registersNamed(text: readonly string[]): number {
  let mask = 0;
  for (const [word] of text.join(" ").matchAll(/[a-z][a-z0-9]*(\.\.[a-z0-9]+)?/g)) {
    const [first, last] = word.split("..");
    const from = registerNumber(first!);
    if (from !== undefined) {
      const to = (last === undefined ? from : registerNumber(last)) ?? from;
      for (let number = from; number <= to; number++) mask |= 1 << number;
    } else if (first === "call") mask |= CALL_CLOBBERS;
    else if (first === "jal" || first === "jalr") mask |= 1 << RA;
  }
  return mask;
}

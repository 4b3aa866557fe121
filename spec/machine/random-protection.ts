/** Entries of PMP for random tests. Begin with `setProtection`. */
import { Csr } from "../../machine/isa/registers.ts";
import type { Assembler } from "./assembler.ts";
import type { Random } from "./random.ts";
import { DATA, DATA_PAGES } from "./random-layout.ts";

/** The first four entries, over the data, or off. */
export function protectData(a: Assembler, random: Random, isProtected: boolean): void {
  setProtection(a, random, 0, DATA, DATA_PAGES * 4096, (entry) => {
    // A range from entry 0 would begin at address 0, and cover the code.
    return isProtected ? random.pick(entry === 0 ? [OFF, NA4, NAPOT] : [OFF, TOR, NA4, NAPOT]) : OFF;
  });
}

/** Four entries of a register, within a piece of memory: `matchOf` says how each matches. */
export function setProtection(
  a: Assembler,
  random: Random,
  first: number,
  start: number,
  sizeBytes: number,
  matchOf: (entry: number) => number,
): void {
  let configuration = 0;
  const mostOnes = sizeBytes === 4096 ? 8 : 10;
  for (let entry = first; entry < first + 4; entry++) {
    const word = (start + random.integer(sizeBytes)) >>> 2;
    const match = matchOf(entry);
    const trailingOnes = (1 << random.integer(mostOnes)) - 1;
    const address = (match & NAPOT) === NAPOT ? (word & ~(2 * trailingOnes + 1)) | trailingOnes : word;
    setCsr(a, Csr.pmpaddr0 + entry, address >>> 0);
    configuration |= ((match << 3) | random.pick(LEGAL_RIGHTS)) << (8 * (entry - first));
  }
  setCsr(a, Csr.pmpcfg0 + first / 4, configuration >>> 0);
}

/** R, W and X together: W without R is reserved. */
const LEGAL_RIGHTS = [0, 1, 3, 4, 5, 7];
/** pmpcfg's L field, above A. */
export const LOCK = 1 << 4;
/** pmpcfg's A field. */
export const OFF = 0;
export const TOR = 1;
export const NA4 = 2;
export const NAPOT = 3;

/** Spends t0. */
export function setCsr(a: Assembler, number: number, value: number): void {
  a.li("t0", value);
  a.csrw(number, "t0");
}

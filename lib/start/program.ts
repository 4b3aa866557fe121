/**
 * The first instructions of a program, and what lies on its stack then (VFS has put it there):
 *
 *     sp  argc
 *         argc words, each the address of a string in the language's form
 *         0
 *         envc words, likewise: "NAME=value"
 *         0
 *
 * Begin at `begin`.
 */
import { exit } from "../library/process.ts";

export const start = asm`
    mv   a0, sp
    call ${begin}
`;

let environmentPlace: vaddr = 0;
let environmentCount: u32 = 0;

/** The environment that the program was started with: "NAME=value" each. */
export function environment(): readonly string[] {
  return stringsAt(environmentPlace, environmentCount);
}

function begin(frame: vaddr): void {
  const count = wordAt(frame);
  environmentPlace = frame + 4 * (count + 2);
  while (wordAt(environmentPlace + 4 * environmentCount) !== 0) environmentCount++;
  initializeModules();
  exit(entryMain(stringsAt(frame + 4, count)));
}

function wordAt(place: vaddr): u32 {
  return wordsAt(place, 1)[0];
}

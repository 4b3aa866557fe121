/** Makes small ELF32 executables for tests: one segment, and symbols. */

export interface ElfContents {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly memoryBytes: number;
  /** Defaults: where the segment begins. */
  readonly virtualAddress?: number;
  readonly entry?: number;
  readonly isPositionIndependent?: boolean;
  readonly symbols: readonly { name: string; address: number; sizeBytes: number; kind: "function" | "object" }[];
}

const HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;
const SECTION_HEADER_BYTES = 40;
const SYMBOL_BYTES = 16;

export function elfFile(contents: ElfContents): Uint8Array {
  const { address, bytes, memoryBytes, symbols, virtualAddress = address, entry = address } = contents;
  const names = `\0${symbols.map(({ name }) => `${name}\0`).join("")}`;
  const codeStart = HEADER_BYTES + PROGRAM_HEADER_BYTES;
  const symbolsStart = codeStart + Math.ceil(bytes.length / 4) * 4;
  const symbolsBytes = SYMBOL_BYTES * (symbols.length + 1);
  const namesStart = symbolsStart + symbolsBytes;
  const sectionsStart = Math.ceil((namesStart + names.length) / 4) * 4;
  const image = new Uint8Array(sectionsStart + 3 * SECTION_HEADER_BYTES);
  const view = new DataView(image.buffer);
  const words = (at: number, ...values: number[]) => {
    values.forEach((value, index) => {
      view.setUint32(at + 4 * index, value, true);
    });
  };

  image.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  words(16, (contents.isPositionIndependent ? 3 : 2) | (243 << 16), 1, entry, HEADER_BYTES, sectionsStart, 0);
  words(40, HEADER_BYTES | (PROGRAM_HEADER_BYTES << 16), 1 | (SECTION_HEADER_BYTES << 16), 3);
  words(HEADER_BYTES, 1, codeStart, virtualAddress, address, bytes.length, memoryBytes, 7, 4);
  image.set(bytes, codeStart);
  let nameOffset = 1;
  symbols.forEach(({ name, address: value, sizeBytes, kind }, index) => {
    const at = symbolsStart + SYMBOL_BYTES * (index + 1);
    words(at, nameOffset, value, sizeBytes, (1 << 4) | (kind === "function" ? 2 : 1));
    nameOffset += name.length + 1;
  });
  image.set(
    Array.from(names, (character) => character.charCodeAt(0)),
    namesStart,
  );
  words(sectionsStart + SECTION_HEADER_BYTES, 0, 2, 0, 0, symbolsStart, symbolsBytes, 2, 1, 4, SYMBOL_BYTES);
  words(sectionsStart + 2 * SECTION_HEADER_BYTES, 0, 3, 0, 0, namesStart, names.length, 0, 0, 1, 0);
  return image;
}

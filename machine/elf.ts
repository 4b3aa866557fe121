/**
 * Reads ELF32 executables for RISC-V: segments to load, symbols to find (System V ABI, chapters 4 and 5).
 *
 * Begin with `readElf`. Everything is checked before it is used: a damaged file ends in a MachineError of one line.
 */
import { MachineError } from "./error.ts";

export interface Segment {
  /** Where it is loaded: the physical address. */
  readonly address: number;
  readonly virtualAddress: number;
  readonly bytes: Uint8Array;
  /** Size in memory; what exceeds `bytes` is zero. */
  readonly memoryBytes: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly sizeBytes: number;
  readonly kind: "function" | "object" | "other";
}

export interface Elf {
  readonly entry: number;
  /** It runs wherever it is put: its addresses are as if it were put at zero, or another place. */
  readonly isPositionIndependent: boolean;
  readonly segments: readonly Segment[];
  /** In the file's order, without section and file symbols; empty for a stripped file. */
  readonly symbols: readonly ElfSymbol[];
}

const MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const CLASS_32 = 1;
const LITTLE_ENDIAN = 1;
const TYPE_EXECUTABLE = 2;
/**
 * Position-independent: runs where it was linked as well as elsewhere, and moves itself if it must, as OpenSBI does.
 */
const TYPE_SHARED = 3;
const MACHINE_RISCV = 243;
const SEGMENT_LOAD = 1;
const SECTION_SYMBOLS = 2;
const HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;
const SECTION_HEADER_BYTES = 40;
const SYMBOL_BYTES = 16;
const SYMBOL_KINDS: Readonly<Record<number, ElfSymbol["kind"]>> = { 0: "other", 1: "object", 2: "function" };

/** Throws a MachineError if the image is not a well-formed ELF32 executable for RISC-V. */
export function readElf(image: Uint8Array): Elf {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (!isElf(image)) throw new MachineError("not an ELF file");
  checkHeader(view);
  return {
    entry: view.getUint32(24, true),
    isPositionIndependent: view.getUint16(16, true) === TYPE_SHARED,
    segments: readSegments(image, view),
    symbols: readSymbols(view),
  };
}

/** Whether the image says that it is an ELF file, of whatever kind. */
export function isElf(image: Uint8Array): boolean {
  return MAGIC.every((byte, index) => image[index] === byte);
}

/** The address of a symbol; undefined if there is none of that name. */
export function symbolAddress(elf: Elf, name: string): number | undefined {
  return elf.symbols.find((symbol) => symbol.name === name)?.address;
}

function checkHeader(view: DataView): void {
  if (view.byteLength < HEADER_BYTES) throw damaged("a header exceeds the file");
  if (view.getUint8(4) !== CLASS_32 || view.getUint8(5) !== LITTLE_ENDIAN) {
    throw new MachineError("not a 32-bit little-endian ELF file");
  }
  if (view.getUint16(18, true) !== MACHINE_RISCV) throw new MachineError("not an ELF file for RISC-V");
  const type = view.getUint16(16, true);
  if (type !== TYPE_EXECUTABLE && type !== TYPE_SHARED) throw new MachineError("not an executable ELF file");
}

function readSegments(image: Uint8Array, view: DataView): Segment[] {
  const segments: Segment[] = [];
  for (const at of tableEntries(view, view.getUint32(28, true), view.getUint16(44, true), PROGRAM_HEADER_BYTES)) {
    if (view.getUint32(at, true) !== SEGMENT_LOAD) continue;
    const start = view.getUint32(at + 4, true);
    const fileBytes = view.getUint32(at + 16, true);
    const memoryBytes = view.getUint32(at + 20, true);
    if (start + fileBytes > image.length || fileBytes > memoryBytes) throw damaged("a segment exceeds the file");
    segments.push({
      virtualAddress: view.getUint32(at + 8, true),
      address: view.getUint32(at + 12, true),
      bytes: image.subarray(start, start + fileBytes),
      memoryBytes,
    });
  }
  return segments;
}

function readSymbols(view: DataView): ElfSymbol[] {
  const sections = tableEntries(view, view.getUint32(32, true), view.getUint16(48, true), SECTION_HEADER_BYTES);
  const table = sections.find((at) => view.getUint32(at + 4, true) === SECTION_SYMBOLS);
  if (table === undefined) return [];
  const names = sections[view.getUint32(table + 24, true)];
  if (names === undefined) throw damaged("symbols without names");
  const namesStart = view.getUint32(names + 16, true);
  const count = Math.floor(view.getUint32(table + 20, true) / SYMBOL_BYTES);
  const symbols: ElfSymbol[] = [];
  for (const at of tableEntries(view, view.getUint32(table + 16, true), count, SYMBOL_BYTES)) {
    const kind = SYMBOL_KINDS[view.getUint8(at + 12) & 15];
    const name = textAt(view, namesStart + view.getUint32(at, true));
    if (kind === undefined || name === "") continue;
    symbols.push({ name, kind, address: view.getUint32(at + 4, true), sizeBytes: view.getUint32(at + 8, true) });
  }
  return symbols;
}

/** The offsets of a table's entries, all of them within the file. */
function tableEntries(view: DataView, start: number, count: number, entryBytes: number): number[] {
  if (start + count * entryBytes > view.byteLength) throw damaged("a table exceeds the file");
  return Array.from({ length: count }, (_, index) => start + index * entryBytes);
}

function textAt(view: DataView, start: number): string {
  let text = "";
  for (let at = start; ; at++) {
    if (at >= view.byteLength) throw damaged("a name exceeds the file");
    const character = view.getUint8(at);
    if (character === 0) return text;
    text += String.fromCharCode(character);
  }
}

function damaged(what: string): MachineError {
  return new MachineError(`damaged ELF file: ${what}`);
}

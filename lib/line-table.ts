/**
 * Reads the line table of an executable in place: function, file, line, failed check and caller of an address. The format is
 * compiler/line-table.ts'. RS uses it on the programs of its archive, the kernel on itself. Begin at `LineTable`.
 */

import { ELF_HEADER_BYTES, ElfHeader } from "./elf.ts";

const MAGIC = 0x4c58_5231; // "1RXL"
/** In the place of a return address' word: it is in ra, or there is no caller. */
export const IN_REGISTER = 0xffff;
export const NO_CALLER = 0xfffe;

/** Why a check failed: compiler/ir.ts' `Reason`. */
export const enum Reason {
  Index = 1,
  Null,
  Division,
  Assertion,
  Unreachable,
  Slice,
}

class Rows {
  /** From the table's start. */
  offset: u32 = 0;
  count: u32 = 0;
}

/** The start of a table, where it lies in memory. */
export class LineTable {
  magic: u32 = 0;
  readonly functions = new Rows();
  readonly frames = new Rows();
  readonly lines = new Rows();
  readonly checks = new Rows();
  readonly files = new Rows();
}

class FunctionRow {
  pc: vaddr = 0;
  name: u32 = 0;
}
export class FrameRow {
  pc: vaddr = 0;
  /** Words between this frame and its caller's. */
  frameWords: u16 = 0;
  /** Which of them holds the return address; or one of the marks. */
  returnWord: u16 = 0;
}
export class LineRow {
  pc: vaddr = 0;
  line: u16 = 0;
  file: u16 = 0;
}
export class CheckRow {
  pc: vaddr = 0;
  line: u16 = 0;
  file: u16 = 0;
  reason: u32 = 0;
}

/** The table at an address, or null where there is none. */
export function lineTableAt(place: vaddr): LineTable | null {
  const table = view(place, LineTable);
  return table.magic === MAGIC ? table : null;
}

/** The section of an executable that holds its table; it is not loaded with the rest. */
const SECTION = ".renix.lines";

/** A section of an ELF file (System V ABI, chapter 4). */
class SectionHeader {
  name: u32 = 0;
  type: u32 = 0;
  flags: u32 = 0;
  address: u32 = 0;
  offset: u32 = 0;
  bytes: u32 = 0;
  link: u32 = 0;
  info: u32 = 0;
  alignment: u32 = 0;
  entryBytes: u32 = 0;
}

/** The table in an executable file that lies, whole, at an address; or null. */
export function lineTableOf(image: vaddr, imageBytes: u32): LineTable | null {
  if (imageBytes < ELF_HEADER_BYTES) return null;
  const header = view(image, ElfHeader);
  const sections = tableAt(image + header.sectionOffset, SectionHeader, u32(header.sectionCount));
  const names = image + sections[header.sectionNames].offset;
  for (const section of sections) {
    if (isNamed(names + section.name, SECTION)) return lineTableAt(image + section.offset);
  }
  return null;
}

/** In a word or two. */
export function reasonName(reason: u32): string {
  switch (reason as Reason) {
    case Reason.Index:
      return "index out of range";
    case Reason.Slice:
      return "slice out of range";
    case Reason.Null:
      return "null";
    case Reason.Division:
      return "division by zero";
    case Reason.Assertion:
      return "assertion failed";
    default:
      return "unreachable";
  }
}

/** The symbol of the function at `pc`, such as `drivers/disk/main.ts:begin`. */
export function functionAt(table: LineTable, pc: vaddr): string {
  const row = rowBefore(table, table.functions, sizeOf(FunctionRow), pc);
  return row === 0 ? "?" : nameAt(table, view(row, FunctionRow).name);
}

/** The source line of the instruction at `pc`, or null. */
export function lineAt(table: LineTable, pc: vaddr): LineRow | null {
  const row = rowBefore(table, table.lines, sizeOf(LineRow), pc);
  return row === 0 ? null : view(row, LineRow);
}

/** How the frame lies in which `pc` runs, or null. */
export function frameAt(table: LineTable, pc: vaddr): FrameRow | null {
  const row = rowBefore(table, table.frames, sizeOf(FrameRow), pc);
  return row === 0 ? null : view(row, FrameRow);
}

/** The check whose failure traps at exactly this `pc`, or null. */
export function checkAt(table: LineTable, pc: vaddr): CheckRow | null {
  const row = rowBefore(table, table.checks, sizeOf(CheckRow), pc);
  if (row === 0) return null;
  const check = view(row, CheckRow);
  return check.pc === pc ? check : null;
}

/** The path of a source file, by the number that rows give. */
export function fileName(table: LineTable, file: u32): string {
  const names = wordsAt(address(table) + table.files.offset, table.files.count);
  return file < table.files.count ? nameAt(table, names[i32(file)]) : "?";
}

/** Where the last row begins whose pc (its first word) is not above `pc`; 0 where there is none. */
function rowBefore(table: LineTable, rows: Rows, bytes: i32, pc: vaddr): vaddr {
  const first = address(table) + rows.offset;
  const step = u32(bytes);
  let low: u32 = 0;
  let high = rows.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (view(first + middle * step, FunctionRow).pc <= pc) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? vaddr(0) : vaddr(first + (low - 1) * step);
}

function nameAt(table: LineTable, offset: u32): string {
  return stringAt(address(table) + offset);
}

function isNamed(place: u32, name: string): boolean {
  const found = bytesAt(place, u32(name.length) + 1);
  for (let index = 0; index < name.length; index++) if (found[index] !== name.charCodeAt(index)) return false;
  return found[name.length] === 0;
}

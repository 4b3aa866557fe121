/**
 * The compact line table: how a crash record finds function, file, line, reason and callers from addresses alone, inside the guest too.
 *
 * Everything is little-endian, of fixed width, sorted by `pc` and read in place; a row holds from its `pc` up to the next row's. Section `.renix.lines` of every
 * executable carries it, and so does the kernel's memory between `lines_start` and `lines_end`. lib/line-table.ts is the reader inside the guest.
 *
 *     header    magic u32, then five pairs (offset u32 from the header, count u32): functions, frames, lines, checks, files
 *     function  pc u32, name u32
 *     frame     pc u32, frameWords u16, returnWord u16
 *     line      pc u32, line u16, file u16
 *     check     pc u32, line u16, file u16, reason u32       (exactly this pc)
 *     file      name u32
 *     name      offset from the header of a string as the language has it: length u32, bytes, NULs up to a multiple of four
 *
 * A backtrace needs no frame pointer: at `pc` the frame is `frameWords` words long, and the return address is word number `returnWord` of it, or in ra
 * (`IN_REGISTER`; only in the innermost frame), or there is no caller that could be found (`NO_CALLER`: hand-written assembly).
 */
import { ByteWriter } from "./bytes.ts";
import type { Reason } from "./ir.ts";
import { RA } from "./machine-code.ts";
import type { Section } from "./object.ts";
import { decodeText } from "./text.ts";

export const LINE_TABLE_MAGIC = 0x4c58_5231; // "1RXL"
export const LINE_TABLE_SECTION = ".renix.lines";
export const IN_REGISTER = 0xffff;
export const NO_CALLER = 0xfffe;
const HEADER_BYTES = 44;
const ROW_BYTES = { functions: 8, frames: 8, lines: 8, checks: 12, files: 4 } as const;
type TableName = keyof typeof ROW_BYTES;
const TABLES = Object.keys(ROW_BYTES) as TableName[];

/** A section that has its address. */
export interface Placed {
  readonly section: Section;
  readonly address: number;
}

/** The table of an executable's code, which is given in ascending order of address. Its size does not depend on the addresses. */
export function lineTable(code: readonly Placed[]): Uint8Array {
  const tables = {
    functions: new ByteWriter(),
    frames: new ByteWriter(),
    lines: new ByteWriter(),
    checks: new ByteWriter(),
    files: new ByteWriter(),
  };
  const names = new Names();
  const files = new Map<string, number>();
  const fileNumber = (file: string): number => {
    let number = files.get(file);
    if (number === undefined) {
      number = files.size;
      files.set(file, number);
      tables.files.u32(names.reference(file));
    }
    return number;
  };
  for (const { section, address } of code) {
    tables.functions.u32(address);
    tables.functions.u32(names.reference(section.symbol));
    writeFrames(tables.frames, section, address);
    writeLines(tables.lines, section, address, fileNumber);
    for (const { offset, reason, file, line } of section.checks) {
      tables.checks.u32(address + offset);
      tables.checks.u16(line);
      tables.checks.u16(fileNumber(file));
      tables.checks.u32(reason);
    }
  }
  return assemble(tables, names);
}

function writeFrames(writer: ByteWriter, section: Section, address: number): void {
  if (section.frames.length === 0) {
    writer.u32(address);
    writer.u16(0);
    writer.u16(NO_CALLER);
  }
  for (const { offset, bytes, saved, savedOffset } of section.frames) {
    writer.u32(address + offset);
    writer.u16(bytes / 4);
    writer.u16((saved & (1 << RA)) === 0 ? IN_REGISTER : savedOffset / 4);
  }
}

function writeLines(writer: ByteWriter, section: Section, address: number, fileNumber: (file: string) => number): void {
  let [lastFile, lastLine] = ["", 0];
  for (const { offset, file, line } of section.lines) {
    if (file === lastFile && line === lastLine) continue;
    [lastFile, lastLine] = [file, line];
    writer.u32(address + offset);
    writer.u16(line);
    writer.u16(fileNumber(file));
  }
}

/** Puts the tables behind the header, and the names behind the tables, where their references point. */
function assemble(tables: Record<TableName, ByteWriter>, names: Names): Uint8Array {
  const out = new ByteWriter(4096);
  out.u32(LINE_TABLE_MAGIC);
  let offset = HEADER_BYTES;
  for (const name of TABLES) {
    out.u32(offset);
    out.u32(tables[name].length / ROW_BYTES[name]);
    offset += tables[name].length;
  }
  for (const name of ["functions", "files"] as const) {
    const writer = tables[name];
    const view = new DataView(writer.finish().buffer);
    for (let at = ROW_BYTES[name] - 4; at < writer.length; at += ROW_BYTES[name]) {
      writer.setU32(at, view.getUint32(at, true) + offset);
    }
  }
  for (const name of TABLES) out.bytes(tables[name].finish());
  out.bytes(names.writer.finish());
  return out.finish().slice();
}

class Names {
  readonly writer = new ByteWriter(4096);
  private readonly known = new Map<string, number>();

  /** Where the name lies from the first name on. */
  reference(name: string): number {
    let at = this.known.get(name);
    if (at === undefined) {
      at = this.writer.length;
      this.known.set(name, at);
      this.writer.u32(0);
      this.writer.text(name);
      this.writer.setU32(at, this.writer.length - at - 4);
      this.writer.u8(0);
      this.writer.align(4);
    }
    return at;
  }
}

export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface CallFrame extends Partial<Place> {
  readonly pc: number;
  /** Symbol, or "" where the address lies in no code that is known. */
  readonly function: string;
}

/** The registers at the innermost frame, and the memory behind it; `null` from `word` is an address that cannot be read. */
export interface Stack {
  readonly pc: number;
  readonly sp: number;
  readonly ra: number;
  word(address: number): number | null;
}

/** Reads a table, on the host. */
export class LineTable {
  private readonly view: DataView;

  /** Throws RangeError where the bytes are no line table. */
  constructor(private readonly table: Uint8Array) {
    this.view = new DataView(table.buffer, table.byteOffset, table.byteLength);
    if (table.length < HEADER_BYTES || this.view.getUint32(0, true) !== LINE_TABLE_MAGIC) {
      throw new RangeError("not a line table");
    }
  }

  /** The symbol of the function at `pc`, null before the first one. */
  functionAt(pc: number): string | null {
    const row = this.find("functions", pc);
    return row === null ? null : this.name(this.view.getUint32(row + 4, true));
  }

  /** Every function's symbol and first address, ascending. */
  *functions(): IterableIterator<{ symbol: string; address: number }> {
    const { offset, count } = this.directory("functions");
    for (let index = 0; index < count; index++) {
      const row = offset + index * ROW_BYTES.functions;
      yield { symbol: this.name(this.view.getUint32(row + 4, true)), address: this.view.getUint32(row, true) };
    }
  }

  /** The source line of the instruction at `pc`. */
  placeAt(pc: number): Place | null {
    const row = this.find("lines", pc);
    return row === null ? null : this.place(row + 4);
  }

  /** The addresses of the first instructions that stem from a line. */
  addressesOf(file: string, line: number): number[] {
    const { offset, count } = this.directory("lines");
    const found: number[] = [];
    for (let index = 0; index < count; index++) {
      const row = offset + index * ROW_BYTES.lines;
      const place = this.place(row + 4);
      if (place.line === line && place.file === file) found.push(this.view.getUint32(row, true));
    }
    return found;
  }

  /** The check whose failure traps at exactly this `pc`. */
  checkAt(pc: number): (Place & { reason: Reason }) | null {
    const row = this.find("checks", pc);
    if (row === null || this.view.getUint32(row, true) !== pc >>> 0) return null;
    return { ...this.place(row + 4), reason: this.view.getUint32(row + 8, true) as Reason };
  }

  /** At `pc`: the frame's size, and where in it the return address lies, or one of the two marks. */
  frameAt(pc: number): { bytes: number; returnOffset: number | typeof IN_REGISTER | typeof NO_CALLER } | null {
    const row = this.find("frames", pc);
    if (row === null) return null;
    const returnWord = this.view.getUint16(row + 6, true);
    const bytes = 4 * this.view.getUint16(row + 4, true);
    return { bytes, returnOffset: returnWord >= NO_CALLER ? returnWord : 4 * returnWord };
  }

  /** The innermost frame first, at most `limit` of them. */
  backtrace(stack: Stack, limit = 64): CallFrame[] {
    const frames: CallFrame[] = [];
    let { pc, sp } = stack;
    for (let innermost = true; frames.length < limit; innermost = false) {
      // A return address belongs to the call before it, which may be the last instruction of its function.
      const at = innermost ? pc : pc - 4;
      const symbol = this.functionAt(at);
      frames.push({ pc, function: symbol ?? "", ...this.placeAt(at) });
      const frame = this.frameAt(at);
      if (frame === null || frame.returnOffset === NO_CALLER) break;
      let next: number | null = stack.ra;
      if (frame.returnOffset !== IN_REGISTER) next = stack.word((sp + frame.returnOffset) >>> 0);
      else if (!innermost) break;
      if (next === null || next === 0) break;
      pc = next;
      sp += frame.bytes;
    }
    return frames;
  }

  private place(at: number): Place {
    const file = this.directory("files").offset + 4 * this.view.getUint16(at + 2, true);
    return { file: this.name(this.view.getUint32(file, true)), line: this.view.getUint16(at, true) };
  }

  private directory(table: TableName): { offset: number; count: number } {
    const at = 4 + 8 * TABLES.indexOf(table);
    return { offset: this.view.getUint32(at, true), count: this.view.getUint32(at + 4, true) };
  }

  /** The offset of the last row whose pc is not above `pc`. */
  private find(table: TableName, pc: number): number | null {
    const { offset, count } = this.directory(table);
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.view.getUint32(offset + middle * ROW_BYTES[table], true) <= pc >>> 0) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : offset + (low - 1) * ROW_BYTES[table];
  }

  private name(at: number): string {
    const length = this.view.getUint32(at, true);
    return decodeText(this.table.subarray(at + 4, at + 4 + length));
  }
}

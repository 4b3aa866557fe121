/**
 * `.debug_line`: a small program for each module that walks through its addresses and lines (DWARF 4, section 6.2).
 */
import { ByteWriter } from "./bytes.ts";
import type { Unit } from "./dwarf.ts";
import type { Placed } from "./line-table.ts";

const VERSION = 4;
const INSTRUCTION_BYTES = 4;
/** A special opcode advances the line by LINE_BASE to LINE_BASE + LINE_RANGE - 1, and the address with it. */
const LINE_BASE = -5;
const LINE_RANGE = 14;
const OPCODE_BASE = 13;
/** How many operands each standard opcode has (6.2.5.2). */
const OPERAND_COUNTS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

const enum Opcode {
  Copy = 1,
  AdvancePc = 2,
  AdvanceLine = 3,
  SetFile = 4,
  SetColumn = 5,
}
const enum ExtendedOpcode {
  EndSequence = 1,
  SetAddress = 2,
}

/** The section, and where in it each unit's program begins. */
export function debugLine(units: readonly Unit[]): { bytes: Uint8Array; offsets: number[] } {
  const out = new ByteWriter(1 << 14);
  const offsets = units.map((unit) => {
    const start = out.length;
    writeUnit(out, unit);
    return start;
  });
  return { bytes: out.finish(), offsets };
}

function writeUnit(out: ByteWriter, unit: Unit): void {
  const files = new Map<string, number>([[unit.path, 1]]);
  for (const { section } of unit.code) {
    for (const { file } of section.lines) if (!files.has(file)) files.set(file, files.size + 1);
  }
  const start = out.length;
  out.u32(0); // the length, known later
  out.u16(VERSION);
  const header = out.length;
  out.u32(0);
  out.u8(INSTRUCTION_BYTES);
  out.u8(1); // one operation in an instruction
  out.u8(1); // every row is a statement's
  out.u8(LINE_BASE & 0xff);
  out.u8(LINE_RANGE);
  out.u8(OPCODE_BASE);
  for (const count of OPERAND_COUNTS) out.u8(count);
  out.u8(0); // no directories but the unit's
  for (const file of files.keys()) {
    out.string(file);
    for (const _ of ["directory", "time", "length"]) out.unsigned(0);
  }
  out.u8(0);
  out.setU32(header, out.length - header - 4);
  for (const placed of unit.code) writeSequence(out, placed, files);
  out.setU32(start, out.length - start - 4);
}

/** The rows of a function, from registers at their initial values to the end of the sequence. */
function writeSequence(out: ByteWriter, { section, address }: Placed, files: ReadonlyMap<string, number>): void {
  out.u8(0);
  out.unsigned(5);
  out.u8(ExtendedOpcode.SetAddress);
  out.u32(address);
  let [at, line, column, file] = [0, 1, 0, 1];
  for (const row of section.lines) {
    const rowFile = files.get(row.file)!;
    if (rowFile !== file) {
      out.u8(Opcode.SetFile);
      out.unsigned((file = rowFile));
    }
    if (row.column !== column) {
      out.u8(Opcode.SetColumn);
      out.unsigned((column = row.column));
    }
    advance(out, (row.offset - at) / INSTRUCTION_BYTES, row.line - line);
    [at, line] = [row.offset, row.line];
  }
  out.u8(Opcode.AdvancePc);
  out.unsigned((section.size - at) / INSTRUCTION_BYTES);
  out.u8(0);
  out.unsigned(1);
  out.u8(ExtendedOpcode.EndSequence);
}

/** Moves on by so many instructions and lines, and adds a row there: one special opcode if it reaches. */
function advance(out: ByteWriter, instructions: number, lines: number): void {
  if (lines >= LINE_BASE && lines < LINE_BASE + LINE_RANGE) {
    const special = lines - LINE_BASE + LINE_RANGE * instructions + OPCODE_BASE;
    if (special <= 0xff) return out.u8(special);
  }
  if (lines !== 0) {
    out.u8(Opcode.AdvanceLine);
    out.signed(lines);
  }
  if (instructions !== 0) {
    out.u8(Opcode.AdvancePc);
    out.unsigned(instructions);
  }
  out.u8(Opcode.Copy);
}

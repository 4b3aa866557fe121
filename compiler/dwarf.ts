/**
 * DWARF 4 for debuggers: which module and function an address belongs to, which line, and how to find the caller.
 *
 * A compile unit for each module, a subprogram for each function; variables are not described. Begin reading at `debugSections`; dwarf-lines.ts
 * writes `.debug_line`, dwarf-frames.ts `.debug_frame`. Section numbers are those of the DWARF 4 standard.
 */
import { ByteWriter } from "./bytes.ts";
import { debugFrame } from "./dwarf-frames.ts";
import { debugLine } from "./dwarf-lines.ts";
import type { Placed } from "./line-table.ts";

/** A module's code, in ascending order of address. */
export interface Unit {
  readonly path: string;
  readonly code: readonly Placed[];
}

const VERSION = 4;
const ADDRESS_BYTES = 4;

const enum Tag {
  CompileUnit = 0x11,
  Subprogram = 0x2e,
}

const enum Attribute {
  Name = 0x03,
  StatementList = 0x10,
  LowPc = 0x11,
  HighPc = 0x12,
  Language = 0x13,
  CompilationDirectory = 0x1b,
  Producer = 0x25,
  DeclarationLine = 0x3b,
  External = 0x3f,
  Ranges = 0x55,
}

const enum Form {
  Address = 0x01,
  Data2 = 0x05,
  Data4 = 0x06,
  String = 0x08,
  SectionOffset = 0x17,
  FlagPresent = 0x19,
}

/** The entries of `.debug_info`, as `.debug_abbrev` declares them. */
const UNIT_ENTRY = 1;
const FUNCTION_ENTRY = 2;
const ABBREVIATIONS: readonly (readonly [number, Tag, children: 0 | 1, (readonly [Attribute, Form])[]])[] = [
  [
    UNIT_ENTRY,
    Tag.CompileUnit,
    1,
    [
      [Attribute.Producer, Form.String],
      [Attribute.Language, Form.Data2],
      [Attribute.Name, Form.String],
      [Attribute.CompilationDirectory, Form.String],
      [Attribute.LowPc, Form.Address],
      [Attribute.Ranges, Form.SectionOffset],
      [Attribute.StatementList, Form.SectionOffset],
    ],
  ],
  [
    FUNCTION_ENTRY,
    Tag.Subprogram,
    0,
    [
      [Attribute.Name, Form.String],
      [Attribute.LowPc, Form.Address],
      [Attribute.HighPc, Form.Data4],
      [Attribute.DeclarationLine, Form.Data4],
      [Attribute.External, Form.FlagPresent],
    ],
  ],
];
/** No language code is TypeScript's; with C's, debuggers parse expressions. */
const LANGUAGE_C99 = 0x0c;

/** The debug sections of an executable whose code is given in ascending order of address. */
export function debugSections(code: readonly Placed[]): { name: string; bytes: Uint8Array }[] {
  const units = unitsOf(code);
  const lines = debugLine(units);
  const ranges = debugRanges(units);
  return [
    { name: ".debug_info", bytes: debugInfo(units, lines.offsets, ranges.offsets) },
    { name: ".debug_abbrev", bytes: debugAbbrev() },
    { name: ".debug_line", bytes: lines.bytes },
    { name: ".debug_ranges", bytes: ranges.bytes },
    { name: ".debug_frame", bytes: debugFrame(code) },
  ];
}

/** A symbol begins with its module's path. */
function unitsOf(code: readonly Placed[]): Unit[] {
  const units = new Map<string, Placed[]>();
  for (const placed of code) {
    const path = placed.section.symbol.slice(0, placed.section.symbol.indexOf(":"));
    const known = units.get(path);
    if (known === undefined) units.set(path, [placed]);
    else known.push(placed);
  }
  return [...units].map(([path, sections]) => ({ path, code: sections }));
}

/** 7.5: entries of variable length, described by `.debug_abbrev`. */
function debugInfo(
  units: readonly Unit[],
  lineOffsets: readonly number[],
  rangeOffsets: readonly number[],
): Uint8Array {
  const out = new ByteWriter(4096);
  for (const [index, unit] of units.entries()) {
    const start = out.length;
    out.u32(0); // the length, known later
    out.u16(VERSION);
    out.u32(0); // offset into .debug_abbrev
    out.u8(ADDRESS_BYTES);
    out.unsigned(UNIT_ENTRY);
    out.string("Renix compiler");
    out.u16(LANGUAGE_C99);
    out.string(unit.path);
    out.string(".");
    out.u32(0); // what ranges are relative to
    out.u32(rangeOffsets[index]!);
    out.u32(lineOffsets[index]!);
    for (const { section, address } of unit.code) {
      out.unsigned(FUNCTION_ENTRY);
      out.string(section.symbol);
      out.u32(address);
      out.u32(section.size);
      out.u32(section.lines[0]?.line ?? 0);
    }
    out.u8(0); // no more siblings
    out.setU32(start, out.length - start - 4);
  }
  return out.finish();
}

function debugAbbrev(): Uint8Array {
  const out = new ByteWriter();
  for (const [number, tag, children, attributes] of ABBREVIATIONS) {
    out.unsigned(number);
    out.unsigned(tag);
    out.u8(children);
    for (const [attribute, form] of attributes) {
      out.unsigned(attribute);
      out.unsigned(form);
    }
    out.u16(0);
  }
  out.u8(0);
  return out.finish();
}

/** 2.17.3: where a unit's functions lie, neighbours joined. */
function debugRanges(units: readonly Unit[]): { bytes: Uint8Array; offsets: number[] } {
  const out = new ByteWriter();
  const offsets: number[] = [];
  for (const { code } of units) {
    offsets.push(out.length);
    let [from, to] = [0, 0];
    for (const { section, address } of code) {
      if (address !== to) {
        if (to > from) writeRange(out, from, to);
        from = address;
      }
      to = address + section.size;
    }
    writeRange(out, from, to);
    writeRange(out, 0, 0);
  }
  return { bytes: out.finish(), offsets };
}

function writeRange(out: ByteWriter, from: number, to: number): void {
  out.u32(from);
  out.u32(to);
}

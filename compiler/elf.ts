/**
 * ELF32 executables (Tool Interface Standard, ELF 1.2; RISC-V ELF psABI, chapter 8): segments, sections and symbols to a file.
 */
import { ByteWriter, StringTable } from "./bytes.ts";

export const PAGE_BYTES = 4096;

const HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;
const SECTION_HEADER_BYTES = 40;
const MACHINE_RISCV = 243;

export const enum SegmentFlag {
  Execute = 1,
  Write = 2,
  Read = 4,
}

const enum SectionType {
  Progbits = 1,
  Symtab = 2,
  Strtab = 3,
  Nobits = 8,
}

const enum SectionFlag {
  Write = 1,
  Alloc = 2,
  Execute = 4,
}

/** A part of memory that is loaded: its own program header, and one section. */
export interface Segment {
  readonly name: string;
  readonly address: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  /** Zeros behind `bytes`, as a section of their own. */
  readonly zeroBytes: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly type: "function" | "object" | "none";
  /** Name of the section it lies in; null for an absolute symbol. */
  readonly section: string | null;
}

export interface ElfContent {
  readonly entry: number;
  readonly segments: readonly Segment[];
  readonly symbols: readonly ElfSymbol[];
  /** Sections that are not loaded. */
  readonly unloaded: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

interface SectionHeader {
  name: string;
  type: SectionType;
  flags: number;
  address: number;
  offset: number;
  size: number;
  link: number;
  info: number;
  alignment: number;
  entryBytes: number;
}

export function writeElf(content: ElfContent): Uint8Array {
  const out = new ByteWriter(1 << 16);
  const segments = content.segments.filter(({ bytes, zeroBytes }) => bytes.length + zeroBytes > 0);
  out.bytes(new Uint8Array(HEADER_BYTES + PROGRAM_HEADER_BYTES * segments.length)); // written last
  const sections: SectionHeader[] = [header("", 0 as SectionType, 0)];
  const offsets = segments.map((segment) => writeSegment(out, segment, sections));
  for (const { name, bytes } of content.unloaded)
    append(out, sections, header(name, SectionType.Progbits, 0), bytes, 4);
  writeSymbols(out, sections, content.symbols);
  writeSectionHeaders(out, sections, content.entry, segments, offsets);
  return out.finish().slice();
}

function header(name: string, type: SectionType, flags: number): SectionHeader {
  return { name, type, flags, address: 0, offset: 0, size: 0, link: 0, info: 0, alignment: 1, entryBytes: 0 };
}

function append(
  out: ByteWriter,
  sections: SectionHeader[],
  section: SectionHeader,
  bytes: Uint8Array,
  alignment: number,
): void {
  out.align(alignment);
  section.offset = out.length;
  section.size = bytes.length;
  section.alignment = alignment;
  sections.push(section);
  out.bytes(bytes);
}

/** The file offset is congruent to the address modulo the page, so that a page can be read as it lies. */
function writeSegment(out: ByteWriter, segment: Segment, sections: SectionHeader[]): number {
  const { name, address, bytes, zeroBytes } = segment;
  let flags = SectionFlag.Alloc as number;
  if ((segment.flags & SegmentFlag.Write) !== 0) flags |= SectionFlag.Write;
  if ((segment.flags & SegmentFlag.Execute) !== 0) flags |= SectionFlag.Execute;
  const made = header(name, SectionType.Progbits, flags);
  made.address = address;
  append(out, sections, made, bytes, PAGE_BYTES);
  if (zeroBytes > 0) {
    const zeros = header(".bss", SectionType.Nobits, flags);
    Object.assign(zeros, { address: address + bytes.length, offset: out.length, size: zeroBytes, alignment: 64 });
    sections.push(zeros);
  }
  return made.offset;
}

function writeSymbols(out: ByteWriter, sections: SectionHeader[], symbols: readonly ElfSymbol[]): void {
  const names = new StringTable();
  const table = new ByteWriter(4096);
  const numbers = new Map(sections.map(({ name }, index) => [name, index]));
  const ABSOLUTE = 0xfff1;
  const GLOBAL = 1 << 4;
  const TYPES = { none: 0, object: 1, function: 2 };
  table.bytes(new Uint8Array(16));
  for (const { name, address, size, type, section } of symbols) {
    table.u32(names.offset(name));
    table.u32(address);
    table.u32(size);
    table.u8(GLOBAL | TYPES[type]);
    table.u8(0);
    table.u16(section === null ? ABSOLUTE : (numbers.get(section) ?? ABSOLUTE));
  }
  const symtab = header(".symtab", SectionType.Symtab, 0);
  Object.assign(symtab, { link: sections.length + 1, info: 1, entryBytes: 16 });
  append(out, sections, symtab, table.finish(), 4);
  append(out, sections, header(".strtab", SectionType.Strtab, 0), names.finish(), 1);
}

/** The section headers at the end of the file, and everything at its beginning. */
function writeSectionHeaders(
  out: ByteWriter,
  sections: SectionHeader[],
  entry: number,
  segments: readonly Segment[],
  offsets: number[],
): void {
  const names = new StringTable();
  const strings = header(".shstrtab", SectionType.Strtab, 0);
  for (const { name } of [...sections, strings]) names.offset(name);
  append(out, sections, strings, names.finish(), 1);
  out.align(4);
  const table = out.length;
  for (const section of sections) {
    for (const word of [names.offset(section.name), section.type, section.flags, section.address]) out.u32(word);
    for (const word of [section.offset, section.size, section.link, section.info]) out.u32(word);
    out.u32(section.alignment);
    out.u32(section.entryBytes);
  }
  const file = out.finish();
  const head = fileHeader(entry, segments.length, sections.length, table);
  for (const [index, segment] of segments.entries()) programHeader(head, segment, offsets[index]!);
  file.set(head.finish());
}

function fileHeader(entry: number, segments: number, sections: number, sectionTable: number): ByteWriter {
  const out = new ByteWriter();
  // Class 32, little-endian, version 1, System V.
  out.bytes(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  const EXECUTABLE = 2;
  out.u16(EXECUTABLE);
  out.u16(MACHINE_RISCV);
  out.u32(1);
  for (const word of [entry, HEADER_BYTES, sectionTable, 0]) out.u32(word);
  for (const half of [HEADER_BYTES, PROGRAM_HEADER_BYTES, segments, SECTION_HEADER_BYTES, sections, sections - 1]) {
    out.u16(half);
  }
  return out;
}

function programHeader(out: ByteWriter, { address, bytes, zeroBytes, flags }: Segment, offset: number): void {
  const LOAD = 1;
  for (const word of [LOAD, offset, address, address, bytes.length, bytes.length + zeroBytes]) out.u32(word);
  out.u32(flags);
  out.u32(PAGE_BYTES);
}

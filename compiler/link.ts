/**
 * The linker: sections of many objects to one ELF executable.
 *
 * Takes what the start routine reaches, gives it addresses (text, read-only data, data and zeros, each from a page of its own), resolves relocations
 * and adds what debuggers and crash records need. Begin reading at `link`; elf.ts writes the file.
 */
import { CodeWriter } from "./code-writer.ts";
import { debugSections } from "./dwarf.ts";
import { type ElfSymbol, PAGE_BYTES, type Segment, SegmentFlag, writeElf } from "./elf.ts";
import { RuntimeSymbol } from "./ir.ts";
import { LINE_TABLE_SECTION, lineTable, type Placed } from "./line-table.ts";
import { RA, SP, ZERO } from "./machine-code.ts";
import type { ObjectFile, Section, SectionKind } from "./object.ts";
import { applyRelocations } from "./relocate.ts";

export interface Executable {
  readonly name: string;
  /** Symbol of the entry module's `main`: what `linker:main` stands for. */
  readonly entry: string;
  /** Symbol of the routine that becomes the first instructions of the image. */
  readonly start: string;
  /** Where the text begins; a multiple of the page. */
  readonly base: number;
  readonly kind: "kernel" | "user";
  /** Symbols of the modules' initialisers, in the order in which they run. */
  readonly initializers: readonly string[];
  /** Read-only contents behind the image, each between `NAME_start` and `NAME_end`, from a page of its own. */
  readonly blobs: readonly { readonly symbol: string; readonly bytes: Uint8Array }[];
  /** Whether the line table is loaded too, between `lines_start` and `lines_end`. */
  readonly linesInMemory: boolean;
}

/** A symbol that no object defines, or an image that the instructions cannot span. */
export class LinkError extends Error {
  override readonly name = "LinkError";
}

/** The executable as an ELF file. The objects' order decides the order of their sections. Throws LinkError. */
export function link(executable: Executable, objects: readonly ObjectFile[]): Uint8Array {
  return new Linker(executable, objects).run();
}

class Linker {
  private readonly sections = new Map<string, Section>();
  private readonly addresses = new Map<string, number>();
  private readonly symbols: ElfSymbol[] = [];

  constructor(
    private readonly executable: Executable,
    objects: readonly ObjectFile[],
  ) {
    for (const { sections } of objects) for (const section of sections) this.sections.set(section.symbol, section);
    this.sections.set(RuntimeSymbol.InitializeModules, initializeModules(executable.initializers));
  }

  run(): Uint8Array {
    const live = this.reachable();
    const { base, linesInMemory, blobs, start } = this.executable;
    this.define("image_start", base, null);

    const code = this.place(live, "code", base, ".text");
    const textEnd = end(code, base);
    this.define("text_end", textEnd, null);
    const table = lineTable(code);
    let constantsEnd = pageAfter(textEnd);
    const constants = this.place(live, "constant", constantsEnd, ".rodata");
    constantsEnd = end(constants, constantsEnd);
    const lines = linesInMemory ? this.lines(table, constantsEnd) : [];
    const data = this.place(live, "data", pageAfter(end(lines, constantsEnd)), ".data");
    const dataStart = pageAfter(end(lines, constantsEnd));
    const zeros = this.place(live, "zero", end(data, dataStart), ".bss");
    const imageEnd = pageAfter(end(zeros, end(data, dataStart)));
    this.define("image_end", imageEnd, null);

    const extra: Segment[] = [];
    let next = imageEnd;
    for (const { symbol, bytes } of blobs) {
      this.define(`${symbol}_start`, next, `.${symbol}`);
      this.define(`${symbol}_end`, next + bytes.length, `.${symbol}`);
      extra.push({ name: `.${symbol}`, address: next, flags: SegmentFlag.Read, bytes, zeroBytes: 0 });
      next = pageAfter(next + bytes.length);
    }
    // What this executable does not carry is an empty range.
    for (const symbol of ["archive_start", "archive_end", "lines_start", "lines_end"]) {
      if (!this.addresses.has(symbol)) this.define(symbol, imageEnd, null);
    }
    const main = this.addresses.get(this.executable.entry);
    if (main !== undefined) this.addresses.set(RuntimeSymbol.EntryMain, main);
    const segments = [
      this.segment(".text", SegmentFlag.Read | SegmentFlag.Execute, base, code),
      this.segment(".rodata", SegmentFlag.Read, pageAfter(textEnd), [...constants, ...lines]),
      this.segment(".data", SegmentFlag.Read | SegmentFlag.Write, dataStart, data, end(zeros, end(data, dataStart))),
      ...extra,
    ];
    const unloaded = [{ name: LINE_TABLE_SECTION, bytes: table }, ...debugSections(code)];
    return writeElf({ entry: this.addresses.get(start)!, segments, symbols: this.symbols, unloaded });
  }

  /** What the start routine needs, directly or not: the start routine first, then in the objects' order. */
  private reachable(): Section[] {
    const { start } = this.executable;
    const seen = new Set<string>([start]);
    const pending = [start];
    for (let symbol = pending.pop(); symbol !== undefined; symbol = pending.pop()) {
      const section = this.sections.get(symbol);
      if (section === undefined) continue; // reported when it is relocated
      for (const relocation of section.relocations) {
        const target = relocation.symbol === RuntimeSymbol.EntryMain ? this.executable.entry : relocation.symbol;
        if (seen.has(target)) continue;
        seen.add(target);
        pending.push(target);
      }
    }
    const first = this.sections.get(start);
    if (first === undefined) throw new LinkError(`${this.executable.name}: no start routine ${start}`);
    const live = [first];
    for (const section of this.sections.values()) if (section !== first && seen.has(section.symbol)) live.push(section);
    return live;
  }

  /** Gives every section of a kind its address. */
  private place(live: readonly Section[], kind: SectionKind, from: number, name: string): Placed[] {
    const placed: Placed[] = [];
    let next = from;
    for (const section of live) {
      if (section.kind !== kind) continue;
      const address = Math.ceil(next / section.alignment) * section.alignment;
      placed.push({ section, address });
      this.addresses.set(section.symbol, address);
      const type = kind === "code" ? "function" : "object";
      this.symbols.push({ name: section.symbol, address, size: section.size, type, section: name });
      next = address + section.size;
    }
    return placed;
  }

  private lines(table: Uint8Array, from: number): Placed[] {
    const address = Math.ceil(from / 4) * 4;
    this.define("lines_start", address, ".rodata");
    this.define("lines_end", address + table.length, ".rodata");
    const nothing = { relocations: [], lines: [], frames: [], checks: [] };
    const section: Section = {
      symbol: "lines_start",
      kind: "constant",
      alignment: 4,
      size: table.length,
      bytes: table,
      ...nothing,
    };
    return [{ section, address }];
  }

  private define(name: string, address: number, section: string | null): void {
    this.addresses.set(name, address);
    this.symbols.push({ name, address, size: 0, type: "none", section });
  }

  /** The segment from `base` on, its relocations resolved; zeros reach up to `zerosEnd`. */
  private segment(name: string, flags: number, base: number, placed: readonly Placed[], zerosEnd = 0): Segment {
    const bytes = new Uint8Array(end(placed, base) - base);
    const view = new DataView(bytes.buffer);
    for (const { section, address } of placed) {
      bytes.set(section.bytes, address - base);
      applyRelocations(view, address - base, address, section, (symbol) => this.addressOf(symbol, section));
    }
    const zeroBytes = Math.max(0, zerosEnd - base - bytes.length);
    return { name, address: base, flags, bytes, zeroBytes };
  }

  private addressOf(symbol: string, from: Section): number {
    const address = this.addresses.get(symbol);
    if (address === undefined)
      throw new LinkError(`${this.executable.name}: ${from.symbol} refers to ${symbol}, which nobody defines`);
    return address;
  }
}

const pageAfter = (address: number): number => Math.ceil(address / PAGE_BYTES) * PAGE_BYTES;

/** Where the last one ends; `otherwise` if there is none. */
function end(placed: readonly Placed[], otherwise: number): number {
  const last = placed.at(-1);
  return last === undefined ? otherwise : last.address + last.section.size;
}

/** The function behind `initializeModules()`: calls each initialiser. */
function initializeModules(initializers: readonly string[]): Section {
  const writer = new CodeWriter();
  writer.line({ file: RuntimeSymbol.InitializeModules, line: 1, column: 1 });
  writer.frame(0, 0, 0);
  const FRAME = 16;
  if (initializers.length > 0) {
    writer.instruction("addi", SP, SP, 0, -FRAME);
    writer.frame(FRAME, 0, 0);
    writer.instruction("sw", 0, SP, RA, 0);
    writer.frame(FRAME, 1 << RA, 0);
    for (const symbol of initializers) writer.call(symbol);
    writer.instruction("lw", RA, SP, 0, 0);
    writer.frame(FRAME, 0, 0);
    writer.instruction("addi", SP, SP, 0, FRAME);
    writer.frame(0, 0, 0);
  }
  writer.instruction("jalr", ZERO, RA, 0, 0);
  return writer.finish(RuntimeSymbol.InitializeModules).section;
}

/**
 * Objects as bytes, for the content cache: `deserialize(serialize(object))` is an equal object.
 *
 * A string table, then counted rows of words in the order of object.ts. A damaged or foreign file gives null, so that the cache treats it as a miss.
 */
import { ByteWriter } from "./bytes.ts";
import type { Reason } from "./ir.ts";
import type {
  CheckRow,
  FrameRow,
  LineRow,
  ObjectFile,
  Relocation,
  RelocationKind,
  Section,
  SectionKind,
} from "./object.ts";
import { decodeText } from "./text.ts";

/** Changes whenever the format does. */
const MAGIC = 0x314a_4252; // "RBJ1"
const SECTION_KINDS: readonly SectionKind[] = ["code", "constant", "data", "zero"];
const RELOCATION_KINDS: readonly RelocationKind[] = ["word", "high", "lowLoad", "lowStore", "jump"];

export function serialize(object: ObjectFile): Uint8Array {
  const writer = new Writer();
  writer.text(object.path);
  writer.rows(object.sections, (section) => writer.section(section));
  return writer.finish();
}

/** Null where the bytes are not what `serialize` has written. */
export function deserialize(bytes: Uint8Array): ObjectFile | null {
  try {
    const reader = new Reader(bytes);
    const path = reader.text();
    return { path, sections: reader.rows(() => reader.section()) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

class Writer {
  private readonly body = new ByteWriter(1 << 14);
  private readonly strings = new Map<string, number>();

  finish(): Uint8Array {
    const out = new ByteWriter(this.body.length + 4096);
    out.u32(MAGIC);
    out.u32(this.body.length);
    out.bytes(this.body.finish());
    for (const text of this.strings.keys()) out.string(text);
    return out.finish().slice();
  }

  text(text: string): void {
    let number = this.strings.get(text);
    if (number === undefined) this.strings.set(text, (number = this.strings.size));
    this.body.unsigned(number);
  }

  rows<Row>(rows: readonly Row[], write: (row: Row) => void): void {
    this.body.unsigned(rows.length);
    for (const row of rows) write(row);
  }

  section(section: Section): void {
    const { body } = this;
    this.text(section.symbol);
    body.u8(SECTION_KINDS.indexOf(section.kind));
    body.unsigned(section.alignment);
    body.unsigned(section.size);
    body.unsigned(section.bytes.length);
    body.bytes(section.bytes);
    this.rows(section.relocations, ({ offset, kind, symbol, addend }) => {
      body.unsigned(offset);
      body.u8(RELOCATION_KINDS.indexOf(kind));
      this.text(symbol);
      body.signed(addend);
    });
    this.rows(section.lines, ({ offset, file, line, column }) => {
      body.unsigned(offset);
      this.text(file);
      body.unsigned(line);
      body.unsigned(column);
    });
    this.rows(section.frames, ({ offset, bytes, saved, savedOffset }) => {
      for (const value of [offset, bytes, saved, savedOffset]) body.unsigned(value);
    });
    this.rows(section.checks, ({ offset, reason, file, line }) => {
      body.unsigned(offset);
      body.unsigned(reason);
      this.text(file);
      body.unsigned(line);
    });
  }
}

class Reader {
  private readonly view: DataView;
  private readonly strings: string[] = [];
  private at = 8;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.view.getUint32(0, true) !== MAGIC) throw new RangeError("not an object");
    let from = 8 + this.view.getUint32(4, true);
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] !== 0) continue;
      this.strings.push(decodeText(bytes.subarray(from, at)));
      from = at + 1;
    }
  }

  private byte(): number {
    return this.view.getUint8(this.at++);
  }

  private unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  private signed(): number {
    let value = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = this.byte();
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    return shift < 32 && (byte & 0x40) !== 0 ? value | (-1 << shift) : value;
  }

  text(): string {
    const text = this.strings[this.unsigned()];
    if (text === undefined) throw new RangeError("no such string");
    return text;
  }

  rows<Row>(read: () => Row): Row[] {
    const count = this.unsigned();
    if (count > this.bytes.length) throw new RangeError("more rows than bytes");
    return Array.from({ length: count }, read);
  }

  private one<Kind>(kinds: readonly Kind[]): Kind {
    const kind = kinds[this.byte()];
    if (kind === undefined) throw new RangeError("no such kind");
    return kind;
  }

  section(): Section {
    const symbol = this.text();
    const kind = this.one(SECTION_KINDS);
    const [alignment, size, length] = [this.unsigned(), this.unsigned(), this.unsigned()];
    const bytes = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return {
      ...{ symbol, kind, alignment, size, bytes },
      relocations: this.rows(() => this.relocation()),
      lines: this.rows(() => this.line()),
      frames: this.rows(() => this.frame()),
      checks: this.rows(() => this.check()),
    };
  }

  private relocation(): Relocation {
    return { offset: this.unsigned(), kind: this.one(RELOCATION_KINDS), symbol: this.text(), addend: this.signed() };
  }

  private line(): LineRow {
    return { offset: this.unsigned(), file: this.text(), line: this.unsigned(), column: this.unsigned() };
  }

  private frame(): FrameRow {
    return {
      ...{ offset: this.unsigned(), bytes: this.unsigned() },
      ...{ saved: this.unsigned() | 0, savedOffset: this.unsigned() },
    };
  }

  private check(): CheckRow {
    const [offset, reason] = [this.unsigned(), this.unsigned() as Reason];
    return { offset, reason, file: this.text(), line: this.unsigned() };
  }
}

/**
 * A growing little-endian byte buffer, for file formats: ELF, DWARF, line tables, cached objects.
 */
import { encodeText } from "./text.ts";

export class ByteWriter {
  private buffer: Uint8Array;
  private view: DataView;
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Unsigned LEB128 (DWARF 4, section 7.6). */
  unsigned(value: number): void {
    let rest = value >>> 0;
    for (; rest >= 0x80; rest >>>= 7) this.u8((rest & 0x7f) | 0x80);
    this.u8(rest);
  }

  /** Signed LEB128. */
  signed(value: number): void {
    let rest = value | 0;
    for (; rest < -64 || rest > 63; rest >>= 7) this.u8((rest & 0x7f) | 0x80);
    this.u8(rest & 0x7f);
  }

  bytes(source: Uint8Array): void {
    this.reserve(source.length);
    this.buffer.set(source, this.length);
    this.length += source.length;
  }

  /** UTF-8, without an end mark. */
  text(value: string): void {
    this.bytes(encodeText(value));
  }

  /** With a NUL behind it. */
  string(value: string): void {
    this.text(value);
    this.u8(0);
  }

  /** Zeros up to a multiple of `alignment`. */
  align(alignment: number): void {
    const end = Math.ceil(this.length / alignment) * alignment;
    this.reserve(end - this.length);
    this.length = end;
  }

  setU32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** What has been written; valid as long as nothing more is. */
  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + count));
    larger.set(this.buffer);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** Strings with NULs behind them, each stored once (ELF and DWARF string sections). */
export class StringTable {
  private readonly offsets = new Map<string, number>([["", 0]]);
  private readonly writer = new ByteWriter(4096);

  constructor() {
    this.writer.u8(0);
  }

  offset(text: string): number {
    let offset = this.offsets.get(text);
    if (offset === undefined) {
      offset = this.writer.length;
      this.offsets.set(text, offset);
      this.writer.string(text);
    }
    return offset;
  }

  finish(): Uint8Array {
    return this.writer.finish();
  }
}

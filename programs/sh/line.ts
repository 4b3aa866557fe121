/**
 * The line that is being edited, and what of it stands on the screen. Every change draws no more than what changed: the terminal is a
 * serial line.
 *
 * A place on the screen is one number: columns from the begin of the prompt, counted on from row to row. Begin reading at `insert`.
 */
import { Ascii, isBlank } from "../../lib/library/ascii.ts";
import { displayWidth } from "../../lib/library/columns.ts";
import { greater, lesser } from "../../lib/library/number.ts";
import { print, printByte, printBytes } from "../../lib/library/output.ts";

const LINE_MAXIMUM_BYTES = 2048;

export class Line {
  readonly bytes = new Uint8Array(LINE_MAXIMUM_BYTES);
  length: i32 = 0;
  /** Where the next byte goes. */
  cursor: i32 = 0;
  prompt: string = "";
  /** Columns of the terminal. */
  screenWidth: i32 = 80;
  /** Where the terminal's cursor is. */
  shown: i32 = 0;
  /** Where what is on the screen ends. */
  shownEnd: i32 = 0;

  text(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** An empty line behind a prompt, which is printed. */
  begin(prompt: string, screenWidth: i32): void {
    this.length = 0;
    this.cursor = 0;
    this.prompt = prompt;
    this.screenWidth = screenWidth;
    this.drawAnew();
  }

  /** Prompt and line, from a place where nothing is. */
  drawAnew(): void {
    print`${this.prompt}`;
    this.shown = displayWidth(this.prompt.bytes);
    this.shownEnd = this.shown;
    this.drawFrom(0);
  }

  insert(bytes: Uint8Array): void {
    if (this.length + bytes.length > LINE_MAXIMUM_BYTES) {
      printByte(Ascii.Bell);
      return;
    }
    for (let index = this.length - 1; index >= this.cursor; index--)
      this.bytes[index + bytes.length] = this.bytes[index];
    this.bytes.set(bytes, this.cursor);
    this.length += bytes.length;
    const from = this.cursor;
    this.cursor += bytes.length;
    this.drawFrom(from);
  }

  /** Takes out what lies from `begin` up to `end`; the cursor is at `begin` then. */
  remove(begin: i32, end: i32): void {
    if (begin === end) return;
    this.moveTo(begin);
    for (let index = end; index < this.length; index++) this.bytes[begin + index - end] = this.bytes[index];
    this.length -= end - begin;
    this.drawFrom(begin);
  }

  replace(bytes: Uint8Array): void {
    this.moveTo(0);
    this.length = 0;
    const part = bytes.length > LINE_MAXIMUM_BYTES ? bytes.subarray(0, LINE_MAXIMUM_BYTES) : bytes;
    this.bytes.set(part);
    this.length = part.length;
    this.cursor = part.length;
    this.drawFrom(0);
  }

  moveTo(position: i32): void {
    this.cursor = position;
    this.moveCursor(this.columnOf(position));
  }

  /** The position one character before or after another. */
  before(position: i32): i32 {
    let result = position;
    do result--;
    while (result > 0 && isContinuation(this.bytes[result]));
    return greater(result, 0);
  }

  after(position: i32): i32 {
    let result = position;
    do result++;
    while (result < this.length && isContinuation(this.bytes[result]));
    return lesser(result, this.length);
  }

  wordBefore(position: i32): i32 {
    let result = position;
    while (result > 0 && isBlank(this.bytes[result - 1])) result--;
    while (result > 0 && !isBlank(this.bytes[result - 1])) result--;
    return result;
  }

  wordAfter(position: i32): i32 {
    let result = position;
    while (result < this.length && isBlank(this.bytes[result])) result++;
    while (result < this.length && !isBlank(this.bytes[result])) result++;
    return result;
  }

  columnOf(position: i32): i32 {
    return displayWidth(this.prompt.bytes) + displayWidth(this.bytes.subarray(0, position));
  }

  /** The terminal's cursor stands where `position` belongs: draws what comes from there, wipes out what was longer, and goes to the cursor. */
  drawFrom(position: i32): void {
    printBytes(this.bytes.subarray(position, this.length));
    const end = this.columnOf(this.length);
    const drew = this.length > position;
    this.shown = end;
    // A terminal stays behind its last column until the next byte: a blank brings it to the new row.
    if (drew && end % this.screenWidth === 0) print` \r`;
    if (end < this.shownEnd) print`${char(Ascii.Escape)}[J`;
    this.shownEnd = end;
    this.moveCursor(this.columnOf(this.cursor));
  }

  moveCursor(target: i32): void {
    const rows = target / this.screenWidth - this.shown / this.screenWidth;
    if (rows < 0) print`${char(Ascii.Escape)}[${-rows}A`;
    if (rows > 0) print`${char(Ascii.Escape)}[${rows}B`;
    const columns = (target % this.screenWidth) - (this.shown % this.screenWidth);
    if (columns < 0 && columns >= -3) for (let count = 0; count > columns; count--) printByte(Ascii.Backspace);
    else if (columns < 0) print`${char(Ascii.Escape)}[${-columns}D`;
    if (columns > 0) print`${char(Ascii.Escape)}[${columns}C`;
    this.shown = target;
  }
}

/** A byte that goes on with a UTF-8 character. */
function isContinuation(byte: i32): boolean {
  return (byte & 0xc0) === 0x80;
}

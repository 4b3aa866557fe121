/**
 * Fields in the making: where expand.ts and dollar.ts put what words mean.
 *
 * While it is made, a field is a *pattern*: a byte that was quoted and would mean something in a pattern stands behind a backslash. So it is known to
 * the end what was quoted, in one row of bytes. Begin reading at `finishField`.
 */
import { Ascii, isBlank } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { TextList } from "../../lib/library/list.ts";
import { isPattern } from "../../lib/library/pattern.ts";
import { expandPattern, withoutEscapes } from "./glob.ts";

export class Expansion {
  /** What is done, as strings in the arena. */
  readonly fields = new TextList();
  /** The field that is being made. */
  readonly field = new Builder();
  /** There is a field even if nothing is in it: quotes were. */
  started: boolean = false;
  /** `"$@"` without parameters makes no field, in spite of the quotes. */
  vanishes: boolean = false;
  /** Split at blanks what variables bring, and look for files. */
  splits: boolean = true;

  /** A byte that means itself. */
  appendQuoted(byte: i32): void {
    if (isSpecial(byte)) this.field.appendByte(Ascii.Backslash);
    this.field.appendByte(u8(byte));
  }

  /** A byte that may mean more in a pattern. */
  appendUnquoted(byte: i32): void {
    if (byte === Ascii.Backslash) this.field.appendByte(Ascii.Backslash);
    this.field.appendByte(u8(byte));
  }

  /** What a variable or a command brought. */
  appendValue(value: Uint8Array, quoted: boolean): void {
    for (const byte of value) {
      if (quoted) this.appendQuoted(byte);
      else if (this.splits && isBlank(byte)) this.finishField();
      else this.appendUnquoted(byte);
    }
  }

  /** The field is complete, if there is one: it becomes the files that fit it, or itself. */
  finishField(): void {
    const bytes = this.field.bytes();
    if (bytes.length > 0 || (this.started && !this.vanishes)) {
      const found = this.splits && isPattern(bytes) ? expandPattern(bytes, this.fields) : 0;
      if (found === 0) this.fields.append(withoutEscapes(bytes));
    }
    this.field.clear();
    this.started = false;
    this.vanishes = false;
  }

  release(): void {
    this.field.release();
    this.fields.release();
  }
}

function isSpecial(byte: i32): boolean {
  switch (byte) {
    case Ascii.Asterisk:
    case Ascii.Question:
    case Ascii.OpenBracket:
    case Ascii.Backslash:
      return true;
    default:
      return false;
  }
}

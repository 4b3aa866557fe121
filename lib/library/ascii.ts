/** Bytes that programs call by name, and the kinds of characters there are. */

export const enum Ascii {
  Null = 0,
  StartOfHeading = 1,
  Interrupt = 3,
  EndOfTransmission = 4,
  Bell = 7,
  Backspace = 8,
  Tab = 9,
  Newline = 10,
  FormFeed = 12,
  Return = 13,
  Escape = 27,
  Space = 32,
  Exclamation = 33,
  DoubleQuote = 34,
  Hash = 35,
  Dollar = 36,
  Percent = 37,
  Ampersand = 38,
  Quote = 39,
  OpenParenthesis = 40,
  CloseParenthesis = 41,
  Asterisk = 42,
  Plus = 43,
  Comma = 44,
  Minus = 45,
  Period = 46,
  Slash = 47,
  Zero = 48,
  Nine = 57,
  Colon = 58,
  Semicolon = 59,
  Less = 60,
  Equals = 61,
  Greater = 62,
  Question = 63,
  At = 64,
  UpperA = 65,
  UpperZ = 90,
  OpenBracket = 91,
  Backslash = 92,
  CloseBracket = 93,
  Caret = 94,
  Underscore = 95,
  Backquote = 96,
  LowerA = 97,
  LowerN = 110,
  LowerZ = 122,
  OpenBrace = 123,
  Bar = 124,
  CloseBrace = 125,
  Tilde = 126,
  Delete = 127,
}

export function isDigit(byte: i32): boolean {
  return byte >= Ascii.Zero && byte <= Ascii.Nine;
}

export function isLetter(byte: i32): boolean {
  const lower = byte | 0x20;
  return lower >= Ascii.LowerA && lower <= Ascii.LowerZ;
}

/** What can stand in a variable's name. */
export function isWordByte(byte: i32): boolean {
  return isLetter(byte) || isDigit(byte) || byte === Ascii.Underscore;
}

/** Space, tab or newline. */
export function isBlank(byte: i32): boolean {
  return byte === Ascii.Space || byte === Ascii.Tab || byte === Ascii.Newline;
}

export function isPrintable(byte: i32): boolean {
  return byte >= Ascii.Space && byte < Ascii.Delete;
}

export function lowerCase(byte: i32): i32 {
  return byte >= Ascii.UpperA && byte <= Ascii.UpperZ ? byte + 32 : byte;
}

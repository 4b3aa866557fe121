/**
 * Text into tokens: words (still with their quotes), operators and ends of lines. Begin reading at `nextToken`.
 *
 * Text can end in the middle of something: an open quote, a here-document. That is `Outcome.Incomplete`, and whoever types gets to type the rest.
 */
import { Ascii, isBlank, isDigit } from "../../lib/library/ascii.ts";
import { findByte, sameBytes } from "../../lib/library/bytes.ts";
import { arenaText } from "./arena.ts";
import { withoutQuotes } from "./quote.ts";
import { type Redirection, RedirectionKind } from "./tree.ts";

export const enum Token {
  End,
  Newline,
  Word,
  Semicolon,
  DoubleSemicolon,
  Ampersand,
  AndIf,
  Bar,
  OrIf,
  Open,
  Close,
  Redirection,
}

export const enum Outcome {
  Ok,
  Incomplete,
  Wrong,
}

/** A text being read, and the token that comes next. */
export class Parser {
  place: vaddr = 0;
  length: i32 = 0;
  position: i32 = 0;
  line: i32 = 1;
  token: Token = Token.End;
  /** Where the token begins, and on which line. */
  tokenPosition: i32 = 0;
  tokenLine: i32 = 1;
  /** Of a word. */
  text: string = "";
  /** Of a redirection. */
  redirectionKind: RedirectionKind = 0;
  redirectionDescriptor: i32 = 0;
  /** Here-documents that begin after this line. */
  firstHere: Redirection | null = null;
  outcome: Outcome = Outcome.Ok;

  source(): Uint8Array {
    return bytesAt(this.place, u32(this.length));
  }

  /** The byte `ahead` of the position; NUL beyond the end. */
  peek(ahead: i32 = 0): i32 {
    const index = this.position + ahead;
    return index < this.length ? this.source()[index] : Ascii.Null;
  }

  atEnd(): boolean {
    return this.position >= this.length;
  }
}

/** Reads the next token into `parser.token`. */
export function nextToken(parser: Parser): void {
  skipBlanks(parser);
  parser.tokenPosition = parser.position;
  parser.tokenLine = parser.line;
  if (parser.atEnd()) {
    parser.token = Token.End;
    return;
  }
  const descriptor = redirectionDigits(parser);
  const byte = parser.peek();
  if (byte === Ascii.Less || byte === Ascii.Greater) readRedirection(parser, descriptor);
  else if (isOperator(byte)) readOperator(parser, byte);
  else readWord(parser);
}

/** What a token looks like, for a message. */
export function tokenText(parser: Parser): Uint8Array {
  if (parser.token === Token.Newline) return "newline".bytes;
  if (parser.token === Token.End) return "end of file".bytes;
  return parser.source().subarray(parser.tokenPosition, parser.position);
}

function skipBlanks(parser: Parser): void {
  for (;;) {
    const byte = parser.peek();
    if (byte === Ascii.Space || byte === Ascii.Tab || byte === Ascii.Return) parser.position++;
    else if (byte === Ascii.Backslash && parser.peek(1) === Ascii.Newline) {
      parser.position += 2;
      parser.line++;
    } else if (byte === Ascii.Hash) {
      while (!parser.atEnd() && parser.peek() !== Ascii.Newline) parser.position++;
    } else return;
  }
}

/** A digit right before `<` or `>` is the descriptor: skips it, and answers it; -1 if there is none. */
function redirectionDigits(parser: Parser): i32 {
  const next = parser.peek(1);
  if (!isDigit(parser.peek()) || (next !== Ascii.Less && next !== Ascii.Greater)) return -1;
  const digit = parser.peek() - Ascii.Zero;
  parser.position++;
  return digit;
}

function isOperator(byte: i32): boolean {
  switch (byte) {
    case Ascii.Newline:
    case Ascii.Semicolon:
    case Ascii.Ampersand:
    case Ascii.Bar:
    case Ascii.OpenParenthesis:
    case Ascii.CloseParenthesis:
    case Ascii.Less:
    case Ascii.Greater:
      return true;
    default:
      return false;
  }
}

function readOperator(parser: Parser, byte: i32): void {
  const doubled = parser.peek(1) === byte;
  parser.position++;
  switch (byte) {
    case Ascii.Newline:
      parser.token = Token.Newline;
      parser.line++;
      readHereDocuments(parser);
      return;
    case Ascii.OpenParenthesis:
      parser.token = Token.Open;
      return;
    case Ascii.CloseParenthesis:
      parser.token = Token.Close;
      return;
    case Ascii.Semicolon:
      parser.token = doubled ? Token.DoubleSemicolon : Token.Semicolon;
      break;
    case Ascii.Ampersand:
      parser.token = doubled ? Token.AndIf : Token.Ampersand;
      break;
    default:
      parser.token = doubled ? Token.OrIf : Token.Bar;
  }
  if (doubled) parser.position++;
}

function readRedirection(parser: Parser, descriptor: i32): void {
  const input = parser.peek() === Ascii.Less;
  const second = parser.peek(1);
  parser.token = Token.Redirection;
  parser.position += 2;
  parser.redirectionDescriptor = descriptor >= 0 ? descriptor : input ? 0 : 1;
  if (second === Ascii.Ampersand) parser.redirectionKind = RedirectionKind.Duplicate;
  else if (input && second === Ascii.Less) parser.redirectionKind = RedirectionKind.Here;
  else if (input && second === Ascii.Greater) parser.redirectionKind = RedirectionKind.ReadWrite;
  else if (!input && second === Ascii.Greater) parser.redirectionKind = RedirectionKind.Append;
  else if (!input && second === Ascii.Bar) parser.redirectionKind = RedirectionKind.Output;
  else {
    parser.redirectionKind = input ? RedirectionKind.Input : RedirectionKind.Output;
    parser.position--;
  }
}

// --- Words -----------------------------------------------------------------------------------------------------------

function readWord(parser: Parser): void {
  while (!parser.atEnd()) {
    const byte = parser.peek();
    if (isBlank(byte) || isOperator(byte)) break;
    skipElement(parser);
  }
  parser.token = Token.Word;
  parser.text = arenaText(parser.source().subarray(parser.tokenPosition, parser.position));
}

/** One byte, or everything that a quote, a dollar or a backslash keeps together. */
function skipElement(parser: Parser): void {
  switch (parser.peek()) {
    case Ascii.Backslash:
      skipByte(parser);
      if (parser.atEnd()) parser.outcome = Outcome.Incomplete;
      else skipByte(parser);
      return;
    case Ascii.Quote:
      skipTo(parser, Ascii.Quote);
      return;
    case Ascii.Backquote:
      skipTo(parser, Ascii.Backquote);
      return;
    case Ascii.DoubleQuote:
      skipDoubleQuoted(parser);
      return;
    case Ascii.Dollar:
      skipByte(parser);
      if (parser.peek() === Ascii.OpenParenthesis) skipNested(parser, Ascii.OpenParenthesis, Ascii.CloseParenthesis);
      else if (parser.peek() === Ascii.OpenBrace) skipNested(parser, Ascii.OpenBrace, Ascii.CloseBrace);
      return;
    default:
      skipByte(parser);
  }
}

/** Where the element of a word that begins at `begin` ends. */
export function elementEnd(word: Uint8Array, begin: i32): i32 {
  const parser = new Parser();
  parser.place = address(word);
  parser.length = word.length;
  parser.position = begin;
  skipElement(parser);
  return parser.position;
}

function skipByte(parser: Parser): void {
  if (parser.peek() === Ascii.Newline) parser.line++;
  parser.position++;
}

function skipTo(parser: Parser, closing: i32): void {
  skipByte(parser);
  while (!parser.atEnd() && parser.peek() !== closing) {
    if (closing === Ascii.Backquote && parser.peek() === Ascii.Backslash) skipByte(parser);
    skipByte(parser);
  }
  close(parser);
}

function skipDoubleQuoted(parser: Parser): void {
  skipByte(parser);
  while (!parser.atEnd() && parser.peek() !== Ascii.DoubleQuote) {
    if (parser.peek() === Ascii.Quote) skipByte(parser);
    else skipElement(parser);
  }
  close(parser);
}

function skipNested(parser: Parser, opening: i32, closing: i32): void {
  let depth = 0;
  for (;;) {
    const byte = parser.peek();
    if (parser.atEnd()) break;
    if (byte === opening) depth++;
    if (byte === closing) depth--;
    if (byte === opening || byte === closing) {
      if (depth === 0) break;
      skipByte(parser);
    } else skipElement(parser);
  }
  close(parser);
}

/** Steps over the closing byte; without one, the text is not complete. */
function close(parser: Parser): void {
  if (parser.atEnd()) parser.outcome = Outcome.Incomplete;
  else skipByte(parser);
}

// --- Here-documents --------------------------------------------------------------------------------------------------

function readHereDocuments(parser: Parser): void {
  while (parser.firstHere !== null) {
    const redirection: Redirection = parser.firstHere;
    parser.firstHere = redirection.nextHere;
    readHereDocument(parser, redirection);
  }
}

/** The text from here to a line that is the delimiter and nothing else takes the delimiter's place. */
function readHereDocument(parser: Parser, redirection: Redirection): void {
  const delimiter = withoutQuotes(redirection.word);
  redirection.literal = delimiter.length !== redirection.word.length;
  const begin = parser.position;
  while (!parser.atEnd()) {
    const rest = parser.source().subarray(parser.position);
    const newline = findByte(rest, Ascii.Newline);
    const line = newline < 0 ? rest : rest.subarray(0, newline);
    const end = parser.position;
    parser.position += newline < 0 ? rest.length : newline + 1;
    parser.line++;
    if (sameBytes(line, delimiter.bytes)) {
      redirection.word = arenaText(parser.source().subarray(begin, end));
      return;
    }
  }
  parser.outcome = Outcome.Incomplete;
}

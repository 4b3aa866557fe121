/**
 * Words into what they mean: variables, command substitution, arithmetic; then fields split at blanks, patterns replaced by
 * names, quotes gone. Begin reading at `expandWord`; what a dollar begins is in dollar.ts.
 */
import { Ascii } from "../../lib/library/ascii.ts";
import { arenaText } from "./arena.ts";
import { expandDollar } from "./dollar.ts";
import { Expansion } from "./expansion.ts";
import { withoutEscapes } from "./glob.ts";
import { elementEnd } from "./lexer.ts";
import { substitute } from "./substitute.ts";
import { getVariable } from "./variables.ts";

/** Appends the fields that a word means (none, one or several) to `result.fields`. */
export function expandWord(word: Uint8Array, result: Expansion): void {
  expandInto(word, result, false);
  result.finishField();
}

/** What a word means where it can only be one: the value of an assignment, the file of a redirection. */
export function expandText(word: Uint8Array): string {
  return withoutEscapes(expandPatternText(word, false).bytes);
}

/** A here-document: quotes mean themselves. */
export function expandDocument(document: Uint8Array): string {
  return withoutEscapes(expandPatternText(document, true).bytes);
}

/** The same as a pattern: a byte that was quoted stands behind a backslash. */
export function expandPatternText(word: Uint8Array, quoted: boolean): string {
  const state = new Expansion();
  state.splits = false;
  expandInto(word, state, quoted);
  const text = arenaText(state.field.bytes());
  state.release();
  return text;
}

/** Everything in `source`, as if it stood between double quotes if `quoted`. */
export function expandInto(source: Uint8Array, state: Expansion, quoted: boolean): void {
  let index = expandTilde(source, state, quoted);
  while (index < source.length) {
    const byte = source[index];
    if (byte === Ascii.Dollar) index = expandDollar(source, index, state, quoted);
    else if (byte === Ascii.Backquote) index = expandBackquote(source, index, state, quoted);
    else if (byte === Ascii.Backslash) index = expandBackslash(source, index, state, quoted);
    else if (!quoted && byte === Ascii.Quote) index = expandQuote(source, index, state);
    else if (!quoted && byte === Ascii.DoubleQuote) index = expandDoubleQuote(source, index, state);
    else {
      if (quoted) state.appendQuoted(byte);
      else state.field.appendByte(byte);
      index++;
    }
  }
}

/** `~` or `~/…` at the begin of a word is HOME. Answers how many bytes that took. */
function expandTilde(source: Uint8Array, state: Expansion, quoted: boolean): i32 {
  if (quoted || source.length === 0 || source[0] !== Ascii.Tilde) return 0;
  if (source.length > 1 && source[1] !== Ascii.Slash) return 0;
  const home = getVariable("HOME".bytes);
  if (home === null) return 0;
  state.appendValue(home.bytes, true);
  return 1;
}

function expandQuote(source: Uint8Array, begin: i32, state: Expansion): i32 {
  const end = elementEnd(source, begin);
  state.started = true;
  for (let index = begin + 1; index < end - 1; index++) state.appendQuoted(source[index]);
  return end;
}

function expandDoubleQuote(source: Uint8Array, begin: i32, state: Expansion): i32 {
  const end = elementEnd(source, begin);
  state.started = true;
  expandInto(source.subarray(begin + 1, end - 1), state, true);
  return end;
}

/** Between double quotes a backslash only quotes what would mean something there. */
function expandBackslash(source: Uint8Array, index: i32, state: Expansion, quoted: boolean): i32 {
  if (index + 1 === source.length) {
    state.appendQuoted(Ascii.Backslash);
    return index + 1;
  }
  const next = source[index + 1];
  if (next === Ascii.Newline) return index + 2;
  if (quoted && !isQuotable(next)) state.appendQuoted(Ascii.Backslash);
  state.appendQuoted(next);
  return index + 2;
}

function isQuotable(byte: i32): boolean {
  switch (byte) {
    case Ascii.Dollar:
    case Ascii.Backquote:
    case Ascii.DoubleQuote:
    case Ascii.Backslash:
      return true;
    default:
      return false;
  }
}

/** The old form of `$(…)`: a backslash in it quotes a backslash, a dollar or a backquote. */
function expandBackquote(source: Uint8Array, begin: i32, state: Expansion, quoted: boolean): i32 {
  const end = elementEnd(source, begin);
  const command = new Expansion();
  for (let index = begin + 1; index < end - 1; index++) {
    if (source[index] === Ascii.Backslash && isQuotable(source[index + 1])) index++;
    command.field.appendByte(source[index]);
  }
  substitute(arenaText(command.field.bytes()), state, quoted);
  command.release();
  return end;
}

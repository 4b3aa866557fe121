/**
 * What a dollar begins: `$NAME`, `${NAME…}`, `$1`, `$?` and its kind, `$(command)`, `$((arithmetic))`. Begin reading at `expandDollar`.
 */
import { Ascii, isDigit, isWordByte } from "../../lib/library/ascii.ts";
import { formatSigned, NUMBER_BYTES, parseUnsigned } from "../../lib/library/number.ts";
import { complain } from "../../lib/library/output.ts";
import { matches } from "../../lib/library/pattern.ts";
import { arenaText } from "./arena.ts";
import { Arithmetic, evaluate } from "./arithmetic.ts";
import { expandInto, expandPatternText, expandText } from "./expand.ts";
import type { Expansion } from "./expansion.ts";
import { elementEnd } from "./lexer.ts";
import { shell } from "./state.ts";
import { substitute } from "./substitute.ts";
import { getVariable, setVariable } from "./variables.ts";

/** Expands what begins at `begin`, and answers where it ends. A dollar before anything else is a dollar. */
export function expandDollar(source: Uint8Array, begin: i32, state: Expansion, quoted: boolean): i32 {
  const end = elementEnd(source, begin);
  const next = begin + 1 < source.length ? source[begin + 1] : Ascii.Null;
  if (next === Ascii.OpenParenthesis) {
    expandParenthesis(source.subarray(begin + 2, end - 1), state, quoted);
    return end;
  }
  if (next === Ascii.OpenBrace) {
    expandBraces(source.subarray(begin + 2, end - 1), state, quoted);
    return end;
  }
  const length = nameBytes(source.subarray(begin + 1));
  if (length === 0) state.appendQuoted(Ascii.Dollar);
  else appendParameter(source.subarray(begin + 1, begin + 1 + length), state, quoted);
  return begin + 1 + length;
}

/** How many bytes of a parameter's name stand at the begin of the text. */
function nameBytes(text: Uint8Array): i32 {
  if (text.length === 0) return 0;
  if (isDigit(text[0]) || isSpecialParameter(text[0])) return 1;
  let length = 0;
  while (length < text.length && isWordByte(text[length])) length++;
  return length;
}

function isSpecialParameter(byte: i32): boolean {
  switch (byte) {
    case Ascii.Question:
    case Ascii.Dollar:
    case Ascii.Exclamation:
    case Ascii.Hash:
    case Ascii.At:
    case Ascii.Asterisk:
    case Ascii.Minus:
      return true;
    default:
      return false;
  }
}

function appendParameter(name: Uint8Array, state: Expansion, quoted: boolean): void {
  if (name[0] === Ascii.At || name[0] === Ascii.Asterisk) {
    appendAll(name[0] === Ascii.At, state, quoted);
    return;
  }
  const value = parameterValue(name);
  if (value !== null) state.appendValue(value.bytes, quoted);
}

/** `$@` and `$*`: a field for each parameter, but `"$*"` is one field. */
function appendAll(separate: boolean, state: Expansion, quoted: boolean): void {
  const parameters = shell.parameters;
  if (parameters.count === 0 && quoted && separate) state.vanishes = true;
  for (let index = 0; index < parameters.count; index++) {
    if (index > 0) {
      if (quoted && (!separate || !state.splits)) state.appendQuoted(Ascii.Space);
      else if (!state.splits) state.appendUnquoted(Ascii.Space);
      else state.finishField();
    }
    if (quoted) state.started = true;
    state.appendValue(parameters.at(index).bytes, quoted);
  }
}

/** The value of a parameter by its name; null if it has none. */
function parameterValue(name: Uint8Array): string | null {
  const first = name[0];
  if (isDigit(first)) return positional(parseUnsigned(name));
  switch (first) {
    case Ascii.Question:
      return numberText(shell.status);
    case Ascii.Dollar:
      return numberText(shell.processId);
    case Ascii.Exclamation:
      return shell.lastBackground === 0 ? null : numberText(shell.lastBackground);
    case Ascii.Hash:
      return numberText(shell.parameters.count);
    case Ascii.Minus:
      return shell.interactive ? "i" : "";
    default:
      return getVariable(name);
  }
}

function positional(index: i32): string | null {
  if (index === 0) return shell.name;
  return index > 0 && index <= shell.parameters.count ? shell.parameters.at(index - 1) : null;
}

function numberText(value: i32): string {
  const digits = new Uint8Array(NUMBER_BYTES);
  return arenaText(formatSigned(value, digits));
}

// --- $( ) and $(( )) ---------------------------------------------------------------------------------------------------

function expandParenthesis(inside: Uint8Array, state: Expansion, quoted: boolean): void {
  const last = inside.length - 1;
  if (last > 0 && inside[0] === Ascii.OpenParenthesis && inside[last] === Ascii.CloseParenthesis) {
    expandArithmetic(inside.subarray(1, last), state, quoted);
  } else substitute(arenaText(inside), state, quoted);
}

function expandArithmetic(inside: Uint8Array, state: Expansion, quoted: boolean): void {
  const expression = expandText(inside);
  const result = new Arithmetic();
  evaluate(expression.bytes, result);
  if (result.fault.length > 0) {
    complain`arithmetic: ${expression}: ${result.fault}`;
    shell.expansionFailed = true;
    return;
  }
  state.appendValue(numberText(result.value).bytes, quoted);
}

// --- ${ } --------------------------------------------------------------------------------------------------------------

/** `${NAME}`, `${#NAME}`, and a name with an operator and a word. */
function expandBraces(inside: Uint8Array, state: Expansion, quoted: boolean): void {
  if (inside.length > 1 && inside[0] === Ascii.Hash) {
    const value = parameterValue(inside.subarray(1));
    state.appendValue(numberText(value === null ? 0 : value.length).bytes, quoted);
    return;
  }
  const length = bracedNameBytes(inside);
  const name = inside.subarray(0, length);
  const rest = inside.subarray(length);
  if (length === 0) failExpansion(inside, "bad substitution");
  else if (rest.length === 0) appendParameter(name, state, quoted);
  else if (rest[0] === Ascii.Percent || rest[0] === Ascii.Hash) trimValue(name, rest, state, quoted);
  else applyOperator(name, rest, state, quoted);
}

/** In braces a number can have several digits. */
function bracedNameBytes(inside: Uint8Array): i32 {
  let digits = 0;
  while (digits < inside.length && isDigit(inside[digits])) digits++;
  return digits > 0 ? digits : nameBytes(inside);
}

/** `:-` `:=` `:+` `:?`: with the colon, an empty value counts as none. */
function applyOperator(name: Uint8Array, rest: Uint8Array, state: Expansion, quoted: boolean): void {
  const colon = rest[0] === Ascii.Colon;
  const operator = colon && rest.length > 1 ? rest[1] : rest[0];
  const word = rest.subarray(colon ? 2 : 1);
  const value = parameterValue(name);
  const usable = value !== null && (value.length > 0 || !colon);
  switch (operator) {
    case Ascii.Plus:
      if (usable) expandInto(word, state, quoted);
      return;
    case Ascii.Minus:
      if (!usable) expandInto(word, state, quoted);
      break;
    case Ascii.Equals:
      if (!usable) {
        const assigned = expandText(word);
        setVariable(name, assigned.bytes);
        state.appendValue(assigned.bytes, quoted);
      }
      break;
    case Ascii.Question:
      if (!usable) failExpansion(name, word.length > 0 ? arenaText(word) : "not set");
      break;
    default:
      failExpansion(name, "bad substitution");
      return;
  }
  if (usable && value !== null) state.appendValue(value.bytes, quoted);
}

/** `#` takes the shortest begin that fits the pattern off the value, `##` the longest; `%` and `%%` the same at its end. */
function trimValue(name: Uint8Array, rest: Uint8Array, state: Expansion, quoted: boolean): void {
  const value = parameterValue(name);
  if (value === null) return;
  const longest = rest.length > 1 && rest[1] === rest[0];
  const pattern = expandPatternText(rest.subarray(longest ? 2 : 1), false).bytes;
  const atBegin = rest[0] === Ascii.Hash;
  const bytes = value.bytes;
  for (let step = 0; step <= bytes.length; step++) {
    const taken = longest ? bytes.length - step : step;
    const part = atBegin ? bytes.subarray(0, taken) : bytes.subarray(bytes.length - taken);
    if (!matches(pattern, part)) continue;
    state.appendValue(atBegin ? bytes.subarray(taken) : bytes.subarray(0, bytes.length - taken), quoted);
    return;
  }
  state.appendValue(bytes, quoted);
}

function failExpansion(name: Uint8Array, what: string): void {
  complain`${name}: ${what}`;
  shell.expansionFailed = true;
}

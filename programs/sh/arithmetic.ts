/**
 * `$((expression))`: integers of 32 bits, with the operators of C and their precedence. Begin reading at `evaluate`.
 */
import { Ascii, isBlank, isDigit, isWordByte } from "../../lib/library/ascii.ts";
import { Parsed, parseSigned } from "../../lib/library/number.ts";
import { getVariable } from "./variables.ts";

/** The expression, how far it has been read, and what it came to. */
export class Arithmetic {
  place: vaddr = 0;
  length: i32 = 0;
  position: i32 = 0;
  value: i32 = 0;
  /** Why it has no value; empty if it has one. */
  fault: string = "";
}

/** Sets `value`, or `fault`. */
export function evaluate(text: Uint8Array, result: Arithmetic): void {
  result.place = address(text);
  result.length = text.length;
  result.position = 0;
  result.fault = "";
  result.value = parseBinary(result, 1);
  skipBlanks(result);
  if (result.position !== result.length) refuse(result);
}

function refuse(state: Arithmetic): void {
  if (state.fault.length === 0) state.fault = "not an expression";
}

/** Operators of one precedence and those that bind tighter; 1 binds least. */
function parseBinary(state: Arithmetic, precedence: i32): i32 {
  let left = parseUnary(state);
  for (;;) {
    const operator = readOperator(state);
    const binding = precedenceOf(operator);
    if (binding < precedence) return left;
    state.position += operator > 0xff ? 2 : 1;
    const right = parseBinary(state, binding + 1);
    left = apply(state, operator, left, right);
  }
}

/** Two bytes of an operator in one number: the second in the high byte. */
const enum Operator {
  LogicalOr = 0x7c7c,
  LogicalAnd = 0x2626,
  Equal = 0x3d3d,
  NotEqual = 0x3d21,
  LessEqual = 0x3d3c,
  GreaterEqual = 0x3d3e,
  ShiftLeft = 0x3c3c,
  ShiftRight = 0x3e3e,
}

function precedenceOf(operator: i32): i32 {
  switch (operator) {
    case Operator.LogicalOr:
      return 1;
    case Operator.LogicalAnd:
      return 2;
    case Ascii.Bar:
      return 3;
    case Ascii.Caret:
      return 4;
    case Ascii.Ampersand:
      return 5;
    case Operator.Equal:
    case Operator.NotEqual:
      return 6;
    case Ascii.Less:
    case Ascii.Greater:
    case Operator.LessEqual:
    case Operator.GreaterEqual:
      return 7;
    case Operator.ShiftLeft:
    case Operator.ShiftRight:
      return 8;
    case Ascii.Plus:
    case Ascii.Minus:
      return 9;
    case Ascii.Asterisk:
    case Ascii.Slash:
    case Ascii.Percent:
      return 10;
    default:
      return 0;
  }
}

function apply(state: Arithmetic, operator: i32, left: i32, right: i32): i32 {
  switch (operator) {
    case Operator.LogicalOr:
      return left !== 0 || right !== 0 ? 1 : 0;
    case Operator.LogicalAnd:
      return left !== 0 && right !== 0 ? 1 : 0;
    case Ascii.Bar:
      return left | right;
    case Ascii.Caret:
      return left ^ right;
    case Ascii.Ampersand:
      return left & right;
    case Operator.Equal:
      return left === right ? 1 : 0;
    case Operator.NotEqual:
      return left !== right ? 1 : 0;
    case Ascii.Less:
      return left < right ? 1 : 0;
    case Ascii.Greater:
      return left > right ? 1 : 0;
    case Operator.LessEqual:
      return left <= right ? 1 : 0;
    case Operator.GreaterEqual:
      return left >= right ? 1 : 0;
    case Operator.ShiftLeft:
      return left << (right & 31);
    case Operator.ShiftRight:
      return left >> (right & 31);
    case Ascii.Plus:
      return left + right;
    case Ascii.Minus:
      return left - right;
    case Ascii.Asterisk:
      return left * right;
    default:
      return divide(state, operator, left, right);
  }
}

function divide(state: Arithmetic, operator: i32, left: i32, right: i32): i32 {
  if (right === 0) {
    if (state.fault.length === 0) state.fault = "division by zero";
    return 0;
  }
  return operator === Ascii.Slash ? left / right : left % right;
}

function parseUnary(state: Arithmetic): i32 {
  skipBlanks(state);
  const byte = peek(state, 0);
  if (byte === Ascii.Minus || byte === Ascii.Plus || byte === Ascii.Exclamation || byte === Ascii.Tilde) {
    state.position++;
    const value = parseUnary(state);
    if (byte === Ascii.Minus) return -value;
    if (byte === Ascii.Exclamation) return value === 0 ? 1 : 0;
    return byte === Ascii.Tilde ? ~value : value;
  }
  if (byte === Ascii.OpenParenthesis) {
    state.position++;
    const value = parseBinary(state, 1);
    skipBlanks(state);
    if (peek(state, 0) !== Ascii.CloseParenthesis) refuse(state);
    state.position++;
    return value;
  }
  return parseOperand(state);
}

/** A number, or a variable that holds one (nothing counts as zero). */
function parseOperand(state: Arithmetic): i32 {
  const begin = state.position;
  while (isWordByte(peek(state, 0))) state.position++;
  const word = bytesAt(state.place, u32(state.length)).subarray(begin, state.position);
  const number = new Parsed();
  if (word.length === 0) refuse(state);
  else if (isDigit(word[0])) {
    if (!parseSigned(word, number)) refuse(state);
  } else {
    const value = getVariable(word);
    if (value !== null && value.length > 0 && !parseSigned(value.bytes, number)) refuse(state);
  }
  return number.value;
}

function readOperator(state: Arithmetic): i32 {
  skipBlanks(state);
  const first = peek(state, 0);
  const second = peek(state, 1);
  const both = first | (second << 8);
  return both > 0xff && precedenceOf(both) > 0 ? both : first;
}

function skipBlanks(state: Arithmetic): void {
  while (isBlank(peek(state, 0))) state.position++;
}

/** The byte `ahead` of the position; 0 beyond the end. */
function peek(state: Arithmetic, ahead: i32): i32 {
  const index = state.position + ahead;
  return index < state.length ? bytesAt(state.place, u32(state.length))[index] : 0;
}

/**
 * `test` and `[`: a condition on files, strings and numbers. For the program, and for the shell, which has it built in. Begin
 * reading at `testCondition`.
 */
import { isDirectory } from "../../lib/library/directory.ts";
import { AccessMode, access, stat } from "../../lib/library/file.ts";
import type { TextList } from "../../lib/library/list.ts";
import { Parsed, parseSigned, parseUnsigned } from "../../lib/library/number.ts";
import { complain } from "../../lib/library/output.ts";
import { isTerminal } from "../../lib/library/terminal.ts";
import { FileStatus, Mode } from "../../lib/protocol/vfs.ts";

const enum Truth {
  True = 0,
  False = 1,
  /** The words make no condition. */
  Wrong = 2,
}

/** Answers the exit status: 0 true, 1 false, 2 wrong, after a complaint. Called `[`, the last word must be `]`. */
export function testCondition(words: TextList): i32 {
  let end = words.count;
  if (words.at(0) === "[") {
    end--;
    if (end < 1 || words.at(end) !== "]") {
      complain`missing ]`;
      return Truth.Wrong;
    }
  }
  const reader = new Reader();
  reader.position = 1;
  reader.end = end;
  if (end <= 1) return Truth.False;
  const result = parseOr(words, reader);
  if (reader.position === end && !reader.wrong) return result ? Truth.True : Truth.False;
  if (!reader.wrong) complain`${words.at(reader.position)}: unexpected`;
  return Truth.Wrong;
}

class Reader {
  position: i32 = 0;
  end: i32 = 0;
  wrong: boolean = false;
}

function parseOr(words: TextList, reader: Reader): boolean {
  let result = parseAnd(words, reader);
  while (isNext(words, reader, "-o")) {
    reader.position++;
    const right = parseAnd(words, reader);
    result = result || right;
  }
  return result;
}

function parseAnd(words: TextList, reader: Reader): boolean {
  let result = parseNot(words, reader);
  while (isNext(words, reader, "-a")) {
    reader.position++;
    const right = parseNot(words, reader);
    result = result && right;
  }
  return result;
}

function parseNot(words: TextList, reader: Reader): boolean {
  // `! = x` compares; so does `( = x`.
  if (isNext(words, reader, "!") && !isComparison(words, reader)) {
    reader.position++;
    return !parseNot(words, reader);
  }
  if (isNext(words, reader, "(") && !isComparison(words, reader)) {
    reader.position++;
    const result = parseOr(words, reader);
    if (!isNext(words, reader, ")")) return fail(reader, "missing )");
    reader.position++;
    return result;
  }
  return parsePrimary(words, reader);
}

function parsePrimary(words: TextList, reader: Reader): boolean {
  const left = reader.end - reader.position;
  if (left <= 0) return fail(reader, "argument expected");
  const first = words.at(reader.position);
  if (isComparison(words, reader)) {
    reader.position += 3;
    return compare(first, words.at(reader.position - 2), words.at(reader.position - 1), reader);
  }
  if (left >= 2 && isFileTest(first)) {
    reader.position += 2;
    return testOne(first, words.at(reader.position - 1));
  }
  reader.position++;
  return first.length > 0;
}

function isNext(words: TextList, reader: Reader, text: string): boolean {
  return reader.position < reader.end && words.at(reader.position) === text;
}

/** Whether three words are left, the second of them an operator. */
function isComparison(words: TextList, reader: Reader): boolean {
  return reader.end - reader.position >= 3 && operatorOf(words.at(reader.position + 1)) !== Operator.None;
}

const enum Operator {
  None,
  Same,
  Different,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
}

function operatorOf(word: string): Operator {
  switch (word) {
    case "=":
    case "==":
      return Operator.Same;
    case "!=":
      return Operator.Different;
    case "-eq":
      return Operator.Equal;
    case "-ne":
      return Operator.NotEqual;
    case "-lt":
      return Operator.Less;
    case "-le":
      return Operator.LessEqual;
    case "-gt":
      return Operator.Greater;
    case "-ge":
      return Operator.GreaterEqual;
    default:
      return Operator.None;
  }
}

function compare(left: string, operator: string, right: string, reader: Reader): boolean {
  const kind = operatorOf(operator);
  if (kind === Operator.Same) return left === right;
  if (kind === Operator.Different) return left !== right;
  const a = new Parsed();
  const b = new Parsed();
  if (!parseSigned(left.bytes, a)) return failNumber(reader, left);
  if (!parseSigned(right.bytes, b)) return failNumber(reader, right);
  switch (kind) {
    case Operator.Equal:
      return a.value === b.value;
    case Operator.NotEqual:
      return a.value !== b.value;
    case Operator.Less:
      return a.value < b.value;
    case Operator.LessEqual:
      return a.value <= b.value;
    case Operator.Greater:
      return a.value > b.value;
    default:
      return a.value >= b.value;
  }
}

function isFileTest(word: string): boolean {
  switch (word) {
    case "-n":
    case "-z":
    case "-e":
    case "-f":
    case "-d":
    case "-p":
    case "-c":
    case "-b":
    case "-r":
    case "-w":
    case "-x":
    case "-s":
    case "-t":
      return true;
    default:
      return false;
  }
}

function testOne(test: string, operand: string): boolean {
  switch (test) {
    case "-n":
      return operand.length > 0;
    case "-z":
      return operand.length === 0;
    case "-r":
      return access(operand, AccessMode.Read) >= 0;
    case "-w":
      return access(operand, AccessMode.Write) >= 0;
    case "-x":
      return access(operand, AccessMode.Execute) >= 0;
    case "-t":
      return isTerminal(parseUnsigned(operand.bytes));
    default:
      return testFile(test, operand);
  }
}

function testFile(test: string, path: string): boolean {
  const status = new FileStatus();
  if (stat(path, status) < 0) return false;
  const kind = status.mode & Mode.TypeMask;
  switch (test) {
    case "-f":
      return kind === Mode.Regular;
    case "-d":
      return isDirectory(status);
    case "-p":
      return kind === Mode.Pipe;
    case "-c":
      return kind === Mode.Character;
    case "-b":
      return kind === Mode.Block;
    case "-s":
      return status.bytes > 0n;
    default:
      return true;
  }
}

function fail(reader: Reader, what: string): boolean {
  if (!reader.wrong) complain`${what}`;
  reader.wrong = true;
  return false;
}

function failNumber(reader: Reader, word: string): boolean {
  if (!reader.wrong) complain`${word}: not a number`;
  reader.wrong = true;
  return false;
}

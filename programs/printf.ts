/** printf: words in a form, as C's: %s %d %u %x %o %c %%, with a width and a minus or a zero, and backslashes. */
import { beginProgram, showUsage, usageError } from "../lib/library/arguments.ts";
import { Ascii, isDigit } from "../lib/library/ascii.ts";
import {
  formatHexadecimal,
  formatOctal,
  formatSigned,
  NUMBER_BYTES,
  Parsed,
  parseSigned,
} from "../lib/library/number.ts";
import { complain, print, printByte, printBytes } from "../lib/library/output.ts";

const USAGE = "printf FORMAT [WORD...]";

/** The next word to be formatted. */
let nextWord = 2;
let result: i32 = 0;

/** The format is used again as long as it uses up words. */
export function main(args: readonly string[]): i32 {
  beginProgram(args, USAGE);
  if (args.length < 2) usageError();
  if (args[1] === "--help") showUsage();
  let before = 0;
  do {
    before = nextWord;
    format(args[1].bytes, args);
  } while (nextWord > before && nextWord < args.length);
  return result;
}

function format(text: Uint8Array, args: readonly string[]): void {
  let index = 0;
  while (index < text.length) {
    if (text[index] === Ascii.Backslash) index = printEscape(text, index + 1);
    else if (text[index] === Ascii.Percent) index = printDirective(text, index + 1, args);
    else {
      printByte(text[index]);
      index++;
    }
  }
}

/** Answers where the escape ends. */
function printEscape(text: Uint8Array, index: i32): i32 {
  if (index === text.length) {
    printByte(Ascii.Backslash);
    return index;
  }
  if (text[index] >= Ascii.Zero && text[index] < Ascii.Zero + 8) return printOctal(text, index);
  switch (text[index]) {
    case 0x6e: // n
      printByte(Ascii.Newline);
      break;
    case 0x74: // t
      printByte(Ascii.Tab);
      break;
    case 0x72: // r
      printByte(Ascii.Return);
      break;
    case 0x65: // e
      printByte(Ascii.Escape);
      break;
    case Ascii.Backslash:
      printByte(Ascii.Backslash);
      break;
    default:
      printByte(Ascii.Backslash);
      printByte(text[index]);
  }
  return index + 1;
}

function printOctal(text: Uint8Array, begin: i32): i32 {
  let value = 0;
  let index = begin;
  while (index < text.length && index < begin + 3 && text[index] >= Ascii.Zero && text[index] < Ascii.Zero + 8) {
    value = value * 8 + (text[index] - Ascii.Zero);
    index++;
  }
  printByte(u8(value));
  return index;
}

/** After the percent sign. Answers where the directive ends. */
function printDirective(text: Uint8Array, begin: i32, args: readonly string[]): i32 {
  let index = begin;
  const left = index < text.length && text[index] === Ascii.Minus;
  if (left) index++;
  const zeros = index < text.length && text[index] === Ascii.Zero;
  let width = 0;
  while (index < text.length && isDigit(text[index])) {
    width = width * 10 + (text[index] - Ascii.Zero);
    index++;
  }
  if (index === text.length) usageError();
  const digits = new Uint8Array(NUMBER_BYTES);
  switch (text[index]) {
    case Ascii.Percent:
      printByte(Ascii.Percent);
      break;
    case 0x73: // s
      printPadded(takeWord(args), width, left, false);
      break;
    case 0x63: // c
      printPadded(firstByte(takeWord(args)), width, left, false);
      break;
    case 0x64: // d
    case 0x69: // i
    case 0x75: // u
      printPadded(formatSigned(takeNumber(args), digits), width, left, zeros);
      break;
    case 0x78: // x
      printPadded(formatHexadecimal(u32(takeNumber(args)), digits), width, left, zeros);
      break;
    case 0x6f: // o
      printPadded(formatOctal(u32(takeNumber(args)), digits), width, left, zeros);
      break;
    default:
      usageError();
  }
  return index + 1;
}

/** Words that are missing are empty. */
function takeWord(args: readonly string[]): Uint8Array {
  if (nextWord >= args.length) return "".bytes;
  nextWord++;
  return args[nextWord - 1].bytes;
}

function firstByte(word: Uint8Array): Uint8Array {
  return word.length > 0 ? word.subarray(0, 1) : word;
}

function takeNumber(args: readonly string[]): i32 {
  const word = takeWord(args);
  const number = new Parsed();
  if (word.length > 0 && !parseSigned(word, number)) {
    complain`${word}: not a number`;
    result = 1;
  }
  return number.value;
}

function printPadded(bytes: Uint8Array, width: i32, left: boolean, zeros: boolean): void {
  const negative = zeros && bytes.length > 0 && bytes[0] === Ascii.Minus;
  if (negative) print`-`;
  if (!left) for (let count = bytes.length; count < width; count++) printByte(zeros ? Ascii.Zero : Ascii.Space);
  printBytes(negative ? bytes.subarray(1) : bytes);
  if (left) for (let count = bytes.length; count < width; count++) printByte(Ascii.Space);
}

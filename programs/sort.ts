/** sort: sorts the lines of files, which it holds in memory. */
import { parseOptions } from "../lib/library/arguments.ts";
import { Ascii, isBlank, isDigit } from "../lib/library/ascii.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { compareTexts, TextList } from "../lib/library/list.ts";
import { print } from "../lib/library/output.ts";
import { closeOperand, LineReader, openOperand } from "../lib/library/reader.ts";

const USAGE = "sort [-nru] [FILE...]";

const reader = new LineReader();
const lines = new TextList();

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "nru", USAGE);
  let result = 0;
  if (options.first === args.length && !readLines("-")) result = 1;
  for (let index = options.first; index < args.length; index++) if (!readLines(args[index])) result = 1;
  lines.sortBy(options.has("n") ? compareNumbers : compareTexts);
  const unique = options.has("u");
  for (let index = 0; index < lines.count; index++) {
    const place = options.has("r") ? lines.count - 1 - index : index;
    if (unique && index > 0 && isSame(place, options.has("r") ? place + 1 : place - 1, options.has("n"))) continue;
    print`${lines.at(place)}\n`;
  }
  return result;
}

function readLines(path: string): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  reader.begin(descriptor);
  while (reader.next()) lines.append(reader.line.text());
  if (reader.status < 0) complainAbout(path, reader.status);
  closeOperand(descriptor);
  return reader.status >= 0;
}

function isSame(a: i32, b: i32, asNumbers: boolean): boolean {
  if (asNumbers) return numberOf(lines.at(a)) === numberOf(lines.at(b));
  return lines.at(a) === lines.at(b);
}

/** By the numbers that the lines begin with; among equal ones, by the bytes. */
function compareNumbers(a: string, b: string): i32 {
  const first = numberOf(a);
  const second = numberOf(b);
  if (first !== second) return first < second ? -1 : 1;
  return compareTexts(a, b);
}

/** No number counts as zero. */
function numberOf(text: string): i32 {
  let index = 0;
  while (index < text.length && isBlank(text.charCodeAt(index))) index++;
  const negative = index < text.length && text.charCodeAt(index) === Ascii.Minus;
  if (negative) index++;
  let value = 0;
  while (index < text.length && isDigit(text.charCodeAt(index))) {
    value = value * 10 + (text.charCodeAt(index) - Ascii.Zero);
    index++;
  }
  return negative ? -value : value;
}

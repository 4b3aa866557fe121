/** `read [-r] NAME…`: a line of standard input into variables. Reads byte by byte, so that what follows the line is left to others. */
import { Ascii, isBlank } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { read, STANDARD_INPUT } from "../../lib/library/file.ts";
import type { TextList } from "../../lib/library/list.ts";
import { complain } from "../../lib/library/output.ts";
import { isName } from "./parse-simple.ts";
import { setVariable } from "./variables.ts";

/** Each name gets a word, the last all the rest. Answers 1 at the end of the input. */
export function readBuiltin(words: TextList): i32 {
  const raw = words.count > 1 && words.at(1) === "-r";
  const first = raw ? 2 : 1;
  for (let index = first; index < words.count; index++) {
    if (!isName(words.at(index))) {
      complain`read: ${words.at(index)}: not a name`;
      return 2;
    }
  }
  const line = new Builder();
  const complete = readLine(line, raw);
  let rest = trim(line.bytes());
  for (let index = first; index < words.count; index++) {
    const length = index + 1 === words.count ? rest.length : wordBytes(rest);
    setVariable(words.at(index).bytes, rest.subarray(0, length));
    rest = trim(rest.subarray(length));
  }
  if (first === words.count) setVariable("REPLY".bytes, line.bytes());
  line.release();
  return complete ? 0 : 1;
}

/** Appends a line without its newline; false when the input ended before one. Unless raw, a backslash joins lines and quotes a byte. */
function readLine(line: Builder, raw: boolean): boolean {
  const byte = new Uint8Array(1);
  let escaped = false;
  while (read(STANDARD_INPUT, byte) === 1) {
    if (!escaped && !raw && byte[0] === Ascii.Backslash) {
      escaped = true;
      continue;
    }
    if (byte[0] === Ascii.Newline && !escaped) return true;
    if (byte[0] !== Ascii.Newline) line.appendByte(byte[0]);
    escaped = false;
  }
  return false;
}

function trim(text: Uint8Array): Uint8Array {
  let begin = 0;
  let end = text.length;
  while (begin < end && isBlank(text[begin])) begin++;
  while (end > begin && isBlank(text[end - 1])) end--;
  return text.subarray(begin, end);
}

function wordBytes(text: Uint8Array): i32 {
  let length = 0;
  while (length < text.length && !isBlank(text[length])) length++;
  return length;
}

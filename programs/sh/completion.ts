/** Tab: the rest of a name that can be only one, or a list of what it can be. Begin reading at `complete`. */
import { Ascii, isBlank } from "../../lib/library/ascii.ts";
import { findByte, findLastByte, startsWith } from "../../lib/library/bytes.ts";
import { printColumns } from "../../lib/library/columns.ts";
import { isDirectory, readNames } from "../../lib/library/directory.ts";
import { DEFAULT_PATH } from "../../lib/library/execute.ts";
import { stat } from "../../lib/library/file.ts";
import { TextList } from "../../lib/library/list.ts";
import { print, printByte } from "../../lib/library/output.ts";
import { joinPath, makeText, releaseText } from "../../lib/library/text.ts";
import { FileStatus } from "../../lib/protocol/vfs.ts";
import type { Line } from "./line.ts";
import { getVariable } from "./variables.ts";

/** Completes the word before the cursor; `again`: Tab has been pressed for it before, so show what there is. */
export function complete(line: Line, again: boolean): void {
  const begin = wordBegin(line);
  const word = line.bytes.subarray(begin, line.cursor);
  const slash = findLastByte(word, Ascii.Slash);
  const isCommand = slash < 0 && isCommandPlace(line, begin);
  const directory = directoryOf(word, slash, isCommand);
  const names = new TextList();
  readNames(directory, names);
  keepFitting(names, word.subarray(slash + 1));
  if (names.count === 0) printByte(Ascii.Bell);
  else {
    const known = word.length - slash - 1;
    const common = commonBytes(names);
    if (common > known) insertEscaped(line, names.at(0).bytes.subarray(known, common));
    if (names.count === 1) finishName(line, directory, names.at(0));
    else if (common === known && again) showNames(line, names);
    else if (common === known) printByte(Ascii.Bell);
  }
  for (let index = 0; index < names.count; index++) releaseText(names.at(index));
  names.release();
  releaseText(directory);
}

function wordBegin(line: Line): i32 {
  let begin = line.cursor;
  while (begin > 0 && !isBreak(line.bytes[begin - 1])) begin--;
  return begin;
}

function isBreak(byte: i32): boolean {
  if (isBlank(byte) || byte === Ascii.Less || byte === Ascii.Greater || byte === Ascii.Equals) return true;
  return isCommandEnd(byte);
}

/** What a new command can follow. */
function isCommandEnd(byte: i32): boolean {
  return byte === Ascii.Semicolon || byte === Ascii.Bar || byte === Ascii.Ampersand || byte === Ascii.OpenParenthesis;
}

function isCommandPlace(line: Line, begin: i32): boolean {
  let place = begin;
  while (place > 0 && isBlank(line.bytes[place - 1])) place--;
  return place === 0 || isCommandEnd(line.bytes[place - 1]);
}

/** A new string: where the names to choose from lie. Of PATH, the first directory. */
function directoryOf(word: Uint8Array, slash: i32, isCommand: boolean): string {
  if (slash > 0) return makeText(word.subarray(0, slash));
  if (slash === 0) return makeText("/".bytes);
  if (!isCommand) return makeText(".".bytes);
  const path = getVariable("PATH".bytes);
  const directories = path === null ? DEFAULT_PATH.bytes : path.bytes;
  const colon = findByte(directories, Ascii.Colon);
  return makeText(colon < 0 ? directories : directories.subarray(0, colon));
}

function keepFitting(names: TextList, prefix: Uint8Array): void {
  let kept = 0;
  for (let index = 0; index < names.count; index++) {
    const name = names.at(index);
    const hidden = prefix.length === 0 && name.charCodeAt(0) === Ascii.Period;
    if (!hidden && startsWith(name.bytes, prefix)) {
      names.put(kept, name);
      kept++;
    } else releaseText(name);
  }
  names.count = kept;
  names.sort();
}

/** How many bytes all the names begin with alike. */
function commonBytes(names: TextList): i32 {
  const first = names.at(0).bytes;
  let common = first.length;
  for (let index = 1; index < names.count; index++) {
    while (!startsWith(names.at(index).bytes, first.subarray(0, common))) common--;
  }
  return common;
}

function insertEscaped(line: Line, bytes: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) {
    if (isBreak(bytes[index])) line.insert("\\".bytes);
    line.insert(bytes.subarray(index, index + 1));
  }
}

function finishName(line: Line, directory: string, name: string): void {
  const path = joinPath(directory, name.bytes);
  const status = new FileStatus();
  const slash = stat(path, status) >= 0 && isDirectory(status);
  line.insert(slash ? "/".bytes : " ".bytes);
  releaseText(path);
}

function showNames(line: Line, names: TextList): void {
  const cursor = line.cursor;
  line.moveTo(line.length);
  print`\n`;
  printColumns(names, line.screenWidth);
  line.cursor = cursor;
  line.drawAnew();
}

/** ls: lists directories. Columns on a terminal, a name a line elsewhere. */
import { type Options, parseOptions } from "../lib/library/arguments.ts";
import { Ascii } from "../lib/library/ascii.ts";
import { CalendarTime, monthName, toCalendar } from "../lib/library/calendar.ts";
import { printColumns } from "../lib/library/columns.ts";
import { isDirectory, readNames } from "../lib/library/directory.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { STANDARD_OUTPUT, stat } from "../lib/library/file.ts";
import { TextList } from "../lib/library/list.ts";
import { formatLong, NUMBER_BYTES } from "../lib/library/number.ts";
import { print, printRight, printRightUnsigned } from "../lib/library/output.ts";
import { isTerminal, windowSize } from "../lib/library/terminal.ts";
import { joinPath, makeText, releaseText } from "../lib/library/text.ts";
import { TerminalWindow } from "../lib/protocol/character.ts";
import { FileStatus, Mode } from "../lib/protocol/vfs.ts";
import { printPermissions } from "./common/permissions.ts";

const USAGE = "ls [-1aAdilR] [FILE...]";
const INODE_WIDTH = 5;
const LINKS_WIDTH = 3;
const SIZE_WIDTH = 9;

let long = false;
let all = false;
/** The directory itself and the one above, too. */
let dots = false;
let inodes = false;
let recursive = false;
/** Columns of the terminal; 0: a name a line. */
let width: i32 = 0;
let titles = false;
let listed = 0;
let result: i32 = 0;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "1aAdilR", USAGE);
  readOptions(options, args.length - options.first);
  const files = new TextList();
  const directories = new TextList();
  if (options.first === args.length) sortOperand(".", options.has("d"), files, directories);
  for (let index = options.first; index < args.length; index++) {
    sortOperand(args[index], options.has("d"), files, directories);
  }
  files.sort();
  directories.sort();
  if (files.count > 0) printNames("", files);
  for (let index = 0; index < directories.count; index++) listDirectory(directories.at(index));
  return result;
}

function readOptions(options: Options, operands: i32): void {
  long = options.has("l");
  dots = options.has("a");
  all = dots || options.has("A");
  inodes = options.has("i");
  recursive = options.has("R");
  titles = operands > 1 || recursive;
  const window = new TerminalWindow();
  if (options.has("1") || !isTerminal(STANDARD_OUTPUT)) width = 0;
  else width = windowSize(STANDARD_OUTPUT, window) >= 0 && window.columns > 0 ? i32(window.columns) : 80;
}

function sortOperand(path: string, asFile: boolean, files: TextList, directories: TextList): void {
  const status = new FileStatus();
  const found = stat(path, status);
  if (found < 0) {
    complainAbout(path, found);
    result = 1;
  } else if (isDirectory(status) && !asFile) directories.append(path);
  else files.append(path);
}

function listDirectory(path: string): void {
  const names = new TextList();
  const status = readNames(path, names);
  if (status < 0) {
    complainAbout(path, status);
    result = 1;
    return;
  }
  if (!all) dropHidden(names);
  if (dots) names.append(makeText(".".bytes));
  if (dots) names.append(makeText("..".bytes));
  names.sort();
  if (titles && listed > 0) print`\n`;
  listed++;
  if (titles) print`${path}:\n`;
  printNames(path, names);
  if (recursive) listBelow(path, names);
  for (let index = 0; index < names.count; index++) releaseText(names.at(index));
  names.release();
}

function listBelow(path: string, names: TextList): void {
  for (let index = 0; index < names.count; index++) {
    if (names.at(index) === "." || names.at(index) === "..") continue;
    const below = joinPath(path, names.at(index).bytes);
    const status = new FileStatus();
    if (stat(below, status) >= 0 && isDirectory(status)) listDirectory(below);
    releaseText(below);
  }
}

function dropHidden(names: TextList): void {
  let kept = 0;
  for (let index = 0; index < names.count; index++) {
    const name = names.at(index);
    if (name.charCodeAt(0) === Ascii.Period) releaseText(name);
    else {
      names.put(kept, name);
      kept++;
    }
  }
  names.count = kept;
}

/** `directory` is empty when the names are paths. */
function printNames(directory: string, names: TextList): void {
  if (width > 0 && !long && !inodes) {
    printColumns(names, width);
    return;
  }
  for (let index = 0; index < names.count; index++) {
    const path = directory.length === 0 ? makeText(names.at(index).bytes) : joinPath(directory, names.at(index).bytes);
    printLine(path, names.at(index));
    releaseText(path);
  }
}

function printLine(path: string, name: string): void {
  if (long || inodes) {
    const status = new FileStatus();
    const found = stat(path, status);
    if (found < 0) {
      complainAbout(path, found);
      result = 1;
      return;
    }
    if (inodes) {
      printRightUnsigned(status.inode, INODE_WIDTH);
      print` `;
    }
    if (long) printDetails(status);
  }
  print`${name}\n`;
}

function printDetails(status: FileStatus): void {
  printPermissions(status.mode);
  printRightUnsigned(status.links, LINKS_WIDTH);
  const kind = status.mode & Mode.TypeMask;
  const digits = new Uint8Array(NUMBER_BYTES);
  if (kind === Mode.Character || kind === Mode.Block) {
    printRightUnsigned(status.special >>> 8, SIZE_WIDTH - 4);
    print`,`;
    printRightUnsigned(status.special & 0xff, 3);
  } else printRight(formatLong(status.bytes, digits), SIZE_WIDTH);
  const time = new CalendarTime();
  toCalendar(u64(status.modificationSeconds), time);
  print` ${monthName(time.month)} `;
  printRightUnsigned(u32(time.day), 2);
  print` ${time.year} ${time.hour / 10}${time.hour % 10}:${time.minute / 10}${time.minute % 10} `;
}

/** find: the files below directories, all of them or those of a name or a type. */
import { beginProgram, showUsage, usageError } from "../lib/library/arguments.ts";
import { Ascii } from "../lib/library/ascii.ts";
import { baseName } from "../lib/library/bytes.ts";
import { isDirectory, readNames } from "../lib/library/directory.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { stat } from "../lib/library/file.ts";
import { TextList } from "../lib/library/list.ts";
import { print } from "../lib/library/output.ts";
import { matches } from "../lib/library/pattern.ts";
import { joinPath, releaseText } from "../lib/library/text.ts";
import { FileStatus, Mode } from "../lib/protocol/vfs.ts";

const USAGE = "find [PATH...] [-name PATTERN] [-type f|d]";

let namePattern = "";
/** `Mode`'s type; 0: any. */
let wantedType: u32 = 0;
let result: i32 = 0;

export function main(args: readonly string[]): i32 {
  beginProgram(args, USAGE);
  let operands = 1;
  while (operands < args.length && args[operands].charCodeAt(0) !== Ascii.Minus) operands++;
  for (let index = operands; index < args.length; index += 2) readTest(args, index);
  if (operands === 1) visit(".");
  for (let index = 1; index < operands; index++) visit(args[index]);
  return result;
}

function readTest(args: readonly string[], index: i32): void {
  if (args[index] === "--help") showUsage();
  if (index + 1 === args.length) usageError();
  const value = args[index + 1];
  switch (args[index]) {
    case "-name":
      namePattern = value;
      return;
    case "-type":
      if (value === "f") wantedType = Mode.Regular;
      else if (value === "d") wantedType = Mode.Directory;
      else usageError();
      return;
    default:
      usageError();
  }
}

function visit(path: string): void {
  const status = new FileStatus();
  const found = stat(path, status);
  if (found < 0) {
    complainAbout(path, found);
    result = 1;
    return;
  }
  const fits = namePattern.length === 0 || matches(namePattern.bytes, baseName(path.bytes));
  if (fits && (wantedType === 0 || (status.mode & Mode.TypeMask) === wantedType)) print`${path}\n`;
  if (isDirectory(status)) visitBelow(path);
}

function visitBelow(path: string): void {
  const names = new TextList();
  const status = readNames(path, names);
  if (status < 0) {
    complainAbout(path, status);
    result = 1;
  }
  names.sort();
  for (let index = 0; index < names.count; index++) {
    const below = joinPath(path, names.at(index).bytes);
    visit(below);
    releaseText(below);
    releaseText(names.at(index));
  }
  names.release();
}

/** rm: removes files, and with -r whole trees. */
import { parseOptions, usageError } from "../lib/library/arguments.ts";
import { baseName } from "../lib/library/bytes.ts";
import { isDirectory, readNames, removeDirectory } from "../lib/library/directory.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { stat, unlink } from "../lib/library/file.ts";
import { TextList } from "../lib/library/list.ts";
import { complain } from "../lib/library/output.ts";
import { joinPath, releaseText } from "../lib/library/text.ts";
import { FileStatus } from "../lib/protocol/vfs.ts";
import { Status } from "../lib/status.ts";

const USAGE = "rm [-rf] FILE...";

let recursive = false;
let force = false;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "rRf", USAGE);
  recursive = options.has("r") || options.has("R");
  force = options.has("f");
  if (options.first === args.length && !force) usageError();
  let result = 0;
  for (let index = options.first; index < args.length; index++) if (!removeOperand(args[index])) result = 1;
  return result;
}

function removeOperand(path: string): boolean {
  const last = baseName(path.bytes);
  const dots = last.length <= 2 && last.length > 0 && last[0] === 0x2e && last[last.length - 1] === 0x2e;
  if (dots || (last.length === 1 && last[0] === 0x2f)) {
    complain`${path}: refused`;
    return false;
  }
  return removeTree(path);
}

function removeTree(path: string): boolean {
  const status = new FileStatus();
  const found = stat(path, status);
  if (found === Status.NoEntry && force) return true;
  if (found < 0) return complainOnce(path, found);
  if (!isDirectory(status)) {
    const removed = unlink(path);
    return removed >= 0 || complainOnce(path, removed);
  }
  if (!recursive) return complainOnce(path, Status.IsDirectory);
  const emptied = removeContents(path);
  const removed = removeDirectory(path);
  return removed >= 0 ? emptied : complainOnce(path, removed);
}

function removeContents(path: string): boolean {
  const names = new TextList();
  const status = readNames(path, names);
  let result = status >= 0 || complainOnce(path, status);
  for (let index = 0; index < names.count; index++) {
    const name = names.at(index);
    const below = joinPath(path, name.bytes);
    if (!removeTree(below)) result = false;
    releaseText(below);
    releaseText(name);
  }
  names.release();
  return result;
}

function complainOnce(path: string, status: i32): boolean {
  complainAbout(path, status);
  return false;
}

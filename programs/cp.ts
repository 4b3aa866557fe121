/** cp: copies files, and with -r whole trees. */
import { parseOptions } from "../lib/library/arguments.ts";
import { startsWith } from "../lib/library/bytes.ts";
import { isDirectory, makeDirectory, readNames } from "../lib/library/directory.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { stat } from "../lib/library/file.ts";
import { TextList } from "../lib/library/list.ts";
import { complain } from "../lib/library/output.ts";
import { joinPath, releaseText } from "../lib/library/text.ts";
import { FileStatus, Mode } from "../lib/protocol/vfs.ts";
import { Status } from "../lib/status.ts";
import { copyContents } from "./common/copy.ts";
import { forEachSource } from "./common/target.ts";

const USAGE = "cp [-r] SOURCE... TARGET";

let recursive = false;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "rR", USAGE);
  recursive = options.has("r") || options.has("R");
  return forEachSource(args, options.first, copyTree);
}

function copyTree(source: string, target: string): boolean {
  const status = new FileStatus();
  const found = stat(source, status);
  if (found < 0) {
    complainAbout(source, found);
    return false;
  }
  if (isDirectory(status)) return copyDirectory(source, target, status.mode & Mode.Permissions);
  if (isSameFile(status, target)) {
    complain`${source}: is the same file as ${target}`;
    return false;
  }
  return copyContents(source, target, status.mode & Mode.Permissions);
}

function copyDirectory(source: string, target: string, mode: u32): boolean {
  if (!recursive) {
    complain`${source}: is a directory (use -r)`;
    return false;
  }
  if (startsWith(target.bytes, source.bytes) && isBelow(source, target)) {
    complain`${source}: cannot be copied into itself`;
    return false;
  }
  const made = makeDirectory(target, mode | 0o700);
  if (made < 0 && made !== Status.Exists) {
    complainAbout(target, made);
    return false;
  }
  const names = new TextList();
  const status = readNames(source, names);
  if (status < 0) complainAbout(source, status);
  let result = status >= 0;
  for (let index = 0; index < names.count; index++) {
    const name = names.at(index);
    const from = joinPath(source, name.bytes);
    const to = joinPath(target, name.bytes);
    if (!copyTree(from, to)) result = false;
    releaseText(to);
    releaseText(from);
    releaseText(name);
  }
  names.release();
  return result;
}

/** Both paths begin alike; the longer one goes on with a new step. */
function isBelow(directory: string, path: string): boolean {
  return path.length > directory.length && path.charCodeAt(directory.length) === 0x2f;
}

function isSameFile(status: FileStatus, path: string): boolean {
  const other = new FileStatus();
  return stat(path, other) >= 0 && other.device === status.device && other.inode === status.inode;
}

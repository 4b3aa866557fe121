/** mv: renames files and directories; a file that goes to another file system is copied. */
import { parseOptions } from "../lib/library/arguments.ts";
import { isDirectory } from "../lib/library/directory.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { rename, stat, unlink } from "../lib/library/file.ts";
import { complain } from "../lib/library/output.ts";
import { FileStatus, Mode } from "../lib/protocol/vfs.ts";
import { Status } from "../lib/status.ts";
import { copyContents } from "./common/copy.ts";
import { forEachSource } from "./common/target.ts";

const USAGE = "mv [-f] SOURCE... TARGET";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "f", USAGE);
  return forEachSource(args, options.first, move);
}

function move(source: string, target: string): boolean {
  const status = rename(source, target);
  if (status === Status.CrossDevice) return moveAcross(source, target);
  if (status < 0) complainAbout(source, status);
  return status >= 0;
}

function moveAcross(source: string, target: string): boolean {
  const status = new FileStatus();
  const found = stat(source, status);
  if (found < 0) {
    complainAbout(source, found);
    return false;
  }
  if (isDirectory(status)) {
    complain`${source}: a directory cannot move to another file system (use cp -r and rm -r)`;
    return false;
  }
  if (!copyContents(source, target, status.mode & Mode.Permissions)) return false;
  const removed = unlink(source);
  if (removed < 0) complainAbout(source, removed);
  return removed >= 0;
}

/** du: how much room files and directories take, in KiB. */
import { parseOptions } from "../lib/library/arguments.ts";
import { isDirectory, readNames } from "../lib/library/directory.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { stat } from "../lib/library/file.ts";
import { TextList } from "../lib/library/list.ts";
import { print } from "../lib/library/output.ts";
import { joinPath, releaseText } from "../lib/library/text.ts";
import { FileStatus } from "../lib/protocol/vfs.ts";

const USAGE = "du [-as] [FILE...]";
/** What `FileStatus.blocks` counts. */
const SECTOR_BYTES = 512;

let showFiles = false;
let onlyTotals = false;
let result: i32 = 0;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "ask", USAGE);
  showFiles = options.has("a");
  onlyTotals = options.has("s");
  if (options.first === args.length) measure(".", true);
  for (let index = options.first; index < args.length; index++) measure(args[index], true);
  return result;
}

/** Answers sectors. */
function measure(path: string, isOperand: boolean): u32 {
  const status = new FileStatus();
  const found = stat(path, status);
  if (found < 0) {
    complainAbout(path, found);
    result = 1;
    return 0;
  }
  let sectors = status.blocks;
  const directory = isDirectory(status);
  if (directory) sectors += measureBelow(path);
  if (isOperand || (!onlyTotals && (directory || showFiles))) {
    print`${(sectors * SECTOR_BYTES + 1023) / 1024}\t${path}\n`;
  }
  return sectors;
}

function measureBelow(path: string): u32 {
  const names = new TextList();
  const status = readNames(path, names);
  if (status < 0) {
    complainAbout(path, status);
    result = 1;
  }
  let sectors: u32 = 0;
  for (let index = 0; index < names.count; index++) {
    const below = joinPath(path, names.at(index).bytes);
    sectors += measure(below, false);
    releaseText(below);
    releaseText(names.at(index));
  }
  names.release();
  return sectors;
}

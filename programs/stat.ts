/** stat: all that is known of a file. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { CalendarTime, toCalendar } from "../lib/library/calendar.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { stat } from "../lib/library/file.ts";
import { formatOctal, NUMBER_BYTES } from "../lib/library/number.ts";
import { print } from "../lib/library/output.ts";
import { FileStatus, Mode } from "../lib/protocol/vfs.ts";
import { printPermissions, typeName } from "./common/permissions.ts";

const USAGE = "stat FILE...";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  expectOperands(args, 1, args.length);
  let result = 0;
  for (let index = options.first; index < args.length; index++) {
    const file = new FileStatus();
    const status = stat(args[index], file);
    if (status >= 0) show(args[index], file);
    else {
      complainAbout(args[index], status);
      result = 1;
    }
  }
  return result;
}

function show(path: string, file: FileStatus): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  print`  File: ${path}\n  Size: ${file.bytes}\tBlocks: ${file.blocks}\tBlock size: ${file.blockBytes}\t${typeName(file.mode)}\n`;
  print`Device: ${file.device}\tInode: ${file.inode}\tLinks: ${file.links}`;
  const kind = file.mode & Mode.TypeMask;
  if (kind === Mode.Character || kind === Mode.Block) {
    print`\tDriver: ${file.special >>> 8}, minor ${file.special & 0xff}`;
  }
  print`\nAccess: 0${formatOctal(file.mode & Mode.Permissions, digits)} `;
  printPermissions(file.mode);
  print`\tUser: ${file.user}\tGroup: ${file.group}\n`;
  showTime("Access", file.accessSeconds);
  showTime("Modify", file.modificationSeconds);
  showTime("Change", file.changeSeconds);
}

function showTime(what: string, seconds: u32): void {
  const time = new CalendarTime();
  toCalendar(u64(seconds), time);
  print`${what}: ${time.year}-`;
  showTwo(time.month, "-");
  showTwo(time.day, " ");
  showTwo(time.hour, ":");
  showTwo(time.minute, ":");
  showTwo(time.second, "\n");
}

function showTwo(value: i32, after: string): void {
  print`${value / 10}${value % 10}${after}`;
}

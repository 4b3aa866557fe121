/** Copying one file's contents into another: for cp and mv. */
import { complainAbout } from "../../lib/library/errors.ts";
import { close, open, read, writeAll } from "../../lib/library/file.ts";
import { OpenFlags } from "../../lib/protocol/vfs.ts";

const buffer = new Uint8Array(16384);

/** Makes `target` a copy of the regular file `source`, with permissions `mode`. False after a complaint. */
export function copyContents(source: string, target: string, mode: u32): boolean {
  const input = open(source, OpenFlags.ReadOnly);
  if (input < 0) {
    complainAbout(source, input);
    return false;
  }
  const output = open(target, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, mode);
  if (output < 0) {
    complainAbout(target, output);
    close(input);
    return false;
  }
  let written: i32 = 0;
  let count = read(input, buffer);
  while (count > 0 && written >= 0) {
    written = writeAll(output, buffer.subarray(0, count));
    if (written >= 0) count = read(input, buffer);
  }
  if (count < 0) complainAbout(source, count);
  if (written < 0) complainAbout(target, written);
  const closed = close(output);
  if (closed < 0) complainAbout(target, closed);
  close(input);
  return count >= 0 && written >= 0 && closed >= 0;
}

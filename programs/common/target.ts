/** Where cp, mv and ln put things: the last operand is the new name, or a directory for all the others. */
import { baseName } from "../../lib/library/bytes.ts";
import { isDirectory } from "../../lib/library/directory.ts";
import { stat } from "../../lib/library/file.ts";
import { joinPath, makeText } from "../../lib/library/text.ts";
import { FileStatus } from "../../lib/protocol/vfs.ts";

export function isDirectoryPath(path: string): boolean {
  const status = new FileStatus();
  return stat(path, status) >= 0 && isDirectory(status);
}

/** A new string: the path that `source` gets at `target`. */
export function targetPath(source: string, target: string, intoDirectory: boolean): string {
  return intoDirectory ? joinPath(target, baseName(source.bytes)) : makeText(target.bytes);
}

/** A file's type and permissions as ten letters: `drwxr-xr-x`. */
import { print } from "../../lib/library/output.ts";
import { Mode } from "../../lib/protocol/vfs.ts";

const LETTERS = "rwxrwxrwx";
const MINUS = 0x2d;

export function printPermissions(mode: u32): void {
  print`${typeLetter(mode)}`;
  for (let bit = 0; bit < LETTERS.length; bit++) {
    const allowed = (mode & (0o400 >>> bit)) !== 0;
    print`${char(allowed ? u32(LETTERS.charCodeAt(bit)) : MINUS)}`;
  }
}

function typeLetter(mode: u32): string {
  switch (mode & Mode.TypeMask) {
    case Mode.Directory:
      return "d";
    case Mode.Character:
      return "c";
    case Mode.Block:
      return "b";
    case Mode.Pipe:
      return "p";
    case Mode.SymbolicLink:
      return "l";
    default:
      return "-";
  }
}

/** What a file is, in words. */
export function typeName(mode: u32): string {
  switch (mode & Mode.TypeMask) {
    case Mode.Directory:
      return "directory";
    case Mode.Character:
      return "character device";
    case Mode.Block:
      return "block device";
    case Mode.Pipe:
      return "pipe";
    case Mode.SymbolicLink:
      return "symbolic link";
    default:
      return "regular file";
  }
}

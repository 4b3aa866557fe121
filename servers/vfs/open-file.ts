/**
 * Open files: what descriptors stand for. Descriptors of one process and its children share an open file, and with it the
 * position, until the last of them is closed (close.ts).
 */
import { OpenFlags } from "../../lib/protocol/vfs.ts";
import type { Driver } from "./driver.ts";
import type { Pipe } from "./pipe-buffer.ts";
import type { Vnode } from "./vnode.ts";

export const enum FileKind {
  Regular,
  Directory,
  Device,
  PipeReader,
  PipeWriter,
}

export class OpenFile {
  /** 0: a vacant row. */
  references: u32 = 0;
  kind: FileKind = FileKind.Regular;
  /** `OpenFlags`: the access mode, Append and Nonblocking count. */
  flags: u32 = 0;
  position: u64 = 0n;
  /** Null for a pipe. */
  vnode: Vnode | null = null;
  pipe: Pipe | null = null;
  driver: Driver | null = null;

  mayRead(): boolean {
    return (this.flags & OpenFlags.AccessMask) !== OpenFlags.WriteOnly;
  }
  mayWrite(): boolean {
    return (this.flags & OpenFlags.AccessMask) !== OpenFlags.ReadOnly;
  }
  isPipe(): boolean {
    return this.pipe !== null;
  }
  nonblocking(): boolean {
    return (this.flags & OpenFlags.Nonblocking) !== 0;
  }
  minor(): u32 {
    return this.vnode!.special & 0xff;
  }
}

const files = table(OpenFile, 256);

/** A fresh row with one reference, or null. */
export function takeFile(kind: FileKind, flags: u32): OpenFile | null {
  for (const file of files) {
    if (file.references !== 0) continue;
    clear(file);
    file.references = 1;
    file.kind = kind;
    file.flags = flags;
    return file;
  }
  return null;
}

/** Walking a path, as far as it stays on one volume. */

import { WalkEnd } from "../../lib/protocol/file-server.ts";
import { Status } from "../../lib/status.ts";
import { findEntry, Name } from "./directory.ts";
import { ROOT_INODE } from "./format.ts";
import { type Inode, inodeAt } from "./inode.ts";

const SLASH = 0x2f;

/** Where a walk has got to. */
export class Walk {
  inode: Inode | null = null;
  /** Bytes of the path that are done with. */
  walked: i32 = 0;
  end: WalkEnd = WalkEnd.Complete;
}

/** Goes along `path` from `walk.inode` until it ends, or leads to another volume. Errors: NoEntry, NotDirectory, NameTooLong, InputOutput. */
export function walkPath(walk: Walk, path: Uint8Array): Status {
  const name = new Name();
  walk.walked = 0;
  walk.end = WalkEnd.Complete;
  for (;;) {
    while (walk.walked < path.length && path[walk.walked] === SLASH) walk.walked++;
    if (walk.walked === path.length) return Status.Ok;
    let end = walk.walked;
    while (end < path.length && path[end] !== SLASH) end++;

    const directory = walk.inode!;
    if (!directory.isDirectory()) return Status.NotDirectory;
    const named = name.set(path.subarray(walk.walked, end));
    if (named !== Status.Ok) return named;
    if (name.isParent() && directory.number === ROOT_INODE) {
      walk.end = WalkEnd.AboveRoot;
      return Status.Ok;
    }
    const number = findEntry(directory, name);
    if (number < 0) return number;
    walk.inode = inodeAt(directory.volume!, u32(number));
    if (walk.inode === null || walk.inode.disk.mode === 0) return Status.InputOutput;
    walk.walked = end;
    if (walk.inode.mountPoint) {
      walk.end = WalkEnd.MountPoint;
      return Status.Ok;
    }
  }
}

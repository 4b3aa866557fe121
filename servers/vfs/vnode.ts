/**
 * Vnodes: the files of file servers that somebody has open, or has as working directory, or has mounted something on. Each is
 * there once, and MFS holds it for us until the last reference goes.
 */
import type { FsNode } from "../../lib/protocol/file-server.ts";
import { Mode } from "../../lib/protocol/vfs.ts";
import { FileId, releaseFile } from "./file-server.ts";

export class Vnode extends FileId {
  /** 0: a vacant row. */
  references: u32 = 0;
  /** Type and permissions when it was looked up; the type never changes. */
  mode: u32 = 0;
  /** Of a device file: major number in bits 8 and up, minor below. */
  special: u32 = 0;

  isDirectory(): boolean {
    return (this.mode & Mode.TypeMask) === Mode.Directory;
  }
  isBlock(): boolean {
    return (this.mode & Mode.TypeMask) === Mode.Block;
  }
  isRegular(): boolean {
    return (this.mode & Mode.TypeMask) === Mode.Regular;
  }
}

const vnodes = table(Vnode, 160);

/** The vnode of a file that MFS has just been asked to hold, with one more reference. Null when there are no more rows; then MFS holds it no longer. */
export function takeVnode(node: FsNode): Vnode | null {
  let vacant: Vnode | null = null;
  for (const vnode of vnodes) {
    if (vnode.references === 0) {
      if (vacant === null) vacant = vnode;
    } else if (vnode.inode === node.inode && vnode.volume === node.volume) {
      vnode.references += 1;
      return vnode;
    }
  }
  if (vacant === null) {
    const file = new FileId();
    file.volume = node.volume;
    file.inode = node.inode;
    releaseFile(file);
    return null;
  }
  vacant.references = 1;
  vacant.volume = node.volume;
  vacant.inode = node.inode;
  vacant.mode = node.mode;
  vacant.special = node.special;
  return vacant;
}

/** One reference more to a vnode that has some. */
export function shareVnode(vnode: Vnode): Vnode {
  vnode.references += 1;
  return vnode;
}

export function dropVnode(vnode: Vnode): void {
  vnode.references -= 1;
  if (vnode.references === 0) releaseFile(vnode);
}

/** References to files of a volume, its root included. */
export function referencesTo(volume: u32): u32 {
  let sum: u32 = 0;
  for (const vnode of vnodes) if (vnode.references !== 0 && vnode.volume === volume) sum += vnode.references;
  return sum;
}

/**
 * Paths: from a program's memory to a file, across volumes. Begin at `fetchPath` and `walk`.
 *
 * MFS walks as far as it can on one volume; here is what happens at mount points.
 */
import { VFS } from "../../lib/endpoint.ts";
import { virtualCopy } from "../../lib/kernel-call/process.ts";
import { FsNode, WalkEnd } from "../../lib/protocol/file-server.ts";
import { PATH_MAXIMUM_BYTES } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { FileId, lookUp, text } from "./file-server.ts";
import { mountOf, mountOn, rootVnode } from "./mount.ts";
import type { Process } from "./process.ts";

const SLASH = 0x2f;
const DOT = 0x2e;
const DOTS_BYTES = 2;

/** A path in `text`, and where its last name is. */
export class Path {
  offset: u32 = 0;
  bytes: u32 = 0;
  /** Without the slashes that may follow it. The last name of `/` is `.`. */
  nameOffset: u32 = 0;
  nameBytes: u32 = 0;
  /** Slashes follow the last name: it must be a directory. */
  slashed: boolean = false;
}

/** Copies a program's path to `offset` in `text`, and finds its last name. Errors: NoEntry (it is empty), NameTooLong, Invalid (a zero in it), Fault. */
export function fetchPath(process: Process, source: vaddr, bytes: u32, offset: u32, path: Path): Status {
  if (bytes === 0) return Status.NoEntry;
  if (bytes >= PATH_MAXIMUM_BYTES) return Status.NameTooLong;
  const status = virtualCopy(process.endpoint, source, VFS, address(text) + offset, bytes);
  if (status !== Status.Ok) return status;
  for (let at = offset; at < offset + bytes; at++) if (text[at] === 0) return Status.Invalid;
  path.offset = offset;
  path.bytes = bytes;
  split(path);
  return Status.Ok;
}

/** Walks the whole path. Errors: those of Lookup. */
export function walk(process: Process, path: Path, hold: boolean, node: FsNode): Status {
  return walkFrom(startOf(process, path), path.offset, path.bytes, hold, node);
}

/** Walks to the directory that has the last name, or would have it. */
export function walkToParent(process: Process, path: Path, parent: FileId): Status {
  const start = startOf(process, path);
  let offset = path.offset;
  while (offset < path.nameOffset && text[offset] === SLASH) offset++;
  if (offset === path.nameOffset) {
    parent.volume = start.volume;
    parent.inode = start.inode;
    return Status.Ok;
  }
  const node = new FsNode();
  const status = walkFrom(start, offset, path.nameOffset - offset, false, node);
  parent.volume = node.volume;
  parent.inode = node.inode;
  return status;
}

/** Walks `bytes` bytes of `text`, across mount points in both directions. */
export function walkFrom(start: FileId, offset: u32, bytes: u32, hold: boolean, node: FsNode): Status {
  const at = new FileId();
  at.volume = start.volume;
  at.inode = start.inode;
  const end = offset + bytes;
  for (let next = offset; ; ) {
    const status = lookUp(at, next, end - next, hold, node);
    if (status < 0) return status;
    next += node.walked;
    if (node.end === WalkEnd.Complete) return Status.Ok;
    const mount = node.end === WalkEnd.MountPoint ? mountOn(node.volume, node.inode) : mountOf(node.volume);
    if (mount === null) return Status.InputOutput;
    const onward = node.end === WalkEnd.MountPoint ? mount.root : mount.covered;
    if (onward === null) {
      next += DOTS_BYTES; // above `/` is `/`
      at.inode = node.inode;
    } else {
      at.volume = onward.volume;
      at.inode = onward.inode;
    }
  }
}

function startOf(process: Process, path: Path): FileId {
  return text[path.offset] === SLASH ? rootVnode() : process.directory!;
}

function split(path: Path): void {
  let end = path.offset + path.bytes;
  while (end > path.offset && text[end - 1] === SLASH) end--;
  path.slashed = end !== path.offset + path.bytes;
  if (end === path.offset) {
    path.nameOffset = path.offset + path.bytes;
    path.nameBytes = 1;
    text[path.nameOffset] = DOT;
    return;
  }
  let begin = end;
  while (begin > path.offset && text[begin - 1] !== SLASH) begin--;
  path.nameOffset = begin;
  path.nameBytes = end - begin;
}

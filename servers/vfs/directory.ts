/** Working directories: changing them, and telling their paths, which nobody remembers: they are found by going up. */
import { VFS } from "../../lib/endpoint.ts";
import { virtualCopy } from "../../lib/kernel-call/process.ts";
import { FsNode } from "../../lib/protocol/file-server.ts";
import { DirectoryEntry, type VfsChangeDirectory, type VfsGetDirectory } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { Buffer, FileId, Place, readEntries, text } from "./file-server.ts";
import { mountOf } from "./mount.ts";
import { fetchPath, Path, walk, walkFrom } from "./path.ts";
import type { Process } from "./process.ts";
import { dropVnode, takeVnode } from "./vnode.ts";

const SLASH = 0x2f;
const DOT = 0x2e;

/** Errors: NotDirectory, and those of a walk. */
export function changeDirectory(process: Process, request: VfsChangeDirectory): i32 {
  const path = new Path();
  const node = new FsNode();
  let status = fetchPath(process, request.path, request.pathBytes, 0, path);
  if (status === Status.Ok) status = walk(process, path, true, node);
  if (status !== Status.Ok) return status;
  const vnode = takeVnode(node);
  if (vnode === null) return Status.TooManyFiles;
  if (!vnode.isDirectory()) {
    dropVnode(vnode);
    return Status.NotDirectory;
  }
  if (process.directory !== null) dropVnode(process.directory);
  process.directory = vnode;
  return Status.Ok;
}

/** Returns the path's length. Errors: NoEntry (it has been removed), OutOfRange (it does not fit), Fault. */
export function getDirectory(process: Process, request: VfsGetDirectory): i32 {
  const begin = findPath(process.directory!);
  if (begin < 0) return begin;
  const bytes = u32(PATH_BYTES - begin);
  if (bytes > request.bytes) return Status.OutOfRange;
  const status = virtualCopy(VFS, address(pathText) + u32(begin), process.endpoint, request.address, bytes);
  return status === Status.Ok ? i32(bytes) : status;
}

/** The path of a directory, into `target`, cut where that ends. */
export function tellPath(directory: FileId, target: Uint8Array): void {
  const begin = findPath(directory);
  if (begin < 0) return;
  let bytes = PATH_BYTES - begin;
  if (bytes > target.length) bytes = target.length;
  target.set(pathText.subarray(begin, begin + bytes));
}

const PATH_BYTES = 1024;
/** Filled from its end. */
const pathText = new Uint8Array(1024);

/** Puts the path of a directory at the end of `pathText`, and returns where it begins. Errors: NoEntry, NameTooLong, InputOutput. */
function findPath(directory: FileId): i32 {
  const at = new FileId();
  at.volume = directory.volume;
  at.inode = directory.inode;
  const above = new FsNode();
  let begin = PATH_BYTES;
  for (;;) {
    text[0] = DOT;
    text[1] = DOT;
    const status = walkFrom(at, 0, 2, false, above);
    if (status !== Status.Ok) return status;
    if (above.volume === at.volume && above.inode === at.inode) break; // nothing is above `/`
    // In the directory above, a mounted root goes by the name of the directory that it covers.
    const entry = above.volume === at.volume ? at.inode : mountOf(at.volume)!.covered!.inode;
    at.volume = above.volume;
    at.inode = above.inode;
    begin = prependName(at, entry, begin);
    if (begin < 0) return begin;
  }
  if (begin === PATH_BYTES) {
    begin--;
    pathText[begin] = SLASH;
  }
  return begin;
}

/** Puts a slash and the name that `directory` has for an inode before what is there. */
function prependName(directory: FileId, inode: u32, begin: i32): i32 {
  const entry = findName(directory, inode);
  if (entry === null) return Status.NoEntry;
  const start = begin - i32(entry.nameBytes) - 1;
  if (start < 0) return Status.NameTooLong;
  pathText[start] = SLASH;
  pathText.set(entry.name.subarray(0, i32(entry.nameBytes)), start + 1);
  return start;
}

const entries = table(DirectoryEntry, 14);

function findName(directory: FileId, inode: u32): DirectoryEntry | null {
  const place = new Place();
  const buffer = new Buffer();
  buffer.owner = VFS;
  buffer.address = address(entries);
  buffer.bytes = u32(entries.length * sizeOf(DirectoryEntry));
  for (;;) {
    const bytes = readEntries(directory, place, buffer);
    if (bytes <= 0) return null;
    for (const entry of entries) {
      if (address(entry) - address(entries) >= u32(bytes)) break;
      if (entry.inode === inode && !isDots(entry)) return entry;
    }
  }
}

function isDots(entry: DirectoryEntry): boolean {
  return entry.name[0] === DOT && (entry.nameBytes === 1 || (entry.nameBytes === 2 && entry.name[1] === DOT));
}

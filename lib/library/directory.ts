/**
 * Directories: make, remove, read, and the one that paths begin in. Begin reading at `readNames`.
 */
import { VFS } from "../endpoint.ts";
import {
  DirectoryEntry,
  FileStatus,
  Mode,
  OpenFlags,
  PATH_MAXIMUM_BYTES,
  VfsChangeDirectory,
  VfsGetDirectory,
  VfsGetEntries,
  VfsMakeDirectory,
  VfsRemoveDirectory,
} from "../protocol/vfs.ts";
import { call } from "./call.ts";
import { callDescriptor, callPath, close, open, stat } from "./file.ts";
import type { TextList } from "./list.ts";
import { makeText } from "./text.ts";

const ENTRIES_AT_ONCE = 16;

const entries = table(DirectoryEntry, ENTRIES_AT_ONCE);

/** Appends new strings to `names`: every name in the directory but "." and "..", in the order of the disk. */
export function readNames(path: string, names: TextList): i32 {
  const descriptor = open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
  if (descriptor < 0) return descriptor;
  let status = getEntries(descriptor);
  while (status > 0) {
    const count = status / sizeOf(DirectoryEntry);
    for (let index = 0; index < count; index++) appendName(entries[index], names);
    status = getEntries(descriptor);
  }
  close(descriptor);
  return status;
}

/** Fills `entries`. Answers how many bytes of them there are; 0 is the end. */
function getEntries(descriptor: i32): i32 {
  const request = new VfsGetEntries();
  request.address = address(entries);
  request.bytes = u32(entries.length * sizeOf(DirectoryEntry));
  return callDescriptor(request, descriptor);
}

/** Errors: Exists, NoSpace, TooManyLinks. */
export function makeDirectory(path: string, mode: u32 = 0o777): i32 {
  const request = new VfsMakeDirectory();
  request.flags = mode;
  return callPath(request, path);
}

/** Errors: NotEmpty, NotDirectory, Busy (a mount point, somebody's working directory). */
export function removeDirectory(path: string): i32 {
  return callPath(new VfsRemoveDirectory(), path);
}

export function changeDirectory(path: string): i32 {
  return callPath(new VfsChangeDirectory(), path);
}

/** A new string: where relative paths begin; empty if nobody knows. */
export function workingDirectory(): string {
  const buffer = new Uint8Array(PATH_MAXIMUM_BYTES);
  const request = new VfsGetDirectory();
  request.address = address(buffer);
  request.bytes = u32(buffer.length);
  const length = call(VFS, request);
  return length < 0 ? "" : makeText(buffer.subarray(0, length));
}

export function isDirectory(status: FileStatus): boolean {
  return (status.mode & Mode.TypeMask) === Mode.Directory;
}

export function isDirectoryPath(path: string): boolean {
  const status = new FileStatus();
  return stat(path, status) >= 0 && isDirectory(status);
}

function appendName(entry: DirectoryEntry, names: TextList): void {
  const name = entry.name.subarray(0, i32(entry.nameBytes));
  const dots = name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e));
  if (!dots) names.append(makeText(name));
}

/**
 * Files, by descriptor and by path: one function for each request to VFS.
 *
 * All answer a `Status` below zero when they fail, otherwise zero, a count or a descriptor. Every function that takes a path
 * can answer NoEntry, NotDirectory (a step of the path is a file), NameTooLong and InputOutput besides what it says itself. Directories are in
 * directory.ts. Begin reading at `open`.
 */
import { VFS } from "../endpoint.ts";
import type { Message } from "../message.ts";
import {
  type FileStatus,
  VfsAccess,
  VfsChangeMode,
  VfsClose,
  VfsControl,
  VfsCreationMask,
  type VfsDescriptor,
  VfsDescriptorFlags,
  VfsDuplicate,
  VfsDuplicateTo,
  VfsLink,
  VfsOpen,
  type VfsPath,
  VfsPipe,
  type VfsPipeReply,
  type VfsPosition,
  VfsRead,
  VfsRename,
  VfsSeek,
  VfsStat,
  VfsStatDescriptor,
  VfsSync,
  VfsSyncDescriptor,
  VfsTruncate,
  type VfsTwoPaths,
  VfsUnlink,
  VfsWrite,
  type Whence,
} from "../protocol/vfs.ts";
import { Status } from "../status.ts";
import { call } from "./call.ts";

export const STANDARD_INPUT = 0;
export const STANDARD_OUTPUT = 1;
export const STANDARD_ERROR = 2;

/**
 * Answers a descriptor. `flags`: `OpenFlags`; `mode`: permissions of a file that is created. Errors: IsDirectory (to write it),
 * Exists (Exclusive), TooManyFiles, NoSpace, ReadOnly, NoDevice.
 */
export function open(path: string, flags: u32, mode: u32 = 0o666): i32 {
  const request = new VfsOpen();
  request.flags = flags;
  request.mode = mode;
  return callPath(request, path);
}

/** Errors: BadDescriptor. */
export function close(descriptor: i32): i32 {
  return callDescriptor(new VfsClose(), descriptor);
}

/** Answers how many bytes came, at most as many as `target` holds; 0 is the end. Errors: BadDescriptor, IsDirectory, Interrupted, TryAgain. */
export function read(descriptor: i32, target: Uint8Array): i32 {
  const request = new VfsRead();
  request.address = address(target);
  request.bytes = u32(target.length);
  return callDescriptor(request, descriptor);
}

/** Answers how many bytes went, which can be fewer than given. Errors: BadDescriptor, BrokenPipe, NoSpace, FileTooLarge, Interrupted. */
export function write(descriptor: i32, source: Uint8Array): i32 {
  const request = new VfsWrite();
  request.address = address(source);
  request.bytes = u32(source.length);
  return callDescriptor(request, descriptor);
}

/** Writes all of it, however many requests that takes. Answers Ok, or why it stopped. */
export function writeAll(descriptor: i32, source: Uint8Array): i32 {
  let done = 0;
  while (done < source.length) {
    const written = write(descriptor, source.subarray(done));
    if (written === Status.Interrupted) continue; // by a stop, or a handler: it has returned
    if (written < 0) return written;
    done += written;
  }
  return 0;
}

/** Where a descriptor stands. */
export class Position {
  bytes: u64 = 0n;
}

/**
 * Moves a descriptor to `offset` (two's complement) from `whence`, and tells where that is. Errors: BadDescriptor, IllegalSeek (a
 * pipe, a terminal), Invalid.
 */
export function seek(descriptor: i32, offset: u64, whence: Whence, position: Position): i32 {
  const request = new VfsSeek();
  request.descriptor = descriptor;
  request.offset = offset;
  request.whence = whence;
  const status = call(VFS, request);
  if (status >= 0) position.bytes = (request as Message as VfsPosition).position;
  return status;
}

export function stat(path: string, result: FileStatus): i32 {
  const request = new VfsStat();
  request.argument = address(result);
  return callPath(request, path);
}

/** Errors: BadDescriptor. */
export function statDescriptor(descriptor: i32, result: FileStatus): i32 {
  const request = new VfsStatDescriptor();
  request.address = address(result);
  return callDescriptor(request, descriptor);
}

/** Takes a name away; the file goes with its last name and its last descriptor. Errors: IsDirectory, Busy, ReadOnly. */
export function unlink(path: string): i32 {
  return callPath(new VfsUnlink(), path);
}

/** Gives the file at `path` a second name. Errors: Exists, CrossDevice, NotPermitted (a directory), TooManyLinks, NoSpace. */
export function link(path: string, second: string): i32 {
  return callTwoPaths(new VfsLink(), path, second);
}

/** Moves a name, replacing a file that has the new one. Errors: CrossDevice, NotEmpty, IsDirectory, Invalid (into itself). */
export function rename(path: string, second: string): i32 {
  return callTwoPaths(new VfsRename(), path, second);
}

/** Makes a file `bytes` long. Errors: IsDirectory, FileTooLarge. */
export function truncate(path: string, bytes: u32): i32 {
  const request = new VfsTruncate();
  request.argument = bytes;
  return callPath(request, path);
}

/** `mode`: permissions, `Mode.Permissions`. */
export function changeMode(path: string, mode: u32): i32 {
  const request = new VfsChangeMode();
  request.flags = mode;
  return callPath(request, path);
}

/** What `access` can ask. Zero: only whether the file is there. */
export const enum AccessMode {
  Execute = 1,
  Write = 2,
  Read = 4,
}

/** Whether the caller may do all of `mode` (`AccessMode` bits): Ok, or AccessDenied. */
export function access(path: string, mode: u32): i32 {
  const request = new VfsAccess();
  request.flags = mode;
  return callPath(request, path);
}

/** Answers another descriptor, the lowest that is free, for the same open file. Errors: BadDescriptor, TooManyFiles. */
export function duplicate(descriptor: i32): i32 {
  return callDescriptor(new VfsDuplicate(), descriptor);
}

/** Makes `target` another descriptor for the same open file; what it was before is closed. Errors: BadDescriptor. */
export function duplicateTo(descriptor: i32, target: i32): i32 {
  const request = new VfsDuplicateTo();
  request.request = u32(target);
  return callDescriptor(request, descriptor);
}

/** Whether the descriptor is closed when another program is executed. */
export function closeOnExecute(descriptor: i32, enable: boolean): i32 {
  const request = new VfsDescriptorFlags();
  request.request = enable ? 1 : 0;
  return callDescriptor(request, descriptor);
}

/** The two ends of a pipe, as descriptors. */
export class Pipe {
  readEnd: i32 = -1;
  writeEnd: i32 = -1;
}

/** Errors: TooManyFiles. */
export function makePipe(result: Pipe): i32 {
  const request = new VfsPipe();
  const status = call(VFS, request);
  if (status < 0) return status;
  const ends = request as Message as VfsPipeReply;
  result.readEnd = ends.readEnd;
  result.writeEnd = ends.writeEnd;
  return status;
}

/** Returns when everything that was written before is on the disk. */
export function sync(): i32 {
  return call(VFS, new VfsSync());
}

/** The same for one file. Errors: BadDescriptor, Invalid. */
export function syncDescriptor(descriptor: i32): i32 {
  return callDescriptor(new VfsSyncDescriptor(), descriptor);
}

/** A request of the device's own, with an argument of `bytes` bytes at `argument`. Errors: NotTerminal, BadDescriptor. */
export function control(descriptor: i32, request: u32, argument: vaddr, bytes: u32): i32 {
  const message = new VfsControl();
  message.request = request;
  message.address = argument;
  message.bytes = bytes;
  return callDescriptor(message, descriptor);
}

/** Permissions that files are not created with; answers what they were. */
export function setCreationMask(mask: u32): i32 {
  const request = new VfsCreationMask();
  request.mask = mask;
  return call(VFS, request);
}

/** Sends a request that names one path. For the neighbours of this file. */
export function callPath(request: VfsPath, path: string): i32 {
  request.path = address(path.bytes);
  request.pathBytes = u32(path.length);
  return call(VFS, request);
}

export function callTwoPaths(request: VfsTwoPaths, path: string, second: string): i32 {
  request.path = address(path.bytes);
  request.pathBytes = u32(path.length);
  request.second = address(second.bytes);
  request.secondBytes = u32(second.length);
  return call(VFS, request);
}

export function callDescriptor(request: VfsDescriptor, descriptor: i32): i32 {
  request.descriptor = descriptor;
  return call(VFS, request);
}

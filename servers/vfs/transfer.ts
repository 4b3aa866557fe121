/** Reading, writing and moving about in open files. Begin at `read`. */

import { FsNode } from "../../lib/protocol/file-server.ts";
import {
  Major,
  OpenFlags,
  type VfsControl,
  type VfsGetEntries,
  VfsPosition,
  type VfsRead,
  type VfsSeek,
  type VfsWrite,
  Whence,
} from "../../lib/protocol/vfs.ts";
import { replyWith } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { ANSWERED } from "./answer.ts";
import { controlDevice, readDevice, writeDevice } from "./device.ts";
import { Buffer, lookUp, Place, readEntries, readFile, writeFile } from "./file-server.ts";
import { FileKind, type OpenFile } from "./open-file.ts";
import { readPipe, writePipe } from "./pipe.ts";
import { fileOf, type Process } from "./process.ts";

/** More than any file can have: a count above it cannot be answered as a status. */
const BYTES_MAXIMUM = 0x7fff_ffff;
const SIGN: u64 = 1n << 63n;

/** Returns bytes, or ANSWERED. Errors: BadDescriptor, IsDirectory, Invalid, Fault, TryAgain, InputOutput. */
export function read(process: Process, request: VfsRead): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null || !file.mayRead()) return Status.BadDescriptor;
  if (request.bytes > BYTES_MAXIMUM) return Status.Invalid;
  if (request.bytes === 0) return 0;
  switch (file.kind) {
    case FileKind.Regular:
      return readRegular(process, file, request);
    case FileKind.Device:
      return readDevice(process, file, request.address, request.bytes);
    case FileKind.PipeReader:
      return readPipe(process, file, request.address, request.bytes);
    default:
      return Status.IsDirectory;
  }
}

/** Returns bytes, or ANSWERED. Errors: BadDescriptor, Invalid, Fault, NoSpace, FileTooLarge, BrokenPipe, TryAgain, InputOutput. */
export function write(process: Process, request: VfsWrite): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null || !file.mayWrite()) return Status.BadDescriptor;
  if (request.bytes > BYTES_MAXIMUM) return Status.Invalid;
  if (request.bytes === 0) return 0;
  switch (file.kind) {
    case FileKind.Regular:
      return writeRegular(process, file, request);
    case FileKind.Device:
      return writeDevice(process, file, request.address, request.bytes);
    case FileKind.PipeWriter:
      return writePipe(process, file, request.address, request.bytes);
    default:
      return Status.BadDescriptor;
  }
}

/** Answers a `VfsPosition`. Errors: BadDescriptor, IllegalSeek, Invalid. */
export function seek(process: Process, request: VfsSeek): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null) return Status.BadDescriptor;
  if (file.isPipe() || (file.driver !== null && file.driver.major === Major.Terminal)) return Status.IllegalSeek;
  let from: u64 = 0n;
  if (request.whence === Whence.Current) {
    from = file.position;
  } else if (request.whence === Whence.End) {
    const node = new FsNode();
    const status = lookUp(file.vnode!, 0, 0, false, node);
    if (status < 0) return status;
    from = node.bytes;
  } else if (request.whence !== Whence.Set) {
    return Status.Invalid;
  }
  const position = from + request.offset;
  if (position >= SIGN) return Status.Invalid;
  file.position = position;
  const answer = new VfsPosition();
  answer.position = position;
  replyWith(process.endpoint, answer);
  return ANSWERED;
}

/** Fills the program's buffer with entries. Errors: BadDescriptor, NotDirectory, Invalid, Fault. */
export function getEntries(process: Process, request: VfsGetEntries): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null) return Status.BadDescriptor;
  if (file.kind !== FileKind.Directory) return Status.NotDirectory;
  const place = new Place();
  place.position = file.position;
  const status = readEntries(file.vnode!, place, bufferOf(process, request.address, request.bytes));
  if (status >= 0) file.position = place.position;
  return status;
}

/** Errors: BadDescriptor, NotTerminal. */
export function control(process: Process, request: VfsControl): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null) return Status.BadDescriptor;
  if (file.kind !== FileKind.Device || file.driver!.major !== Major.Terminal) return Status.NotTerminal;
  return controlDevice(process, file, request.request, request.address, request.bytes);
}

function readRegular(process: Process, file: OpenFile, request: VfsRead): i32 {
  const status = readFile(file.vnode!, file.position, bufferOf(process, request.address, request.bytes));
  if (status > 0) file.position += u64(u32(status));
  return status;
}

function writeRegular(process: Process, file: OpenFile, request: VfsWrite): i32 {
  const place = new Place();
  place.position = file.position;
  place.append = (file.flags & OpenFlags.Append) !== 0;
  const status = writeFile(file.vnode!, place, bufferOf(process, request.address, request.bytes));
  if (status > 0) file.position = place.position;
  return status;
}

const buffer = new Buffer();

/** A program's memory, for MFS. */
export function bufferOf(process: Process, start: vaddr, bytes: u32): Buffer {
  buffer.owner = process.endpoint;
  buffer.address = start;
  buffer.bytes = bytes;
  return buffer;
}

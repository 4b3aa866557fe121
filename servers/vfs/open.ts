/** Opening files, and pipes. Begin at `open`. */

import { FsNode } from "../../lib/protocol/file-server.ts";
import { Mode, OpenFlags, type VfsOpen, type VfsPipe, VfsPipeReply } from "../../lib/protocol/vfs.ts";
import { replyWith } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { ANSWERED } from "./answer.ts";
import { openDevice } from "./device.ts";
import { driverOf } from "./driver.ts";
import { Creation, createFile, FileId, truncateFile } from "./file-server.ts";
import { isMounted, isReadOnly } from "./mount.ts";
import { FileKind, type OpenFile, takeFile } from "./open-file.ts";
import { fetchPath, Path, walk, walkToParent } from "./path.ts";
import { takePipe } from "./pipe-buffer.ts";
import { freeDescriptor, install, type Process } from "./process.ts";
import { dropVnode, takeVnode, type Vnode } from "./vnode.ts";

/** Returns a descriptor, or ANSWERED. */
export function open(process: Process, request: VfsOpen): i32 {
  const { flags } = request;
  if ((flags & OpenFlags.AccessMask) > OpenFlags.ReadWrite) return Status.Invalid;
  const descriptor = freeDescriptor(process, 0);
  if (descriptor < 0) return descriptor;
  const path = new Path();
  let status: i32 = fetchPath(process, request.path, request.pathBytes, 0, path);
  const node = new FsNode();
  if (status === Status.Ok) status = find(process, path, flags, request.mode & ~process.creationMask, node);
  if (status < 0) return status;
  const created = node.created !== 0;
  const vnode = takeVnode(node);
  if (vnode === null) return Status.TooManyFiles;
  status = checkAccess(vnode, path, flags);
  if (status === Status.Ok && (flags & OpenFlags.Truncate) !== 0 && vnode.isRegular() && !created) {
    status = truncateFile(vnode, 0n);
  }
  if (status >= 0) status = openVnode(process, vnode, flags, descriptor);
  else dropVnode(vnode);
  return status;
}

/** A pipe, and a descriptor for each of its ends: read, write. */
export function openPipe(process: Process, request: VfsPipe): i32 {
  const readEnd = freeDescriptor(process, 0);
  if (readEnd < 0) return readEnd;
  const writeEnd = freeDescriptor(process, readEnd + 1);
  if (writeEnd < 0) return writeEnd;
  const nonblocking = request.flags & OpenFlags.Nonblocking;
  const reader = takeFile(FileKind.PipeReader, OpenFlags.ReadOnly | nonblocking);
  const writer = takeFile(FileKind.PipeWriter, OpenFlags.WriteOnly | nonblocking);
  const pipe = takePipe();
  if (reader === null || writer === null || pipe === null) {
    if (reader !== null) reader.references = 0;
    if (writer !== null) writer.references = 0;
    if (pipe !== null) {
      pipe.readers = 0;
      pipe.writers = 0;
    }
    return Status.TooManyFiles;
  }
  reader.pipe = pipe;
  writer.pipe = pipe;
  const closeOnExec = (request.flags & OpenFlags.CloseOnExec) !== 0;
  install(process, readEnd, reader, closeOnExec);
  install(process, writeEnd, writer, closeOnExec);
  const answer = new VfsPipeReply();
  answer.readEnd = readEnd;
  answer.writeEnd = writeEnd;
  replyWith(process.endpoint, answer);
  return ANSWERED;
}

/** The file at the path, held; made first if the flags say so. */
function find(process: Process, path: Path, flags: u32, mode: u32, node: FsNode): i32 {
  if ((flags & OpenFlags.Create) === 0) return walk(process, path, true, node);
  if (path.slashed) return Status.IsDirectory;
  const parent = new FileId();
  const status = walkToParent(process, path, parent);
  if (status !== Status.Ok) return status;
  const creation = new Creation();
  creation.mode = Mode.Regular | (mode & Mode.Permissions);
  creation.exclusive = (flags & OpenFlags.Exclusive) !== 0;
  creation.hold = true;
  return createFile(parent, path.nameOffset, path.nameBytes, creation, node);
}

function checkAccess(vnode: Vnode, path: Path, flags: u32): Status {
  const writes = (flags & OpenFlags.AccessMask) !== OpenFlags.ReadOnly;
  if (vnode.isDirectory()) return writes ? Status.IsDirectory : Status.Ok;
  if ((flags & OpenFlags.Directory) !== 0 || path.slashed) return Status.NotDirectory;
  if (vnode.isBlock() && writes && isMounted(vnode.special)) return Status.Busy;
  if (vnode.isRegular() && (writes || (flags & OpenFlags.Truncate) !== 0) && isReadOnly(vnode.volume))
    return Status.ReadOnly;
  return Status.Ok;
}

/** Takes over the vnode's reference, whatever happens. */
function openVnode(process: Process, vnode: Vnode, flags: u32, descriptor: i32): i32 {
  const file = fileFor(vnode, flags);
  if (file === null) {
    const isFile = vnode.isDirectory() || vnode.isRegular();
    dropVnode(vnode);
    return isFile ? Status.TooManyFiles : Status.NoDevice;
  }
  if (file.kind === FileKind.Device) return openDevice(process, file, descriptor);
  install(process, descriptor, file, (flags & OpenFlags.CloseOnExec) !== 0);
  return descriptor;
}

/** Null when there are no more rows, or nobody can drive the device. */
function fileFor(vnode: Vnode, flags: u32): OpenFile | null {
  let kind = FileKind.Regular;
  if (vnode.isDirectory()) kind = FileKind.Directory;
  else if (!vnode.isRegular()) kind = FileKind.Device;
  const driver = kind === FileKind.Device ? driverOf(vnode.special) : null;
  if (kind === FileKind.Device && (driver === null || !driver.character)) return null;
  const file = takeFile(kind, flags);
  if (file === null) return null;
  file.vnode = vnode;
  file.driver = driver;
  return file;
}

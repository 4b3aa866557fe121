/** What is known about files and volumes, and changing it: status, permissions, length, mounting. */
import { VFS } from "../../lib/endpoint.ts";
import { virtualCopy } from "../../lib/kernel-call/process.ts";
import { ALL_VOLUMES, FsNode, FsSpaceReply } from "../../lib/protocol/file-server.ts";
import {
  FileStatus,
  Mode,
  type VfsAccess,
  type VfsChangeMode,
  VfsFileSystem,
  type VfsFileSystemInfo,
  type VfsMount,
  type VfsPath,
  type VfsStat,
  type VfsStatDescriptor,
  type VfsSyncDescriptor,
  type VfsTruncate,
  type VfsUnmount,
} from "../../lib/protocol/vfs.ts";
import { replyWith } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { ANSWERED } from "./answer.ts";
import { tellPath } from "./directory.ts";
import {
  changeFileMode,
  FileId,
  measureSpace,
  SECOND_TEXT,
  statFile,
  syncVolume,
  truncateFile,
} from "./file-server.ts";
import { isReadOnly, mountAt, mountOf, mounts, unmount } from "./mount.ts";
import { fetchPath, Path, walk } from "./path.ts";
import { PIPE_BYTES } from "./pipe-buffer.ts";
import { fileOf, type Process } from "./process.ts";
import { bufferOf } from "./transfer.ts";
import { dropVnode, takeVnode } from "./vnode.ts";

/** What Access asks for. */
const enum Wish {
  Execute = 1,
  Write = 2,
}
/** Flag of Mount. */
const READ_ONLY = 1;
const EXECUTE_BITS = 0o111;
const PIPE_PERMISSIONS = 0o600;

export function stat(process: Process, request: VfsStat): i32 {
  const node = new FsNode();
  const status = find(process, request, node);
  return status === Status.Ok ? tell(process, fileIn(node), vaddr(request.argument)) : status;
}

export function statDescriptor(process: Process, request: VfsStatDescriptor): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null) return Status.BadDescriptor;
  return file.isPipe() ? tellOfPipe(process, request.address) : tell(process, file.vnode!, request.address);
}

export function changeMode(process: Process, request: VfsChangeMode): i32 {
  const node = new FsNode();
  const status = find(process, request, node);
  return status === Status.Ok ? changeFileMode(fileIn(node), request.flags & Mode.Permissions) : status;
}

export function truncate(process: Process, request: VfsTruncate): i32 {
  const node = new FsNode();
  const status = find(process, request, node);
  return status === Status.Ok ? truncateFile(fileIn(node), u64(request.argument)) : status;
}

/** There are no users yet, and everybody may do everything: but what has no execute bit is no program, and what is mounted read only cannot be written. Errors: AccessDenied, ReadOnly. */
export function access(process: Process, request: VfsAccess): i32 {
  const node = new FsNode();
  const status = find(process, request, node);
  if (status !== Status.Ok) return status;
  const isDirectory = (node.mode & Mode.TypeMask) === Mode.Directory;
  if ((request.flags & Wish.Execute) !== 0 && !isDirectory && (node.mode & EXECUTE_BITS) === 0)
    return Status.AccessDenied;
  if ((request.flags & Wish.Write) !== 0 && isReadOnly(node.volume)) return Status.ReadOnly;
  return Status.Ok;
}

export function sync(): i32 {
  return syncVolume(ALL_VOLUMES);
}

/** Errors: BadDescriptor, Invalid (a pipe or device). */
export function syncDescriptor(process: Process, request: VfsSyncDescriptor): i32 {
  const file = fileOf(process, request.descriptor);
  if (file === null) return Status.BadDescriptor;
  if (file.isPipe() || file.driver !== null) return Status.Invalid;
  return syncVolume(file.vnode!.volume);
}

/** Bit 0 of the flags: read only. Errors: NotDirectory, NoDevice (not a block device), Busy, Invalid (no file system). */
export function mount(process: Process, request: VfsMount): i32 {
  const path = new Path();
  const device = new FsNode();
  let status = fetchPath(process, request.path, request.pathBytes, 0, path);
  if (status === Status.Ok) status = walk(process, path, false, device);
  if (status !== Status.Ok) return status;
  if ((device.mode & Mode.TypeMask) !== Mode.Block) return Status.NoDevice;

  const where = new FsNode();
  status = fetchPath(process, request.second, request.secondBytes, SECOND_TEXT, path);
  if (status === Status.Ok) status = walk(process, path, true, where);
  if (status !== Status.Ok) return status;
  const directory = takeVnode(where);
  if (directory === null) return Status.TooManyFiles;
  status = mountAt(device.special, directory, (request.flags & READ_ONLY) !== 0);
  dropVnode(directory);
  return status;
}

/** Errors: Invalid (nothing is mounted there), Busy. */
export function unmountPath(process: Process, request: VfsUnmount): i32 {
  const node = new FsNode();
  const status = find(process, request, node);
  if (status !== Status.Ok) return status;
  const mounted = mountOf(node.volume);
  return mounted === null || mounted.root!.inode !== node.inode ? Status.Invalid : unmount(mounted);
}

/** Answers a `VfsFileSystem`. Errors: Nothing. */
export function fileSystemInfo(process: Process, request: VfsFileSystemInfo): i32 {
  let index: u32 = 0;
  for (const mounted of mounts) {
    if (!mounted.used || index++ !== request.index) continue;
    const space = new FsSpaceReply();
    const status = measureSpace(mounted.volume, space);
    if (status < 0) return status;
    const answer = new VfsFileSystem();
    answer.blockBytes = space.blockBytes;
    answer.blocks = space.blocks;
    answer.freeBlocks = space.freeBlocks;
    answer.inodes = space.inodes;
    answer.freeInodes = space.freeInodes;
    answer.readOnly = space.readOnly;
    tellPath(mounted.root!, answer.path);
    replyWith(process.endpoint, answer);
    return ANSWERED;
  }
  return Status.Nothing;
}

/** The file at the request's path. */
function find(process: Process, request: VfsPath, node: FsNode): Status {
  const path = new Path();
  const status = fetchPath(process, request.path, request.pathBytes, 0, path);
  if (status !== Status.Ok) return status;
  const walked = walk(process, path, false, node);
  if (walked !== Status.Ok) return walked;
  return path.slashed && (node.mode & Mode.TypeMask) !== Mode.Directory ? Status.NotDirectory : Status.Ok;
}

const found = new FileId();

function fileIn(node: FsNode): FileId {
  found.volume = node.volume;
  found.inode = node.inode;
  return found;
}

/** MFS writes it straight into the program's memory. */
function tell(process: Process, file: FileId, target: vaddr): i32 {
  return statFile(file, bufferOf(process, target, u32(sizeOf(FileStatus))));
}

function tellOfPipe(process: Process, target: vaddr): i32 {
  const status = new FileStatus();
  status.mode = Mode.Pipe | PIPE_PERMISSIONS;
  status.links = 1;
  status.blockBytes = PIPE_BYTES;
  return virtualCopy(VFS, address(status), process.endpoint, target, u32(sizeOf(FileStatus)));
}

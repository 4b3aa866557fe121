/**
 * What the virtual file system is asked: by programs (SENDREC), and by PM about processes. An answer is a `VfsReply`
 * (status: a count, a descriptor, or what failed) unless a line says otherwise. Addresses are the caller's own.
 */
import type { Endpoint } from "../endpoint.ts";
import { Message, Range, Reply } from "../message.ts";

export const enum VfsCall {
  Open = Range.Vfs,
  Close,
  Read,
  Write,
  Seek,
  Stat,
  StatDescriptor,
  MakeDirectory,
  RemoveDirectory,
  Unlink,
  Link,
  Rename,
  ChangeDirectory,
  GetDirectory,
  Duplicate,
  DuplicateTo,
  Pipe,
  Mount,
  Unmount,
  Sync,
  SyncDescriptor,
  GetEntries,
  Truncate,
  ChangeMode,
  Access,
  Control,
  DescriptorFlags,
  FileSystemInfo,
  CreationMask,
  // From PM
  PmFork,
  PmExec,
  PmExit,
  PmCancel,
  PmReboot,
}

export const enum OpenFlags {
  ReadOnly = 0,
  WriteOnly = 1,
  ReadWrite = 2,
  AccessMask = 3,
  Create = 1 << 6,
  Exclusive = 1 << 7,
  Truncate = 1 << 9,
  Append = 1 << 10,
  Nonblocking = 1 << 11,
  Directory = 1 << 16,
  CloseOnExec = 1 << 19,
}

/** Types and permissions of a file: POSIX's st_mode. */
export const enum Mode {
  TypeMask = 0o170000,
  Pipe = 0o010000,
  Character = 0o020000,
  Directory = 0o040000,
  Block = 0o060000,
  Regular = 0o100000,
  SymbolicLink = 0o120000,
  Permissions = 0o7777,
}

export const PATH_MAXIMUM_BYTES = 1024;
/** Longest name of a directory entry (MINIX FS V3). */
export const FILE_NAME_MAXIMUM_BYTES = 60;
export const OPEN_MAXIMUM = 32;

/** Requests that name one path. */
export class VfsPath extends Message {
  path: vaddr = 0;
  pathBytes: u32 = 0;
  /** `OpenFlags` for Open, permissions for MakeDirectory and ChangeMode, bits 4 read 2 write 1 execute for Access. */
  flags: u32 = 0;
  /** Permissions of a file that Open creates. */
  mode: u32 = 0;
  /** Truncate: the new length. Stat: where the `FileStatus` goes. */
  argument: u32 = 0;
}
export class VfsOpen extends VfsPath {
  override readonly type = VfsCall.Open;
}
export class VfsStat extends VfsPath {
  override readonly type = VfsCall.Stat;
}
export class VfsMakeDirectory extends VfsPath {
  override readonly type = VfsCall.MakeDirectory;
}
export class VfsRemoveDirectory extends VfsPath {
  override readonly type = VfsCall.RemoveDirectory;
}
export class VfsUnlink extends VfsPath {
  override readonly type = VfsCall.Unlink;
}
export class VfsChangeDirectory extends VfsPath {
  override readonly type = VfsCall.ChangeDirectory;
}
export class VfsTruncate extends VfsPath {
  override readonly type = VfsCall.Truncate;
}
export class VfsChangeMode extends VfsPath {
  override readonly type = VfsCall.ChangeMode;
}
export class VfsAccess extends VfsPath {
  override readonly type = VfsCall.Access;
}
/** Unmounts what is mounted at the path. Errors: Busy, Invalid. */
export class VfsUnmount extends VfsPath {
  override readonly type = VfsCall.Unmount;
}

/** Requests that name two paths. Mount: the device, and where; Link, Rename: the old, and the new. */
export class VfsTwoPaths extends Message {
  path: vaddr = 0;
  pathBytes: u32 = 0;
  second: vaddr = 0;
  secondBytes: u32 = 0;
  flags: u32 = 0;
}
export class VfsLink extends VfsTwoPaths {
  override readonly type = VfsCall.Link;
}
export class VfsRename extends VfsTwoPaths {
  override readonly type = VfsCall.Rename;
}
export class VfsMount extends VfsTwoPaths {
  override readonly type = VfsCall.Mount;
}

/** Requests that name a descriptor. */
export class VfsDescriptor extends Message {
  descriptor: i32 = 0;
  /** Where the bytes are, or go; StatDescriptor: where the `FileStatus` goes; Control: the argument. */
  address: vaddr = 0;
  bytes: u32 = 0;
  /** Control: which request (TerminalControl). DescriptorFlags: 1 close on exec. DuplicateTo: the new descriptor. */
  request: u32 = 0;
}
export class VfsClose extends VfsDescriptor {
  override readonly type = VfsCall.Close;
}
export class VfsRead extends VfsDescriptor {
  override readonly type = VfsCall.Read;
}
export class VfsWrite extends VfsDescriptor {
  override readonly type = VfsCall.Write;
}
export class VfsStatDescriptor extends VfsDescriptor {
  override readonly type = VfsCall.StatDescriptor;
}
export class VfsDuplicate extends VfsDescriptor {
  override readonly type = VfsCall.Duplicate;
}
export class VfsDuplicateTo extends VfsDescriptor {
  override readonly type = VfsCall.DuplicateTo;
}
export class VfsSyncDescriptor extends VfsDescriptor {
  override readonly type = VfsCall.SyncDescriptor;
}
/** Fills the buffer with whole `DirectoryEntry`s; 0: the end. */
export class VfsGetEntries extends VfsDescriptor {
  override readonly type = VfsCall.GetEntries;
}
/** Errors: NotTerminal. */
export class VfsControl extends VfsDescriptor {
  override readonly type = VfsCall.Control;
}
export class VfsDescriptorFlags extends VfsDescriptor {
  override readonly type = VfsCall.DescriptorFlags;
}

/** Answer: `VfsPosition`. */
export class VfsSeek extends Message {
  override readonly type = VfsCall.Seek;
  descriptor: i32 = 0;
  whence: Whence = 0;
  /** Two's complement: may be negative. */
  offset: u64 = 0n;
}
export const enum Whence {
  Set,
  Current,
  End,
}
export class VfsPosition extends Reply {
  position: u64 = 0n;
}
/** Two descriptors: `VfsPipeReply`. */
export class VfsPipe extends Message {
  override readonly type = VfsCall.Pipe;
  flags: u32 = 0;
}
export class VfsPipeReply extends Reply {
  readEnd: i32 = 0;
  writeEnd: i32 = 0;
}
export class VfsSync extends Message {
  override readonly type = VfsCall.Sync;
}
/** The path of the working directory, up to `bytes`, into `address`. Answer: status = its length. */
export class VfsGetDirectory extends Message {
  override readonly type = VfsCall.GetDirectory;
  address: vaddr = 0;
  bytes: u32 = 0;
}
export class VfsCreationMask extends Message {
  override readonly type = VfsCall.CreationMask;
  mask: u32 = 0;
}
/** The nth mounted file system. Answer: `VfsFileSystem`. Errors: Nothing. */
export class VfsFileSystemInfo extends Message {
  override readonly type = VfsCall.FileSystemInfo;
  index: u32 = 0;
}
export class VfsFileSystem extends Reply {
  blockBytes: u32 = 0;
  blocks: u32 = 0;
  freeBlocks: u32 = 0;
  inodes: u32 = 0;
  freeInodes: u32 = 0;
  readOnly: u32 = 0;
  /** Where it is mounted. */
  readonly path = new Uint8Array(24);
}

/** What stat tells. */
export class FileStatus {
  device: u32 = 0;
  inode: u32 = 0;
  mode: u32 = 0;
  links: u32 = 0;
  user: u32 = 0;
  group: u32 = 0;
  /** Of a device file: major number in bits 8 and up, minor below. */
  special: u32 = 0;
  blockBytes: u32 = 0;
  bytes: u64 = 0n;
  blocks: u32 = 0;
  accessSeconds: u32 = 0;
  modificationSeconds: u32 = 0;
  changeSeconds: u32 = 0;
}

/** What GetEntries writes, one after the other. */
export class DirectoryEntry {
  inode: u32 = 0;
  nameBytes: u32 = 0;
  readonly name = new Uint8Array(64);
}

/** Major numbers of device files: which driver. */
export const enum Major {
  Memory = 1,
  Terminal = 4,
  Disk = 3,
  Log = 5,
}
/** Minor numbers of the memory driver. */
export const enum MemoryMinor {
  Ram = 0,
  Null = 3,
  Zero = 5,
}

// --- From PM -------------------------------------------------------------------------------------------------------

/** A child of `parent`: same descriptors, same working directory. */
export class VfsPmFork extends Message {
  override readonly type = VfsCall.PmFork;
  parent: Endpoint = 0;
  child: Endpoint = 0;
  pid: i32 = 0;
}
/** PM's `PmExec`, passed on. Answer: `VfsExecReply`. */
export class VfsPmExec extends Message {
  override readonly type = VfsCall.PmExec;
  process: Endpoint = 0;
  path: vaddr = 0;
  pathBytes: u32 = 0;
  frame: vaddr = 0;
  frameBytes: u32 = 0;
}
export class VfsExecReply extends Reply {
  pc: vaddr = 0;
  sp: vaddr = 0;
  /** 1: the old program is gone, so a failure must end the process. */
  committed: u32 = 0;
  readonly name = new Uint8Array(16);
}
export class VfsPmExit extends Message {
  override readonly type = VfsCall.PmExit;
  process: Endpoint = 0;
}
/** A signal for a process that waits in VFS: its request is answered with Interrupted. Answer: status 1 if it did wait there, 0 if not. */
export class VfsPmCancel extends Message {
  override readonly type = VfsCall.PmCancel;
  process: Endpoint = 0;
}
/** Syncs and unmounts everything. */
export class VfsPmReboot extends Message {
  override readonly type = VfsCall.PmReboot;
}

export type VfsRequest =
  | VfsOpen
  | VfsStat
  | VfsMakeDirectory
  | VfsRemoveDirectory
  | VfsUnlink
  | VfsChangeDirectory
  | VfsTruncate
  | VfsChangeMode
  | VfsAccess
  | VfsUnmount
  | VfsLink
  | VfsRename
  | VfsMount
  | VfsClose
  | VfsRead
  | VfsWrite
  | VfsStatDescriptor
  | VfsDuplicate
  | VfsDuplicateTo
  | VfsSyncDescriptor
  | VfsGetEntries
  | VfsControl
  | VfsDescriptorFlags
  | VfsSeek
  | VfsPipe
  | VfsSync
  | VfsGetDirectory
  | VfsCreationMask
  | VfsFileSystemInfo
  | VfsPmFork
  | VfsPmExec
  | VfsPmExit
  | VfsPmCancel
  | VfsPmReboot;

export class VfsReply extends Reply {}

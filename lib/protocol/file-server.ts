/**
 * What VFS asks of a file server (MFS), with SENDREC: each request is answered before the next. A file is named by its file
 * system (`volume`, which Mount answered) and inode number; it stays allocated while VFS holds it, whether or not it has a
 * name. Names and paths lie in memory that VFS has granted. An answer is a `Reply` unless a line says otherwise.
 *
 * VFS holds a file once, however often it was told of it. Every request can fail with InputOutput: the disk, or what is on it,
 * is damaged (a file that is not there included: VFS asks only for what it was told of).
 */
import { type Grant, Message, Range, Reply } from "../message.ts";

export const enum FsCall {
  Mount = Range.FileServer,
  Unmount,
  Lookup,
  Release,
  Read,
  Write,
  Truncate,
  Entries,
  Stat,
  ChangeMode,
  Create,
  Link,
  Unlink,
  Rename,
  MountPoint,
  Sync,
  Space,
}

/** Fields that every request begins with. */
export class FsMessage extends Message {
  volume: u32 = 0;
  /** The file, or the directory, that the request is about. */
  inode: u32 = 0;
}

/** Begins to use the file system on a device. Answer: `FsNode`, its root directory, held. Errors: NoDevice, ServiceDown, Invalid (no MINIX FS V3), Busy (is mounted), NoMemory (no more volumes). */
export class FsMount extends Message {
  override readonly type = FsCall.Mount;
  /** The block driver's name in DS, zero-padded, and which of its devices. */
  readonly driver = new Uint8Array(16);
  minor: u32 = 0;
  readOnly: u32 = 0;
}
/** Writes everything back and forgets the volume. Errors: Busy (a file besides the root is held). */
export class FsUnmount extends FsMessage {
  override readonly type = FsCall.Unmount;
}

/**
 * Walks `bytes` of a path from directory `inode`. Answer: `FsNode`: how far it came, and the file there, which VFS holds from now on if `hold`
 * is 1 and the walk is complete. Errors: NoEntry, NotDirectory, NameTooLong, NoMemory (VFS holds too many).
 */
export class FsLookup extends FsMessage {
  override readonly type = FsCall.Lookup;
  grant: Grant = 0;
  offset: u32 = 0;
  bytes: u32 = 0;
  hold: u32 = 0;
}
/** Why a walk ended. */
export const enum WalkEnd {
  /** At the end of the path. */
  Complete = 0,
  /** The file is a mount point: go on at the root of what is mounted there. */
  MountPoint,
  /** `..` from the root: go on at the directory this volume is mounted on, with the `..` still to be done. */
  AboveRoot,
}
/** VFS does not use the file any more; one without a name is freed. */
export class FsRelease extends FsMessage {
  override readonly type = FsCall.Release;
}

/** Reads up to `bytes` at `position` into the grant. Answer: status = how many; 0: the end. Errors: IsDirectory, Fault. */
export class FsRead extends FsMessage {
  override readonly type = FsCall.Read;
  grant: Grant = 0;
  bytes: u32 = 0;
  position: u64 = 0n;
}
/** The same fields. Answer: `FsWritten`. Errors: NoSpace (nothing could be written), FileTooLarge, ReadOnly, IsDirectory, Fault. */
export class FsWrite extends FsMessage {
  override readonly type = FsCall.Write;
  grant: Grant = 0;
  bytes: u32 = 0;
  position: u64 = 0n;
  /** 1: at the end of the file, wherever that is. */
  append: u32 = 0;
}
/** `status` bytes were written, and the next byte would go here. */
export class FsWritten extends Reply {
  position: u64 = 0n;
}
/** Makes the file `length` bytes long; what is new reads as zeros. Errors: IsDirectory, FileTooLarge, ReadOnly. */
export class FsTruncate extends FsMessage {
  override readonly type = FsCall.Truncate;
  length: u64 = 0n;
}
/** Fills the grant with whole `DirectoryEntry`s (protocol/vfs.ts) from `position` on. Answer: `FsWritten`; status 0: the end. Errors: NotDirectory, Invalid (no room for one entry). */
export class FsEntries extends FsMessage {
  override readonly type = FsCall.Entries;
  grant: Grant = 0;
  bytes: u32 = 0;
  position: u64 = 0n;
}
/** Writes a `FileStatus` (protocol/vfs.ts) to the grant. */
export class FsStat extends FsMessage {
  override readonly type = FsCall.Stat;
  grant: Grant = 0;
}
/** New permissions. Errors: ReadOnly. */
export class FsChangeMode extends FsMessage {
  override readonly type = FsCall.ChangeMode;
  mode: u32 = 0;
}

/** Fields of requests about one name in directory `inode`. */
export class FsName extends FsMessage {
  grant: Grant = 0;
  offset: u32 = 0;
  bytes: u32 = 0;
}
/**
 * Makes a file of type and permissions `mode`: regular, directory, pipe or device. Answer: `FsNode`, held if `hold` is 1; one that was
 * there already, of whatever type, unless `exclusive`. Errors: Exists, NotDirectory, NoEntry (the directory has been removed), NameTooLong, NoSpace, TooManyLinks, ReadOnly.
 */
export class FsCreate extends FsName {
  override readonly type = FsCall.Create;
  mode: u32 = 0;
  /** Of a device file. */
  special: u32 = 0;
  exclusive: u32 = 0;
  hold: u32 = 0;
}
/** Another name for file `target`. Errors: Exists, NotPermitted (a directory), TooManyLinks, NoSpace, NameTooLong, ReadOnly. */
export class FsLink extends FsName {
  override readonly type = FsCall.Link;
  target: u32 = 0;
}
/** Removes a name; `directory` 1: of an empty directory, 0: of anything else. Errors: NoEntry, IsDirectory, NotDirectory, NotEmpty, Busy (a mount point), Invalid (`.` or `..`), ReadOnly. */
export class FsUnlink extends FsName {
  override readonly type = FsCall.Unlink;
  directory: u32 = 0;
}
/**
 * Moves a name: the old one in directory `inode`, the new one (in the same grant) in `newDirectory`. What had the new name before loses it. At no time,
 * on the disk included, is there neither name. Errors: as Link and Unlink; Invalid (a directory into itself).
 */
export class FsRename extends FsName {
  override readonly type = FsCall.Rename;
  newDirectory: u32 = 0;
  newOffset: u32 = 0;
  newBytes: u32 = 0;
}
/** A directory that VFS holds is (1) or is no longer (0) where another volume is mounted. */
export class FsMountPoint extends FsMessage {
  override readonly type = FsCall.MountPoint;
  mounted: u32 = 0;
}
/** Answered when everything of this volume (of all: `volume` ALL_VOLUMES) is on stable storage. */
export class FsSync extends FsMessage {
  override readonly type = FsCall.Sync;
}
export const ALL_VOLUMES = 0xffff_ffff;
/** Answer: `FsSpaceReply`. */
export class FsSpace extends FsMessage {
  override readonly type = FsCall.Space;
}
export class FsSpaceReply extends Reply {
  blockBytes: u32 = 0;
  blocks: u32 = 0;
  freeBlocks: u32 = 0;
  inodes: u32 = 0;
  freeInodes: u32 = 0;
  readOnly: u32 = 0;
}

/** A file. */
export class FsNode extends Reply {
  volume: u32 = 0;
  inode: u32 = 0;
  /** Type and permissions (protocol/vfs.ts' `Mode`). */
  mode: u32 = 0;
  /** Of a device file: major number in bits 8 and up, minor below. */
  special: u32 = 0;
  links: u32 = 0;
  /** To Lookup: bytes of the path that are done with. */
  walked: u32 = 0;
  end: WalkEnd = 0;
  /** To Create: 1 if there was no such file before. */
  created: u32 = 0;
  bytes: u64 = 0n;
}

export type FsRequest =
  | FsMount
  | FsUnmount
  | FsLookup
  | FsRelease
  | FsRead
  | FsWrite
  | FsTruncate
  | FsEntries
  | FsStat
  | FsChangeMode
  | FsCreate
  | FsLink
  | FsUnlink
  | FsRename
  | FsMountPoint
  | FsSync
  | FsSpace;

/**
 * The requests of lib/protocol/file-server.ts, one function each: finds the files that a request names, checks that what it asks is
 * sensible, and has it done. Begin at `serve`.
 */
import { VFS } from "../../lib/endpoint.ts";
import { safeCopyFrom, safeCopyTo } from "../../lib/kernel-call/service.ts";
import type { Grant, Message } from "../../lib/message.ts";
import {
  ALL_VOLUMES,
  FsCall,
  type FsChangeMode,
  type FsCreate,
  type FsEntries,
  type FsLink,
  type FsLookup,
  type FsMessage,
  type FsMount,
  type FsMountPoint,
  type FsName,
  FsNode,
  type FsRead,
  type FsRename,
  type FsRequest,
  type FsSpace,
  FsSpaceReply,
  type FsStat,
  type FsSync,
  type FsTruncate,
  type FsUnlink,
  type FsWrite,
  FsWritten,
  WalkEnd,
} from "../../lib/protocol/file-server.ts";
import { FileStatus, Mode, PATH_MAXIMUM_BYTES } from "../../lib/protocol/vfs.ts";
import { plainAnswer } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { countFree } from "./bitmap.ts";
import { EntryReader, readContent, readEntries, writeContent } from "./content.ts";
import { findEntry, Name } from "./directory.ts";
import { syncAll, syncVolume } from "./flush.ts";
import { BLOCK_BYTES, ENTRY_BYTES, FILE_BYTES_MAXIMUM, ROOT_INODE } from "./format.ts";
import { hold, type Inode, inodeAt, letGo, touchStatus } from "./inode.ts";
import { mount, unmount } from "./mount.ts";
import { create, freeUnnamed, link, rename, unlink } from "./names.ts";
import { indexOf, volumeAt } from "./volume.ts";
import { Walk, walkPath } from "./walk.ts";
import { setSize } from "./zones.ts";

/** Carries a request out. Returns the answer, which is good until the next one. */
export function serve(request: FsRequest): Message {
  switch (request.type) {
    case FsCall.Read:
      return plainAnswer(read(request));
    case FsCall.Write:
      written.status = write(request);
      return written;
    case FsCall.Lookup:
      node.status = lookup(request);
      return node;
    case FsCall.Create:
      node.status = createFile(request);
      return node;
    case FsCall.Mount:
      node.status = mountDevice(request);
      return node;
    case FsCall.Entries:
      written.status = entries(request);
      return written;
    case FsCall.Space:
      space.status = measureSpace(request);
      return space;
    default:
      return plainAnswer(serveSimply(request));
  }
}

/** Requests that a status answers. */
function serveSimply(request: FsRequest): i32 {
  switch (request.type) {
    case FsCall.Release:
      return release(request);
    case FsCall.Stat:
      return stat(request);
    case FsCall.Truncate:
      return truncate(request);
    case FsCall.ChangeMode:
      return changeMode(request);
    case FsCall.Link:
      return linkFile(request);
    case FsCall.Unlink:
      return unlinkFile(request);
    case FsCall.Rename:
      return renameFile(request);
    case FsCall.MountPoint:
      return setMountPoint(request);
    case FsCall.Sync:
      return sync(request);
    case FsCall.Unmount:
      return unmountDevice(request);
    default:
      return Status.NoSuchCall;
  }
}

// --- Answers ---------------------------------------------------------------------------------------------------------

const node = new FsNode();
const written = new FsWritten();
const space = new FsSpaceReply();

function describe(inode: Inode): void {
  node.volume = indexOf(inode.volume!);
  node.inode = inode.number;
  node.mode = inode.disk.mode;
  node.special = inode.isDevice() ? inode.disk.zones[0] : 0;
  node.links = inode.disk.links;
  node.walked = 0;
  node.end = WalkEnd.Complete;
  node.created = 0;
  node.bytes = u64(inode.disk.bytes);
}

// --- What requests name -----------------------------------------------------------------------------------------------

/** The file that a request is about, if there is one. */
function fileOf(request: FsMessage): Inode | null {
  return fileIn(request, request.inode);
}

/** Another file of the same volume. */
function fileIn(request: FsMessage, number: u32): Inode | null {
  const volume = volumeAt(request.volume);
  const inode = volume === null ? null : inodeAt(volume, number);
  return inode !== null && inode.disk.mode !== 0 ? inode : null;
}

/** The same, to be modified. Errors: InputOutput, ReadOnly. */
function checkWritable(inode: Inode | null): Status {
  if (inode === null) return Status.InputOutput;
  return inode.volume!.readOnly ? Status.ReadOnly : Status.Ok;
}

function checkDirectory(inode: Inode | null): Status {
  const status = checkWritable(inode);
  return status === Status.Ok && !inode!.isDirectory() ? Status.NotDirectory : status;
}

const text = new Uint8Array(1024);
const firstName = new Name();
const secondName = new Name();

/** Fetches a name or path that VFS has granted. Errors: NameTooLong, BadGrant. */
function fetchText(grant: Grant, offset: u32, bytes: u32): Status {
  if (bytes > PATH_MAXIMUM_BYTES) return Status.NameTooLong;
  return safeCopyFrom(VFS, grant, offset, address(text), bytes);
}

function fetchName(request: FsName, offset: u32, bytes: u32, name: Name): Status {
  const status = fetchText(request.grant, offset, bytes);
  return status === Status.Ok ? name.set(text.subarray(0, i32(bytes))) : status;
}

// --- Volumes ----------------------------------------------------------------------------------------------------------

function mountDevice(request: FsMount): Status {
  const number = mount(request.driver, request.minor, request.readOnly !== 0);
  if (number < 0) return number;
  const root = inodeAt(volumeAt(u32(number))!, ROOT_INODE)!;
  describe(root);
  return hold(root);
}

function unmountDevice(request: FsMessage): Status {
  const volume = volumeAt(request.volume);
  return volume === null ? Status.Invalid : unmount(volume);
}

function sync(request: FsSync): Status {
  if (request.volume === ALL_VOLUMES) return syncAll();
  const volume = volumeAt(request.volume);
  return volume === null ? Status.Invalid : syncVolume(volume);
}

function measureSpace(request: FsSpace): Status {
  const volume = volumeAt(request.volume);
  if (volume === null) return Status.Invalid;
  const freeZones = countFree(volume, volume.zoneMap, volume.blocks - volume.firstDataZone);
  const freeInodes = countFree(volume, volume.inodeMap, volume.inodes);
  if (freeZones < 0 || freeInodes < 0) return Status.InputOutput;
  space.blockBytes = BLOCK_BYTES;
  space.blocks = volume.blocks;
  space.freeBlocks = u32(freeZones);
  space.inodes = volume.inodes;
  space.freeInodes = u32(freeInodes);
  space.readOnly = volume.readOnly ? 1 : 0;
  return Status.Ok;
}

function setMountPoint(request: FsMountPoint): Status {
  const directory = fileOf(request);
  if (directory === null || !directory.held) return Status.Invalid;
  directory.mountPoint = request.mounted !== 0;
  return Status.Ok;
}

// --- Files -------------------------------------------------------------------------------------------------------------

function lookup(request: FsLookup): Status {
  const start = fileOf(request);
  if (start === null) return Status.InputOutput;
  const fetched = fetchText(request.grant, request.offset, request.bytes);
  if (fetched !== Status.Ok) return fetched;
  const walk = new Walk();
  walk.inode = start;
  const status = walkPath(walk, text.subarray(0, i32(request.bytes)));
  if (status !== Status.Ok) return status;
  describe(walk.inode);
  node.walked = u32(walk.walked);
  node.end = walk.end;
  return request.hold !== 0 && walk.end === WalkEnd.Complete ? hold(walk.inode) : Status.Ok;
}

function release(request: FsMessage): Status {
  const inode = fileOf(request);
  if (inode === null) return Status.InputOutput;
  letGo(inode);
  return freeUnnamed(inode);
}

function read(request: FsRead): i32 {
  const inode = fileOf(request);
  if (inode === null) return Status.InputOutput;
  if (!inode.isRegular()) return inode.isDirectory() ? Status.IsDirectory : Status.Invalid;
  if (request.position >= u64(FILE_BYTES_MAXIMUM)) return 0;
  return readContent(inode, u32(request.position), request.grant, request.bytes);
}

function write(request: FsWrite): i32 {
  const inode = fileOf(request);
  const writable = checkWritable(inode);
  if (inode === null || writable !== Status.Ok) return writable;
  if (!inode.isRegular()) return inode.isDirectory() ? Status.IsDirectory : Status.Invalid;
  const position = request.append !== 0 ? u64(inode.disk.bytes) : request.position;
  if (position >= u64(FILE_BYTES_MAXIMUM)) return Status.FileTooLarge;
  const status = writeContent(inode, u32(position), request.grant, request.bytes);
  written.position = status > 0 ? position + u64(u32(status)) : position;
  return status;
}

function truncate(request: FsTruncate): Status {
  const inode = fileOf(request);
  const writable = checkWritable(inode);
  if (inode === null || writable !== Status.Ok) return writable;
  if (!inode.isRegular()) return inode.isDirectory() ? Status.IsDirectory : Status.Invalid;
  if (request.length > u64(FILE_BYTES_MAXIMUM)) return Status.FileTooLarge;
  return setSize(inode, u32(request.length));
}

const reader = new EntryReader();

function entries(request: FsEntries): i32 {
  const inode = fileOf(request);
  if (inode === null) return Status.InputOutput;
  if (!inode.isDirectory()) return Status.NotDirectory;
  if (request.position >= u64(FILE_BYTES_MAXIMUM)) return 0;
  reader.next = u32(request.position) / ENTRY_BYTES;
  const status = readEntries(inode, reader, request.grant, request.bytes);
  written.position = u64(reader.position());
  return status;
}

const fileStatus = new FileStatus();

/** `blocks` are what the size needs, holes included: MINIX does not count zones either. In units of 512 bytes, as POSIX has it. */
function stat(request: FsStat): Status {
  const inode = fileOf(request);
  if (inode === null) return Status.InputOutput;
  fileStatus.device = request.volume + 1;
  fileStatus.inode = inode.number;
  fileStatus.mode = inode.disk.mode;
  fileStatus.links = inode.disk.links;
  fileStatus.user = inode.disk.user;
  fileStatus.group = inode.disk.group;
  fileStatus.special = inode.isDevice() ? inode.disk.zones[0] : 0;
  fileStatus.blockBytes = BLOCK_BYTES;
  fileStatus.bytes = u64(inode.disk.bytes);
  fileStatus.blocks = ((inode.disk.bytes + BLOCK_BYTES - 1) / BLOCK_BYTES) * 2;
  fileStatus.accessSeconds = inode.disk.accessSeconds;
  fileStatus.modificationSeconds = inode.disk.modificationSeconds;
  fileStatus.changeSeconds = inode.disk.changeSeconds;
  return safeCopyTo(VFS, request.grant, 0, address(fileStatus), u32(sizeOf(FileStatus)));
}

function changeMode(request: FsChangeMode): Status {
  const inode = fileOf(request);
  const writable = checkWritable(inode);
  if (inode === null || writable !== Status.Ok) return writable;
  inode.disk.mode = u16((u32(inode.disk.mode) & Mode.TypeMask) | (request.mode & Mode.Permissions));
  touchStatus(inode);
  return Status.Ok;
}

// --- Names -------------------------------------------------------------------------------------------------------------

function createFile(request: FsCreate): Status {
  const directory = fileOf(request);
  if (directory === null) return Status.InputOutput;
  if (!directory.isDirectory()) return Status.NotDirectory;
  const named = fetchName(request, request.offset, request.bytes, firstName);
  if (named !== Status.Ok) return named;

  let number = findEntry(directory, firstName);
  const isThere = number >= 0;
  if (isThere && request.exclusive !== 0) return Status.Exists;
  if (number === Status.NoEntry) {
    if (directory.volume!.readOnly) return Status.ReadOnly;
    number = create(directory, firstName, request.mode, request.special);
  }
  if (number < 0) return number;
  const inode = inodeAt(directory.volume!, u32(number));
  if (inode === null) return Status.InputOutput;
  describe(inode);
  node.created = isThere ? 0 : 1;
  return request.hold !== 0 ? hold(inode) : Status.Ok;
}

function linkFile(request: FsLink): Status {
  const directory = fileOf(request);
  const target = fileIn(request, request.target);
  const status = checkDirectory(directory);
  if (status !== Status.Ok) return status;
  if (directory === null || target === null) return Status.InputOutput;
  const named = fetchName(request, request.offset, request.bytes, firstName);
  return named === Status.Ok ? link(directory, firstName, target) : named;
}

function unlinkFile(request: FsUnlink): Status {
  const directory = fileOf(request);
  const status = checkDirectory(directory);
  if (directory === null || status !== Status.Ok) return status;
  const named = fetchName(request, request.offset, request.bytes, firstName);
  return named === Status.Ok ? unlink(directory, firstName, request.directory !== 0) : named;
}

function renameFile(request: FsRename): Status {
  const from = fileOf(request);
  const to = fileIn(request, request.newDirectory);
  let status = checkDirectory(from);
  if (status === Status.Ok) status = checkDirectory(to);
  if (from === null || to === null || status !== Status.Ok) return status;
  status = fetchName(request, request.offset, request.bytes, firstName);
  if (status === Status.Ok) status = fetchName(request, request.newOffset, request.newBytes, secondName);
  return status === Status.Ok ? rename(from, firstName, to, secondName) : status;
}

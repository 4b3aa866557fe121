/**
 * The file server, as VFS sees it: one function for each request of lib/protocol/file-server.ts. VFS waits for every answer.
 *
 * All return a `Status` below zero when they fail. Names and paths are passed as places in `text`, which MFS may read.
 */
import { type Endpoint, MFS } from "../../lib/endpoint.ts";
import { GrantFlags, grantDirect, grantMagic, NO_GRANT, revoke } from "../../lib/grant.ts";
import { sendReceive } from "../../lib/ipc.ts";
import type { Grant, Message, Reply } from "../../lib/message.ts";
import {
  FsChangeMode,
  FsCreate,
  FsEntries,
  FsLink,
  FsLookup,
  type FsMessage,
  FsMount,
  FsMountPoint,
  type FsNode,
  FsRead,
  FsRelease,
  FsRename,
  FsSpace,
  type FsSpaceReply,
  FsStat,
  FsSync,
  FsTruncate,
  FsUnlink,
  FsUnmount,
  FsWrite,
  type FsWritten,
} from "../../lib/protocol/file-server.ts";
import { Status } from "../../lib/status.ts";

/** Where paths are put before MFS is asked: two, as some requests name two. */
export const text = new Uint8Array(2048);
export const SECOND_TEXT = 1024;
let textGrant: Grant = NO_GRANT;

/** Call once, before anything else. */
export function startFileServer(): void {
  textGrant = grantDirect(MFS, address(text), u32(text.length), GrantFlags.Read);
}

/** A file: its volume and number there. */
export class FileId {
  volume: u32 = 0;
  inode: u32 = 0;
}

// --- Volumes ---------------------------------------------------------------------------------------------------------

export function mountVolume(driver: Uint8Array, minor: u32, readOnly: boolean, root: FsNode): i32 {
  const letter = new FsMount();
  letter.driver.set(driver);
  letter.minor = minor;
  letter.readOnly = readOnly ? 1 : 0;
  return askForNode(letter, root);
}

export function unmountVolume(volume: u32): i32 {
  const letter = new FsUnmount();
  letter.volume = volume;
  return ask(letter);
}

export function setMountPoint(directory: FileId, mounted: boolean): i32 {
  const letter = new FsMountPoint();
  name(letter, directory);
  letter.mounted = mounted ? 1 : 0;
  return ask(letter);
}

export function syncVolume(volume: u32): i32 {
  const letter = new FsSync();
  letter.volume = volume;
  return ask(letter);
}

export function measureSpace(volume: u32, space: FsSpaceReply): i32 {
  const letter = new FsSpace();
  letter.volume = volume;
  const status = ask(letter);
  if (status >= 0) copy(space, letter as Message as FsSpaceReply);
  return status;
}

// --- Names -----------------------------------------------------------------------------------------------------------

/** Walks `bytes` bytes of `text`, from `offset` on. */
export function lookUp(start: FileId, offset: u32, bytes: u32, hold: boolean, node: FsNode): i32 {
  const letter = new FsLookup();
  name(letter, start);
  letter.grant = textGrant;
  letter.offset = offset;
  letter.bytes = bytes;
  letter.hold = hold ? 1 : 0;
  return askForNode(letter, node);
}

/** What `createFile` is to make. */
export class Creation {
  mode: u32 = 0;
  special: u32 = 0;
  exclusive: boolean = false;
  hold: boolean = false;
}

export function createFile(directory: FileId, offset: u32, bytes: u32, creation: Creation, node: FsNode): i32 {
  const letter = new FsCreate();
  name(letter, directory);
  letter.grant = textGrant;
  letter.offset = offset;
  letter.bytes = bytes;
  letter.mode = creation.mode;
  letter.special = creation.special;
  letter.exclusive = creation.exclusive ? 1 : 0;
  letter.hold = creation.hold ? 1 : 0;
  return askForNode(letter, node);
}

export function linkFile(directory: FileId, offset: u32, bytes: u32, target: u32): i32 {
  const letter = new FsLink();
  name(letter, directory);
  letter.grant = textGrant;
  letter.offset = offset;
  letter.bytes = bytes;
  letter.target = target;
  return ask(letter);
}

export function unlinkFile(directory: FileId, offset: u32, bytes: u32, isDirectory: boolean): i32 {
  const letter = new FsUnlink();
  name(letter, directory);
  letter.grant = textGrant;
  letter.offset = offset;
  letter.bytes = bytes;
  letter.directory = isDirectory ? 1 : 0;
  return ask(letter);
}

export function renameFile(from: FileId, offset: u32, bytes: u32, to: FileId, newOffset: u32, newBytes: u32): i32 {
  const letter = new FsRename();
  name(letter, from);
  letter.grant = textGrant;
  letter.offset = offset;
  letter.bytes = bytes;
  letter.newDirectory = to.inode;
  letter.newOffset = newOffset;
  letter.newBytes = newBytes;
  return ask(letter);
}

// --- Files -------------------------------------------------------------------------------------------------------------

export function releaseFile(file: FileId): void {
  const letter = new FsRelease();
  name(letter, file);
  ask(letter);
}

export function truncateFile(file: FileId, length: u64): i32 {
  const letter = new FsTruncate();
  name(letter, file);
  letter.length = length;
  return ask(letter);
}

export function changeFileMode(file: FileId, mode: u32): i32 {
  const letter = new FsChangeMode();
  name(letter, file);
  letter.mode = mode;
  return ask(letter);
}

/** Some process' memory (VFS' own included), for MFS to read or write. */
export class Buffer {
  owner: Endpoint = 0;
  address: vaddr = 0;
  bytes: u32 = 0;
}

/** A place in a file; `writeFile` and `readEntries` move it. */
export class Place {
  position: u64 = 0n;
  append: boolean = false;
}

export function readFile(file: FileId, position: u64, buffer: Buffer): i32 {
  const letter = new FsRead();
  name(letter, file);
  letter.position = position;
  letter.bytes = buffer.bytes;
  letter.grant = grantMagic(MFS, buffer.owner, buffer.address, buffer.bytes, GrantFlags.Write);
  return askWithGrant(letter, letter.grant);
}

export function writeFile(file: FileId, place: Place, buffer: Buffer): i32 {
  const letter = new FsWrite();
  name(letter, file);
  letter.position = place.position;
  letter.append = place.append ? 1 : 0;
  letter.bytes = buffer.bytes;
  letter.grant = grantMagic(MFS, buffer.owner, buffer.address, buffer.bytes, GrantFlags.Read);
  const status = askWithGrant(letter, letter.grant);
  if (status >= 0) place.position = (letter as Message as FsWritten).position;
  return status;
}

export function readEntries(directory: FileId, place: Place, buffer: Buffer): i32 {
  const letter = new FsEntries();
  name(letter, directory);
  letter.position = place.position;
  letter.bytes = buffer.bytes;
  letter.grant = grantMagic(MFS, buffer.owner, buffer.address, buffer.bytes, GrantFlags.Write);
  const status = askWithGrant(letter, letter.grant);
  if (status >= 0) place.position = (letter as Message as FsWritten).position;
  return status;
}

/** Puts a `FileStatus` into the buffer. */
export function statFile(file: FileId, buffer: Buffer): i32 {
  const letter = new FsStat();
  name(letter, file);
  letter.grant = grantMagic(MFS, buffer.owner, buffer.address, buffer.bytes, GrantFlags.Write);
  return askWithGrant(letter, letter.grant);
}

// --- Asking ------------------------------------------------------------------------------------------------------------

function name(letter: FsMessage, file: FileId): void {
  letter.volume = file.volume;
  letter.inode = file.inode;
}

function ask(letter: Message): i32 {
  const delivery = sendReceive(MFS, letter);
  if (delivery !== Status.Ok) return Status.InputOutput;
  const answer = letter as Reply;
  return answer.status;
}

function askForNode(letter: Message, node: FsNode): i32 {
  const status = ask(letter);
  if (status >= 0) copy(node, letter as FsNode);
  return status;
}

function askWithGrant(letter: Message, grant: Grant): i32 {
  if (grant === NO_GRANT) return Status.NoMemory;
  const status = ask(letter);
  revoke(grant);
  return status;
}

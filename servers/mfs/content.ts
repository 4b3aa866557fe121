/**
 * What is in files: reading and writing, block by block between the cache and the memory that VFS has granted (which is the
 * program's own: no byte is copied twice). And what is in directories, for programs.
 *
 * Reading does not note the time of access: it would turn every read into a write. (POSIX lets a file system do so; Linux calls it
 * noatime.)
 */
import { VFS } from "../../lib/endpoint.ts";
import { safeCopyFrom, safeCopyTo } from "../../lib/kernel-call/service.ts";
import type { Grant } from "../../lib/message.ts";
import { DirectoryEntry, FILE_NAME_MAXIMUM_BYTES } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { BLOCKS_PER_LINE, type Block, BlockKind, change, forget, freshBlock, isKnown, readBlock } from "./cache.ts";
import { entriesOf, readEntry } from "./directory.ts";
import { relieve } from "./flush.ts";
import { BLOCK_BYTES, type DiskEntry, ENTRY_BYTES, FILE_BYTES_MAXIMUM } from "./format.ts";
import { type Inode, touch } from "./inode.ts";
import { allocateZone, zoneOf } from "./zones.ts";

const zeros = new Uint8Array(1024);

/** Copies up to `bytes` bytes from `position` on to the grant. Returns how many; 0 at the end. Errors: InputOutput, BadGrant, Fault. */
export function readContent(inode: Inode, position: u32, grant: Grant, bytes: u32): i32 {
  const size = inode.disk.bytes;
  if (position >= size) return 0;
  const end = bytes < size - position ? position + bytes : size;
  for (let at = position; at < end; ) {
    const status = readPiece(inode, at, end, grant, at - position);
    // What was read before the disk failed is good; next time the caller hears why there is no more.
    if (status < 0) return status === Status.InputOutput && at > position ? i32(at - position) : status;
    at += u32(status);
  }
  return i32(end - position);
}

/** Copies `bytes` bytes from the grant to `position` on. Returns how many; fewer when the disk is full. Errors: NoSpace (none), FileTooLarge, InputOutput, BadGrant, Fault. */
export function writeContent(inode: Inode, position: u32, grant: Grant, bytes: u32): i32 {
  if (bytes === 0) return 0;
  if (position >= FILE_BYTES_MAXIMUM) return Status.FileTooLarge;
  const end = bytes < FILE_BYTES_MAXIMUM - position ? position + bytes : FILE_BYTES_MAXIMUM;
  let at = position;
  let status: Status = Status.Ok;
  while (at < end) {
    relieve();
    const piece = pieceAt(at, end);
    status = writePiece(inode, at, piece, grant, at - position);
    if (status !== Status.Ok) break;
    at += piece;
    if (at > inode.disk.bytes) inode.disk.bytes = at;
  }
  if (at > position) touch(inode);
  return at > position && status !== Status.Fault ? i32(at - position) : status;
}

/** Fills the grant with whole entries for programs, from the `first`th place of the directory on. Returns the bytes; `reader` says where to go on. Errors: Invalid, InputOutput, BadGrant, Fault. */
export function readEntries(directory: Inode, reader: EntryReader, grant: Grant, bytes: u32): i32 {
  const size = u32(sizeOf(DirectoryEntry));
  if (bytes < size) return Status.Invalid;
  let filled: u32 = 0;
  for (; reader.next < entriesOf(directory) && filled + size <= bytes; reader.next++) {
    const entry = readEntry(directory, reader.next);
    if (entry === null) return Status.InputOutput;
    if (entry.inode === 0) continue;
    translate(entry, reader.entry);
    const status = safeCopyTo(VFS, grant, filled, address(reader.entry), size);
    if (status !== Status.Ok) return status;
    filled += size;
  }
  return i32(filled);
}

export class EntryReader {
  /** Which place of the directory comes next. */
  next: u32 = 0;
  readonly entry = new DirectoryEntry();

  /** Directories count places, programs bytes. */
  position(): u32 {
    return this.next * ENTRY_BYTES;
  }
}

/** Bytes from `at` up to the end of its block, or to `end`. */
function pieceAt(at: u32, end: u32): u32 {
  const rest = BLOCK_BYTES - (at % BLOCK_BYTES);
  if (rest > end - at) return end - at;
  return rest;
}

/** Copies what one copy can: returns how many bytes. */
function readPiece(inode: Inode, at: u32, end: u32, grant: Grant, offset: u32): i32 {
  let bytes = pieceAt(at, end);
  let source = address(zeros);
  const zone = zoneOf(inode, at / BLOCK_BYTES);
  if (zone < 0) return zone;
  if (zone !== 0) {
    const block = readBlock(inode.volume!, u32(zone));
    if (block === null) return Status.InputOutput;
    source = block.buffer + (at % BLOCK_BYTES);
    bytes = runAt(inode, u32(zone), at, end);
  }
  const status = safeCopyTo(VFS, grant, offset, source, bytes);
  return status === Status.Ok ? i32(bytes) : status;
}

/** Bytes from `at` on that lie in one piece in the cache too: the file goes on in the next zone, and that in the same page. */
function runAt(inode: Inode, zone: u32, at: u32, end: u32): u32 {
  let bytes = pieceAt(at, end);
  for (let next = zone + 1; at + bytes < end && next % BLOCKS_PER_LINE !== 0; next++) {
    if (zoneOf(inode, (at + bytes) / BLOCK_BYTES) !== i32(next)) break;
    if (readBlock(inode.volume!, next) === null) break;
    bytes += pieceAt(at + bytes, end);
  }
  return bytes;
}

function writePiece(inode: Inode, at: u32, bytes: u32, grant: Grant, offset: u32): Status {
  const volume = inode.volume!;
  let zone = zoneOf(inode, at / BLOCK_BYTES);
  if (zone === 0) zone = allocateZone(inode, at / BLOCK_BYTES, BlockKind.Data);
  if (zone < 0) return zone;
  // A whole block need not be read before it is overwritten.
  const skipsReading = bytes === BLOCK_BYTES && !isKnown(volume, u32(zone));
  const block: Block | null = skipsReading
    ? freshBlock(volume, u32(zone), BlockKind.Data)
    : readBlock(volume, u32(zone));
  if (block === null) return Status.InputOutput;
  const status = safeCopyFrom(VFS, grant, offset, block.buffer + (at % BLOCK_BYTES), bytes);
  if (status === Status.Ok) change(block, BlockKind.Data);
  else if (skipsReading) forget(volume, u32(zone)); // the disk still has what was there
  return status;
}

function translate(entry: DiskEntry, result: DirectoryEntry): void {
  const name = bytesAt(address(entry.name), FILE_NAME_MAXIMUM_BYTES);
  let length = 0;
  while (length < name.length && name[length] !== 0) length++;
  result.inode = entry.inode;
  result.nameBytes = u32(length);
  result.name.fill(0);
  result.name.set(name.subarray(0, length));
}

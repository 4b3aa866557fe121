/**
 * Inodes in memory: the files that VFS holds, and those used lately.
 *
 * As in the cache nobody counts internal references: an inode that `inodeAt` returned stays where it is until 64 others (those that
 * VFS cannot hold) have been asked for, and no request needs that many. Those that VFS holds stay anyway. Begin at `inodeAt`.
 */
import { Mode } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { allocateBit, freeBit } from "./bitmap.ts";
import { BlockKind, change, readBlock } from "./cache.ts";
import { armSync, now } from "./clock.ts";
import { DiskInode, INODES_PER_BLOCK } from "./format.ts";
import type { Volume } from "./volume.ts";

export class Inode {
  volume: Volume | null = null;
  number: u32 = 0;
  /** VFS has it open, or as somebody's working directory, or mounted upon: it stays, with or without a name. */
  held: boolean = false;
  /** `disk` is newer than what the cache has. */
  changed: boolean = false;
  /** Another volume is mounted here. */
  mountPoint: boolean = false;
  /** When it was last asked for, in requests of anybody. */
  used: u32 = 0;
  nextInBucket: Inode | null = null;
  readonly disk = new DiskInode();

  isDirectory(): boolean {
    return (this.disk.mode & Mode.TypeMask) === Mode.Directory;
  }
  isRegular(): boolean {
    return (this.disk.mode & Mode.TypeMask) === Mode.Regular;
  }
  isDevice(): boolean {
    const type = this.disk.mode & Mode.TypeMask;
    return type === Mode.Character || type === Mode.Block;
  }
}

const BUCKETS = 64;
/** VFS holds at most so many files: the other rows are for walking paths. */
const HELD_MAXIMUM = 192;
const inodes = table(Inode, 256);
const buckets = references(Inode, 64);
let uses: u32 = 0;
let heldInodes: u32 = 0;

/** The inode of this number, in use or not; null when the number is out of range or the disk cannot be read. */
export function inodeAt(volume: Volume, number: u32): Inode | null {
  if (number === 0 || number > volume.inodes) return null;
  let inode = buckets[bucketOf(number)];
  while (inode !== null && (inode.number !== number || inode.volume !== volume)) inode = inode.nextInBucket;
  if (inode === null) inode = load(volume, number);
  if (inode !== null) inode.used = uses++;
  return inode;
}

/** `disk` has been modified. */
export function changeInode(inode: Inode): void {
  if (!inode.changed) armSync();
  inode.changed = true;
}

/** The file's content has been modified. */
export function touch(inode: Inode): void {
  inode.disk.modificationSeconds = now();
  inode.disk.changeSeconds = inode.disk.modificationSeconds;
  changeInode(inode);
}

/** What is known about the file has been modified. */
export function touchStatus(inode: Inode): void {
  inode.disk.changeSeconds = now();
  changeInode(inode);
}

/** One more name, or one less. */
export function addLinks(inode: Inode, count: i32): void {
  inode.disk.links = u16(i32(inode.disk.links) + count);
  touchStatus(inode);
}

/** Takes a free inode, all zero but for its mode and times. Returns its number, or NoSpace, or InputOutput. */
export function allocateInode(volume: Volume, mode: u32): i32 {
  const number = allocateBit(volume, volume.inodeMap, volume.inodes, volume.inodeHint);
  if (number < 0) return number;
  volume.inodeHint = u32(number) + 1;
  const inode = inodeAt(volume, u32(number));
  if (inode === null) return Status.InputOutput;
  clear(inode.disk);
  inode.disk.mode = u16(mode);
  inode.disk.accessSeconds = now();
  touch(inode);
  return number;
}

/** The file has neither name nor holder, and no zones any more. */
export function freeInode(inode: Inode): Status {
  const volume = inode.volume!;
  inode.disk.mode = 0;
  inode.mountPoint = false;
  changeInode(inode);
  if (inode.number < volume.inodeHint) volume.inodeHint = inode.number;
  return freeBit(volume, volume.inodeMap, inode.number);
}

/** VFS holds the file from now on. Errors: NoMemory (it holds too many). */
export function hold(inode: Inode): Status {
  if (inode.held) return Status.Ok;
  if (heldInodes >= HELD_MAXIMUM) return Status.NoMemory;
  inode.held = true;
  inode.volume!.held += 1;
  heldInodes++;
  return Status.Ok;
}

export function letGo(inode: Inode): void {
  if (!inode.held) return;
  inode.held = false;
  inode.volume!.held -= 1;
  heldInodes--;
}

/** Puts what has changed into the cache's blocks. Errors: InputOutput. */
export function storeInodes(volume: Volume): Status {
  let result: Status = Status.Ok;
  for (const inode of inodes) {
    if (inode.changed && inode.volume === volume && !store(inode)) result = Status.InputOutput;
  }
  return result;
}

/** Forgets every inode of the volume. */
export function dropInodes(volume: Volume): void {
  for (const inode of inodes) {
    if (inode.volume !== volume) continue;
    letGo(inode);
    unlinkFromBucket(inode);
    inode.volume = null;
    inode.changed = false;
    inode.mountPoint = false;
  }
}

function bucketOf(number: u32): u32 {
  return number % BUCKETS;
}

function load(volume: Volume, number: u32): Inode | null {
  const inode = takeOver();
  if (inode === null) return null;
  const disk = diskInode(volume, number);
  if (disk === null) return null;
  copy(inode.disk, disk);
  inode.volume = volume;
  inode.number = number;
  inode.nextInBucket = buckets[bucketOf(number)];
  buckets[bucketOf(number)] = inode;
  return inode;
}

/** An unused row, or that of the inode nobody has asked for the longest. */
function takeOver(): Inode | null {
  let victim: Inode | null = null;
  for (const inode of inodes) {
    if (inode.volume === null) return inode;
    if (!inode.held && (victim === null || inode.used < victim.used)) victim = inode;
  }
  if (victim === null || (victim.changed && !store(victim))) return null;
  unlinkFromBucket(victim);
  victim.volume = null;
  return victim;
}

function unlinkFromBucket(inode: Inode): void {
  const bucket = bucketOf(inode.number);
  let before: Inode | null = null;
  let at = buckets[bucket];
  while (at !== null && at !== inode) {
    before = at;
    at = at.nextInBucket;
  }
  if (before === null) buckets[bucket] = inode.nextInBucket;
  else before.nextInBucket = inode.nextInBucket;
  inode.nextInBucket = null;
}

function store(inode: Inode): boolean {
  const volume = inode.volume!;
  const block = readBlock(volume, blockOf(volume, inode.number));
  if (block === null) return false;
  copy(view(block.buffer + offsetInBlock(inode.number), DiskInode), inode.disk);
  change(block, BlockKind.Inode);
  inode.changed = false;
  return true;
}

function diskInode(volume: Volume, number: u32): DiskInode | null {
  const block = readBlock(volume, blockOf(volume, number));
  return block === null ? null : view(block.buffer + offsetInBlock(number), DiskInode);
}

function blockOf(volume: Volume, number: u32): u32 {
  return volume.inodeTable + (number - 1) / INODES_PER_BLOCK;
}

function offsetInBlock(number: u32): u32 {
  return ((number - 1) % INODES_PER_BLOCK) * u32(sizeOf(DiskInode));
}

/**
 * Which zone holds which block of a file: seven are named in the inode, the others by indirect blocks in up to three steps.
 * A zone number of 0 is a hole: it reads as zeros and costs nothing. Begin at `zoneOf`.
 */
import { Status } from "../../lib/status.ts";
import { allocateBit, freeBit } from "./bitmap.ts";
import { type Block, BlockKind, change, forget, freshBlock, readBlock } from "./cache.ts";
import { BLOCK_BYTES, DIRECT_ZONES, FILE_BYTES_MAXIMUM, INDIRECT_LEVELS, LOG_ZONES_PER_BLOCK } from "./format.ts";
import { changeInode, type Inode, touch } from "./inode.ts";
import type { Volume } from "./volume.ts";

const ZONES_PER_BLOCK = 1 << LOG_ZONES_PER_BLOCK;

/** The zone of the file's nth block; 0 a hole. Errors: FileTooLarge, InputOutput (unreadable, or a zone out of range). */
export function zoneOf(inode: Inode, index: u32): i32 {
  const volume = inode.volume!;
  const path = new ZonePath();
  if (!path.find(index)) return Status.FileTooLarge;
  let zone = inode.disk.zones[path.slot];
  for (let level = path.levels; level > 0 && zone !== 0; level--) {
    if (!isDataZone(volume, zone)) return Status.InputOutput;
    const block = readBlock(volume, zone);
    if (block === null) return Status.InputOutput;
    zone = block.words()[path.indexAt(level)];
  }
  return zone === 0 || isDataZone(volume, zone) ? i32(zone) : Status.InputOutput;
}

/** The zone that the file's nth block shall have, where `zoneOf` says it has none: a free one, as close as possible to the block before. Errors: NoSpace, InputOutput, FileTooLarge. */
export function allocateZone(inode: Inode, index: u32, kind: BlockKind): i32 {
  const path = new ZonePath();
  if (!path.find(index)) return Status.FileTooLarge;
  const wish = wishedZone(inode, index);
  let block: Block | null = null;
  let entry = path.slot;
  for (let level = path.levels; level > 0; level--) {
    const next = enter(inode, block, entry, wish, BlockKind.Indirect);
    if (next < 0) return next;
    block = readBlock(inode.volume!, u32(next));
    if (block === null) return Status.InputOutput;
    entry = path.indexAt(level);
  }
  return enter(inode, block, entry, wish, kind);
}

/** Frees every zone behind the file's first `keptBlocks` blocks. The inode's size is the caller's business. Errors: InputOutput, with some zones freed. */
export function freeZones(inode: Inode, keptBlocks: u32): Status {
  const volume = inode.volume!;
  const zones = inode.disk.zones;
  let first: u32 = 0;
  for (let slot: u32 = 0; slot < DIRECT_ZONES + INDIRECT_LEVELS; slot++) {
    const level = slot < DIRECT_ZONES ? 0 : i32(slot) - DIRECT_ZONES + 1;
    const span = spanOf(level);
    const zone = zones[slot];
    if (zone !== 0 && keptBlocks < first + span) {
      const from = keptBlocks > first ? keptBlocks - first : 0;
      if (from === 0) zones[slot] = 0; // before anybody else can get the zone
      const status = freeTree(volume, zone, level, from);
      if (status !== Status.Ok) return status;
    }
    first += span;
  }
  changeInode(inode);
  return Status.Ok;
}

/** Makes the file `bytes` long: frees what lies behind, and sees that what is left of its last block is zero, for when it grows again. Errors: FileTooLarge, InputOutput. */
export function setSize(inode: Inode, bytes: u32): Status {
  if (bytes > FILE_BYTES_MAXIMUM) return Status.FileTooLarge;
  if (bytes < inode.disk.bytes) {
    const within = bytes % BLOCK_BYTES;
    if (within !== 0) {
      const status = clearRest(inode, bytes / BLOCK_BYTES, i32(within));
      if (status !== Status.Ok) return status;
    }
    inode.disk.bytes = bytes;
    const status = freeZones(inode, (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
    if (status !== Status.Ok) return status;
  }
  inode.disk.bytes = bytes;
  touch(inode);
  return Status.Ok;
}

/** The way from the inode to a block: which of its ten slots, how many indirect blocks, and where to go on in each. */
class ZonePath {
  slot: u32 = 0;
  levels: i32 = 0;
  private rest: u32 = 0;

  /** False when no file has that many blocks. */
  find(index: u32): boolean {
    if (index > FILE_BYTES_MAXIMUM / BLOCK_BYTES) return false;
    this.slot = index;
    this.levels = 0;
    this.rest = index;
    if (index < DIRECT_ZONES) return true;
    this.rest -= DIRECT_ZONES;
    for (this.levels = 1; this.rest >= spanOf(this.levels); this.levels++) this.rest -= spanOf(this.levels);
    this.slot = DIRECT_ZONES - 1 + u32(this.levels);
    return true;
  }

  indexAt(level: i32): u32 {
    return (this.rest >>> (LOG_ZONES_PER_BLOCK * (level - 1))) & (ZONES_PER_BLOCK - 1);
  }
}

/** Blocks of a file under one zone of this level. */
function spanOf(level: i32): u32 {
  return u32(1) << (LOG_ZONES_PER_BLOCK * level);
}

function isDataZone(volume: Volume, zone: u32): boolean {
  return zone >= volume.firstDataZone && zone < volume.blocks;
}

/** Where the file would go on on the disk; 0: anywhere. */
function wishedZone(inode: Inode, index: u32): u32 {
  if (index === 0) return 0;
  const before = zoneOf(inode, index - 1);
  return before > 0 ? u32(before) + 1 : 0;
}

/** The zone in entry `entry` of the indirect block, or of the inode (null); a new one, zeroed in the cache, if there is none. */
function enter(inode: Inode, block: Block | null, entry: u32, wish: u32, kind: BlockKind): i32 {
  const volume = inode.volume!;
  const present = block === null ? inode.disk.zones[entry] : block.words()[entry];
  if (present !== 0) return isDataZone(volume, present) ? i32(present) : Status.InputOutput;
  const zone = takeZone(volume, wish);
  if (zone < 0) return zone;
  if (freshBlock(volume, u32(zone), kind) === null) {
    freeZone(volume, u32(zone));
    return Status.InputOutput;
  }
  if (block === null) {
    inode.disk.zones[entry] = u32(zone);
    changeInode(inode);
  } else {
    block.words()[entry] = u32(zone);
    change(block, BlockKind.Indirect);
  }
  return zone;
}

function takeZone(volume: Volume, wish: u32): i32 {
  const dataZones = volume.blocks - volume.firstDataZone;
  const from = isDataZone(volume, wish) ? wish - volume.firstDataZone + 1 : volume.zoneHint;
  const bit = allocateBit(volume, volume.zoneMap, dataZones, from);
  if (bit < 0) return bit;
  if (!isDataZone(volume, wish)) volume.zoneHint = u32(bit) + 1;
  return bit + i32(volume.firstDataZone) - 1;
}

function freeZone(volume: Volume, zone: u32): Status {
  if (!isDataZone(volume, zone)) return Status.InputOutput;
  const bit = zone - volume.firstDataZone + 1;
  forget(volume, zone);
  if (bit < volume.zoneHint) volume.zoneHint = bit;
  return freeBit(volume, volume.zoneMap, bit);
}

/** Frees what lies under a zone of this level from its nth block on; the zone too when that is all of it. */
function freeTree(volume: Volume, zone: u32, level: i32, from: u32): Status {
  if (!isDataZone(volume, zone)) return Status.InputOutput;
  if (level === 0) return freeZone(volume, zone);
  const span = spanOf(level - 1);
  for (let entry: u32 = from / span; entry < ZONES_PER_BLOCK; entry++) {
    const block = readBlock(volume, zone); // each time anew: below it many others are read
    if (block === null) return Status.InputOutput;
    const under = block.words()[entry];
    if (under === 0) continue;
    const keep = entry === from / span ? from % span : 0;
    if (keep === 0 && from !== 0) {
      block.words()[entry] = 0;
      change(block, BlockKind.Indirect);
    }
    const status = freeTree(volume, under, level - 1, keep);
    if (status !== Status.Ok) return status;
  }
  return from === 0 ? freeZone(volume, zone) : Status.Ok;
}

function clearRest(inode: Inode, index: u32, from: i32): Status {
  const zone = zoneOf(inode, index);
  if (zone <= 0) return zone;
  const block = readBlock(inode.volume!, u32(zone));
  if (block === null) return Status.InputOutput;
  block.bytes().subarray(from).fill(0);
  change(block, BlockKind.Data);
  return Status.Ok;
}

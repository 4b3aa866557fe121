/**
 * The block cache: what MFS knows of its disks, in pages of four neighbouring blocks.
 *
 * Every change happens here first. Blocks are written back later (flush.ts: at a sync, at the alarm, when much has changed), in the order of `BlockKind`: what a block points at is on the disk before it is.
 *
 * Nobody counts references: a block stays where it is until LINES - 1 other pages have been asked for, and no function asks for that
 * many while it holds one. Changed blocks are never evicted: flush.ts' `relieve` is called where it is safe, and sees that there is
 * always room. Begin at `readBlock`.
 */
import { Status } from "../../lib/status.ts";
import { armSync } from "./clock.ts";
import { readDisk, writeDisk } from "./disk.ts";
import { BLOCK_BYTES, BLOCK_WORDS } from "./format.ts";
import type { Volume } from "./volume.ts";

/** What a changed block holds; the lower are written first. */
export const enum BlockKind {
  Data = 0,
  Indirect,
  Bitmap,
  Inode,
  Directory,
}
const KINDS = 5;

const enum BlockState {
  /** Not known; the content means nothing. */
  Unknown = 0,
  /** As on the disk. */
  Clean,
  Changed,
}

const LINES = 256;
export const BLOCKS_PER_LINE = 4;
const BUCKETS = 128;
/** Changed blocks that make `relieve` write: at most half of all lines can hold one. */
const CHANGED_MAXIMUM = LINES / 2;

export class Block {
  /** On its volume. */
  number: u32 = 0;
  state: BlockState = BlockState.Unknown;
  kind: BlockKind = BlockKind.Data;
  buffer: vaddr = 0;

  bytes(): Uint8Array {
    return bytesAt(this.buffer, BLOCK_BYTES);
  }
  words(): Uint32Array {
    return wordsAt(this.buffer, BLOCK_WORDS);
  }
}

/** Four neighbours, the first of which has a number divisible by four. */
class Line {
  volume: Volume | null = null;
  group: u32 = 0;
  readonly blocks = table(Block, 4);
  nextInBucket: Line | null = null;
  older: Line | null = null;
  newer: Line | null = null;
}

/** A page, so that one piece of DMA covers it. */
class Page {
  static readonly bytes = 4096;
  static readonly alignment = 4096;
  readonly words = new Uint32Array(1024);
}

const lines = table(Line, 256);
const pages = table(Page, 256);
const buckets = references(Line, 128);
let oldest: Line = lines[0];
let newest: Line = lines[LINES - 1];
const changed = new Uint32Array(5); // blocks, by kind

/** Call once, before anything else. */
export function startCache(): void {
  for (let index = 0; index < LINES; index++) {
    const line = lines[index];
    line.older = index > 0 ? lines[index - 1] : null;
    line.newer = index < LINES - 1 ? lines[index + 1] : null;
    for (let which = 0; which < BLOCKS_PER_LINE; which++) {
      line.blocks[which].buffer = address(pages[index]) + u32(which * BLOCK_BYTES);
    }
  }
}

/** The block with its content; null when it cannot be read, or lies outside the volume. */
export function readBlock(volume: Volume, number: u32): Block | null {
  if (number >= volume.blocks) return null;
  const line = lineOf(volume, number / BLOCKS_PER_LINE);
  if (line === null) return null;
  const block = line.blocks[number % BLOCKS_PER_LINE];
  if (block.state === BlockState.Unknown && fill(volume, line, number) !== Status.Ok) return null;
  return block;
}

/** The block, all zero, whatever the disk holds there. Null as above. */
export function freshBlock(volume: Volume, number: u32, kind: BlockKind): Block | null {
  if (number >= volume.blocks) return null;
  const line = lineOf(volume, number / BLOCKS_PER_LINE);
  if (line === null) return null;
  const block = line.blocks[number % BLOCKS_PER_LINE];
  block.bytes().fill(0);
  change(block, kind);
  return block;
}

/** The block's content differs from the disk's, and is to be written back as a block of this kind. */
export function change(block: Block, kind: BlockKind): void {
  if (block.state === BlockState.Changed) {
    if (block.kind === kind) return;
    changed[block.kind] -= 1;
  } else if (totalChanged() === 0) {
    armSync();
  }
  block.state = BlockState.Changed;
  block.kind = kind;
  changed[kind] += 1;
}

/** Whether the block's content is in memory, so that to write part of it needs no reading. */
export function isKnown(volume: Volume, number: u32): boolean {
  const line = findLine(volume, number / BLOCKS_PER_LINE);
  return line !== null && line.blocks[number % BLOCKS_PER_LINE].state !== BlockState.Unknown;
}

/** What the block holds does not matter any more: its zone has been freed. */
export function forget(volume: Volume, number: u32): void {
  const line = findLine(volume, number / BLOCKS_PER_LINE);
  if (line !== null) makeUnknown(line.blocks[number % BLOCKS_PER_LINE]);
}

function totalChanged(): u32 {
  return (
    changed[BlockKind.Data] +
    changed[BlockKind.Indirect] +
    changed[BlockKind.Bitmap] +
    changed[BlockKind.Inode] +
    changed[BlockKind.Directory]
  );
}

/** Whether so much waits to be written back that it should be done now. */
export function mustRelieve(): boolean {
  return totalChanged() > CHANGED_MAXIMUM;
}

/** Writes back what has changed in the volume. What could not be written stays changed. Errors: InputOutput, NoDevice, ServiceDown. */
export function flushBlocks(volume: Volume): Status {
  for (let kind: BlockKind = 0; kind < KINDS; kind++) {
    if (changed[kind] === 0) continue;
    const status = flushKind(volume, kind);
    if (status !== Status.Ok) return status; // a later kind must not reach the disk when an earlier one did not
  }
  return Status.Ok;
}

/** Forgets everything of the volume, changed or not. */
export function dropVolume(volume: Volume): void {
  for (const line of lines) {
    if (line.volume !== volume) continue;
    for (const block of line.blocks) makeUnknown(block);
    unlinkFromBucket(line);
    line.volume = null;
  }
}

function makeUnknown(block: Block): void {
  if (block.state === BlockState.Changed) changed[block.kind] -= 1;
  block.state = BlockState.Unknown;
}

function flushKind(volume: Volume, kind: BlockKind): Status {
  let result: Status = Status.Ok;
  for (const line of lines) {
    if (line.volume !== volume) continue;
    for (let first = 0; first < BLOCKS_PER_LINE; first++) {
      let count = 0;
      while (first + count < BLOCKS_PER_LINE && isOf(line.blocks[first + count], kind)) count++;
      if (count === 0) continue;
      const status = writeRun(volume, line, first, count);
      if (status !== Status.Ok) result = status;
      first += count;
    }
  }
  return result;
}

function isOf(block: Block, kind: BlockKind): boolean {
  return block.state === BlockState.Changed && block.kind === kind;
}

function writeRun(volume: Volume, line: Line, first: i32, count: i32): Status {
  const status = writeDisk(volume, line.blocks[first].number, line.blocks[first].buffer, u32(count));
  if (status !== Status.Ok) return status;
  for (let index = first; index < first + count; index++) {
    changed[line.blocks[index].kind] -= 1;
    line.blocks[index].state = BlockState.Clean;
  }
  return Status.Ok;
}

/** Reads the block, and the unknown ones around it with the same request: neighbours are soon wanted too. */
function fill(volume: Volume, line: Line, number: u32): Status {
  const wanted = i32(number % BLOCKS_PER_LINE);
  let first = wanted;
  let end = wanted + 1;
  while (first > 0 && line.blocks[first - 1].state === BlockState.Unknown) first--;
  while (
    end < BLOCKS_PER_LINE &&
    line.blocks[end].state === BlockState.Unknown &&
    line.blocks[end].number < volume.blocks
  )
    end++;
  const status = readDisk(volume, line.blocks[first].number, line.blocks[first].buffer, u32(end - first));
  if (status !== Status.Ok) return status;
  for (let index = first; index < end; index++) line.blocks[index].state = BlockState.Clean;
  return Status.Ok;
}

/** The line of four blocks, now the newest; null when every line holds something that cannot be written back. */
function lineOf(volume: Volume, group: u32): Line | null {
  const known = findLine(volume, group);
  const line = known ?? takeOver(volume, group);
  if (line !== null) makeNewest(line);
  return line;
}

function findLine(volume: Volume, group: u32): Line | null {
  let line = buckets[group % BUCKETS];
  while (line !== null && (line.group !== group || line.volume !== volume)) line = line.nextInBucket;
  return line;
}

/** Gives the oldest line without changes to another group. */
function takeOver(volume: Volume, group: u32): Line | null {
  let victim: Line | null = oldest;
  while (victim !== null && hasChanges(victim)) victim = victim.newer;
  if (victim === null) return null;
  if (victim.volume !== null) unlinkFromBucket(victim);
  victim.volume = volume;
  victim.group = group;
  for (let index = 0; index < BLOCKS_PER_LINE; index++) {
    victim.blocks[index].number = group * BLOCKS_PER_LINE + u32(index);
    victim.blocks[index].state = BlockState.Unknown;
  }
  victim.nextInBucket = buckets[group % BUCKETS];
  buckets[group % BUCKETS] = victim;
  return victim;
}

function hasChanges(line: Line): boolean {
  for (const block of line.blocks) if (block.state === BlockState.Changed) return true;
  return false;
}

function unlinkFromBucket(line: Line): void {
  const bucket = line.group % BUCKETS;
  let before: Line | null = null;
  let at = buckets[bucket];
  while (at !== null && at !== line) {
    before = at;
    at = at.nextInBucket;
  }
  if (before === null) buckets[bucket] = line.nextInBucket;
  else before.nextInBucket = line.nextInBucket;
  line.nextInBucket = null;
}

function makeNewest(line: Line): void {
  if (newest === line) return;
  const { older, newer } = line;
  if (older === null) oldest = newer!;
  else older.newer = newer;
  newer!.older = older;
  line.older = newest;
  line.newer = null;
  newest.newer = line;
  newest = line;
}

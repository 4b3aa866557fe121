/**
 * Directories: files made of 64-byte entries, a name and an inode number each. Begin at `findEntry`.
 *
 * Nothing here knows what a file is beyond its number; names.ts does.
 */
import { FILE_NAME_MAXIMUM_BYTES } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { type Block, BlockKind, change, readBlock } from "./cache.ts";
import { DiskEntry, ENTRIES_PER_BLOCK, ENTRY_BYTES, FILE_BYTES_MAXIMUM, NAME_WORDS } from "./format.ts";
import { type Inode, touch } from "./inode.ts";
import { allocateZone, zoneOf } from "./zones.ts";

/** A name as entries have it. */
export class Name {
  readonly words = new Uint32Array(15);

  /** Errors: NameTooLong; NoEntry for an empty one. */
  set(bytes: Uint8Array): Status {
    if (bytes.length === 0) return Status.NoEntry;
    if (bytes.length > FILE_NAME_MAXIMUM_BYTES) return Status.NameTooLong;
    this.words.fill(0);
    bytesAt(address(this.words), FILE_NAME_MAXIMUM_BYTES).set(bytes);
    return Status.Ok;
  }

  /** `.` or `..`, which every directory has and nobody may give or take. */
  isDots(): boolean {
    return this.words[0] === 0x2e || this.words[0] === 0x2e2e;
  }
  isParent(): boolean {
    return this.words[0] === 0x2e2e;
  }
}

/** Where a search ended: the entry's block, and which of its sixteen. Valid until other blocks are asked for (see cache.ts). */
class Place {
  block: Block | null = null;
  entry: i32 = 0;
}

/** The inode number that the directory has under this name. Errors: NoEntry, InputOutput. */
export function findEntry(directory: Inode, name: Name): i32 {
  const place = new Place();
  const status = search(directory, name, place);
  return status === Status.Ok ? i32(entryAt(place).inode) : status;
}

/** Adds a name that is not there yet. Errors: NoSpace, FileTooLarge, InputOutput. */
export function addEntry(directory: Inode, name: Name, number: u32): Status {
  const place = new Place();
  let status = search(directory, null, place);
  if (status === Status.NoEntry) status = extend(directory, place);
  if (status !== Status.Ok) return status;
  const entry = entryAt(place);
  entry.name.fill(0);
  for (let word = 0; word < NAME_WORDS; word++) entry.name[word] = name.words[word];
  entry.inode = number;
  return changed(directory, place);
}

/** Gives the name to another file; 0: to none, which frees the entry. Errors: NoEntry, InputOutput. */
export function setEntry(directory: Inode, name: Name, number: u32): Status {
  const place = new Place();
  const status = search(directory, name, place);
  if (status !== Status.Ok) return status;
  entryAt(place).inode = number;
  return changed(directory, place);
}

/** The number of the block that has the name: two names in one block reach the disk at once. 0 if it is not there. */
export function blockOfEntry(directory: Inode, name: Name): u32 {
  const place = new Place();
  return search(directory, name, place) === Status.Ok ? place.block!.number : 0;
}

/** Ok when there is nothing but `.` and `..`. Errors: NotEmpty, InputOutput. */
export function checkEmpty(directory: Inode): Status {
  for (let index: u32 = 0; index < entriesOf(directory); index++) {
    const entry = readEntry(directory, index);
    if (entry === null) return Status.InputOutput;
    const isDots = entry.name[0] === 0x2e || entry.name[0] === 0x2e2e;
    if (entry.inode !== 0 && !isDots) return Status.NotEmpty;
  }
  return Status.Ok;
}

/** How many places there are for entries. No directory is larger than its disk, whatever a damaged inode says. */
export function entriesOf(directory: Inode): u32 {
  const entries = directory.disk.bytes / ENTRY_BYTES;
  const maximum = directory.volume!.blocks * ENTRIES_PER_BLOCK;
  if (entries > maximum) return maximum;
  return entries;
}

/** The nth entry; null when the disk cannot be read. A hole reads as free entries. */
export function readEntry(directory: Inode, index: u32): DiskEntry | null {
  const zone = zoneOf(directory, index / ENTRIES_PER_BLOCK);
  if (zone < 0) return null;
  if (zone === 0) return noEntry;
  const block = readBlock(directory.volume!, u32(zone));
  return block === null ? null : entryIn(block, i32(index % ENTRIES_PER_BLOCK));
}

const noEntry = new DiskEntry();

/** Finds the entry with this name, or (null) a free one. Errors: NoEntry, InputOutput. */
function search(directory: Inode, name: Name | null, place: Place): Status {
  for (let first: u32 = 0; first < entriesOf(directory); first += ENTRIES_PER_BLOCK) {
    const zone = zoneOf(directory, first / ENTRIES_PER_BLOCK);
    if (zone === 0) continue;
    const block = zone < 0 ? null : readBlock(directory.volume!, u32(zone));
    if (block === null) return Status.InputOutput;
    const count = entriesInBlock(directory, first);
    for (let entry = 0; entry < count; entry++) {
      if (!matches(entryIn(block, entry), name)) continue;
      place.block = block;
      place.entry = entry;
      return Status.Ok;
    }
  }
  return Status.NoEntry;
}

function matches(entry: DiskEntry, name: Name | null): boolean {
  if (name === null) return entry.inode === 0;
  if (entry.inode === 0) return false;
  for (let word = 0; word < NAME_WORDS; word++) if (entry.name[word] !== name.words[word]) return false;
  return true;
}

/** One entry more, at the end. */
function extend(directory: Inode, place: Place): Status {
  const index = entriesOf(directory);
  if (index >= FILE_BYTES_MAXIMUM / ENTRY_BYTES) return Status.FileTooLarge;
  let zone = zoneOf(directory, index / ENTRIES_PER_BLOCK);
  if (zone === 0) zone = allocateZone(directory, index / ENTRIES_PER_BLOCK, BlockKind.Directory);
  if (zone < 0) return zone;
  place.block = readBlock(directory.volume!, u32(zone));
  place.entry = i32(index % ENTRIES_PER_BLOCK);
  if (place.block === null) return Status.InputOutput;
  directory.disk.bytes = (index + 1) * ENTRY_BYTES;
  return Status.Ok;
}

function changed(directory: Inode, place: Place): Status {
  change(place.block!, BlockKind.Directory);
  touch(directory);
  return Status.Ok;
}

function entriesInBlock(directory: Inode, first: u32): i32 {
  const rest = entriesOf(directory) - first;
  return rest < ENTRIES_PER_BLOCK ? i32(rest) : ENTRIES_PER_BLOCK;
}

function entryAt(place: Place): DiskEntry {
  return entryIn(place.block!, place.entry);
}

function entryIn(block: Block, entry: i32): DiskEntry {
  return view(block.buffer + u32(entry) * ENTRY_BYTES, DiskEntry);
}

/** Taking a file system into use and out of it. Nothing on a disk is believed before it has been checked. Begin at `mount`. */
import { Status } from "../../lib/status.ts";
import { dropVolume, readBlock } from "./cache.ts";
import { measureDisk } from "./disk.ts";
import { syncVolume } from "./flush.ts";
import {
  BITS_PER_BLOCK,
  BLOCK_BYTES,
  FIRST_BITMAP_BLOCK,
  INODES_PER_BLOCK,
  MAGIC_V3,
  ROOT_INODE,
  SUPER_BLOCK,
  SuperBlock,
} from "./format.ts";
import { dropInodes, inodeAt } from "./inode.ts";
import { indexOf, type Volume, volumes } from "./volume.ts";

/** Returns the number of the new volume. Errors: Busy (the device is mounted), NoMemory, NoDevice, ServiceDown, Invalid (no MINIX FS V3 with 1 KiB blocks, or a damaged one), InputOutput. */
export function mount(driver: Uint8Array, minor: u32, readOnly: boolean): i32 {
  let free: Volume | null = null;
  for (const volume of volumes) {
    if (!volume.used) free = volume;
    else if (volume.minor === minor && sameName(volume.driver, driver)) return Status.Busy;
  }
  if (free === null) return Status.NoMemory;
  clear(free);
  free.driver.set(driver);
  free.minor = minor;
  free.readOnly = readOnly;
  free.inodeHint = 1;
  free.zoneHint = 1;
  const status = begin(free);
  if (status === Status.Ok) free.used = true;
  else forgetVolume(free);
  return status === Status.Ok ? i32(indexOf(free)) : status;
}

/** Errors: Busy (VFS holds more than the root), and what writing back can meet. */
export function unmount(volume: Volume): Status {
  if (volume.held > 1) return Status.Busy;
  const status = syncVolume(volume);
  if (status !== Status.Ok) return status;
  forgetVolume(volume);
  volume.used = false;
  return Status.Ok;
}

function begin(volume: Volume): Status {
  const measured = measureDisk(volume);
  if (measured !== Status.Ok) return measured;
  const block = readBlock(volume, SUPER_BLOCK);
  if (block === null) return volume.blocks > SUPER_BLOCK ? Status.InputOutput : Status.Invalid;
  const status = accept(volume, view(block.buffer, SuperBlock));
  if (status !== Status.Ok) return status;
  const root = inodeAt(volume, ROOT_INODE);
  if (root === null) return Status.InputOutput;
  return root.isDirectory() && root.disk.links >= 2 ? Status.Ok : Status.Invalid;
}

/** Takes the geometry over, if it makes sense and the device is as large as it says. */
function accept(volume: Volume, disk: SuperBlock): Status {
  if (disk.magic !== MAGIC_V3 || disk.blockBytes !== BLOCK_BYTES || disk.logZoneSize !== 0) return Status.Invalid;
  const zoneMap = FIRST_BITMAP_BLOCK + u32(disk.inodeMapBlocks);
  const inodeTable = zoneMap + u32(disk.zoneMapBlocks);
  const inodes = disk.inodes;
  const zones = disk.zones;
  const firstDataZone = u32(disk.firstDataZone);
  if (inodes === 0 || inodes >= u32(disk.inodeMapBlocks) * BITS_PER_BLOCK) return Status.Invalid;
  if (zones > volume.blocks || firstDataZone >= zones) return Status.Invalid;
  if (zones - firstDataZone >= u32(disk.zoneMapBlocks) * BITS_PER_BLOCK) return Status.Invalid;
  if (firstDataZone < inodeTable + (inodes + (INODES_PER_BLOCK - 1)) / INODES_PER_BLOCK) return Status.Invalid;
  volume.blocks = zones;
  volume.inodes = inodes;
  volume.inodeMap = FIRST_BITMAP_BLOCK;
  volume.zoneMap = zoneMap;
  volume.inodeTable = inodeTable;
  volume.firstDataZone = firstDataZone;
  return Status.Ok;
}

function forgetVolume(volume: Volume): void {
  dropInodes(volume);
  dropVolume(volume);
}

function sameName(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

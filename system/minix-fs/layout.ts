/**
 * MINIX FS V3 as it lies on a disk, with 1 KiB blocks: where everything is, and how wide. All numbers are little-endian.
 *
 *     block 0        boot block (zero)
 *     block 1        superblock
 *     then           bitmap of inodes, bitmap of zones, table of inodes, data zones
 *
 * Source: MINIX 3's mfs/super.h, type.h and const.h; util-linux' minix_fs.h. writer.ts writes it, reader.ts reads it.
 */
export const BLOCK_BYTES = 1024;
export const BITS_PER_BLOCK = BLOCK_BYTES * 8;
export const MAGIC_V3 = 0x4d5a;
export const ROOT_INODE = 1;
export const SUPER_BLOCK = 1;
export const FIRST_BITMAP_BLOCK = 2;

/** Offsets in the superblock. */
export const Super = {
  inodes: 0, // u32
  inodeMapBlocks: 6, // u16
  zoneMapBlocks: 8, // u16
  firstDataZone: 10, // u16
  logZoneSize: 12, // u16: zones are 2^n blocks; 0 here
  maximumFileBytes: 16, // u32
  zones: 20, // u32: of the whole disk, blocks before the data included
  magic: 24, // u16
  blockBytes: 28, // u16
  subversion: 30, // u8
} as const;
export const MAXIMUM_FILE_BYTES = 0x7fff_ffff;

export const INODE_BYTES = 64;
export const INODES_PER_BLOCK = BLOCK_BYTES / INODE_BYTES;
/** Offsets in an inode. */
export const Inode = {
  mode: 0, // u16
  links: 2, // u16
  user: 4, // u16
  group: 6, // u16
  bytes: 8, // u32
  accessSeconds: 12, // u32
  modificationSeconds: 16, // u32
  changeSeconds: 20, // u32
  zones: 24, // u32[10]: 7 direct, single, double and triple indirect; a device's number in the first
} as const;
export const DIRECT_ZONES = 7;
export const ZONE_SLOTS = 10;
export const ZONES_PER_BLOCK = BLOCK_BYTES / 4;

export const ENTRY_BYTES = 64;
export const ENTRIES_PER_BLOCK = BLOCK_BYTES / ENTRY_BYTES;
/** After the entry's inode number (u32); padded with zeros, and not terminated when it fills its place. */
export const ENTRY_NAME_OFFSET = 4;
export const NAME_BYTES = 60;

/** The type in an inode's mode. */
export const FileType = {
  mask: 0o170000,
  pipe: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  regular: 0o100000,
} as const;
export const PERMISSIONS = 0o7777;

/** Where the parts begin, counted in blocks. */
export interface Geometry {
  readonly zones: number;
  readonly inodes: number;
  readonly inodeMapBlocks: number;
  readonly zoneMapBlocks: number;
  readonly inodeMap: number;
  readonly zoneMap: number;
  readonly inodeTable: number;
  readonly firstDataZone: number;
}

/**
 * The geometry of a disk of so many blocks and inodes. Bit 0 of each bitmap means nothing and is set; bit n of the zones'
 * stands for zone `firstDataZone + n - 1`.
 */
export function geometryOf(zones: number, inodes: number): Geometry {
  const inodeMapBlocks = Math.ceil((inodes + 1) / BITS_PER_BLOCK);
  const inodeBlocks = Math.ceil(inodes / INODES_PER_BLOCK);
  let zoneMapBlocks = 1;
  let firstDataZone = 0;
  for (;;) {
    firstDataZone = FIRST_BITMAP_BLOCK + inodeMapBlocks + zoneMapBlocks + inodeBlocks;
    const needed = Math.ceil((zones - firstDataZone + 1) / BITS_PER_BLOCK);
    if (needed <= zoneMapBlocks) break;
    zoneMapBlocks = needed;
  }
  return layOut(zones, inodes, inodeMapBlocks, zoneMapBlocks, firstDataZone);
}

/** The same from what a superblock says. */
export function layOut(
  zones: number,
  inodes: number,
  inodeMapBlocks: number,
  zoneMapBlocks: number,
  firstDataZone: number,
): Geometry {
  const inodeMap = FIRST_BITMAP_BLOCK;
  const zoneMap = inodeMap + inodeMapBlocks;
  const inodeTable = zoneMap + zoneMapBlocks;
  return { zones, inodes, inodeMapBlocks, zoneMapBlocks, inodeMap, zoneMap, inodeTable, firstDataZone };
}

/**
 * MINIX FS V3 as it lies on a disk: 1 KiB blocks, zones of one block, everything little-endian as the machine is.
 *
 *     block 0        boot block
 *     block 1        superblock
 *     then           bitmap of inodes, bitmap of zones, table of inodes, data zones
 *
 * Bit 0 of each bitmap means nothing and is set; bit n of the zones' stands for zone `firstDataZone + n - 1`.
 * Source: MINIX 3's mfs/super.h, type.h and const.h; util-linux' minix_fs.h.
 */
export const BLOCK_BYTES = 1024;
export const BLOCK_WORDS = 256;
export const BITS_PER_BLOCK = 8192;
export const SUPER_BLOCK = 1;
export const FIRST_BITMAP_BLOCK = 2;
export const MAGIC_V3 = 0x4d5a;
export const ROOT_INODE = 1;
/** A file's size is 31 bits wide. */
export const FILE_BYTES_MAXIMUM = 0x7fff_ffff;
export const LINKS_MAXIMUM = 0xfff0;

export class SuperBlock {
  inodes: u32 = 0;
  spare0: u16 = 0;
  inodeMapBlocks: u16 = 0;
  zoneMapBlocks: u16 = 0;
  firstDataZone: u16 = 0;
  /** Zones are 2^n blocks. */
  logZoneSize: u16 = 0;
  spare1: u16 = 0;
  maximumFileBytes: u32 = 0;
  /** Of the whole disk, what comes before the data included. */
  zones: u32 = 0;
  magic: u16 = 0;
  spare2: u16 = 0;
  blockBytes: u16 = 0;
  subversion: u8 = 0;
}

export const INODES_PER_BLOCK = 16;
export const DIRECT_ZONES = 7;
/** After the direct ones: one zone each that lists zones, in one, two and three steps. */
export const INDIRECT_LEVELS = 3;
/** Zone numbers in an indirect block, as a power of two. */
export const LOG_ZONES_PER_BLOCK = 8;

export class DiskInode {
  static readonly bytes = 64;
  /** Type and permissions; 0: free. */
  mode: u16 = 0;
  links: u16 = 0;
  user: u16 = 0;
  group: u16 = 0;
  bytes: u32 = 0;
  accessSeconds: u32 = 0;
  modificationSeconds: u32 = 0;
  changeSeconds: u32 = 0;
  /** 0: a hole. In a device file the first is its number. */
  readonly zones = new Uint32Array(10);
}

export const ENTRY_BYTES = 64;
export const ENTRIES_PER_BLOCK = 16;

/** A directory's entry. */
export class DiskEntry {
  static readonly bytes = 64;
  /** 0: a free place. */
  inode: u32 = 0;
  /** 60 bytes, padded with zeros, without an end when full; words, so that two names compare quickly. */
  readonly name = new Uint32Array(15);
}
export const NAME_WORDS = 15;

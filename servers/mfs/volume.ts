/**
 * The volumes in use: a mounted file system each, where its parts begin on its disk, and which driver has the disk.
 */
import { type Endpoint, NONE } from "../../lib/endpoint.ts";

export class Volume {
  used: boolean = false;
  readOnly: boolean = false;

  /** The block driver: its name in DS, who it is now (NONE: dead, or not known yet), and which of its devices. */
  readonly driver = new Uint8Array(16);
  endpoint: Endpoint = NONE;
  /** Its last incarnation, known to be dead. */
  lost: Endpoint = NONE;
  /** DS tells us when it changes. */
  subscribed: boolean = false;
  minor: u32 = 0;

  /** Blocks of the device while the superblock is not known, of the file system later. */
  blocks: u32 = 0;
  inodes: u32 = 0;
  inodeMap: u32 = 0;
  zoneMap: u32 = 0;
  inodeTable: u32 = 0;
  firstDataZone: u32 = 0;

  /** Bits where the next search of a free inode or zone begins. */
  inodeHint: u32 = 1;
  zoneHint: u32 = 1;
  /** Files of this volume that VFS holds. */
  held: u32 = 0;
}

export const VOLUMES = 4;
export const volumes = table(Volume, 4);

/** The volume of this number, or null. */
export function volumeAt(index: u32): Volume | null {
  if (index >= VOLUMES) return null;
  const volume = volumes[index];
  return volume.used ? volume : null;
}

export function indexOf(volume: Volume): u32 {
  for (let index: u32 = 0; index < VOLUMES; index++) if (volumes[index] === volume) return index;
  unreachable();
}

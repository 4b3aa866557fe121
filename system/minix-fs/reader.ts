/**
 * Reads a MINIX FS V3 image into a tree: how tests look at a disk after a run. Strict: whatever is inconsistent (a zone used
 * twice, a wrong link count, a bitmap that disagrees with what is in use) is an Error that says where. Begin at `readMinixFs`.
 */
import {
  BLOCK_BYTES,
  DIRECT_ZONES,
  ENTRY_BYTES,
  ENTRY_NAME_OFFSET,
  FileType,
  type Geometry,
  INODE_BYTES,
  Inode,
  layOut,
  MAGIC_V3,
  PERMISSIONS,
  ROOT_INODE,
  SUPER_BLOCK,
  Super,
  ZONES_PER_BLOCK,
} from "./layout.ts";

export type FileKind = "regular" | "directory" | "character" | "block" | "pipe";

export interface FileEntry {
  readonly kind: FileKind;
  readonly inode: number;
  /** Permissions only. */
  readonly mode: number;
  readonly links: number;
  readonly bytes: number;
  /** Of a regular file. */
  readonly content: Uint8Array;
  /** Of a device file. */
  readonly major: number;
  readonly minor: number;
  readonly modificationSeconds: number;
}

export interface MinixFs {
  /** By absolute path; the root is "/". A file with several names is there under each. */
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly zones: number;
  readonly freeZones: number;
  readonly inodes: number;
  readonly freeInodes: number;
}

/** The tree in the image. Throws an Error when it is no MINIX FS V3 with 1 KiB blocks, or a damaged one. */
export function readMinixFs(image: Uint8Array): MinixFs {
  const reader = new Reader(image);
  reader.readDirectory("/", ROOT_INODE, ROOT_INODE);
  reader.checkLinks();
  const dataZones = reader.geometry.zones - reader.geometry.firstDataZone;
  const { inodeMap, zoneMap, inodes, zones, firstDataZone } = reader.geometry;
  return {
    files: reader.files,
    zones,
    freeZones: reader.checkBitmap("zone", zoneMap, dataZones, (bit) => reader.usedZones.has(bit + firstDataZone - 1)),
    inodes,
    freeInodes: reader.checkBitmap("inode", inodeMap, inodes, (bit) => reader.nodes.has(bit)),
  };
}

/** Whether there is a file system at all, damaged or not. Throws an Error that says why not. */
export function checkSuperBlock(image: Uint8Array): void {
  new Reader(image);
}

const kinds = new Map<number, FileKind>([
  [FileType.regular, "regular"],
  [FileType.directory, "directory"],
  [FileType.character, "character"],
  [FileType.block, "block"],
  [FileType.pipe, "pipe"],
]);

class Reader {
  readonly files = new Map<string, FileEntry>();
  readonly nodes = new Map<number, FileEntry>();
  readonly usedZones = new Set<number>();
  readonly geometry: Geometry;
  private readonly names = new Map<number, number>();
  private readonly data: DataView;

  constructor(private readonly image: Uint8Array) {
    this.data = new DataView(image.buffer, image.byteOffset, image.byteLength);
    const at = SUPER_BLOCK * BLOCK_BYTES;
    if (image.length < at + BLOCK_BYTES) throw new Error("too short for a MINIX file system");
    const magic = this.data.getUint16(at + Super.magic, true);
    if (magic !== MAGIC_V3) throw new Error(`no MINIX FS V3: magic is 0x${magic.toString(16)}`);
    const blockBytes = this.data.getUint16(at + Super.blockBytes, true);
    if (blockBytes !== BLOCK_BYTES) throw new Error(`blocks of ${blockBytes} bytes are not supported`);
    if (this.data.getUint16(at + Super.logZoneSize, true) !== 0) throw new Error("zones of several blocks");
    this.geometry = layOut(
      this.data.getUint32(at + Super.zones, true),
      this.data.getUint32(at + Super.inodes, true),
      this.data.getUint16(at + Super.inodeMapBlocks, true),
      this.data.getUint16(at + Super.zoneMapBlocks, true),
      this.data.getUint16(at + Super.firstDataZone, true),
    );
    if (this.geometry.zones * BLOCK_BYTES > image.length) throw new Error("the image is shorter than its file system");
  }

  readDirectory(path: string, number: number, parent: number): void {
    const content = this.readNode(path, number);
    const data = new DataView(content.buffer, content.byteOffset, content.byteLength);
    if (content.length % ENTRY_BYTES !== 0) throw new Error(`${path}: a directory of ${content.length} bytes`);
    const seen = new Set<string>();
    for (let at = 0; at < content.length; at += ENTRY_BYTES) {
      const child = data.getUint32(at, true);
      if (child === 0) continue;
      const padded = content.subarray(at + ENTRY_NAME_OFFSET, at + ENTRY_BYTES);
      const end = padded.indexOf(0);
      const name = new TextDecoder().decode(end < 0 ? padded : padded.subarray(0, end));
      if (seen.has(name) || name === "" || name.includes("/"))
        throw new Error(`${path}: bad or repeated name "${name}"`);
      seen.add(name);
      this.names.set(child, (this.names.get(child) ?? 0) + 1);
      if (name === "." || name === "..") this.checkDots(path, name, child, name === "." ? number : parent);
      else this.readChild(path === "/" ? `/${name}` : `${path}/${name}`, child, number);
    }
    if (!seen.has(".") || !seen.has("..")) throw new Error(`${path}: has no . or no ..`);
  }

  private checkDots(path: string, name: string, actual: number, expected: number): void {
    if (actual !== expected) throw new Error(`${path}: ${name} is inode ${actual}, not ${expected}`);
  }

  private readChild(path: string, number: number, parent: number): void {
    const known = this.nodes.get(number);
    if (known !== undefined && known.kind === "directory") throw new Error(`${path}: second name of a directory`);
    if (known !== undefined) this.files.set(path, known);
    else if (this.typeOf(path, number) === FileType.directory) this.readDirectory(path, number, parent);
    else this.readNode(path, number);
  }

  private inodeAt(path: string, number: number): number {
    if (number < 1 || number > this.geometry.inodes) throw new Error(`${path}: inode ${number} is out of range`);
    return this.geometry.inodeTable * BLOCK_BYTES + (number - 1) * INODE_BYTES;
  }

  private typeOf(path: string, number: number): number {
    return this.data.getUint16(this.inodeAt(path, number) + Inode.mode, true) & FileType.mask;
  }

  /** Enters a file under its path, and returns its content. */
  private readNode(path: string, number: number): Uint8Array {
    const at = this.inodeAt(path, number);
    const mode = this.data.getUint16(at + Inode.mode, true);
    const kind = kinds.get(mode & FileType.mask);
    if (kind === undefined) throw new Error(`${path}: mode ${mode.toString(8)} is no kind of file`);
    const bytes = this.data.getUint32(at + Inode.bytes, true);
    const isDevice = kind === "character" || kind === "block";
    const device = isDevice ? this.data.getUint32(at + Inode.zones, true) : 0;
    const content = isDevice ? new Uint8Array(0) : this.readContent(path, at, bytes);
    const entry: FileEntry = {
      kind,
      inode: number,
      mode: mode & PERMISSIONS,
      links: this.data.getUint16(at + Inode.links, true),
      bytes,
      content: kind === "regular" ? content : new Uint8Array(0),
      major: device >> 8,
      minor: device & 0xff,
      modificationSeconds: this.data.getUint32(at + Inode.modificationSeconds, true),
    };
    this.nodes.set(number, entry);
    this.files.set(path, entry);
    return content;
  }

  private readContent(path: string, inodeAt: number, bytes: number): Uint8Array {
    const content = new Uint8Array(bytes);
    for (let slot = 0, position = 0; slot < DIRECT_ZONES + 3; slot++) {
      const level = Math.max(0, slot - DIRECT_ZONES + 1);
      const zone = this.data.getUint32(inodeAt + Inode.zones + 4 * slot, true);
      if (zone !== 0) this.readZone(path, content, zone, position, level);
      position += ZONES_PER_BLOCK ** level * BLOCK_BYTES;
    }
    return content;
  }

  private readZone(path: string, content: Uint8Array, zone: number, position: number, level: number): void {
    if (zone < this.geometry.firstDataZone || zone >= this.geometry.zones)
      throw new Error(`${path}: zone ${zone} is out of range`);
    if (this.usedZones.has(zone)) throw new Error(`${path}: zone ${zone} is used twice`);
    if (position >= content.length) throw new Error(`${path}: zone ${zone} lies behind the end`);
    this.usedZones.add(zone);
    if (level === 0) {
      const part = this.image.subarray(zone * BLOCK_BYTES, (zone + 1) * BLOCK_BYTES);
      content.set(part.subarray(0, content.length - position), position);
      return;
    }
    const span = ZONES_PER_BLOCK ** (level - 1) * BLOCK_BYTES;
    for (let index = 0; index < ZONES_PER_BLOCK; index++) {
      const under = this.data.getUint32(zone * BLOCK_BYTES + 4 * index, true);
      if (under !== 0) this.readZone(path, content, under, position + index * span, level - 1);
    }
  }

  checkLinks(): void {
    for (const [path, file] of this.files) {
      const names = this.names.get(file.inode) ?? 0;
      if (names !== file.links) throw new Error(`${path}: ${names} names, but a link count of ${file.links}`);
    }
  }

  /** Returns how many bits are free. */
  checkBitmap(what: string, block: number, count: number, used: (bit: number) => boolean): number {
    let free = 0;
    for (let bit = 1; bit <= count; bit++) {
      const isSet = (this.image[block * BLOCK_BYTES + (bit >> 3)] & (1 << (bit & 7))) !== 0;
      if (isSet !== used(bit)) throw new Error(`${what} bit ${bit} is ${isSet ? "set but unused" : "clear but used"}`);
      if (!isSet) free++;
    }
    return free;
  }
}

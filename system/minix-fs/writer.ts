/**
 * Writes a MINIX FS V3 image from a list of files: what `renix build` makes disk.img with. The same list gives the same
 * bytes. fsck.minix judges the result (spec/system/minix-fs.spec.ts). Begin at `writeMinixFs`.
 */
import {
  BLOCK_BYTES,
  DIRECT_ZONES,
  ENTRY_BYTES,
  ENTRY_NAME_OFFSET,
  FileType,
  type Geometry,
  geometryOf,
  INODE_BYTES,
  INODES_PER_BLOCK,
  Inode,
  MAGIC_V3,
  MAXIMUM_FILE_BYTES,
  NAME_BYTES,
  PERMISSIONS,
  ROOT_INODE,
  SUPER_BLOCK,
  Super,
  ZONE_SLOTS,
  ZONES_PER_BLOCK,
} from "./layout.ts";

/** A device file's number. */
export interface DeviceNumber {
  readonly kind: "character" | "block";
  readonly major: number;
  readonly minor: number;
}

/** One file of the tree: exactly one of `content`, `directory` and `device`. */
export interface FileSource {
  /** Absolute, `/` between names of at most 60 bytes. Directories on the way are made (mode 0755) where the list has none. */
  readonly path: string;
  readonly content?: Uint8Array | string;
  readonly directory?: true;
  readonly device?: DeviceNumber;
  /** Permissions; default 0755 for directories, 0644 for others. */
  readonly mode?: number;
}

export interface MinixFsOptions {
  /** Of the whole image; whole kilobytes. */
  readonly bytes: number;
  readonly files: readonly FileSource[];
  /** Default: one for every three blocks. */
  readonly inodes?: number;
  /** All three times of every file, in seconds since 1970; default 0. */
  readonly timeSeconds?: number;
}

interface Node {
  readonly name: string;
  readonly number: number;
  readonly type: number;
  readonly mode: number;
  readonly content: Uint8Array;
  readonly device: number;
  readonly parent: Node | null;
  readonly children: Node[];
}

/** The image. Throws an Error that names the file when the tree does not fit or a path makes no sense. */
export function writeMinixFs(options: MinixFsOptions): Uint8Array {
  if (options.bytes % BLOCK_BYTES !== 0) throw new Error(`a disk of ${options.bytes} bytes is not made of whole KiB`);
  const zones = options.bytes / BLOCK_BYTES;
  const inodes = options.inodes ?? Math.ceil(zones / 3 / INODES_PER_BLOCK) * INODES_PER_BLOCK;
  const geometry = geometryOf(zones, inodes);
  if (geometry.firstDataZone >= zones || geometry.firstDataZone > 0xffff || inodes > 0xffff) {
    throw new Error(`a disk of ${options.bytes} bytes with ${inodes} inodes is no MINIX file system`);
  }
  const nodes = plantTree(options.files);
  if (nodes.length > inodes) throw new Error(`${nodes.length} files do not fit in ${inodes} inodes`);

  const image = new Image(options.bytes, geometry, options.timeSeconds ?? 0);
  for (const node of nodes) image.writeNode(node);
  image.writeSuper(nodes.length);
  return image.bytes;
}

/** Every file as a node, parents before children; a node's place in the list gives its inode number. */
function plantTree(files: readonly FileSource[]): Node[] {
  const root: Node = {
    name: "",
    number: ROOT_INODE,
    type: FileType.directory,
    mode: 0o755,
    content: new Uint8Array(0),
    device: 0,
    parent: null,
    children: [],
  };
  const nodes = [root];
  for (const file of files) {
    const names = file.path.split("/").filter((name) => name !== "");
    if (!file.path.startsWith("/") || names.some((name) => name === "." || name === "..")) {
      throw new Error(`${file.path}: not an absolute path`);
    }
    let parent = root;
    names.forEach((name, depth) => {
      const existing = parent.children.find((child) => child.name === name);
      const isLast = depth === names.length - 1;
      if (isLast && existing !== undefined) throw new Error(`${file.path}: is there twice (list directories first)`);
      const node = existing ?? plant(nodes, parent, name, isLast ? file : { path: file.path, directory: true });
      if (!isLast && node.type !== FileType.directory) throw new Error(`${file.path}: ${name} is not a directory`);
      parent = node;
    });
  }
  return nodes;
}

function plant(nodes: Node[], parent: Node, name: string, file: FileSource): Node {
  if (new TextEncoder().encode(name).length > NAME_BYTES) throw new Error(`${file.path}: name too long`);
  const { type, device } = kindOf(file);
  const node: Node = {
    name,
    number: nodes.length + 1,
    type,
    mode: (file.mode ?? (type === FileType.directory ? 0o755 : 0o644)) & PERMISSIONS,
    content:
      typeof file.content === "string" ? new TextEncoder().encode(file.content) : (file.content ?? new Uint8Array(0)),
    device,
    parent,
    children: [],
  };
  nodes.push(node);
  parent.children.push(node);
  return node;
}

function kindOf(file: FileSource): { type: number; device: number } {
  if (file.device !== undefined) {
    const { kind, major, minor } = file.device;
    return { type: kind === "block" ? FileType.block : FileType.character, device: (major << 8) | minor };
  }
  if (file.directory === true) return { type: FileType.directory, device: 0 };
  if (file.content === undefined) throw new Error(`${file.path}: neither content, directory nor device`);
  return { type: FileType.regular, device: 0 };
}

/** The bytes under construction, and which zone is the next free one. */
class Image {
  readonly bytes: Uint8Array;
  private readonly data: DataView;
  private nextZone: number;

  constructor(
    bytes: number,
    private readonly geometry: Geometry,
    private readonly timeSeconds: number,
  ) {
    this.bytes = new Uint8Array(bytes);
    this.data = new DataView(this.bytes.buffer);
    this.nextZone = geometry.firstDataZone;
  }

  writeNode(node: Node): void {
    const content = node.type === FileType.directory ? directoryContent(node) : node.content;
    const at = this.geometry.inodeTable * BLOCK_BYTES + (node.number - 1) * INODE_BYTES;
    const subdirectories = node.children.filter((child) => child.type === FileType.directory).length;
    this.data.setUint16(at + Inode.mode, node.type | node.mode, true);
    this.data.setUint16(at + Inode.links, node.type === FileType.directory ? 2 + subdirectories : 1, true);
    this.data.setUint32(at + Inode.bytes, content.length, true);
    this.data.setUint32(at + Inode.accessSeconds, this.timeSeconds, true);
    this.data.setUint32(at + Inode.modificationSeconds, this.timeSeconds, true);
    this.data.setUint32(at + Inode.changeSeconds, this.timeSeconds, true);
    const zones = node.device !== 0 ? [node.device] : this.writeContent(node, content);
    zones.forEach((zone, slot) => {
      this.data.setUint32(at + Inode.zones + 4 * slot, zone, true);
    });
  }

  /** Puts the bytes into fresh zones, and returns the inode's zone slots. */
  private writeContent(node: Node, content: Uint8Array): number[] {
    const zones: number[] = [];
    for (let offset = 0; offset < content.length; offset += BLOCK_BYTES) {
      const zone = this.allocate(node);
      this.bytes.set(content.subarray(offset, offset + BLOCK_BYTES), zone * BLOCK_BYTES);
      zones.push(zone);
    }
    const slots = zones.slice(0, DIRECT_ZONES);
    let rest = zones.slice(DIRECT_ZONES);
    for (let level = 1; rest.length > 0; level++) {
      if (slots.length === ZONE_SLOTS) throw new Error(`${pathOf(node)}: too large`);
      while (slots.length < DIRECT_ZONES + level - 1) slots.push(0);
      const span = ZONES_PER_BLOCK ** level;
      slots.push(this.writeIndirect(node, rest.slice(0, span), level));
      rest = rest.slice(span);
    }
    return slots;
  }

  private writeIndirect(node: Node, zones: readonly number[], level: number): number {
    const indirect = this.allocate(node);
    const span = ZONES_PER_BLOCK ** (level - 1);
    for (let index = 0; index * span < zones.length; index++) {
      const under = zones.slice(index * span, (index + 1) * span);
      const zone = level === 1 ? zones[index] : this.writeIndirect(node, under, level - 1);
      this.data.setUint32(indirect * BLOCK_BYTES + 4 * index, zone, true);
    }
    return indirect;
  }

  private allocate(node: Node): number {
    if (this.nextZone >= this.geometry.zones) throw new Error(`${pathOf(node)}: the disk is full`);
    return this.nextZone++;
  }

  /** The superblock and both bitmaps, last: now it is known how much is used. Bits beyond the last zone and inode are set. */
  writeSuper(inodesUsed: number): void {
    const { geometry } = this;
    const at = SUPER_BLOCK * BLOCK_BYTES;
    this.data.setUint32(at + Super.inodes, geometry.inodes, true);
    this.data.setUint16(at + Super.inodeMapBlocks, geometry.inodeMapBlocks, true);
    this.data.setUint16(at + Super.zoneMapBlocks, geometry.zoneMapBlocks, true);
    this.data.setUint16(at + Super.firstDataZone, geometry.firstDataZone, true);
    this.data.setUint32(at + Super.maximumFileBytes, MAXIMUM_FILE_BYTES, true);
    this.data.setUint32(at + Super.zones, geometry.zones, true);
    this.data.setUint16(at + Super.magic, MAGIC_V3, true);
    this.data.setUint16(at + Super.blockBytes, BLOCK_BYTES, true);

    const dataZones = geometry.zones - geometry.firstDataZone;
    this.writeBitmap(geometry.inodeMap, geometry.inodeMapBlocks, inodesUsed, geometry.inodes);
    this.writeBitmap(geometry.zoneMap, geometry.zoneMapBlocks, this.nextZone - geometry.firstDataZone, dataZones);
  }

  private writeBitmap(block: number, blocks: number, used: number, count: number): void {
    const bits = this.bytes.subarray(block * BLOCK_BYTES, (block + blocks) * BLOCK_BYTES);
    for (let bit = 0; bit < bits.length * 8; bit++) {
      if (bit <= used || bit > count) bits[bit >> 3] |= 1 << (bit & 7);
    }
  }
}

function directoryContent(node: Node): Uint8Array {
  const entries: [string, number][] = [
    [".", node.number],
    ["..", node.parent?.number ?? node.number],
    ...node.children.map((child): [string, number] => [child.name, child.number]),
  ];
  const content = new Uint8Array(entries.length * ENTRY_BYTES);
  const data = new DataView(content.buffer);
  entries.forEach(([name, number], index) => {
    data.setUint32(index * ENTRY_BYTES, number, true);
    content.set(new TextEncoder().encode(name), index * ENTRY_BYTES + ENTRY_NAME_OFFSET);
  });
  return content;
}

function pathOf(node: Node): string {
  return node.parent === null ? "/" : `${pathOf(node.parent).replace(/\/$/, "")}/${node.name}`;
}

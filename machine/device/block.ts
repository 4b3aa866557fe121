/**
 * The block device behind a virtio transport (Virtio 1.1, section 5.2): what a request asks for, how long it takes,
 * what it does.
 *
 * A request is understood when it is taken, and carried out whole when it completes: its data moves at one moment.
 * Whatever fails (beyond the end, refused by the DMA guard, injected) ends in the status byte, never in silence.
 */
import { DmaAccess } from "../board/dma-guard.ts";
import { BlockRequest, BlockStatus, SECTOR_BYTES } from "../board/virtio.ts";
import { DeviceDelay } from "../cost.ts";
import type { Archive, Archived } from "../state/archive.ts";
import type { Disk } from "./disk.ts";
import type { Dma } from "./dma.ts";
import { BrokenQueue, type Buffer, type Chain } from "./virtqueue.ts";

export type BlockDirection = "read" | "write";

const HEADER_BYTES = 16;
const STATUS_BYTES = 1;
/** Bytes of the header's fields: type, reserved, sector. */
const SECTOR_OFFSET = 8;

interface Request {
  readonly type: number;
  readonly sector: number;
  readonly data: readonly Buffer[];
  readonly dataBytes: number;
  readonly statusAddress: number;
}

export class BlockDevice implements Archived {
  /** How many of the next requests in each direction shall fail: injected errors. */
  readonly #failures = { read: 0, write: 0 };
  readonly #disk: Disk;
  readonly #dma: Dma;

  constructor(disk: Disk, dma: Dma) {
    this.#disk = disk;
    this.#dma = dma;
  }

  /** Sectors of 512 bytes. */
  get capacity(): number {
    return this.#disk.sectorCount;
  }

  failNext(count: number, direction: BlockDirection): void {
    this.#failures[direction] += count;
  }

  /** Cycles from the start of a request to its completion. */
  delayCycles(chain: Chain): number {
    const { type, dataBytes } = this.#parse(chain);
    const moves = type === BlockRequest.Read || type === BlockRequest.Write;
    return DeviceDelay.diskRequest + (moves ? Math.ceil(dataBytes / SECTOR_BYTES) * DeviceDelay.diskSector : 0);
  }

  /** Carries a request out and writes its status. Returns how many bytes of the chain were written. */
  perform(chain: Chain): number {
    const request = this.#parse(chain);
    const status = this.#transfer(request);
    if (!this.#dma.writeNumber(request.statusAddress, STATUS_BYTES, status)) throw new BrokenQueue("status byte");
    const isDataWritten = request.type === BlockRequest.Read && status === BlockStatus.Ok;
    return (isDataWritten ? request.dataBytes : 0) + STATUS_BYTES;
  }

  exchange(archive: Archive): void {
    this.#failures.read = archive.number(this.#failures.read);
    this.#failures.write = archive.number(this.#failures.write);
  }

  /**
   * A header that the device reads, data, and a status byte that it writes (section 5.2.6); framing beyond that is the
   * driver's.
   */
  #parse({ buffers }: Chain): Request {
    const header = buffers[0]!;
    const last = buffers.at(-1)!;
    const isFramed =
      !header.isWritable && header.lengthBytes >= HEADER_BYTES && last.isWritable && last.lengthBytes >= STATUS_BYTES;
    if (!isFramed) throw new BrokenQueue("request without header or status");
    const type = this.#dma.readNumber(header.address, 4);
    const low = this.#dma.readNumber(header.address + SECTOR_OFFSET, 4);
    const high = this.#dma.readNumber(header.address + SECTOR_OFFSET + 4, 4);
    if (type === null || low === null || high === null) throw new BrokenQueue("header refused");
    const data = trimmed(buffers);
    return {
      type,
      sector: low + high * 2 ** 32,
      data,
      dataBytes: data.reduce((sum, buffer) => sum + buffer.lengthBytes, 0),
      statusAddress: last.address + last.lengthBytes - STATUS_BYTES,
    };
  }

  #transfer(request: Request): BlockStatus {
    switch (request.type) {
      case BlockRequest.Read:
        return this.#mayTransfer(request, "read") ? this.#readSectors(request) : BlockStatus.Error;
      case BlockRequest.Write:
        return this.#mayTransfer(request, "write") ? this.#writeSectors(request) : BlockStatus.Error;
      case BlockRequest.Flush:
        return BlockStatus.Ok; // a write is on the disk when it completes
      default:
        return BlockStatus.Unsupported;
    }
  }

  /** Checks everything before the first byte moves, so that a request that fails has done nothing. */
  #mayTransfer({ sector, data, dataBytes }: Request, direction: BlockDirection): boolean {
    if (this.#failures[direction] > 0) {
      this.#failures[direction] -= 1;
      return false;
    }
    const isWhole = dataBytes % SECTOR_BYTES === 0 && sector + dataBytes / SECTOR_BYTES <= this.capacity;
    const access = direction === "read" ? DmaAccess.DeviceWrites : DmaAccess.DeviceReads;
    return (
      isWhole &&
      data.every((buffer) => buffer.isWritable === (direction === "read")) &&
      data.every((buffer) => this.#dma.permits(buffer.address, buffer.lengthBytes, access))
    );
  }

  #readSectors({ sector, data, dataBytes }: Request): BlockStatus {
    const bytes = new Uint8Array(dataBytes);
    for (let start = 0; start < dataBytes; start += SECTOR_BYTES) {
      bytes.set(this.#disk.read(sector + start / SECTOR_BYTES), start);
    }
    let start = 0;
    for (const buffer of data) {
      this.#dma.write(buffer.address, bytes.subarray(start, start + buffer.lengthBytes));
      start += buffer.lengthBytes;
    }
    return BlockStatus.Ok;
  }

  #writeSectors({ sector, data, dataBytes }: Request): BlockStatus {
    const bytes = new Uint8Array(dataBytes);
    let start = 0;
    for (const buffer of data) {
      bytes.set(this.#dma.read(buffer.address, buffer.lengthBytes)!, start);
      start += buffer.lengthBytes;
    }
    for (let from = 0; from < dataBytes; from += SECTOR_BYTES) {
      this.#disk.write(sector + from / SECTOR_BYTES, bytes.subarray(from, from + SECTOR_BYTES));
    }
    return BlockStatus.Ok;
  }
}

/** The buffers without the header's and the status byte's parts, empty ones left out. */
function trimmed(buffers: readonly Buffer[]): Buffer[] {
  const last = buffers.length - 1;
  return buffers
    .map((buffer, index) => ({
      isWritable: buffer.isWritable,
      address: buffer.address + (index === 0 ? HEADER_BYTES : 0),
      lengthBytes: buffer.lengthBytes - (index === 0 ? HEADER_BYTES : 0) - (index === last ? STATUS_BYTES : 0),
    }))
    .filter((buffer) => buffer.lengthBytes > 0);
}

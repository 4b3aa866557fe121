/**
 * The legacy interface of a virtio transport (Virtio 1.1, section 4.2.4): how drivers of version 1 say where a queue
 * lies.
 *
 * Descriptors, available ring and used ring are one block, laid out by the queue's size and an alignment (section
 * 2.6.2); the driver writes the number of its first page. It tells the size of a page once, and that outlives a reset
 * of the device.
 */
import { LegacyVirtio as Register } from "../board/virtio.ts";
import type { Archive, Archived } from "../state/archive.ts";
import { DESCRIPTOR_BYTES, type Virtqueue } from "./virtqueue.ts";

const DEFAULT_ALIGN_BYTES = 4096;
/** Flags, index, and the event index behind the ring. */
const AVAILABLE_FIXED_BYTES = 6;
const AVAILABLE_ENTRY_BYTES = 2;

export class LegacyQueueRegisters implements Archived {
  readonly #queue: Virtqueue;
  #pageBytes = 1;
  #alignBytes = DEFAULT_ALIGN_BYTES;

  constructor(queue: Virtqueue) {
    this.#queue = queue;
  }

  read(offset: number): number {
    return offset === Register.QueuePage ? Math.floor(this.#queue.descriptors / this.#pageBytes) % 2 ** 32 : 0;
  }

  write(offset: number, word: number): void {
    switch (offset) {
      case Register.GuestPageSize:
        if (isPowerOfTwo(word)) this.#pageBytes = word;
        break;
      case Register.QueueAlign:
        if (isPowerOfTwo(word)) this.#alignBytes = word;
        break;
      case Register.QueuePage:
        this.#place(word * this.#pageBytes);
    }
  }

  /** The device was reset by its driver. */
  reset(): void {
    this.#alignBytes = DEFAULT_ALIGN_BYTES;
  }

  /** Power-on. */
  forget(): void {
    this.reset();
    this.#pageBytes = 1;
  }

  exchange(archive: Archive): void {
    this.#pageBytes = archive.number(this.#pageBytes);
    this.#alignBytes = archive.number(this.#alignBytes);
  }

  #place(address: number): void {
    const queue = this.#queue;
    const { sizeEntries } = queue;
    queue.descriptors = address;
    queue.available = address + sizeEntries * DESCRIPTOR_BYTES;
    const end = queue.available + AVAILABLE_FIXED_BYTES + sizeEntries * AVAILABLE_ENTRY_BYTES;
    queue.used = Math.ceil(end / this.#alignBytes) * this.#alignBytes;
    queue.isReady = address !== 0 && sizeEntries > 0;
  }
}

function isPowerOfTwo(word: number): boolean {
  return word > 0 && (word & (word - 1)) === 0;
}

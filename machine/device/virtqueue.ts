/**
 * A split virtqueue, seen from the device (Virtio 1.1, section 2.6).
 *
 * `next` takes the oldest request that the driver has made available, as a list of buffers; `complete` hands it back.
 * Everything is read and written by DMA. What no correct driver does is an exception of its own, `BrokenQueue`: the
 * device then needs a reset.
 */
import { DescriptorFlags } from "../board/virtio.ts";
import type { Archive, Archived } from "../state/archive.ts";
import type { Dma } from "./dma.ts";

/** The driver broke the rules, or the guard refused the queue itself. */
export class BrokenQueue extends Error {}

export interface Buffer {
  readonly address: number;
  readonly lengthBytes: number;
  readonly isWritable: boolean;
}

export interface Chain {
  /** Index of the first descriptor: the request's name when it is handed back. */
  readonly head: number;
  readonly buffers: readonly Buffer[];
}

export const DESCRIPTOR_BYTES = 16;
/**
 * Of one request, as on QEMU: a longer chain comes back to itself, through an indirect table that claims to be huge.
 */
const MOST_BUFFERS = 1024;
const USED_ELEMENT_BYTES = 8;
/** Offset of the ring behind flags and index, in both rings. */
const RING = 4;
const INDEX = 2;
const NO_INTERRUPT = 1;

export class Virtqueue implements Archived {
  sizeEntries = 0;
  isReady = false;
  /** Bus addresses; beyond 32 bits they are refused when used. */
  descriptors = 0;
  available = 0;
  used = 0;
  /** Requests taken, and requests handed back, both modulo 2^16. */
  #taken = 0;
  #completed = 0;
  readonly #dma: Dma;

  constructor(dma: Dma) {
    this.#dma = dma;
  }

  /** The oldest request not taken yet; null if there is none. */
  next(): Chain | null {
    if (!this.isReady || this.#read(this.available + INDEX, 2) === this.#taken) return null;
    const slot = this.#taken % this.sizeEntries;
    const head = this.#read(this.available + RING + 2 * slot, 2);
    this.#taken = (this.#taken + 1) & 0xffff;
    return { head, buffers: this.#follow(head) };
  }

  /** Hands a request back; true if the driver wants an interrupt. */
  complete(head: number, writtenBytes: number): boolean {
    const element = this.used + RING + USED_ELEMENT_BYTES * (this.#completed % this.sizeEntries);
    this.#completed = (this.#completed + 1) & 0xffff;
    const isWritten =
      this.#dma.writeNumber(element, 4, head) &&
      this.#dma.writeNumber(element + 4, 4, writtenBytes) &&
      this.#dma.writeNumber(this.used + INDEX, 2, this.#completed);
    if (!isWritten) throw new BrokenQueue("used ring");
    return (this.#read(this.available, 2) & NO_INTERRUPT) === 0;
  }

  reset(): void {
    this.sizeEntries = 0;
    this.isReady = false;
    this.descriptors = 0;
    this.available = 0;
    this.used = 0;
    this.#taken = 0;
    this.#completed = 0;
  }

  exchange(archive: Archive): void {
    this.sizeEntries = archive.number(this.sizeEntries);
    this.isReady = archive.boolean(this.isReady);
    this.descriptors = archive.number(this.descriptors);
    this.available = archive.number(this.available);
    this.used = archive.number(this.used);
    this.#taken = archive.number(this.#taken);
    this.#completed = archive.number(this.#completed);
  }

  /** The buffers of a chain; an indirect descriptor stands for a table of its own (section 2.6.5.3). */
  #follow(head: number): Buffer[] {
    const first = this.#descriptor(this.descriptors, head, this.sizeEntries);
    if (first.flags & DescriptorFlags.Indirect) {
      const entries = first.buffer.lengthBytes / DESCRIPTOR_BYTES;
      if (!Number.isInteger(entries) || first.flags & DescriptorFlags.Next) throw new BrokenQueue("indirect table");
      return this.#followTable(first.buffer.address, 0, entries);
    }
    return this.#followTable(this.descriptors, head, this.sizeEntries);
  }

  #followTable(table: number, head: number, entries: number): Buffer[] {
    const buffers: Buffer[] = [];
    let index = head;
    for (;;) {
      const { buffer, flags, next } = this.#descriptor(table, index, entries);
      const isIndirectInside = (flags & DescriptorFlags.Indirect) !== 0;
      const isReadableAfterWritable = !buffer.isWritable && buffers.at(-1)?.isWritable === true;
      const isTooLong = buffers.length === Math.min(entries, MOST_BUFFERS);
      if (isIndirectInside || isReadableAfterWritable || isTooLong) throw new BrokenQueue("chain");
      buffers.push(buffer);
      if ((flags & DescriptorFlags.Next) === 0) return buffers;
      index = next;
    }
  }

  #descriptor(table: number, index: number, entries: number): { buffer: Buffer; flags: number; next: number } {
    if (index >= entries) throw new BrokenQueue("descriptor index");
    const at = table + DESCRIPTOR_BYTES * index;
    const flags = this.#read(at + 12, 2);
    const buffer = {
      address: this.#read(at, 4) + this.#read(at + 4, 4) * 2 ** 32,
      lengthBytes: this.#read(at + 8, 4),
      isWritable: (flags & DescriptorFlags.DeviceWrites) !== 0,
    };
    return { buffer, flags, next: this.#read(at + 14, 2) };
  }

  #read(address: number, widthBytes: 2 | 4): number {
    const value = this.#dma.readNumber(address, widthBytes);
    if (value === null) throw new BrokenQueue("refused");
    return value;
  }
}

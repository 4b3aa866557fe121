/**
 * User addresses: what they mean, and the one checked way from one process' memory to another's.
 *
 * The kernel runs untranslated, so a user pointer means nothing to it until `translate` has looked it up in its owner's page
 * table, page by page. Where a page is not there, whoever asked is suspended until VM has decided (missing.ts), and its call
 * starts again from the beginning: so a call looks at all memory it needs before it changes anything.
 */
import { PAGE_BYTES, PageFlags } from "../lib/kernel-call/space.ts";
import { Status } from "../lib/status.ts";
import { awaitPage } from "./missing.ts";
import type { Process } from "./process.ts";

/** A page-table entry's bits (privileged specification, 10.3.1). The frame's number stands from bit 10 on. */
export const enum Entry {
  Valid = 1 << 0,
  Read = 1 << 1,
  Write = 1 << 2,
  Execute = 1 << 3,
  User = 1 << 4,
  Accessed = 1 << 6,
  Dirty = 1 << 7,
  /** For software: the frame is a device's. */
  Device = 1 << 8,
}

/** What an entry must have for the kernel to read, or write, on a process' behalf. */
export const READABLE: u32 = Entry.Valid | Entry.User | Entry.Read;
export const WRITABLE: u32 = READABLE | Entry.Write;

export class Word {
  value: u32 = 0;
}

/** The root of whoever has no address space: nothing is mapped. */
class EmptyTable {
  static readonly alignment = 4096;
  readonly entries = new Uint32Array(1024);
}
const emptyTable = new EmptyTable();
export const noSpace = (): paddr => paddr(address(emptyTable));

/** Where an address of this process lies in RAM; 0 when it may not be accessed like this. */
export function translate(owner: Process, place: vaddr, access: u32): paddr {
  const pointer = view(owner.root + ((place >>> 22) << 2), Word).value;
  if ((pointer & Entry.Valid) === 0) return 0;
  const entry = view(tableOf(pointer) + (((place >>> 12) & 0x3ff) << 2), Word).value;
  if ((entry & access) !== access) return 0;
  return paddr(((entry >>> 10) << 12) | (place & (PAGE_BYTES - 1)));
}

/** The table that a pointer entry points to. */
export function tableOf(pointer: u32): paddr {
  return paddr((pointer >>> 10) << 12);
}

/**
 * Copies between two processes' memories on behalf of `asker`. Ok; RETRY when the asker has been suspended for a missing page; Fault.
 */
export function copyBetween(
  asker: Process,
  from: Process,
  fromAddress: vaddr,
  to: Process,
  toAddress: vaddr,
  bytes: u32,
): i32 {
  let source = fromAddress;
  let target = toAddress;
  let left = bytes;
  while (left > 0) {
    const sourcePlace = translate(from, source, READABLE);
    if (sourcePlace === 0) return awaitPage(asker, from, source, PageFlags.Read);
    const targetPlace = translate(to, target, WRITABLE);
    if (targetPlace === 0) return awaitPage(asker, to, target, PageFlags.Write);
    const piece = least(least(left, bytesToPageEnd(source)), bytesToPageEnd(target));
    copyPlaces(targetPlace, sourcePlace, piece);
    source += piece;
    target += piece;
    left -= piece;
  }
  return Status.Ok;
}

/** Copies from a process' memory into the kernel's. Results as `copyBetween`. */
export function fetch(asker: Process, owner: Process, from: vaddr, into: Uint8Array): i32 {
  let done: u32 = 0;
  const bytes = u32(into.length);
  while (done < bytes) {
    const place = translate(owner, from + done, READABLE);
    if (place === 0) return awaitPage(asker, owner, from + done, PageFlags.Read);
    const piece = least(bytes - done, bytesToPageEnd(from + done));
    copyPlaces(paddr(address(into) + done), place, piece);
    done += piece;
  }
  return Status.Ok;
}

/** Copies from the kernel's memory into the asker's. Results as `copyBetween`. */
export function store(asker: Process, to: vaddr, bytes: Uint8Array): i32 {
  let done: u32 = 0;
  const total = u32(bytes.length);
  while (done < total) {
    const place = translate(asker, to + done, WRITABLE);
    if (place === 0) return awaitPage(asker, asker, to + done, PageFlags.Write);
    const piece = least(total - done, bytesToPageEnd(to + done));
    copyPlaces(place, paddr(address(bytes) + done), piece);
    done += piece;
  }
  return Status.Ok;
}

/** Makes sure that all of this can be written, so that a later `store` cannot fail. Results as `copyBetween`. */
export function ensureWritable(asker: Process, to: vaddr, bytes: i32): i32 {
  let done: u32 = 0;
  while (done < u32(bytes)) {
    if (translate(asker, to + done, WRITABLE) === 0) return awaitPage(asker, asker, to + done, PageFlags.Write);
    done += bytesToPageEnd(to + done);
  }
  return Status.Ok;
}

class Block64 {
  static readonly bytes = 64;
  first: u32 = 0;
}

/** Copies bytes of RAM that do not overlap: in blocks where both sides are aligned to words. */
export function copyPlaces(to: paddr, from: paddr, bytes: u32): void {
  let done: u32 = 0;
  if (((to | from) & 3) === 0) {
    for (; bytes - done >= 64; done += 64) copy(view(to + done, Block64), view(from + done, Block64));
  }
  if (done < bytes) bytesAt(to + done, bytes - done).set(bytesAt(from + done, bytes - done));
}

export function bytesToPageEnd(place: u32): u32 {
  return PAGE_BYTES - (place & (PAGE_BYTES - 1));
}

export function least(a: u32, b: u32): u32 {
  if (a < b) return a;
  return b;
}

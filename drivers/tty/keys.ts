/**
 * What has been typed and not been read: one ring with three parts, in the order of typing.
 *
 *     begin … ready   lines, or single bytes, that programs may read
 *     ready … end     the line that is being edited
 *     next … limit    keys that nobody has looked at: typed while the terminal was in another mode
 *
 * A key means what the mode says in which it is *read*, not the one in which it came: who types ahead does not know what will run by then. So
 * when the mode changes, `reconsider` makes everything unread keys again, and input.ts goes through them when somebody reads.
 */

const RING_BYTES = 8192;

/** What the ring holds of a key, beside its byte. */
export const enum Mark {
  /** The end of the file (^D), not a byte to be read. */
  FileEnd = 0x100,
  /** The person has seen it already. */
  Shown = 0x200,
}

const ring = new Uint16Array(RING_BYTES);
let begin: u32 = 0;
let ready: u32 = 0;
let end: u32 = 0;
let next: u32 = 0;
let limit: u32 = 0;

/** Whether another key can be taken in. */
export function hasRoom(): boolean {
  return limit - begin < RING_BYTES - 1;
}

export function addKey(byte: u8): void {
  ring[slot(limit)] = byte;
  limit++;
}

export function hasKeys(): boolean {
  return next !== limit;
}

/** The next key that nobody has looked at. There is one. */
export function takeKey(): u32 {
  const key = ring[slot(next)];
  next++;
  return key;
}

/** Puts an entry behind the line that is being edited: in the room of the key that it comes from, so there always is some. */
export function append(entry: u32): void {
  ring[slot(end)] = u16(entry);
  end++;
  if (next !== limit) return;
  next = end; // what erased keys have left free
  limit = end;
}

/** Bytes of the line that is being edited. */
export function lineLength(): u32 {
  return end - ready;
}

export function lineByte(index: u32): u8 {
  return u8(ring[slot(ready + index)]);
}

/** Takes back the last byte of the line. There is one. */
export function removeLast(): u8 {
  end--;
  return u8(ring[slot(end)]);
}

/** What was being edited may be read. */
export function release(): void {
  ready = end;
}

/** Whether a read can be answered now. */
export function isReadable(): boolean {
  return begin !== ready;
}

/** What may be read next, with its mark. There is something. */
export function firstEntry(): u32 {
  return ring[slot(begin)];
}

export function dropFirst(): void {
  begin++;
}

/** Forgets everything before the keys that nobody has looked at. */
export function forget(): void {
  begin = next;
  ready = next;
  end = next;
}

/** Forgets the keys that nobody has looked at. */
export function forgetKeys(): void {
  next = limit;
}

/** Everything unread is a key again that nobody has looked at. */
export function reconsider(): void {
  while (end !== begin) {
    end--;
    next--;
    ring[slot(next)] = ring[slot(end)];
  }
  ready = begin;
  end = begin;
}

function slot(position: u32): i32 {
  return i32(position % RING_BYTES);
}

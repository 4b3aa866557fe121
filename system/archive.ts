/**
 * Writes the archive: every boot program as an ELF file, and the page of services, in one piece of memory inside
 * renix.elf. Its layout is lib/archive.ts, which the guest reads it with.
 */

/** A named piece of the archive. Names have at most `NAME_BYTES - 1` ASCII characters. */
export interface ArchiveFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const MAGIC = 0x5852_4152; // "RARX"
export const NAME_BYTES = 16;
const HEADER_BYTES = 16;
const ENTRY_BYTES = NAME_BYTES + 8;
const ALIGNMENT = 16;

/** Lays the files out in the given order. Throws a RangeError for a name that is too long or stands twice. */
export function writeArchive(files: readonly ArchiveFile[]): Uint8Array {
  const offsets = place(files);
  const last = files.length - 1;
  const total = last < 0 ? HEADER_BYTES : align(offsets[last] + files[last].bytes.length);
  const archive = new Uint8Array(total);
  const view = new DataView(archive.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, files.length, true);
  view.setUint32(8, total, true);
  files.forEach((file, index) => {
    const entry = HEADER_BYTES + index * ENTRY_BYTES;
    writeName(archive, entry, file.name);
    view.setUint32(entry + NAME_BYTES, offsets[index], true);
    view.setUint32(entry + NAME_BYTES + 4, file.bytes.length, true);
    archive.set(file.bytes, offsets[index]);
  });
  return archive;
}

/** Writes a zero-padded name, as messages and tables hold it. */
export function writeName(target: Uint8Array, offset: number, name: string): void {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length >= NAME_BYTES) throw new RangeError(`name "${name}" is longer than ${NAME_BYTES - 1} bytes`);
  target.set(bytes, offset);
}

function place(files: readonly ArchiveFile[]): number[] {
  const names = new Set(files.map((file) => file.name));
  if (names.size !== files.length) throw new RangeError("a name stands twice in the archive");
  let next = align(HEADER_BYTES + files.length * ENTRY_BYTES);
  return files.map((file) => {
    const offset = next;
    next = align(next + file.bytes.length);
    return offset;
  });
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** The files of an archive that `writeArchive` has made. */
export function readArchive(archive: Uint8Array): ArchiveFile[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.length);
  if (archive.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw new RangeError("not an archive");
  return Array.from({ length: view.getUint32(4, true) }, (_, index) => {
    const entry = HEADER_BYTES + index * ENTRY_BYTES;
    const offset = view.getUint32(entry + NAME_BYTES, true);
    const bytes = archive.subarray(offset, offset + view.getUint32(entry + NAME_BYTES + 4, true));
    return { name: new TextDecoder().decode(archive.subarray(entry, entry + NAME_BYTES)).replace(/\0+$/, ""), bytes };
  });
}

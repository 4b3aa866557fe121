/**
 * The archive: every boot program as an ELF file, inside renix.elf. The kernel maps it, read only, into RS and VM at
 * `ARCHIVE_BASE`, so that no restart ever needs a disk. system/archive.ts writes it.
 */
export const ARCHIVE_BASE: vaddr = 0x4000_0000;
export const ARCHIVE_MAGIC = 0x5852_4152; // "RARX"
export const ARCHIVE_NAME_BYTES = 16;

/** At the start; `count` entries follow it. */
export class ArchiveHeader {
  magic: u32 = 0;
  count: u32 = 0;
  /** Of the whole archive. */
  bytes: u32 = 0;
  spare: u32 = 0;
}

export class ArchiveEntry {
  readonly name = new Uint8Array(16);
  /** From the start of the archive; a multiple of 16. */
  offset: u32 = 0;
  bytes: u32 = 0;
}

/** The entry that is no program: `ServiceRow`s (service-table.ts), what RS starts. */
export const SERVICES_ENTRY = "services";

/** The entry of this (zero-padded) name in the archive, or null. `base` is where the archive lies: for all but the kernel, where it is mapped. */
export function archiveEntry(name: Uint8Array, base: vaddr = ARCHIVE_BASE): ArchiveEntry | null {
  const header = view(base, ArchiveHeader);
  if (header.magic !== ARCHIVE_MAGIC) return null;
  const entries = tableAt(base + u32(sizeOf(ArchiveHeader)), ArchiveEntry, header.count);
  for (const entry of entries) if (sameName(entry.name, name)) return entry;
  return null;
}

/** Where an entry's bytes lie. */
export function archiveAddress(entry: ArchiveEntry): vaddr {
  return ARCHIVE_BASE + entry.offset;
}

function sameName(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < ARCHIVE_NAME_BYTES; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Takes what only debuggers read out of an ELF executable: what lies behind its last segment. Programs on the disk need to be
 * small; the full files stay under build/.
 */

const HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;

/** Offsets in the ELF32 header (System V ABI, chapter 4). */
const enum Header {
  ProgramHeaders = 28,
  SectionHeaders = 32,
  ProgramHeaderCount = 44,
  SectionHeaderCount = 48,
  SectionNames = 50,
}
const enum Program {
  Offset = 4,
  FileBytes = 16,
}

/** The executable up to the end of its last segment, without sections. */
export function stripElf(elf: Uint8Array): Uint8Array {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
  const headers = view.getUint32(Header.ProgramHeaders, true);
  let end = Math.max(HEADER_BYTES, headers + view.getUint16(Header.ProgramHeaderCount, true) * PROGRAM_HEADER_BYTES);
  for (let index = 0; index < view.getUint16(Header.ProgramHeaderCount, true); index++) {
    const header = headers + index * PROGRAM_HEADER_BYTES;
    end = Math.max(
      end,
      view.getUint32(header + Program.Offset, true) + view.getUint32(header + Program.FileBytes, true),
    );
  }
  const stripped = elf.slice(0, end);
  const strippedView = new DataView(stripped.buffer);
  strippedView.setUint32(Header.SectionHeaders, 0, true);
  strippedView.setUint16(Header.SectionHeaderCount, 0, true);
  strippedView.setUint16(Header.SectionNames, 0, true);
  return stripped;
}

/** Finds a section of an ELF32 file by its name (System V ABI, chapter 4). */

const enum Header {
  Sections = 32,
  SectionBytes = 46,
  SectionCount = 48,
  NameSection = 50,
}
const enum Section {
  Name = 0,
  Offset = 16,
  Bytes = 20,
}

/** The section's content, null where there is none of that name. */
export function sectionOf(elf: Uint8Array, name: string): Uint8Array | null {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
  const table = view.getUint32(Header.Sections, true);
  const step = view.getUint16(Header.SectionBytes, true);
  const content = (index: number): Uint8Array => {
    const offset = view.getUint32(table + index * step + Section.Offset, true);
    return elf.subarray(offset, offset + view.getUint32(table + index * step + Section.Bytes, true));
  };
  const names = content(view.getUint16(Header.NameSection, true));
  for (let index = 0; index < view.getUint16(Header.SectionCount, true); index++) {
    const start = view.getUint32(table + index * step + Section.Name, true);
    if (new TextDecoder().decode(names.subarray(start, names.indexOf(0, start))) === name) return content(index);
  }
  return null;
}

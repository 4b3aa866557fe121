/**
 * Where things are: functions, variables and source lines of the kernel and of every boot program, out of renix.elf and the archive it carries.
 */
import { LINE_TABLE_SECTION, LineTable, type Place } from "../compiler/line-table.ts";
import { type Elf, readElf } from "../machine/elf.ts";
import { readArchive } from "../system/archive.ts";
import { sectionOf } from "./elf-section.ts";

/** One executable of the system. */
export interface Executable {
  readonly elf: Elf;
  readonly lines: LineTable | null;
}

/** By name: `kernel`, and every program of the archive. */
export class SystemSymbols {
  private readonly executables = new Map<string, Executable>();

  constructor(renix: Uint8Array) {
    const kernel = readExecutable(renix);
    this.executables.set("kernel", kernel);
    const begin = kernel.elf.symbols.find(({ name }) => name === "archive_start")?.address;
    const segment = kernel.elf.segments.find(({ address }) => address === begin);
    for (const { name, bytes } of segment ? readArchive(segment.bytes) : []) {
      if (name !== "services") this.executables.set(name, readExecutable(bytes));
    }
  }

  get names(): string[] {
    return [...this.executables.keys()];
  }

  /** The ELF file of this name, with its symbols. */
  elf(name: string): Elf | null {
    return this.executables.get(name)?.elf ?? null;
  }

  /** Where a symbol lies: by its whole name (`drivers/disk/main.ts:begin`) or the part behind the colon, if that is unique. Null where there is none. */
  symbol(executable: string, name: string): number | null {
    const symbols = this.executables.get(executable)?.elf.symbols ?? [];
    const exact = symbols.find((symbol) => symbol.name === name);
    const ends = symbols.filter((symbol) => symbol.name.endsWith(`:${name}`));
    return exact?.address ?? (ends.length === 1 ? ends[0].address : null);
  }

  /** The first instruction of a source line. Null where there is none. */
  line(executable: string, file: string, line: number): number | null {
    return this.executables.get(executable)?.lines?.addressesOf(file, line)[0] ?? null;
  }

  /** `file:line` of an address, or its number where nothing is known. */
  place(executable: string, pc: number): string {
    const found: Place | null = this.executables.get(executable)?.lines?.placeAt(pc) ?? null;
    return found === null ? `0x${pc.toString(16)}` : `${found.file}:${found.line}`;
  }
}

function readExecutable(bytes: Uint8Array): Executable {
  const section = sectionOf(bytes, LINE_TABLE_SECTION);
  return { elf: readElf(bytes), lines: section === null ? null : new LineTable(section) };
}

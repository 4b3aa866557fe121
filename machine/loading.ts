/**
 * What lies in RAM when the hart starts: an executable, or firmware with the kernel that it is to start.
 *
 * Kept by the machine, because a reset loads it again. Begin with `withElf`; `Loaded` is immutable, so that forks can
 * share it.
 */
import { Base, MEBIBYTE } from "./board/memory-map.ts";
import { type Elf, isElf, readElf, type Segment } from "./elf.ts";
import { MachineError } from "./error.ts";
import type { Ram } from "./ram.ts";
import { PAGE_BYTES } from "./state/pages.ts";

export interface Loaded {
  readonly segments: readonly Segment[];
  /** Where the hart starts. */
  readonly entry: number;
  /** Where firmware is told to go on, in S-mode; null where nobody is told anything. */
  readonly kernelEntry: number | null;
}

export const NOTHING: Loaded = { segments: [], entry: Base.Ram, kernelEntry: null };

/** Where firmware for RV32 expects a kernel that does not say itself: on a superpage of its own. */
const KERNEL_ADDRESS = Base.Ram + 4 * MEBIBYTE;

/** An executable to start with. Throws a MachineError, in one line, when it is none or does not fit. */
export function withElf(loaded: Loaded, image: Uint8Array, ram: Ram): { loaded: Loaded; elf: Elf } {
  const elf = moved(readElf(image));
  return { loaded: { ...withSegments(loaded, elf.segments, ram), entry: physicalEntry(elf) }, elf };
}

/** The same for what need not be an ELF file: other bytes are put at the start of RAM. */
export function withFirmware(loaded: Loaded, image: Uint8Array, ram: Ram): { loaded: Loaded; elf: Elf | null } {
  if (isElf(image)) return withElf(loaded, image, ram);
  return { loaded: withSegments(loaded, [raw(Base.Ram, image)], ram), elf: null };
}

/** What firmware is to start, an ELF file or not. */
export function withKernel(loaded: Loaded, image: Uint8Array, ram: Ram): Loaded {
  if (!isElf(image)) {
    return { ...withSegments(loaded, [raw(KERNEL_ADDRESS, image)], ram), kernelEntry: KERNEL_ADDRESS };
  }
  const elf = readElf(image);
  return { ...withSegments(loaded, elf.segments, ram), kernelEntry: physicalEntry(elf) };
}

/** Bytes at an address, such as an initial file system. */
export function withBytes(loaded: Loaded, address: number, bytes: Uint8Array, ram: Ram): Loaded {
  return withSegments(loaded, [raw(address, bytes)], ram);
}

/** Copies everything to where it belongs; what exceeds a segment's bytes is cleared. */
export function place(loaded: Loaded, ram: Ram): void {
  for (const { address, bytes, memoryBytes } of loaded.segments) {
    const image = new Uint8Array(memoryBytes);
    image.set(bytes);
    const start = Math.max(address, Base.Ram);
    ram.write(start - Base.Ram, image.subarray(start - address));
  }
}

function withSegments(loaded: Loaded, added: readonly Segment[], ram: Ram): Loaded {
  const ramEnd = Base.Ram + ram.sizeBytes;
  const segments = added.filter(({ memoryBytes }) => memoryBytes > 0);
  for (const { address, memoryBytes } of segments) {
    const end = address + memoryBytes;
    const where = `segment at 0x${address.toString(16)}, ${memoryBytes} bytes`;
    // A linker may begin the first segment with the file's headers, just below the program; on QEMU too, those go
    // nowhere.
    if (end > ramEnd || end <= Base.Ram) throw new MachineError(`${where}: not in RAM`);
    const other = loaded.segments.find(
      (before) => address < before.address + before.memoryBytes && before.address < end,
    );
    if (other !== undefined) {
      throw new MachineError(`${where}: overlaps what is loaded at 0x${other.address.toString(16)}`);
    }
  }
  return { ...loaded, segments: [...loaded.segments, ...segments] };
}

function raw(address: number, bytes: Uint8Array): Segment {
  return { address, virtualAddress: address, bytes, memoryBytes: bytes.length };
}

/** Where a position-independent file, linked for an address where no RAM is, is put: at RAM's start. */
function moved(elf: Elf): Elf {
  if (!elf.isPositionIndependent || elf.entry >= Base.Ram) return elf;
  const lowest = Math.min(...elf.segments.map(({ address }) => address));
  const distance = Base.Ram - (lowest - (lowest % PAGE_BYTES));
  return {
    ...elf,
    entry: elf.entry + distance,
    segments: elf.segments.map((segment) => ({
      ...segment,
      address: segment.address + distance,
      virtualAddress: segment.virtualAddress + distance,
    })),
    symbols: elf.symbols.map((symbol) => ({ ...symbol, address: symbol.address + distance })),
  };
}

/** The bus address of the entry, which may be a virtual one; the start of RAM where the file has none (zero). */
function physicalEntry({ entry, segments }: Elf): number {
  if (entry === 0) return Base.Ram;
  const holds = (start: number, { memoryBytes }: Segment) => entry >= start && entry < start + memoryBytes;
  const mapped = segments.find((segment) => holds(segment.virtualAddress, segment));
  const address = mapped === undefined ? entry : entry - mapped.virtualAddress + mapped.address;
  const isLoaded = mapped !== undefined || segments.some((segment) => holds(segment.address, segment));
  if (!isLoaded || address < Base.Ram)
    throw new MachineError(`entry at 0x${entry.toString(16)}: nothing is loaded there`);
  return address;
}

/**
 * ELF32 executables as the system loads them: their headers, and what must be true of each before a byte of it is believed.
 *
 * VM reads images in the archive, VFS files on the disk; both ask here whether they may. References: the System V ABI (gabi 4.1,
 * chapters 4 and 5) and the RISC-V ELF psABI. Begin reading at `headerIsSound`.
 */
import { ARCHIVE_BASE } from "./archive.ts";
import { PAGE_BYTES, PageFlags } from "./kernel-call/space.ts";
import { USER_BASE } from "./protocol/vm.ts";

/** At the start of the file. */
export class ElfHeader {
  magic: u32 = 0;
  /** 1: 32 bits. */
  fileClass: u8 = 0;
  /** 1: little-endian. */
  encoding: u8 = 0;
  readonly identRest = new Uint8Array(10);
  type: u16 = 0;
  machine: u16 = 0;
  version: u32 = 0;
  entry: vaddr = 0;
  programOffset: u32 = 0;
  sectionOffset: u32 = 0;
  flags: u32 = 0;
  headerBytes: u16 = 0;
  programBytes: u16 = 0;
  programCount: u16 = 0;
  sectionBytes: u16 = 0;
  sectionCount: u16 = 0;
  sectionNames: u16 = 0;
}

/** One of `programCount`, in a row at `programOffset`. */
export class ProgramHeader {
  type: u32 = 0;
  offset: u32 = 0;
  address: vaddr = 0;
  physicalAddress: u32 = 0;
  fileBytes: u32 = 0;
  memoryBytes: u32 = 0;
  flags: u32 = 0;
  alignment: u32 = 0;
}

export const ELF_HEADER_BYTES = 52;
export const PROGRAM_HEADER_BYTES = 32;
/** Longer tables of program headers are refused. */
export const PROGRAM_HEADERS_MAXIMUM = 16;
/** `ProgramHeader.type` of what is to be loaded; all else may be skipped. */
export const PROGRAM_LOAD = 1;

/** Programs lie between USER_BASE and here. */
export const PROGRAM_END: vaddr = ARCHIVE_BASE;

const MAGIC = 0x464c_457f; // "\x7fELF"
const TYPE_EXECUTABLE = 2;
const MACHINE_RISCV = 243;
/** The flags' compressed bit is harmless; RVE and the floating-point ABIs are not for this machine. */
const FLAGS_REFUSED = ~0x1;

/** Segment permissions as ELF writes them. */
const enum ElfFlags {
  Execute = 1,
  Write = 2,
  Read = 4,
}

/** True for a statically linked RV32 executable whose table of program headers lies within the file's `imageBytes`. */
export function headerIsSound(header: ElfHeader, imageBytes: u32): boolean {
  if (imageBytes < ELF_HEADER_BYTES) return false;
  if (header.magic !== MAGIC || header.fileClass !== 1 || header.encoding !== 1) return false;
  if (header.type !== TYPE_EXECUTABLE || header.machine !== MACHINE_RISCV) return false;
  if ((header.flags & FLAGS_REFUSED) !== 0) return false;
  if (header.programBytes !== PROGRAM_HEADER_BYTES) return false;
  if (header.programCount === 0 || header.programCount > PROGRAM_HEADERS_MAXIMUM) return false;
  if ((header.programOffset & 3) !== 0 || header.programOffset > imageBytes) return false;
  return imageBytes - header.programOffset >= u32(header.programCount) * PROGRAM_HEADER_BYTES;
}

/** True when a segment to be loaded lies within the file and within the addresses of programs, and is not writable code. */
export function segmentIsSound(segment: ProgramHeader, imageBytes: u32): boolean {
  if (segment.offset > imageBytes || imageBytes - segment.offset < segment.fileBytes) return false;
  if (segment.fileBytes > segment.memoryBytes) return false;
  return rangeIsSound(segment.address, segment.memoryBytes) && flagsAreSound(pageFlags(segment.flags));
}

/** True when `bytes` bytes at `address` are not none, and all where programs may lie. */
export function rangeIsSound(address: vaddr, bytes: u32): boolean {
  if (address < USER_BASE || address >= PROGRAM_END) return false;
  return bytes !== 0 && bytes <= PROGRAM_END - address;
}

/** True when the rights of a segment's pages are legal: it can be read, and not both written and executed. */
export function flagsAreSound(flags: u32): boolean {
  const known: u32 = PageFlags.Read | PageFlags.Write | PageFlags.Execute;
  const both: u32 = PageFlags.Write | PageFlags.Execute;
  return (flags & PageFlags.Read) !== 0 && (flags & both) !== both && (flags & ~known) === 0;
}

/** A segment's permissions as `PageFlags`. */
export function pageFlags(elfFlags: u32): u32 {
  let flags: u32 = 0;
  if ((elfFlags & ElfFlags.Read) !== 0) flags |= PageFlags.Read;
  if ((elfFlags & ElfFlags.Write) !== 0) flags |= PageFlags.Write;
  if ((elfFlags & ElfFlags.Execute) !== 0) flags |= PageFlags.Execute;
  return flags;
}

/** The start of the page an address lies in. */
export function pageFloor(address: vaddr): vaddr {
  return address & ~(PAGE_BYTES - 1);
}

/** The first page boundary at or above an address (of less than 4 GiB minus a page). */
export function pageCeiling(address: vaddr): vaddr {
  return (address + (PAGE_BYTES - 1)) & ~(PAGE_BYTES - 1);
}

/**
 * The first two processes: RS and VM, made by the kernel from the archive, as nobody else is there yet. RS makes all others, through VM.
 * Begin at `startFirstProcesses`.
 */
import { ARCHIVE_BASE, ARCHIVE_MAGIC, ArchiveEntry, ArchiveHeader, SERVICES_ENTRY } from "../lib/archive.ts";
import {
  ElfHeader,
  headerIsSound,
  PROGRAM_LOAD,
  ProgramHeader,
  pageFlags,
  pageFloor,
  segmentIsSound,
} from "../lib/elf.ts";
import { type Endpoint, RS, VM } from "../lib/endpoint.ts";
import { PAGE_BYTES, PageFlags } from "../lib/kernel-call.ts";
import { STACK_TOP } from "../lib/protocol/vm.ts";
import { ServiceRow } from "../lib/service-table.ts";
import { Status } from "../lib/status.ts";
import { Base } from "../machine/board/memory-map.ts";
import { RealTimeClock } from "../machine/board/real-time-clock.ts";
import { createProcess } from "./calls/create.ts";
import { beginAt } from "./calls/execute.ts";
import { giveRights } from "./calls/privilege.ts";
import { takeBootFrame } from "./frames.ts";
import { copyPlaces, least, READABLE, translate } from "./memory.ts";
import { panic } from "./panic.ts";
import { type Process, processes } from "./process.ts";
import { mapPage, useSpace } from "./space.ts";

const STACK_PAGES: u32 = 16;

class NanosecondClock {
  low: u32 = 0;
  high: u32 = 0;
}

/** When the machine started, in nanoseconds since 1970. */
export let bootTime: u64 = 0n;

export function archiveBytes(): u32 {
  return linkerSymbol("archive_end") - linkerSymbol("archive_start");
}

/** RS and VM stand ready to run, with the rights that the archive's page of services gives them, and the archive mapped. */
export function startFirstProcesses(): void {
  const clock = at(Base.RealTimeClock + RealTimeClock.TimeLow, NanosecondClock);
  const low = clock.low; // latches the high half
  bootTime = (u64(clock.high) << 32n) | u64(low);
  if (view(archiveStart(), ArchiveHeader).magic !== ARCHIVE_MAGIC) panic("there is no archive in this image");
  start(RS, "rs");
  start(VM, "vm");
}

function start(endpoint: Endpoint, name: string): void {
  const process = processes[endpoint];
  createProcess(process, paddedName(name));
  useSpace(process, takeBootFrame());
  const image = find(name);
  if (image === null) panic(name);
  mapArchive(process);
  mapStack(process);
  if (giveRights(process, rowOf(name).rights) !== Status.Ok)
    panic("the page of services gives RS or VM rights it cannot have");
  beginAt(process, load(process, image), STACK_TOP);
}

/** Copies an executable's segments into frames of its own. Returns its entry point. */
function load(process: Process, image: ArchiveEntry): vaddr {
  const file = archiveStart() + image.offset;
  const header = view(file, ElfHeader);
  if (!headerIsSound(header, image.bytes)) panic("an executable in the archive is none");
  for (const segment of tableAt(file + header.programOffset, ProgramHeader, u32(header.programCount))) {
    if (segment.type !== PROGRAM_LOAD || segment.memoryBytes === 0) continue;
    if (!segmentIsSound(segment, image.bytes)) panic("a segment in the archive is unsound");
    loadSegment(process, file + segment.offset, segment);
  }
  return header.entry;
}

function loadSegment(process: Process, content: paddr, segment: ProgramHeader): void {
  const first = pageFloor(segment.address);
  const pages = (segment.address - first + segment.memoryBytes + (PAGE_BYTES - 1)) / PAGE_BYTES;
  for (let page: u32 = 0; page < pages; page++) {
    map(process, first + page * PAGE_BYTES, takeBootFrame(), pageFlags(segment.flags));
  }
  let done: u32 = 0;
  while (done < segment.fileBytes) {
    const place = translate(process, segment.address + done, READABLE);
    const piece = least(segment.fileBytes - done, PAGE_BYTES - (place & (PAGE_BYTES - 1)));
    copyPlaces(place, content + done, piece);
    done += piece;
  }
}

function mapStack(process: Process): void {
  for (let page: u32 = 1; page <= STACK_PAGES; page++) {
    map(process, STACK_TOP - page * PAGE_BYTES, takeBootFrame(), PageFlags.Read | PageFlags.Write);
  }
}

function mapArchive(process: Process): void {
  for (let offset: u32 = 0; offset < archiveBytes(); offset += PAGE_BYTES) {
    map(process, ARCHIVE_BASE + offset, archiveStart() + offset, PageFlags.Read);
  }
}

function map(process: Process, place: vaddr, frame: paddr, flags: u32): void {
  if (mapPage(process, place, frame, flags, 0) !== Status.NeedTable) return;
  mapPage(process, place, frame, flags, takeBootFrame());
}

// --- The archive -------------------------------------------------------------------------------------------------

function archiveStart(): paddr {
  return paddr(linkerSymbol("archive_start"));
}

function find(name: string): ArchiveEntry | null {
  const header = view(archiveStart(), ArchiveHeader);
  const entries = tableAt(archiveStart() + u32(sizeOf(ArchiveHeader)), ArchiveEntry, header.count);
  for (const entry of entries) if (isNamed(entry.name, name)) return entry;
  return null;
}

function rowOf(name: string): ServiceRow {
  const page = find(SERVICES_ENTRY);
  if (page === null) panic("there is no page of services in the archive");
  const rows = tableAt(archiveStart() + page.offset, ServiceRow, page.bytes / u32(sizeOf(ServiceRow)));
  for (const row of rows) if (isNamed(row.name, name)) return row;
  panic("the page of services lacks RS or VM");
}

function isNamed(padded: Uint8Array, name: string): boolean {
  for (let i = 0; i < padded.length; i++) if (padded[i] !== (i < name.length ? name.charCodeAt(i) : 0)) return false;
  return true;
}

const padded = new Uint8Array(16);
function paddedName(name: string): Uint8Array {
  padded.fill(0);
  padded.set(name.bytes);
  return padded;
}

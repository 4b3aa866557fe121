/**
 * The first two processes: RS and VM, made by the kernel from the archive, as nobody else is there yet. RS makes all others, through VM.
 * Begin at `startFirstProcesses`.
 */
import { ARCHIVE_BASE, type ArchiveEntry, archiveEntry, SERVICES_ENTRY } from "../lib/archive.ts";
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
import { PAGE_BYTES, PageFlags } from "../lib/kernel-call/space.ts";
import { type LineTable, lineTableOf } from "../lib/line-table.ts";
import { NAME_BYTES } from "../lib/message.ts";
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
  start(RS, "rs");
  start(VM, "vm");
}

function start(endpoint: Endpoint, name: string): void {
  const process = processes[endpoint];
  createProcess(process, padded(name));
  useSpace(process, takeBootFrame());
  const image = archiveEntry(process.name, archiveStart());
  if (image === null) panic("there is no RS or VM in the archive");
  mapArchive(process);
  mapStack(process);
  if (giveRights(process, rowOf(process.name).rights) !== Status.Ok)
    panic("the page of services gives RS or VM rights it cannot have");
  beginAt(process, load(process, image), STACK_TOP);
}

/** Copies an executable's segments into frames of its own. Returns its entry point. */
function load(process: Process, image: ArchiveEntry): vaddr {
  const file = paddr(archiveStart() + image.offset);
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
    map(process, ARCHIVE_BASE + offset, paddr(archiveStart() + offset), PageFlags.Read);
  }
}

function map(process: Process, place: vaddr, frame: paddr, flags: u32): void {
  if (mapPage(process, place, frame, flags, 0) !== Status.NeedTable) return;
  mapPage(process, place, frame, flags, takeBootFrame());
}

/** The line table of a process' program, if that is in the archive; or null. */
export function linesOf(process: Process): LineTable | null {
  const entry = archiveEntry(process.name, archiveStart());
  return entry === null ? null : lineTableOf(archiveStart() + entry.offset, entry.bytes);
}

/** The kernel sees the archive where it was loaded. */
function archiveStart(): vaddr {
  return vaddr(linkerSymbol("archive_start"));
}

function rowOf(name: Uint8Array): ServiceRow {
  const page = archiveEntry(padded(SERVICES_ENTRY), archiveStart());
  if (page === null) panic("there is no page of services in the archive");
  const rows = tableAt(archiveStart() + page.offset, ServiceRow, page.bytes / u32(sizeOf(ServiceRow)));
  for (const row of rows) if (isSame(row.name, name)) return row;
  panic("the page of services lacks RS or VM");
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < NAME_BYTES; i++) if (a[i] !== b[i]) return false;
  return true;
}

const name = new Uint8Array(NAME_BYTES);
/** A name as tables hold it. Good until the next one. */
function padded(text: string): Uint8Array {
  name.fill(0);
  name.set(text.bytes);
  return name;
}

/**
 * Address spaces: Sv32 page tables, two levels of 1,024 entries, pages of 4 KiB (privileged specification, 10.3).
 *
 * VM decides what lies where and hands in the frames, tables included; the kernel checks each request and writes the entries, so
 * that no page is ever writable and executable, and no table ever mapped. The space id is the slot: a switch flushes nothing.
 */
import { PAGE_BYTES, PageFlags, type PageMapping } from "../lib/kernel-call/space.ts";
import { Status } from "../lib/status.ts";
import { deviceCovers } from "./devices.ts";
import { isPinned } from "./dma.ts";
import { areFree, setTable, zeroFrame } from "./frames.ts";
import { Entry, noSpace, tableOf, Word } from "./memory.ts";
import type { Process } from "./process.ts";

/** satp's mode field (10.1.11): Sv32. The space id stands from bit 22 on, 9 bits. */
const SV32 = 0x8000_0000;
const ENTRIES = 1024;
const RIGHTS: u32 = PageFlags.Read | PageFlags.Write | PageFlags.Execute;

/** Gives a process the (zeroed) root table `root`, or none; the frames of the tables it had are VM's again. */
export function replaceSpace(process: Process, root: paddr): void {
  releaseTables(process);
  useSpace(process, root);
  forgetPlaces(process);
}

/** Makes `root`, a frame that is all zero, the process' root table. 0: it has no space. */
export function useSpace(process: Process, root: paddr): void {
  if (root !== 0) setTable(root, true);
  process.root = root === 0 ? noSpace() : root;
  process.satp = SV32 | (u32(process.slot) << 22) | (process.root >>> 12);
  flushSpace(process);
}

export function hasSpace(process: Process): boolean {
  return process.root !== noSpace();
}

/** One page, as `spaceMap` says. 1: took the spare table. */
export function mapPage(process: Process, place: vaddr, frame: paddr, flags: u32, spareTable: paddr): i32 {
  const pointer = view(process.root + ((place >>> 22) << 2), Word);
  let took = 0;
  if ((pointer.value & Entry.Valid) === 0) {
    if (spareTable === 0) return Status.NeedTable;
    addTable(pointer, spareTable);
    process.tableCount++;
    took = 1;
  }
  entryOf(pointer, place).value = ((frame >>> 12) << 10) | entryBits(flags);
  flushPage(process, place);
  forgetPlaces(process);
  return took;
}

/** Whether a frame may become a table, while these are mapped. */
export function maySpare(table: paddr, frame: paddr, pages: u32): boolean {
  return table === 0 || (areFree(table, 1) && (table - frame) / PAGE_BYTES >= pages);
}

/** Whether these pages may be mapped like this: W^X, and whose the frames are. */
export function mayMap(process: Process, frame: paddr, pages: u32, flags: u32): boolean {
  const both: u32 = PageFlags.Write | PageFlags.Execute;
  if ((flags & both) === both || (flags & PageFlags.Read) === 0) return false;
  if ((flags & ~(RIGHTS | PageFlags.Device)) !== 0) return false;
  if ((flags & PageFlags.Device) === 0) return areFree(frame, pages);
  return (flags & PageFlags.Execute) === 0 && deviceCovers(process, frame, pages);
}

/** Takes pages away; those that are not there are skipped. */
export function unmapPages(process: Process, place: vaddr, pages: u32): void {
  for (let index: u32 = 0; index < pages; index++) {
    const page = place + index * PAGE_BYTES;
    const pointer = view(process.root + ((page >>> 22) << 2), Word);
    if ((pointer.value & Entry.Valid) === 0) continue;
    entryOf(pointer, page).value = 0;
    flushPage(process, page);
  }
  forgetPlaces(process); // if it awaits a message there, it gets Fault
}

/** What is mapped at an address. */
export function queryPage(process: Process, place: vaddr, result: PageMapping): void {
  result.frame = 0;
  result.flags = 0;
  const pointer = view(process.root + ((place >>> 22) << 2), Word);
  if ((pointer.value & Entry.Valid) === 0) return;
  const entry = entryOf(pointer, place).value;
  if ((entry & Entry.Valid) === 0) return;
  result.frame = paddr((entry >>> 10) << 12);
  result.flags = pageFlagsOf(entry);
  if (isPinned(result.frame)) result.flags |= PageFlags.Pinned;
}

/** Where its messages lie is looked up again when it is needed. */
function forgetPlaces(process: Process): void {
  process.inboxPlace = 0;
  process.outboxPlace = 0;
}

function addTable(pointer: Word, frame: paddr): void {
  zeroFrame(frame);
  setTable(frame, true);
  pointer.value = ((frame >>> 12) << 10) | Entry.Valid;
}

function releaseTables(process: Process): void {
  if (!hasSpace(process)) return;
  for (const pointer of wordsAt(process.root, ENTRIES)) {
    if (process.tableCount === 0) break;
    if ((pointer & Entry.Valid) === 0) continue;
    setTable(tableOf(pointer), false);
    process.tableCount--;
  }
  setTable(process.root, false);
}

function entryOf(pointer: Word, place: vaddr): Word {
  return view(tableOf(pointer.value) + (((place >>> 12) & 0x3ff) << 2), Word);
}

/** Rights stand in the same order in both. Accessed and dirty are set from the start: nobody reads them, and no access needs to. */
function entryBits(flags: u32): u32 {
  const always: u32 = Entry.Valid | Entry.User | Entry.Accessed | Entry.Dirty;
  const bits = always | ((flags & RIGHTS) << 1);
  return (flags & PageFlags.Device) === 0 ? bits : bits | Entry.Device;
}

function pageFlagsOf(entry: u32): u32 {
  const rights = (entry >>> 1) & RIGHTS;
  return (entry & Entry.Device) === 0 ? rights : rights | PageFlags.Device;
}

/** What the hart may remember of a translation is void (10.2.1). */
function flushPage(process: Process, place: vaddr): void {
  asm`sfence.vma ${place}, ${process.slot}`;
}

function flushSpace(process: Process): void {
  asm`sfence.vma zero, ${process.slot}`;
}

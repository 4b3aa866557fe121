/**
 * Address spaces: which addresses a process may touch (its regions), and which frames are behind them.
 *
 * A region's pages come when they are first touched, all zero, unless somebody fills them before. What is mapped where only the page
 * tables say, and those only the kernel touches: VM asks it (mapped.ts). Begin at `createSpace` and `destroySpace`.
 */
import { pageCeiling, pageFloor } from "../../lib/elf.ts";
import { type Endpoint, NONE, SLOTS, slotOf } from "../../lib/endpoint.ts";
import { frameZero, PAGE_BYTES, PageFlags, spaceCreate, spaceMap } from "../../lib/kernel-call/space.ts";
import { STACK_MAXIMUM_BYTES, STACK_TOP } from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";
import {
  availableFrames,
  chainFrame,
  memory,
  nextInChain,
  quarantineFrame,
  releaseFrame,
  takeFrame,
} from "./frames.ts";
import { MappedPages, nextMapped, walkMapped } from "./mapped.ts";
import { type Plan, planEnd, planPages } from "./plan.ts";

/** Addresses with the same rights, from `start` to before `end`, both page boundaries. */
export class Region {
  start: vaddr = 0;
  end: vaddr = 0;
  /** `PageFlags`; 0: a vacant row. */
  flags: u32 = 0;
  /** No page outside these bounds has ever been mapped. */
  touchedStart: vaddr = 0;
  touchedEnd: vaddr = 0;
}

/** Enough for SEGMENTS_MAXIMUM segments, the heap, the stack and four devices. */
const REGIONS = 14;

export class Space {
  /** NONE: a vacant row. */
  endpoint: Endpoint = NONE;
  root: paddr = 0;
  /** The chain of its second-level tables. */
  tables: paddr = 0;
  tableCount: u32 = 0;
  /** Pages mapped, shared ones included, devices not. */
  pages: u32 = 0;
  /** How many more frames it may ask for, come what may. */
  promised: u32 = 0;
  /** The end of its data, as the program set it. The heap's region reaches up to the next page boundary. */
  breakAddress: vaddr = 0;
  /** Its segments are being filled: all of them can be written, none executed. */
  filling: boolean = false;
  readonly regions = table(Region, REGIONS);
}

const spaces = table(Space, SLOTS);
const walk = new MappedPages();

/** Rows of `Space.regions` with a fixed place. Segments follow, then devices. */
const HEAP_ROW = 0;
const STACK_ROW = 1;
const FIRST_FREE_ROW = 2;

/** Pages of stack that a process gets whatever happens; more is given while there is memory. */
const STACK_PROMISED_PAGES = 16;

/** The address space of a process, or null where VM has made none. */
export function findSpace(endpoint: Endpoint): Space | null {
  if (endpoint < 0) return null;
  const space = spaces[slotOf(endpoint)];
  return space.endpoint === endpoint ? space : null;
}

export function heapOf(space: Space): Region {
  return space.regions[HEAP_ROW];
}

export function stackOf(space: Space): Region {
  return space.regions[STACK_ROW];
}

/** The region an address lies in, or null. */
export function regionAt(space: Space, where: vaddr): Region | null {
  for (const region of space.regions)
    if (region.flags !== 0 && where >= region.start && where < region.end) return region;
  return null;
}

/** What a region's pages allow at the moment. */
export function rightsOf(space: Space, region: Region): u32 {
  return space.filling && (region.flags & PageFlags.Device) === 0 ? PageFlags.Read | PageFlags.Write : region.flags;
}

/**
 * Gives a process a new space with the regions of a plan, in place of the one it may have: nothing mapped yet, everything promised, to be
 * filled. Errors: NoMemory (the old space is still there), Busy (the slot's last life has not been released), and what the kernel answers.
 */
export function createSpace(endpoint: Endpoint, plan: Plan): Status {
  const needed = planPages(plan) + STACK_PROMISED_PAGES + u32(plan.count) + 3;
  if (needed > availableFrames()) return Status.NoMemory;
  const old = findSpace(endpoint);
  if (old !== null) destroySpace(old);
  const status = openSpace(endpoint, needed);
  if (status !== Status.Ok) return status;
  const space = spaces[slotOf(endpoint)];
  for (let index = 0; index < plan.count; index++) {
    const segment = plan.segments[index];
    setRegion(space.regions[FIRST_FREE_ROW + index], segment.address, segment.end, segment.flags);
  }
  const heapStart = planEnd(plan);
  setRegion(space.regions[HEAP_ROW], heapStart, heapStart, PageFlags.Read | PageFlags.Write);
  setRegion(space.regions[STACK_ROW], STACK_TOP - STACK_MAXIMUM_BYTES, STACK_TOP, PageFlags.Read | PageFlags.Write);
  space.breakAddress = heapStart;
  space.filling = true;
  return Status.Ok;
}

/** An empty space with a promise of `promised` frames, of which its root takes one. Errors: Busy, and what the kernel answers. */
export function openSpace(endpoint: Endpoint, promised: u32): Status {
  const space = spaces[slotOf(endpoint)];
  if (space.endpoint !== NONE) return Status.Busy;
  const root = takeFrame();
  const status = spaceCreate(endpoint, root);
  if (status !== Status.Ok) {
    releaseFrame(root);
    return status;
  }
  clear(space);
  space.endpoint = endpoint;
  space.root = root;
  setPromise(space, promised - 1);
  return Status.Ok;
}

/** Frees everything a process has, and takes its space away. Shared frames stay with the others, pinned ones go to quarantine. */
export function destroySpace(space: Space): void {
  for (const region of space.regions) if (region.flags !== 0) releasePages(space, region, region.start, region.end);
  spaceCreate(space.endpoint, 0);
  let tables = space.tables;
  while (tables !== 0) {
    const next = nextInChain(tables);
    releaseFrame(tables);
    tables = next;
  }
  releaseFrame(space.root);
  setPromise(space, 0);
  space.endpoint = NONE;
}

/** Changes how many frames a space may still ask for. The caller has compared more with `availableFrames`. */
export function setPromise(space: Space, promised: u32): void {
  memory.promised = memory.promised - space.promised + promised;
  space.promised = promised;
}

/** Adds a region beside the others. Null when the table is full or the addresses are taken. */
export function addRegion(space: Space, start: vaddr, end: vaddr, flags: u32): Region | null {
  let vacant: Region | null = null;
  for (let index = REGIONS - 1; index >= FIRST_FREE_ROW; index--) {
    const region = space.regions[index];
    if (region.flags === 0) vacant = region;
    else if (start < region.end && region.start < end) return null;
  }
  if (vacant !== null) setRegion(vacant, start, end, flags);
  return vacant;
}

export function setRegion(region: Region, start: vaddr, end: vaddr, flags: u32): void {
  region.start = start;
  region.end = end;
  region.flags = flags;
  region.touchedStart = end;
  region.touchedEnd = start;
}

/**
 * Puts a frame of the space's own behind a page that has none: zeroed if asked for, with the rights of its region. Errors: NoMemory,
 * where the space has used up what it was promised and no other memory is left.
 */
export function supplyPage(space: Space, region: Region, page: vaddr, zeroed: boolean): Status {
  const frame = takeFor(space);
  if (frame === 0) return Status.NoMemory;
  if (zeroed) frameZero(frame, 1);
  return mapFrame(space, region, page, frame);
}

/** Supplies the pages that bytes are about to be copied to; only where not all of a page is overwritten it is zeroed first. */
export function supplyFilled(space: Space, region: Region, start: vaddr, bytes: u32): Status {
  const end = start + bytes;
  for (let page = pageFloor(start); page < pageCeiling(end); page += PAGE_BYTES) {
    const partly = page < start || end - page < PAGE_BYTES;
    const status = supplyPage(space, region, page, partly);
    if (status !== Status.Ok) return status;
  }
  return Status.Ok;
}

/** Maps a frame that the space has a reference of. */
export function mapFrame(space: Space, region: Region, page: vaddr, frame: paddr): Status {
  const status = mapPages(space, page, frame, 1, rightsOf(space, region));
  if (status !== Status.Ok) {
    releaseFrame(frame);
    return status;
  }
  space.pages++;
  touch(region, page, page + PAGE_BYTES);
  return Status.Ok;
}

/** Maps frames in a row, and gives the kernel tables as it needs them. */
export function mapPages(space: Space, page: vaddr, frame: paddr, pages: u32, flags: u32): Status {
  let result = spaceMap(space.endpoint, page, frame, pages, flags, 0);
  while (result === Status.NeedTable) {
    const spare = takeFor(space);
    if (spare === 0) return Status.NoMemory;
    space.tables = chainFrame(spare, space.tables);
    space.tableCount++;
    result = spaceMap(space.endpoint, page, frame, pages, flags, spare);
  }
  return result < 0 ? result : Status.Ok;
}

/** Notes that pages in this range of the region are mapped. */
export function touch(region: Region, start: vaddr, end: vaddr): void {
  if (start < region.touchedStart) region.touchedStart = start;
  if (end > region.touchedEnd) region.touchedEnd = end;
}

/** Releases what is behind the pages from `start` to before `end` of a region, and answers how many were mapped. They still are: the caller unmaps. */
export function releasePages(space: Space, region: Region, start: vaddr, end: vaddr): u32 {
  if ((region.flags & PageFlags.Device) !== 0) return 0;
  const first = start > region.touchedStart ? start : region.touchedStart;
  walkMapped(walk, first, end < region.touchedEnd ? end : region.touchedEnd);
  let released: u32 = 0;
  for (;;) {
    const mapping = nextMapped(space.endpoint, walk);
    if (mapping === null) break;
    if ((mapping.flags & PageFlags.Pinned) !== 0) quarantineFrame(mapping.frame);
    else releaseFrame(mapping.frame);
    released++;
  }
  space.pages -= released;
  return released;
}

/** The filled segments get their own rights. */
export function sealSpace(space: Space): void {
  space.filling = false;
  for (const region of space.regions) {
    const writable: u32 = PageFlags.Write;
    if (region.flags !== 0 && (region.flags & writable) === 0) protectPages(space, region);
  }
}

function protectPages(space: Space, region: Region): void {
  walkMapped(walk, region.touchedStart, region.touchedEnd);
  for (;;) {
    const mapping = nextMapped(space.endpoint, walk);
    if (mapping === null) return;
    spaceMap(space.endpoint, walk.page, mapping.frame, 1, region.flags, 0);
  }
}

/** A frame out of what the space was promised, or else of what nobody was; 0: there is none. */
export function takeFor(space: Space): paddr {
  if (space.promised > 0) setPromise(space, space.promised - 1);
  else if (availableFrames() === 0) return 0;
  return takeFrame();
}

/**
 * Makes processes for tests, as RS and VM do together in the real system: a slot, a space filled from the archive, rights, a start.
 * Begin at `spawn`.
 */
import { archiveAddress, archiveEntry } from "../../../lib/archive.ts";
import { ElfHeader, PROGRAM_LOAD, ProgramHeader, pageFlags, pageFloor } from "../../../lib/elf.ts";
import { type Endpoint, INIT, RS, SERVICES, USER } from "../../../lib/endpoint.ts";
import {
  createProcess,
  executeProcess,
  NewProcess,
  Rights,
  setRights,
  virtualCopy,
} from "../../../lib/kernel-call/process.ts";
import { PAGE_BYTES, PageFlags, spaceCreate, spaceMap } from "../../../lib/kernel-call/space.ts";
import { STACK_TOP } from "../../../lib/protocol/vm.ts";
import { Status } from "../../../lib/status.ts";
import { takeFrame } from "./frames.ts";

const created = new NewProcess();
const rights = new Rights();
const program = new Uint8Array(16);

/** May send to everybody, and use every kernel call. */
export function allRights(): Rights {
  rights.sendTo[0] = 0xffff_ffff;
  rights.sendTo[1] = 0xffff_ffff;
  rights.calls[0] = 0xffff_ffff;
  rights.calls[1] = 0xffff_ffff;
  rights.devices.fill(0);
  rights.manager = RS;
  rights.priority = 8;
  rights.quantumMilliseconds = 50;
  rights.program = false;
  return rights;
}

/** A service in this slot that runs the archive's `name`, with these rights; or a program, in a slot of programs. */
export function spawn(slot: i32, name: string, given: Rights): Endpoint {
  const who = create(slot, name);
  spaceCreate(who, takeFrame());
  const pc = load(who, name);
  map(who, STACK_TOP - 4 * PAGE_BYTES, 4, PageFlags.Read | PageFlags.Write);
  given.program = slot >= SERVICES;
  assert(setRights(who, given) === Status.Ok);
  assert(executeProcess(who, pc, STACK_TOP - 16, address(program)) === Status.Ok);
  return who;
}

/** A process with a name and nothing else. */
export function create(slot: i32, name: string): Endpoint {
  program.fill(0);
  program.set(name.bytes);
  assert(createProcess(slot, address(program), created) === Status.Ok);
  return created.endpoint;
}

/** Fills a space from an executable in the archive; answers its entry point. */
export function load(who: Endpoint, name: string): vaddr {
  program.fill(0);
  program.set(name.bytes);
  const image = archiveEntry(program);
  assert(image !== null);
  const file = archiveAddress(image);
  const header = view(file, ElfHeader);
  for (const segment of tableAt(file + header.programOffset, ProgramHeader, u32(header.programCount))) {
    if (segment.type === PROGRAM_LOAD && segment.memoryBytes !== 0) loadSegment(who, file, segment);
  }
  return header.entry;
}

function loadSegment(who: Endpoint, file: vaddr, segment: ProgramHeader): void {
  const first = pageFloor(segment.address);
  const pages = (segment.address - first + segment.memoryBytes + (PAGE_BYTES - 1)) / PAGE_BYTES;
  const frame = map(who, first, pages, PageFlags.Read | PageFlags.Write);
  assert(virtualCopy(RS, file + segment.offset, who, segment.address, segment.fileBytes) === Status.Ok);
  spaceMap(who, first, frame, pages, pageFlags(segment.flags), 0);
}

/** Maps fresh frames, which lie in a row; answers the first. */
export function map(who: Endpoint, place: vaddr, pages: u32, flags: u32): paddr {
  const first = takeFrame();
  for (let page: u32 = 1; page < pages; page++) takeFrame();
  let status = spaceMap(who, place, first, pages, flags, 0);
  while (status === Status.NeedTable) status = spaceMap(who, place, first, pages, flags, takeFrame());
  assert(status >= 0);
  return first;
}

/** Where programs go in tests: slots of services that the real system does not use, and of programs. */
export const FIRST_SLOT = 20;
export const PROGRAM_SLOT: i32 = INIT;
export const USER_ID = USER;

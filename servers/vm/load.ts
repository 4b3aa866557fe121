/**
 * Loading a boot program out of the archive into a fresh address space: how services begin, and how they come back.
 *
 * The archive is mapped read only into VM, so no restart ever needs a disk. Begin at `loadProgram`.
 */
import { archiveAddress, archiveEntry } from "../../lib/archive.ts";
import {
  ELF_HEADER_BYTES,
  ElfHeader,
  headerIsSound,
  PROGRAM_LOAD,
  ProgramHeader,
  pageFlags,
  segmentIsSound,
} from "../../lib/elf.ts";
import { type Endpoint, RS, VM } from "../../lib/endpoint.ts";
import { virtualCopy } from "../../lib/kernel-call/process.ts";
import { PageFlags } from "../../lib/kernel-call/space.ts";
import { STACK_TOP, type VmImage, type VmLoad } from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";
import { addSegment, Plan } from "./plan.ts";
import { createSpace, destroySpace, findSpace, regionAt, type Space, sealSpace, supplyFilled } from "./space.ts";

/** RS asks. Errors: Denied, NoEntry (nothing of that name in the archive), NotExecutable, NoMemory, Busy. */
export function loadProgram(request: VmLoad, answer: VmImage): Status {
  if (request.source !== RS) return Status.Denied;
  const entry = archiveEntry(request.program);
  if (entry === null) return Status.NoEntry;
  const image = archiveAddress(entry);
  if (!imageIsSound(image, entry.bytes)) return Status.NotExecutable;
  const plan = new Plan();
  if (!planImage(image, plan)) return Status.NotExecutable;
  const status = createSpace(request.endpoint, plan);
  if (status !== Status.Ok) return status;
  answer.pc = view(image, ElfHeader).entry;
  answer.stackTop = STACK_TOP;
  return fillSpace(request.endpoint, image);
}

function imageIsSound(image: vaddr, imageBytes: u32): boolean {
  if (imageBytes < ELF_HEADER_BYTES || !headerIsSound(view(image, ElfHeader), imageBytes)) return false;
  for (const segment of segmentsOf(image)) if (isLoaded(segment) && !segmentIsSound(segment, imageBytes)) return false;
  return true;
}

/** False where segments overlap, there are too many, or the entry point is no code. */
function planImage(image: vaddr, plan: Plan): boolean {
  const entry = view(image, ElfHeader).entry;
  let entryIsCode = false;
  for (const segment of segmentsOf(image)) {
    if (!isLoaded(segment)) continue;
    const flags = pageFlags(segment.flags);
    if (!addSegment(plan, segment.address, segment.memoryBytes, flags)) return false;
    const inside = entry >= segment.address && entry - segment.address < segment.memoryBytes;
    if (inside && (flags & PageFlags.Execute) !== 0) entryIsCode = true;
  }
  return entryIsCode;
}

function fillSpace(endpoint: Endpoint, image: vaddr): Status {
  const space = findSpace(endpoint);
  if (space === null) return Status.DeadEndpoint;
  for (const segment of segmentsOf(image)) {
    if (!isLoaded(segment)) continue;
    const status = fillSegment(space, segment, image);
    if (status === Status.Ok) continue;
    destroySpace(space);
    return status;
  }
  sealSpace(space);
  return Status.Ok;
}

/** Supplies the pages that the file has bytes for (VM must not fault on a copy of its own), and copies. */
function fillSegment(space: Space, segment: ProgramHeader, image: vaddr): Status {
  if (segment.fileBytes === 0) return Status.Ok;
  const region = regionAt(space, segment.address);
  if (region === null) return Status.Fault;
  const status = supplyFilled(space, region, segment.address, segment.fileBytes);
  if (status !== Status.Ok) return status;
  return virtualCopy(VM, image + segment.offset, space.endpoint, segment.address, segment.fileBytes);
}

function segmentsOf(image: vaddr): ProgramHeader[] {
  const header = view(image, ElfHeader);
  return tableAt(image + header.programOffset, ProgramHeader, header.programCount);
}

function isLoaded(segment: ProgramHeader): boolean {
  return segment.type === PROGRAM_LOAD && segment.memoryBytes > 0;
}

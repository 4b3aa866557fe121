/**
 * Exec, the middle of it: PM asks for it and starts the result; here the file is found and checked, VM is told to build the new
 * address space, and everything gets its place in it.
 *
 * Up to VM's building nothing is lost: the old program hears what was wrong. After it there is nothing to go back to, and PM
 * is told so (`committed`). Begin at `exec`.
 */
import {
  ELF_HEADER_BYTES,
  ElfHeader,
  headerIsSound,
  PROGRAM_HEADER_BYTES,
  PROGRAM_LOAD,
  ProgramHeader,
  pageFlags,
  segmentIsSound,
} from "../../lib/elf.ts";
import { VFS, VM } from "../../lib/endpoint.ts";
import { sendReceive } from "../../lib/ipc.ts";
import { virtualCopy } from "../../lib/kernel-call/process.ts";
import type { Message, Reply } from "../../lib/message.ts";
import { FsNode } from "../../lib/protocol/file-server.ts";
import { EXEC_FRAME_MAXIMUM_BYTES } from "../../lib/protocol/pm.ts";
import type { VfsExecReply, VfsPmExec } from "../../lib/protocol/vfs.ts";
import { SEGMENTS_MAXIMUM, Segment, VmExecBegin, VmExecEnd, type VmImage } from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";
import { closeAll } from "./close.ts";
import { Buffer, type FileId, readFile, text } from "./file-server.ts";
import { fetchPath, Path, walk } from "./path.ts";
import { type Process, processOf } from "./process.ts";
import { dropVnode, takeVnode, type Vnode } from "./vnode.ts";

const EXECUTE_BITS = 0o111;

/** The arguments and environment of the program to come. */
const frame = new Uint8Array(32768);
const header = new ElfHeader();
const programHeaders = table(ProgramHeader, 16);
const segments = table(Segment, 8);

/** Errors: NoProcess, AccessDenied (not a program), NotExecutable, ArgumentsTooLong, NoMemory, Fault, and those of a walk. */
export function exec(request: VfsPmExec, answer: VfsExecReply): Status {
  const process = processOf(request.process);
  if (process === null) return Status.NoProcess;
  if (request.frameBytes > EXEC_FRAME_MAXIMUM_BYTES) return Status.ArgumentsTooLong;
  const path = new Path();
  const node = new FsNode();
  let status = fetchPath(process, request.path, request.pathBytes, 0, path);
  if (status === Status.Ok) {
    answer.name.set(nameIn(path));
    status = walk(process, path, true, node);
  }
  if (status !== Status.Ok) return status;
  const vnode = takeVnode(node);
  if (vnode === null) return Status.TooManyFiles;
  status = replace(process, vnode, u32(node.bytes), request, answer);
  dropVnode(vnode);
  return status;
}

function replace(process: Process, vnode: Vnode, fileBytes: u32, request: VfsPmExec, answer: VfsExecReply): Status {
  if (!vnode.isRegular() || (vnode.mode & EXECUTE_BITS) === 0) return Status.AccessDenied;
  let status = virtualCopy(process.endpoint, request.frame, VFS, address(frame), request.frameBytes);
  if (status === Status.Ok) status = checkFrame(request.frameBytes);
  if (status === Status.Ok) status = readHeaders(vnode, fileBytes);
  if (status !== Status.Ok) return status;

  const image = new VmExecBegin();
  image.endpoint = process.endpoint;
  image.segments = address(segments);
  image.count = listSegments();
  status = askVm(image);
  if (status !== Status.Ok) return status;
  answer.committed = 1;
  const { stackTop } = image as Message as VmImage;

  status = load(process, vnode);
  if (status === Status.Ok) status = placeFrame(process, stackTop, request.frameBytes, answer);
  if (status !== Status.Ok) return status;
  const rights = new VmExecEnd();
  rights.endpoint = process.endpoint;
  status = askVm(rights);
  closeAll(process, true);
  answer.pc = header.entry;
  return status;
}

/** Reads and checks everything that says what is to be loaded. */
function readHeaders(file: FileId, fileBytes: u32): Status {
  let status = readExactly(file, 0, address(header), ELF_HEADER_BYTES);
  if (status === Status.Ok && !headerIsSound(header, fileBytes)) status = Status.NotExecutable;
  if (status !== Status.Ok) return status;
  const bytes = u32(header.programCount) * PROGRAM_HEADER_BYTES;
  status = readExactly(file, header.programOffset, address(programHeaders), bytes);
  if (status !== Status.Ok) return status;
  let loads = 0;
  for (let index = 0; index < header.programCount; index++) {
    const program = programHeaders[index];
    if (!isLoaded(program)) continue;
    if (!segmentIsSound(program, fileBytes)) return Status.NotExecutable;
    loads++;
  }
  return loads > 0 && loads <= SEGMENTS_MAXIMUM ? Status.Ok : Status.NotExecutable;
}

function isLoaded(program: ProgramHeader): boolean {
  return program.type === PROGRAM_LOAD && program.memoryBytes > 0;
}

/** What VM has to know of each. Returns how many. */
function listSegments(): u32 {
  let count = 0;
  for (let index = 0; index < header.programCount; index++) {
    const program = programHeaders[index];
    if (!isLoaded(program)) continue;
    segments[count].address = program.address;
    segments[count].memoryBytes = program.memoryBytes;
    segments[count].fileBytes = program.fileBytes;
    segments[count].flags = pageFlags(program.flags);
    count++;
  }
  return u32(count);
}

/** MFS writes each segment straight into the new address space. */
function load(process: Process, file: FileId): Status {
  const buffer = new Buffer();
  buffer.owner = process.endpoint;
  for (let index = 0; index < header.programCount; index++) {
    const program = programHeaders[index];
    if (!isLoaded(program) || program.fileBytes === 0) continue;
    buffer.address = program.address;
    buffer.bytes = program.fileBytes;
    const status = readFile(file, u64(program.offset), buffer);
    if (status !== i32(program.fileBytes)) return status < 0 ? status : Status.InputOutput;
  }
  return Status.Ok;
}

/** A file that ends too soon is no executable. */
function readExactly(file: FileId, position: u32, target: vaddr, bytes: u32): Status {
  const buffer = new Buffer();
  buffer.owner = VFS;
  buffer.address = target;
  buffer.bytes = bytes;
  const status = readFile(file, u64(position), buffer);
  if (status < 0) return status;
  return status === i32(bytes) ? Status.Ok : Status.NotExecutable;
}

function askVm(letter: Message): Status {
  const delivery = sendReceive(VM, letter);
  if (delivery !== Status.Ok) return delivery;
  const answer = letter as Reply;
  return answer.status;
}

// --- The frame: a word argc, argc addresses, 0, the environment's addresses, 0; all count from the frame's start ---------

/** Argument and environment lists lie in the frame, and what they point at does too. Errors: Invalid. */
function checkFrame(bytes: u32): Status {
  if ((bytes & 3) !== 0 || bytes < 8) return Status.Invalid;
  const words = wordsAt(address(frame), bytes / 4);
  if (words[0] >= bytes / 4) return Status.Invalid;
  const argumentsEnd = endOfList(words, 1, bytes);
  if (argumentsEnd !== 1 + i32(words[0])) return Status.Invalid;
  return endOfList(words, argumentsEnd + 1, bytes) > 0 ? Status.Ok : Status.Invalid;
}

/** Where the zero is that ends the list of addresses beginning with word `from`; -1 when there is none, or a bad address. */
function endOfList(words: Uint32Array, from: i32, bytes: u32): i32 {
  for (let index = from; index < words.length; index++) {
    if (words[index] === 0) return index;
    if (words[index] >= bytes || (words[index] & 3) !== 0) return -1;
  }
  return -1;
}

/** Puts the frame at the top of the new stack, its addresses made true. */
function placeFrame(process: Process, stackTop: vaddr, bytes: u32, answer: VfsExecReply): Status {
  const base = (stackTop - bytes) & ~0xf;
  const words = wordsAt(address(frame), bytes / 4);
  const argumentsEnd = relocate(words, 1, base);
  relocate(words, argumentsEnd + 1, base);
  answer.sp = base;
  return virtualCopy(VFS, address(frame), process.endpoint, base, bytes);
}

/** Returns where the list ends. */
function relocate(words: Uint32Array, from: i32, base: vaddr): i32 {
  let index = from;
  for (; words[index] !== 0; index++) words[index] += base;
  return index;
}

/** The last name of the path, as long as a process' name can be. */
function nameIn(path: Path): Uint8Array {
  let bytes = path.nameBytes;
  if (bytes > PROCESS_NAME_BYTES) bytes = PROCESS_NAME_BYTES;
  return text.subarray(i32(path.nameOffset), i32(path.nameOffset + bytes));
}
const PROCESS_NAME_BYTES = 15;

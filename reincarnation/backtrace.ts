/**
 * Where a service was when it died: function, file and line of every call, from the line table of its program in the archive and the stack
 * that it left behind. Begin at `traceCalls`.
 */
import { archiveAddress, archiveEntry } from "../lib/archive.ts";
import { RS } from "../lib/endpoint.ts";
import { type Crash, DeathCause } from "../lib/kernel-call/crash.ts";
import { virtualCopy } from "../lib/kernel-call/process.ts";
import {
  checkAt,
  fileName,
  frameAt,
  functionAt,
  IN_REGISTER,
  type LineTable,
  lineAt,
  lineTableOf,
  NO_CALLER,
  reasonName,
} from "../lib/line-table.ts";
import { Status } from "../lib/status.ts";
import { print } from "./record-text.ts";
import { rowOf, type Service } from "./services.ts";

const DEPTH_MAXIMUM = 16;
/** Values of mcause (RISC-V privileged specification, table of exception codes). */
const FETCH_ACCESS = 1;
const FETCH_PAGE_FAULT = 12;

const enum Register {
  ReturnAddress = 1,
  StackPointer = 2,
}

/** Prints the calls, innermost first. */
export function traceCalls(service: Service, crash: Crash): void {
  const lines = linesOf(service);
  if (lines === null) return;
  let pc = crash.pc;
  let sp = vaddr(crash.registers[Register.StackPointer]);
  let depth = 0;
  if (hasJumpedAway(crash)) {
    print`  #0 0x${hex(pc)} is no code\n`;
    pc = vaddr(crash.registers[Register.ReturnAddress]);
    depth = 1;
  }
  for (; depth < DEPTH_MAXIMUM; depth++) {
    // A return address belongs to the call before it, which may be the last instruction of its function.
    const at = depth === 0 ? pc : vaddr(pc - 4);
    printCall(lines, depth, pc, at);
    const frame = frameAt(lines, at);
    if (frame === null || frame.returnWord === NO_CALLER) return;
    if (frame.returnWord !== IN_REGISTER) pc = vaddr(wordOf(service, vaddr(sp + u32(frame.returnWord) * 4)));
    else if (depth === 0) pc = vaddr(crash.registers[Register.ReturnAddress]);
    else return;
    if (pc === 0) return;
    sp = vaddr(sp + u32(frame.frameWords) * 4);
  }
}

/** The instruction that was at fault: where a jump leads to no code, the jump. */
export function faultyPc(crash: Crash): vaddr {
  return hasJumpedAway(crash) ? vaddr(crash.registers[Register.ReturnAddress] - 4) : crash.pc;
}

/** Its pc is no code, and it has most likely been called: ra says from where. */
function hasJumpedAway(crash: Crash): boolean {
  return crash.cause === DeathCause.Exception && (crash.mcause === FETCH_ACCESS || crash.mcause === FETCH_PAGE_FAULT);
}

/** Which check it was that failed, in a word or two. */
export function checkReason(service: Service, crash: Crash): string {
  const lines = linesOf(service);
  const check = lines === null ? null : checkAt(lines, crash.pc);
  return check === null ? "breakpoint" : reasonName(check.reason);
}

function printCall(lines: LineTable, depth: i32, pc: vaddr, at: vaddr): void {
  const row = lineAt(lines, at);
  print`  #${depth} 0x${hex(pc)} ${functionAt(lines, at)}`;
  if (row !== null) print` (${fileName(lines, row.file)}:${u32(row.line)})`;
  print`\n`;
}

/** A word of the dead process' memory; 0 where there is none. */
function wordOf(service: Service, place: vaddr): u32 {
  const word = new Uint32Array(1);
  const status = virtualCopy(service.endpoint, place, RS, address(word), 4);
  return status === Status.Ok ? word[0] : 0;
}

/** The line table of the service's program, where it lies in the archive; null where it has none. */
export function linesOf(service: Service): LineTable | null {
  const entry = archiveEntry(rowOf(service).program);
  return entry === null ? null : lineTableOf(archiveAddress(entry), entry.bytes);
}

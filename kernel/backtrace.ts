/**
 * Where code was, in words: function, file and line of every call, from the line table of its executable and its stack. For the kernel itself, and for the
 * services whose death is the system's; all others are RS' business (reincarnation/backtrace.ts). Begin at `logCalls`.
 */
import {
  checkAt,
  fileName,
  frameAt,
  functionAt,
  IN_REGISTER,
  type LineTable,
  lineAt,
  lineTableAt,
  NO_CALLER,
  reasonName,
} from "../lib/line-table.ts";
import { linesOf } from "./boot.ts";
import { log } from "./log.ts";
import { READABLE, translate, Word } from "./memory.ts";
import type { Frame, Process } from "./process.ts";

const DEPTH_MAXIMUM = 16;

/** Logs the calls that led to a frame, innermost first, and which check has failed. `process` null: the kernel's own. */
export function logCalls(process: Process | null, frame: Frame): void {
  const lines = process === null ? lineTableAt(vaddr(linkerSymbol("lines_start"))) : linesOf(process);
  if (lines === null) return;
  const check = checkAt(lines, frame.pc);
  if (check !== null) log`  ${reasonName(check.reason)}`;
  let { pc, sp } = frame;
  for (let depth = 0; depth < DEPTH_MAXIMUM && pc !== 0; depth++) {
    // A return address belongs to the call before it, which may be the last instruction of its function.
    const at = depth === 0 ? pc : vaddr(pc - 4);
    logCall(lines, at);
    const row = frameAt(lines, at);
    if (row === null || row.returnWord === NO_CALLER || (row.returnWord === IN_REGISTER && depth > 0)) return;
    pc = row.returnWord === IN_REGISTER ? vaddr(frame.ra) : vaddr(wordOf(process, sp + u32(row.returnWord) * 4));
    sp += u32(row.frameWords) * 4;
  }
}

function logCall(lines: LineTable, pc: vaddr): void {
  const row = lineAt(lines, pc);
  if (row === null) log`  0x${hex(pc)} ${functionAt(lines, pc)}`;
  else log`  0x${hex(pc)} ${functionAt(lines, pc)} (${fileName(lines, row.file)}:${u32(row.line)})`;
}

/** A word of a stack; 0 where there is none. */
function wordOf(process: Process | null, place: vaddr): u32 {
  const where = process === null ? paddr(place) : translate(process, place, READABLE);
  return where === 0 || (where & 3) !== 0 ? 0 : view(where, Word).value;
}

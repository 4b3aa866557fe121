/**
 * First stage: which instructions belong together. From the address of a hot instruction to the blocks that can be
 * reached from it without leaving the function: a region.
 *
 * A block is entered at its first instruction only, and left at its last. Calls are not followed, but what comes behind
 * them is. An instruction that translated code does not handle (or that lies where nothing is known) ends its block
 * with `leave`: the interpreter goes on there. Begin with `discover`.
 */
import { type Decoded, decode, lengthOf } from "../isa/decode.ts";
import { INSTRUCTIONS, type Instruction } from "../isa/instructions.ts";
import { PAGE_SHIFT } from "../state/pages.ts";
import { mayUnsettle, registerAccess } from "./inlined-registers.ts";

export interface Step {
  readonly pc: number;
  readonly lengthBytes: number;
  readonly row: Instruction;
  readonly operands: Decoded;
  /** The instruction word. */
  readonly word: number;
  /** A load or store that was seen to access a device as translated code can (hart/data-path.ts). */
  readonly reachesDevice: boolean;
}

/** How a block ends. Its own last step, where it has one, is `step`. */
export type End =
  | { readonly kind: "go"; readonly target: number }
  | { readonly kind: "branch"; readonly step: Step; readonly taken: number; readonly target: number }
  | { readonly kind: "call"; readonly step: Step; readonly callee: number; readonly target: number }
  | { readonly kind: "indirectCall"; readonly step: Step; readonly target: number }
  | { readonly kind: "return"; readonly step: Step }
  /** To one of `targets`, or elsewhere. */
  | { readonly kind: "indirectJump"; readonly step: Step; readonly targets: readonly number[] }
  | { readonly kind: "trap"; readonly step: Step; readonly target: number }
  | { readonly kind: "trapReturn"; readonly step: Step }
  /** An instruction behind which an interrupt may be taken, or other code may run, before it goes on. */
  | { readonly kind: "settle"; readonly step: Step; readonly target: number }
  | { readonly kind: "wait"; readonly step: Step; readonly target: number }
  | { readonly kind: "leave"; readonly at: number };

export interface Block {
  readonly pc: number;
  /** Without those that the end stands for, except `go`, whose jump is the last of them. */
  readonly steps: readonly Step[];
  readonly end: End;
}

export interface Region {
  /** The first is where it all began. Ordered by discovery otherwise. */
  readonly blocks: readonly Block[];
  readonly indexByPc: ReadonlyMap<number, number>;
  /** Blocks where it is entered besides its first: they were hot, too. */
  readonly otherRoots: Set<number>;
}

/** Shows the instruction stream. */
export interface CodeView {
  /** The half-word at an address, or null where nothing is known of the page. */
  half(pc: number): number | null;
  /**
   * Whether the instruction is to be translated: it has been executed (most of what handles errors never is), and
   * nobody wants to stop there.
   */
  isWanted(pc: number): boolean;
  /** Where a jump through a register has led. */
  targetsOf(pc: number): readonly number[];
  /** Whether there is translated code that can be entered there. */
  isTranslated(pc: number): boolean;
  /** Whether a load or store has accessed a device, as translated code can. */
  reachesDevice(pc: number): boolean;
}

/** A register that holds a return address (Unprivileged Specification, section 2.5, table 2.1). */
const LINKS: ReadonlySet<number> = new Set([1, 5]);
const RETURN_ADDRESS = 1;
/** Opcodes of the instructions that link. */
const JAL = 0x6f;
const JALR = 0x67;
/** Instructions of a region, each of which may be a block of its own. */
export const MOST_STEPS = 1200;
/** Jumps further away than this lead to another function. */
const FARTHEST_BYTES = 16384;

/** Null where not even the first instruction can be translated. */
export function discover(root: number, view: CodeView): Region | null {
  const steps = new Map<number, Step | null>();
  const leaders = new Set([root]);
  const order = [root];
  for (let next = 0; next < order.length; next++) explore(order[next]!, root, view, steps, leaders, order);
  if (!steps.get(root)) return null;
  const blocks = order.filter((pc) => steps.get(pc)).map((pc) => blockAt(pc, view, steps, leaders));
  return { blocks, indexByPc: new Map(blocks.map((block, index) => [block.pc, index])), otherRoots: new Set() };
}

/** Where a region is entered first of all, by number of the entry. */
export function rootsOf({ blocks, otherRoots }: Region): number[] {
  return [blocks[0]!.pc, ...otherRoots];
}

/** Whether a block begins at an address that is part of a loop of the region. */
export function isInLoop({ blocks, indexByPc }: Region, pc: number): boolean {
  const reached = new Set<number>();
  const ahead = [indexByPc.get(pc)];
  for (let index = ahead.pop(); index !== undefined; index = ahead.pop()) {
    for (const target of targetsOf(blocks[index]!.end)) {
      const next = indexByPc.get(target);
      if (target === pc) return true;
      if (next === undefined || reached.has(next)) continue;
      reached.add(next);
      ahead.push(next);
    }
  }
  return false;
}

/**
 * Where a block goes, in the region or out of it; the place behind it first. That includes where calls and traps are
 * expected to return to.
 */
export function targetsOf(end: End): readonly number[] {
  switch (end.kind) {
    case "go":
    case "call":
    case "indirectCall":
    case "trap":
    case "settle":
    case "wait":
      return [end.target];
    case "branch":
      return [end.target, end.taken];
    case "indirectJump":
      return end.targets;
    default:
      return [];
  }
}

/** Follows the instructions from a leader until a block ends for sure, and notes leaders. */
function explore(
  leader: number,
  root: number,
  view: CodeView,
  steps: Map<number, Step | null>,
  leaders: Set<number>,
  order: number[],
): void {
  let pc = leader;
  while (!steps.has(pc) && isSamePage(pc, leader)) {
    const step = steps.size < MOST_STEPS && Math.abs(pc - root) < FARTHEST_BYTES ? stepAt(pc, view) : null;
    steps.set(pc, step);
    if (step === null) return;
    const end = endOf(step, view);
    if (end !== null) {
      for (const target of targetsOf(end)) {
        if (leaders.has(target) || view.isTranslated(target)) continue;
        leaders.add(target);
        order.push(target);
      }
      return;
    }
    pc = (pc + step.lengthBytes) | 0;
  }
  // Ran into instructions that are known, maybe in the middle of a block, or into another page: a block begins there.
  if (pc !== leader && !leaders.has(pc)) {
    leaders.add(pc);
    order.push(pc);
  }
}

export function isSamePage(one: number, other: number): boolean {
  return (one ^ other) >>> PAGE_SHIFT === 0;
}

function blockAt(
  leader: number,
  view: CodeView,
  steps: ReadonlyMap<number, Step | null>,
  leaders: ReadonlySet<number>,
): Block {
  const own: Step[] = [];
  let pc = leader;
  for (;;) {
    const step = steps.get(pc);
    if (!step) return { pc: leader, steps: own, end: endBefore(pc, view) };
    const end = endOf(step, view);
    if (end !== null) {
      if (end.kind === "go") own.push(step);
      return { pc: leader, steps: own, end };
    }
    own.push(step);
    pc = (pc + step.lengthBytes) | 0;
    if (leaders.has(pc)) return { pc: leader, steps: own, end: { kind: "go", target: pc } };
  }
}

/**
 * How a block ends where the region does: what comes next may get, or have, a region of its own, if it can be
 * translated.
 */
function endBefore(pc: number, view: CodeView): End {
  const step = decodedAt(pc, view);
  return step !== null && !isTranslatable(step) ? { kind: "leave", at: pc } : { kind: "go", target: pc };
}

function stepAt(pc: number, view: CodeView): Step | null {
  const step = decodedAt(pc, view);
  return step !== null && isTranslatable(step) ? step : null;
}

/** The instruction at an address; null where there is none, or none that is wanted. */
function decodedAt(pc: number, view: CodeView): Step | null {
  const word = view.isWanted(pc) ? wordAt(pc, view) : null;
  if (word === null) return null;
  const operands = decode(word);
  if (operands === null) return null;
  const row = INSTRUCTIONS[operands.instruction]!;
  // What was seen may have been another instruction, at the same address.
  const reachesDevice = mayReachDevice(row) && view.reachesDevice(pc);
  return { pc, lengthBytes: operands.lengthBytes, row, operands, word, reachesDevice };
}

/** Of stores, translated code makes those to the timer, which takes words only. */
function mayReachDevice({ meaning }: Instruction): boolean {
  return meaning.kind === "load" || (meaning.kind === "store" && meaning.width === 4);
}

/** Whether an instruction ends in the next page. */
export function isStraddling({ pc, lengthBytes }: Step): boolean {
  return !isSamePage(pc, pc + lengthBytes - 1);
}

/** The instruction's word, or half-word. */
function wordAt(pc: number, view: CodeView): number | null {
  const low = view.half(pc);
  if (low === null || lengthOf(low) === 2) return low;
  const high = view.half((pc + 2) | 0);
  return high === null ? null : low | (high << 16);
}

/** Of what changes more than registers and memory, only that is translated which kernels do all the time. */
function isTranslatable({ row, word }: Step): boolean {
  const { meaning } = row;
  if (meaning.kind !== "system") return true;
  switch (meaning.operation) {
    case "environmentCall":
    case "machineReturn":
    case "supervisorReturn":
    case "wait":
    case "fenceTranslation":
    case "fenceInstruction":
    case "loadReserved":
    case "storeConditional":
      return true;
    default:
      return registerAccess(meaning.operation, word) !== null;
  }
}

/**
 * `jr t0` returns, by the book (Unprivileged Specification, table 2.1). But a compiler may use t0 for a switch: then it
 * was seen to lead elsewhere than behind a call.
 */
function isReturn(register: number, pc: number, view: CodeView): boolean {
  if (register === RETURN_ADDRESS) return true;
  return LINKS.has(register) && view.targetsOf(pc).every((target) => isBehindCall(target, register, view));
}

function isBehindCall(pc: number, link: number, view: CodeView): boolean {
  const call = (view.half((pc - 4) | 0) ?? 0) & 0xfff;
  return call === ((link << 7) | JAL) || call === ((link << 7) | JALR);
}

/** Whether an instruction ends its block, and how; null if it does not. */
function endOf(step: Step, view: CodeView): End | null {
  const { meaning } = step.row;
  const { rd, rs1, immediate } = step.operands;
  const next = (step.pc + step.lengthBytes) | 0;
  const relative = (step.pc + immediate) | 0;
  switch (meaning.kind) {
    case "branch":
      return { kind: "branch", step, taken: relative, target: next };
    case "jump":
      if (step.row.format === "J") {
        if (LINKS.has(rd)) return { kind: "call", step, callee: relative, target: next };
        return { kind: "go", target: relative };
      }
      if (LINKS.has(rd)) return { kind: "indirectCall", step, target: next };
      if (rd === 0 && isReturn(rs1, step.pc, view)) return { kind: "return", step };
      return { kind: "indirectJump", step, targets: view.targetsOf(step.pc) };
    case "system":
      if (meaning.operation === "environmentCall") return { kind: "trap", step, target: next };
      if (meaning.operation === "machineReturn" || meaning.operation === "supervisorReturn")
        return { kind: "trapReturn", step };
      if (meaning.operation === "wait") return { kind: "wait", step, target: next };
      return mayUnsettle(step) ? { kind: "settle", step, target: next } : null;
    default:
      return mayUnsettle(step) ? { kind: "settle", step, target: next } : null;
  }
}

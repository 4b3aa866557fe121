/**
 * Third stage: which of the guest's registers must be where.
 *
 * Inside a region registers are locals. Memory has the truth wherever somebody else may look: at exits and calls. As in
 * a cache, there are two ways to see to that. A block that writes through puts what it has changed into memory before
 * it can be left, and has nothing dirty at its end. In others registers stay dirty, and exits and calls write them
 * back. What is needed is read where a region is entered, or a call returns. Two data-flow problems over sets of
 * registers, bit n for xn: `dirty` forwards, `needed` backwards. Begin with `registerFlow`.
 */
import type { SystemOperation, Value } from "../isa/meaning.ts";
import type { Block, Region, Step } from "./discover.ts";
import { targetsOf } from "./discover.ts";
import { registerAccess } from "./inlined-registers.ts";

export interface RegisterFlow {
  /** By block: those that may differ from memory at its beginning. */
  readonly dirty: readonly number[];
  /** By block: those whose local must be right at its beginning. */
  readonly needed: readonly number[];
  /** Every register that the region uses. */
  readonly used: number;
}

export function registerFlow(region: Region, writesThrough: readonly boolean[]): RegisterFlow {
  const { blocks, indexByPc } = region;
  const effects = blocks.map(effectOf);
  const successors = blocks.map((block) =>
    keepsRegisters(block) ? targetsOf(block.end).flatMap((pc) => indexByPc.get(pc) ?? []) : [],
  );
  const dirty = new Array<number>(blocks.length).fill(0);
  untilStable(() => {
    const before = [...dirty];
    blocks.forEach((_, index) => {
      if (writesThrough[index]) return;
      for (const to of successors[index]!) dirty[to]! |= dirty[index]! | effects[index]!.written;
    });
    return dirty.every((set, index) => set === before[index]);
  });
  // Whatever is dirty is written back at exits, even on a path that did not write it: so its local must be right.
  const needed = blocks.map((_, index) => effects[index]!.read | dirty[index]!);
  untilStable(() => {
    const before = [...needed];
    for (let index = blocks.length - 1; index >= 0; index--) {
      for (const to of successors[index]!) needed[index]! |= needed[to]! & ~effects[index]!.written;
    }
    return needed.every((set, index) => set === before[index]);
  });
  const used = effects.reduce((sum, { read, written }) => sum | read | written, 0);
  return { dirty, needed, used };
}

/** Registers that an instruction reads. x0 is no register here. */
function readBy({ row, operands, word }: Step): number {
  const { meaning } = row;
  switch (meaning.kind) {
    case "set":
      return valueReads(meaning.value, operands);
    case "load":
      return valueReads(meaning.address, operands);
    case "store":
      return valueReads(meaning.address, operands) | valueReads(meaning.value, operands);
    case "atomic":
      return bit(operands.rs1) | valueReads(meaning.value, operands);
    case "jump":
      return valueReads(meaning.target, operands);
    case "branch":
      return valueReads(meaning.condition, operands);
    case "nothing":
      return 0;
    case "system":
      if (meaning.operation === "loadReserved") return bit(operands.rs1);
      if (meaning.operation === "storeConditional") return bit(operands.rs1) | bit(operands.rs2);
      return registerAccess(meaning.operation, word)?.isImmediate === false ? bit(operands.rs1) : 0;
  }
}

/** The register that an instruction writes, as a set. */
export function writtenBy({ row, operands, word }: Step): number {
  switch (row.meaning.kind) {
    case "set":
    case "load":
    case "atomic":
    case "jump":
      return bit(operands.rd);
    case "system":
      return writesRegister(row.meaning.operation, word) ? bit(operands.rd) : 0;
    default:
      return 0;
  }
}

function writesRegister(operation: SystemOperation, word: number): boolean {
  return operation === "loadReserved" || operation === "storeConditional" || registerAccess(operation, word) !== null;
}

/** Calls `visit` with each register of a set. */
export function forEachRegister(set: number, visit: (register: number) => void): void {
  for (let rest = set; rest !== 0; rest &= rest - 1) visit(31 - Math.clz32(rest & -rest));
}

interface Effect {
  /** Read before the block writes them. */
  readonly read: number;
  readonly written: number;
}

function effectOf(block: Block): Effect {
  const last = "step" in block.end ? [block.end.step] : [];
  let read = 0;
  let written = 0;
  for (const step of [...block.steps, ...last]) {
    read |= readBy(step) & ~written;
    written |= writtenBy(step);
  }
  return { read, written };
}

/** Behind a call or a trap, every register is read again. */
export function keepsRegisters({ end }: Block): boolean {
  return end.kind === "go" || end.kind === "branch" || end.kind === "indirectJump" || end.kind === "settle";
}

function valueReads(value: Value, operands: { readonly rs1: number; readonly rs2: number }): number {
  switch (value.kind) {
    case "rs1":
      return bit(operands.rs1);
    case "rs2":
      return bit(operands.rs2);
    case "binary":
      return valueReads(value.left, operands) | valueReads(value.right, operands);
    default:
      return 0;
  }
}

function bit(register: number): number {
  return register === 0 ? 0 : 1 << register;
}

function untilStable(pass: () => boolean): void {
  while (!pass());
}

/**
 * Shrink-wrapping: a function that may be done before it needs a frame makes its frame behind that.
 *
 * From the entry on, one branch after the other, as long as only one way leads to calls and slots: that way's block makes the frame. What registers
 * hold there is moved to others, so that those before need not survive calls; allocate.ts joins the two again where that costs nothing. Begin
 * reading at `shrinkWrap`, which runs before register allocation; `settleFrame` judges its result.
 */
import { liveness } from "./liveness.ts";
import {
  eachRead,
  FIRST_VIRTUAL,
  type MachineBlock,
  type MachineFunction,
  MachineInstruction,
  NONE,
  RA,
  SAVED,
} from "./machine-code.ts";

/** An end of the function that both ways share is made twice if it is this short. */
const SHARED_INSTRUCTIONS = 4;

/** Chooses the block that makes the frame: `code.framed` are that one and all behind it. Needs blocks in reverse postorder. */
export function shrinkWrap(code: MachineFunction): void {
  const start = startOf(code);
  if (start === code.blocks[0]) return;
  const framed = reachedFrom(start);
  if (!separate(code, framed)) return;
  code.frameStart = start;
  code.framed = framed;
  splitRegisters(code, start, framed);
}

/** Whether everything that needs the frame has ended up behind its making; otherwise it is made at the entry. */
export function settleFrame(code: MachineFunction): void {
  const { framed } = code;
  if (framed === null || !code.blocks.some((block) => !framed.has(block) && needsFrame(block))) return;
  code.framed = null;
  code.frameStart = null;
}

/** The last block that every way to a call passes, as far as single steps lead. */
function startOf(code: MachineFunction): MachineBlock {
  const needing = new Set(code.blocks.filter(needsFrame));
  const leading = leadingTo(code, needing);
  const predecessors = new Map<MachineBlock, number>();
  for (const { ending } of code.blocks)
    for (const target of ending.targets) predecessors.set(target, (predecessors.get(target) ?? 0) + 1);
  let start = code.blocks[0]!;
  while (!needing.has(start)) {
    const ways: MachineBlock[] = start.ending.targets.filter((target) => leading.has(target));
    const [way] = ways;
    if (way === undefined || ways.length > 1 || predecessors.get(way) !== 1 || way.depth > 0) break;
    start = way;
  }
  return start;
}

function needsFrame({ instructions }: MachineBlock): boolean {
  return instructions.some(({ name, rd, clobbers }) => {
    if ((clobbers & (SAVED | (1 << RA))) !== 0 || (rd >= 0 && rd < 32 && (SAVED & (1 << rd)) !== 0)) return true;
    return name.startsWith("slot") || name === "reload" || name === "spill";
  });
}

/** The blocks from which one of these can be reached. */
function leadingTo(code: MachineFunction, found: ReadonlySet<MachineBlock>): Set<MachineBlock> {
  const leading = new Set(found);
  for (let changed = true; changed; ) {
    const before = leading.size;
    for (const block of code.blocks) if (block.ending.targets.some((target) => leading.has(target))) leading.add(block);
    changed = leading.size > before;
  }
  return leading;
}

function reachedFrom(start: MachineBlock): Set<MachineBlock> {
  const reached = new Set([start]);
  for (const { ending } of reached) for (const target of ending.targets) reached.add(target);
  return reached;
}

/** Sees to it that no block runs both with the frame and without: short ends get a copy. Whether that was possible. */
function separate(code: MachineFunction, framed: ReadonlySet<MachineBlock>): boolean {
  const without = code.blocks.filter((block) => !framed.has(block));
  const shared = new Set<MachineBlock>();
  for (const { ending } of without)
    for (const target of ending.targets) if (framed.has(target) && target !== frameStartOf(framed)) shared.add(target);
  for (const { ending, instructions } of shared) {
    if (ending.kind !== "return" || instructions.length > SHARED_INSTRUCTIONS) return false;
  }
  for (const block of shared) {
    const copy = copyOf(block, code.blocks.length);
    code.blocks.push(copy);
    for (const { ending } of without)
      ending.targets = ending.targets.map((target) => (target === block ? copy : target));
  }
  return true;
}

const frameStartOf = (framed: ReadonlySet<MachineBlock>): MachineBlock => framed.values().next().value!;

function copyOf(block: MachineBlock, index: number): MachineBlock {
  const instructions = block.instructions.map((each) =>
    Object.assign(new MachineInstruction(each.name, each.rd, each.rs1, each.rs2, each.immediate, each.position), each),
  );
  return { ...block, index, instructions, ending: { ...block.ending } };
}

/** Gives what is alive where the frame begins other registers from there on. */
function splitRegisters(code: MachineFunction, start: MachineBlock, framed: ReadonlySet<MachineBlock>): void {
  const { words, out } = liveness(code);
  const before = code.blocks.find(({ ending }) => ending.targets.includes(start))!;
  const names = new Map<number, number>();
  const rename = (register: number): number => names.get(register) ?? register;
  const note = (register: number): void => {
    const bit = register - FIRST_VIRTUAL;
    if (bit < 0 || names.has(register) || (out[before.index * words + (bit >>> 5)]! & (1 << (bit & 31))) === 0) return;
    names.set(register, code.registers++);
  };
  for (const { instructions, ending } of framed) {
    for (const instruction of instructions) eachRead(instruction, note);
    note(ending.rs1);
    note(ending.rs2);
  }
  for (const { instructions, ending } of framed) {
    for (const instruction of instructions) {
      instruction.rd = rename(instruction.rd);
      instruction.rs1 = rename(instruction.rs1);
      instruction.rs2 = rename(instruction.rs2);
      if (instruction.reads !== null) instruction.reads = instruction.reads.map(rename);
    }
    ending.rs1 = rename(ending.rs1);
    ending.rs2 = rename(ending.rs2);
  }
  const { position } = start.instructions[0] ?? start.ending;
  const moves = [...names].map(([from, to]) => new MachineInstruction("mv", to, from, NONE, 0, position));
  for (const move of moves) move.splits = true;
  start.instructions.unshift(...moves);
}

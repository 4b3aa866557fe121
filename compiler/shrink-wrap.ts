/**
 * Shrink-wrapping: a function that may be done without a frame makes its frame where it turns out to need one.
 *
 * With the frame run the blocks that call or use slots, and all that can follow them; where control comes to these from others, the frame is made. So
 * it is made at most once. What registers hold there is moved to others, so that those before need not survive calls; allocate.ts joins the two
 * again where that costs nothing. Begin reading at `shrinkWrap`, which runs before register allocation; `settleFrame` judges its result.
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

/** A frame that is made in more places is made at the entry. */
const STARTS = 16;

/** Chooses the blocks that run with the frame, `code.framed`, and those among them that make it, `code.frameStarts`. */
export function shrinkWrap(code: MachineFunction): void {
  const framed = new Set(code.blocks.filter(needsFrame));
  for (const { ending } of framed) for (const target of ending.targets) framed.add(target);
  if (framed.size === 0 || framed.has(code.blocks[0]!)) return;
  const entered = enteredFrom(code, framed);
  const isSpared = code.blocks.some((block) => !framed.has(block) && block.ending.kind === "return");
  if (!isSpared || entered.length > STARTS) return;
  code.framed = framed;
  code.frameStarts = new Set(entered.map((block) => startFor(code, block, framed)));
  splitRegisters(code, code.frameStarts, framed);
}

/** Whether everything that needs the frame has ended up behind its making; otherwise it is made at the entry. */
export function settleFrame(code: MachineFunction): void {
  const { framed } = code;
  if (framed === null || !code.blocks.some((block) => !framed.has(block) && needsFrame(block))) return;
  code.framed = null;
  code.frameStarts = new Set();
}

/** The framed blocks to which control comes from others; to short ends of the function it comes to copies of them, which need no frame. */
function enteredFrom(code: MachineFunction, framed: ReadonlySet<MachineBlock>): MachineBlock[] {
  const entered = new Set<MachineBlock>();
  const copies = new Map<MachineBlock, MachineBlock>();
  for (const block of [...code.blocks]) {
    if (framed.has(block)) continue;
    for (const [index, target] of block.ending.targets.entries()) {
      if (!framed.has(target)) continue;
      if (!isShortEnd(target)) {
        entered.add(target);
        continue;
      }
      let copy = copies.get(target);
      if (copy === undefined) {
        copy = copyOf(target, code.blocks.length);
        copies.set(target, copy);
        code.blocks.push(copy);
      }
      block.ending.targets[index] = copy;
    }
  }
  return [...entered];
}

const isShortEnd = (block: MachineBlock): boolean =>
  block.ending.kind === "return" && block.instructions.length <= SHARED_INSTRUCTIONS && !needsFrame(block);

/** The block itself, if it is only reached without the frame, or one in front of it for those who come without. */
function startFor(code: MachineFunction, block: MachineBlock, framed: Set<MachineBlock>): MachineBlock {
  const entries = code.blocks.filter(({ ending }) => ending.targets.includes(block));
  const outside = entries.filter((each) => !framed.has(each));
  if (outside.length === entries.length) return block;
  const { position } = block.instructions[0] ?? block.ending;
  const nothing = {
    name: "",
    rs1: NONE,
    rs2: NONE,
    reads: [],
    table: [],
    tableSymbol: "",
    reason: block.ending.reason,
  };
  const ending = { kind: "jump" as const, position, targets: [block], ...nothing };
  const start: MachineBlock = { ...block, instructions: [], ending };
  for (const { ending: each } of outside)
    each.targets = each.targets.map((target) => (target === block ? start : target));
  code.blocks.splice(code.blocks.indexOf(block), 0, start);
  for (const [index, each] of code.blocks.entries()) each.index = index;
  framed.add(start);
  return start;
}

function needsFrame({ instructions }: MachineBlock): boolean {
  return instructions.some(({ name, rd, clobbers }) => {
    if ((clobbers & (SAVED | (1 << RA))) !== 0 || (rd >= 0 && rd < 32 && (SAVED & (1 << rd)) !== 0)) return true;
    return name.startsWith("slot") || name === "reload" || name === "spill";
  });
}

function copyOf(block: MachineBlock, index: number): MachineBlock {
  const instructions = block.instructions.map((each) =>
    Object.assign(new MachineInstruction(each.name, each.rd, each.rs1, each.rs2, each.immediate, each.position), each),
  );
  return { ...block, index, instructions, ending: { ...block.ending } };
}

/** Gives what is alive where the frame is made other registers from there on. */
function splitRegisters(
  code: MachineFunction,
  starts: ReadonlySet<MachineBlock>,
  framed: ReadonlySet<MachineBlock>,
): void {
  const { words, out } = liveness(code);
  const names = new Map<number, number>();
  const isAlive = (register: number, block: MachineBlock): boolean => {
    const bit = register - FIRST_VIRTUAL;
    return (out[block.index * words + (bit >>> 5)]! & (1 << (bit & 31))) !== 0;
  };
  const before = new Map([...starts].map((start) => [start, entriesOf(code, start)]));
  const note = (register: number): void => {
    if (register < FIRST_VIRTUAL || names.has(register)) return;
    if ([...before.values()].some((blocks) => blocks.some((block) => isAlive(register, block))))
      names.set(register, code.registers++);
  };
  for (const { instructions, ending } of framed) {
    for (const instruction of instructions) eachRead(instruction, note);
    note(ending.rs1);
    note(ending.rs2);
  }
  for (const block of framed) renameIn(block, names);
  for (const [start, blocks] of before) {
    const { position } = start.instructions[0] ?? start.ending;
    const alive = [...names].filter(([register]) => blocks.some((block) => isAlive(register, block)));
    const moves = alive.map(([from, to]) => new MachineInstruction("mv", to, from, NONE, 0, position));
    for (const move of moves) move.splits = true;
    start.instructions.unshift(...moves);
  }
}

const entriesOf = (code: MachineFunction, block: MachineBlock): MachineBlock[] =>
  code.blocks.filter(({ ending }) => ending.targets.includes(block));

function renameIn({ instructions, ending }: MachineBlock, names: ReadonlyMap<number, number>): void {
  const rename = (register: number): number => names.get(register) ?? register;
  for (const instruction of instructions) {
    instruction.rd = rename(instruction.rd);
    instruction.rs1 = rename(instruction.rs1);
    instruction.rs2 = rename(instruction.rs2);
    if (instruction.reads !== null) instruction.reads = instruction.reads.map(rename);
  }
  ending.rs1 = rename(ending.rs1);
  ending.rs2 = rename(ending.rs2);
}

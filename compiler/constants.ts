/**
 * Constants that no immediate field can hold get a place of their own: in front of the outermost loop that reads them, or in the block itself.
 *
 * The `fits…` functions are the one statement of what fits where; select.ts relies on them. Begin reading at `placeConstants`.
 */

import type { Block, Ending, Graph, Loop, Value } from "./ssa.ts";
import { isComparison } from "./ssa.ts";

/** So many constants may occupy registers through a whole loop. */
const HOISTED_PER_LOOP = 8;

/** The signed 12-bit immediates of I-type and S-type instructions. */
export const fitsImmediate = (value: number): boolean => value >= -2048 && value <= 2047;

/** Whether the value can read this constant, its argument number `index`, without a register. */
function readsDirectly(value: Value, index: number, constant: number): boolean {
  switch (value.kind) {
    case "phi":
    case "call":
    case "environmentCall":
      return true;
    case "callIndirect":
      return index > 0;
    case "add":
    case "and":
    case "or":
    case "xor":
      return constant === 0 || (index === 1 && fitsImmediate(constant));
    case "subtract":
      return constant === 0 || (index === 1 && fitsImmediate(-constant));
    case "shiftLeft":
    case "shiftRight":
    case "shiftRightUnsigned":
      return constant === 0 || index === 1;
    case "writeCsr":
      return constant >= 0 && constant < 32;
    case "copy":
    case "zero":
      return false;
    default:
      return constant === 0 || (isComparison(value.kind) && index === 1 && fitsComparison(value.kind, constant));
  }
}

function fitsComparison(kind: Value["kind"], constant: number): boolean {
  switch (kind) {
    case "equal":
    case "notEqual":
      return fitsImmediate(-constant);
    case "less":
    case "lessUnsigned":
    case "greaterEqual":
    case "greaterEqualUnsigned":
      return fitsImmediate(constant);
    case "lessEqual":
    case "greater":
      return fitsImmediate(constant) && fitsImmediate(constant + 1);
    case "lessEqualUnsigned":
    case "greaterUnsigned":
      return constant !== -1 && fitsImmediate(constant) && fitsImmediate(constant + 1);
    default:
      return false;
  }
}

/** Makes values in blocks out of the constants that need a register. Needs `analyse`; loops are used where `hoist` is set. */
export function placeConstants(graph: Graph, hoist: boolean): void {
  new Placement(graph, hoist).run();
}

class Placement {
  private readonly placed = new Map<Block, Map<number, Value>>();
  private readonly hoisted = new Map<Loop, number>();
  private readonly local = new Map<number, Value>();
  private rewritten: Value[] = [];

  constructor(
    private readonly graph: Graph,
    private readonly hoist: boolean,
  ) {}

  run(): void {
    for (const block of this.graph.blocks) {
      this.local.clear();
      this.rewritten = [];
      for (const value of block.values) {
        this.operands(block, value.inputs, (index, constant) => readsDirectly(value, index, constant));
        this.rewritten.push(value);
      }
      this.operands(block, block.ending.values, (_, constant) => endingReadsDirectly(block.ending, constant));
      block.values = this.rewritten;
    }
    // Behind everything else of their blocks, which are done by now or gain nothing else.
    for (const [block, values] of this.placed) block.values.push(...values.values());
  }

  private operands(block: Block, operands: Value[], direct: (index: number, constant: number) => boolean): void {
    for (let index = 0; index < operands.length; index++) {
      const operand = operands[index]!;
      if (operand.kind !== "constant" || operand.block !== null || direct(index, operand.offset)) continue;
      operands[index] = this.outsideLoops(block, operand.offset) ?? this.inside(block, operand.offset);
    }
  }

  private inside(block: Block, constant: number): Value {
    let value = this.local.get(constant);
    if (value === undefined) {
      value = this.make(block, constant);
      this.local.set(constant, value);
      this.rewritten.push(value);
    }
    return value;
  }

  private outsideLoops(block: Block, constant: number): Value | null {
    if (!this.hoist || block.loop === null) return null;
    let loop = block.loop;
    while (loop.parent !== null) loop = loop.parent;
    const place = entryOf(loop);
    let values = this.placed.get(place);
    if (values === undefined) this.placed.set(place, (values = new Map()));
    let value = values.get(constant);
    if (value === undefined) {
      const count = this.hoisted.get(loop) ?? 0;
      if (count >= HOISTED_PER_LOOP) return null;
      this.hoisted.set(loop, count + 1);
      value = this.make(place, constant);
      values.set(constant, value);
    }
    return value;
  }

  private make(block: Block, constant: number): Value {
    const value = this.graph.value("constant", block.ending.position, []);
    value.block = block;
    value.offset = constant;
    return value;
  }
}

/** The block from which alone the loop is entered, or else one that every way to it passes. */
function entryOf({ header, blocks }: Loop): Block {
  const entries = header.predecessors.filter((block) => !blocks.has(block));
  return entries.length === 1 ? entries[0]! : header.dominator!;
}

function endingReadsDirectly(ending: Ending, constant: number): boolean {
  return ending.kind === "return" || (constant === 0 && ending.kind !== "table");
}

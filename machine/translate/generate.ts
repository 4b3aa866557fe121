/**
 * Fourth stage: from a region to one WebAssembly function.
 *
 * The function takes the number of an entry, the budget, and how deep calls may still be nested; it gives back where
 * the hart stands, and the budget. Bit 0 of that address says that the interpreter must go on there. Guest registers
 * are locals, control flow is WebAssembly's own, a call is a call. Everything rare leaves the function: the long way of
 * a load, an exhausted budget. Begin with `generate`; plan.ts has what is decided first, blocks.ts the instructions,
 * ends.ts the jumps and calls, exits.ts the ways out.
 */
import { BlockWriter } from "./blocks.ts";
import { type Cost, NO_COST, sum } from "./budget.ts";
import { type Block, isStraddling, type Region, rootsOf, type Step } from "./discover.ts";
import { Code, type FunctionBody, Op } from "./encode.ts";
import { EndWriter, type Surroundings } from "./ends.ts";
import { Exits, readBack } from "./exits.ts";
import { Labels } from "./labels.ts";
import { Local, type Locals } from "./locals.ts";
import { forgetPage } from "./memory-access.ts";
import { Misses } from "./missing-accesses.ts";
import { firstOf, type Plan, planOf } from "./plan.ts";
import { SignatureIndex } from "./standing.ts";
import type { Node } from "./structure.ts";

export interface Generated {
  readonly body: FunctionBody;
  /** By number of the entry: its address. Entry 0 is the root. */
  readonly entries: readonly number[];
  readonly locals: Locals;
}

export function generate(region: Region, surroundings: Surroundings, exportName: string): Generated {
  return new RegionWriter(region, surroundings).write(exportName);
}

class RegionWriter {
  readonly #region: Region;
  readonly #plan: Plan;
  readonly #code = new Code();
  readonly #exits = new Exits();
  readonly #labels = new Labels(this.#code);
  readonly #writer: BlockWriter;
  readonly #ends: EndWriter;

  constructor(region: Region, surroundings: Surroundings) {
    this.#region = region;
    const { misses, flatBytes } = surroundings;
    this.#plan = planOf(region, { isGrouped: misses === Misses.Rare, isFlat: flatBytes !== null });
    this.#writer = new BlockWriter(this.#code, this.#labels, this.#exits, this.#plan, surroundings);
    this.#ends = new EndWriter(this.#code, this.#labels, this.#writer, this.#plan, surroundings);
  }

  write(exportName: string): Generated {
    this.#sequence(this.#plan.nodes, null);
    const code = new Code();
    this.#prologue(code);
    this.#exits.open(code);
    code.append(this.#code.bytes).op(Op.Unreachable);
    this.#exits.close(code, this.#plan.locals);
    return {
      body: { signature: SignatureIndex.Region, locals: this.#plan.locals.types, code, exportName },
      entries: this.#plan.entries.map((block) => this.#plan.blocks[block]!.pc),
      locals: this.#plan.locals,
    };
  }

  /** Reads what the code needs on the way from an entry. */
  #prologue(code: Code): void {
    const { needed } = this.#plan.flow;
    // Calls may nest too deep: nothing has happened yet, and the hart stands where it was to go on.
    code.get(Local.Depth).constant(0).op(Op.I32LtS).block(Op.If);
    rootsOf(this.#region).forEach((pc, entry) => {
      code.constant(pc);
      if (entry !== 0) code.get(Local.Entry).constant(entry).op(Op.I32Ne).op(Op.Select);
    });
    code.get(Local.Budget).op(Op.Return).op(Op.End);
    for (let slot = 0; slot < this.#plan.pages.slots; slot++) forgetPage(code, this.#plan.locals, slot);
    const root = needed[this.#plan.entries[0]!]!;
    const others = this.#plan.entries.slice(1).reduce((set, block) => set | needed[block]!, 0);
    readBack(code, this.#plan.locals, root & others);
    const number = this.#plan.entryNumber.get(this.#plan.graph.root)!;
    if (root === others && number === 0) return;
    code.get(Local.Entry).block(Op.If);
    readBack(code, this.#plan.locals, others & ~root);
    code.op(Op.Else);
    readBack(code, this.#plan.locals, root & ~others);
    if (number > 0) code.constant(number).set(Local.Entry);
    code.op(Op.End);
  }

  // Structure

  /** Nodes one after the other; `next` is the block that is reached by falling off the end, null if none is. */
  #sequence(nodes: readonly Node[], next: number | null): void {
    const isLabelled = nodes.map((node, index) => index > 0 && this.#needsLabel(nodes[index - 1]!, node));
    for (let index = nodes.length - 1; index > 0; index--) {
      const node = nodes[index]!;
      if (isLabelled[index]) this.#labels.open(Op.Block, node.members, firstOf(node));
    }
    this.#dispatch(nodes);
    nodes.forEach((node, index) => {
      if (isLabelled[index]) this.#labels.close();
      const following = nodes[index + 1];
      this.#node(node, following === undefined ? next : firstOf(following));
    });
  }

  /** Whether a node is reached otherwise than from the single block before it. */
  #needsLabel(before: Node, node: Node): boolean {
    if (before.kind === "loop" || node.kind === "loop") return true;
    if (this.#plan.entryNumber.has(node.block)) return true;
    if (this.#plan.blocks[before.block]!.end.kind === "indirectJump") return true;
    return this.#plan.graph.predecessors[node.block]!.some((block) => block !== before.block);
  }

  /** To the node that holds the entry, if that is not the first one. */
  #dispatch(nodes: readonly Node[]): void {
    const targets = this.#plan.entries.map((block) => nodes.slice(1).some(({ members }) => members.has(block)));
    const last = targets.lastIndexOf(true);
    if (last < 0) return;
    this.#labels.openPlain(Op.Block);
    this.#code.get(Local.Entry).op(Op.I32Eqz).indexed(Op.BrIf, 0);
    this.#code.get(Local.Entry).indexed(Op.BrTable, last + 1);
    for (let number = 0; number <= last + 1; number++) {
      this.#code.unsigned(targets[number] ? this.#labels.find(this.#plan.entries[number]!).depth : 0);
    }
    this.#labels.close();
  }

  #node(node: Node, next: number | null): void {
    if (node.kind === "block") {
      this.#block(node.block, next);
      return;
    }
    if (this.#plan.plainHeaders.has(node.header)) this.#entryReached(node.header);
    this.#labels.open(Op.Loop, node.members, node.header);
    this.#sequence(node.body, null);
    this.#labels.close();
  }

  /** The way from the entry ends at its block: loops that come later are entered at their headers. */
  #entryReached(block: number): void {
    const number = this.#plan.entryNumber.get(block);
    if (number !== undefined && number > 0) this.#code.constant(0).set(Local.Entry);
  }

  // Blocks

  #block(index: number, next: number | null): void {
    const block = this.#plan.blocks[index]!;
    if (!this.#plan.plainHeaders.has(index)) this.#entryReached(index);
    this.#writer.begin(block.pc, costOf(block), this.#plan.flow.dirty[index]!, this.#plan.writesThrough[index]!);
    for (const step of block.steps) {
      this.#checkSecondHalf(step);
      this.#writer.step(step);
    }
    if ("step" in block.end) this.#checkSecondHalf(block.end.step);
    this.#writer.settle();
    this.#ends.end(block, next);
  }

  /** Where an instruction ends in the next page, that page must be the one that was translated. */
  #checkSecondHalf(step: Step): void {
    if (!isStraddling(step)) return;
    this.#ends.pushIsOtherPage(step.pc + 2);
    this.#writer.leaveIf(step.pc);
  }
}

function costOf({ steps, end }: Block): Cost {
  const isPaidApart = end.kind === "trap" || end.kind === "trapReturn" || end.kind === "wait";
  const all = "step" in end && !isPaidApart ? [...steps, end.step] : steps;
  return all.reduce((cost, { row }) => sum(cost, { cycles: row.costCycles, instructions: 1 }), NO_COST);
}

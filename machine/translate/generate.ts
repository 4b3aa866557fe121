/**
 * Fourth stage: from a region to one WebAssembly function.
 *
 * The function takes the number of an entry, the budget, and how deep calls may still be nested; it gives back where
 * the hart stands, and the budget. Bit 0 of that address says that the interpreter must go on there. Guest registers
 * are locals, control flow is WebAssembly's own, a call is a call. Everything rare leaves the function: the long way of
 * a load, an exhausted budget. Begin with `generate`; blocks.ts has the instructions, exits.ts the ways out.
 */

import { addressOf } from "../hart/state-words.ts";
import { FETCH_ENTRIES, FetchEntry } from "../hart/translation-cache.ts";
import { PAGE_SHIFT } from "../state/pages.ts";
import { BlockWriter } from "./blocks.ts";
import { type Cost, NO_COST, sum } from "./budget.ts";
import {
  type Block,
  type End,
  isSamePage,
  isStraddling,
  type Region,
  rootsOf,
  type Step,
  targetsOf,
} from "./discover.ts";
import { Code, type FunctionBody, Op } from "./encode.ts";
import { Departure, Exits, readBack, writeBack } from "./exits.ts";
import { type KeptPages, keptPages } from "./kept-pages.ts";
import { Labels } from "./labels.ts";
import { Local, Locals } from "./locals.ts";
import { forgetPage } from "./memory-access.ts";
import { type RegisterFlow, registerFlow } from "./registers.ts";
import { Import, SignatureIndex } from "./runtime.ts";
import { type Graph, loopDepths, type Node, structure } from "./structure.ts";

/** Beyond that, a switch gets no table. */
const FARTHEST_CASE_BYTES = 4096;

/** So many instructions, and the host's frame for the region takes twice the room, and so on. */
const STEPS_PER_LEVEL = 300;

/** What a region's code may rely on. */
export interface Surroundings {
  /** The address of the entry table of a page: it changes when the page does (units.ts). */
  tableOf(pc: number): number;
  /** Where in the same module a callee begins; null if it is no part of it. */
  calleeAt(pc: number): Callee | null;
  /** Whether accesses miss so often here that it pays to refill the translations without leaving. */
  readonly refills: boolean;
}

export interface Callee {
  readonly functionIndex: number;
  /** The number of the entry. */
  readonly entry: number;
}

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
  readonly #surroundings: Surroundings;
  readonly #flow: RegisterFlow;
  readonly #pages: KeptPages;
  readonly #locals: Locals;
  readonly #graph: Graph;
  readonly #nodes: readonly Node[];
  readonly #plainHeaders: ReadonlySet<number>;
  /**
   * Blocks that may be entered, by number: the root, where control comes back from elsewhere, loops. Where the root is
   * not the first block of the code, it comes last once more, and has that number inside.
   */
  readonly #entries: readonly number[];
  readonly #entryNumber: ReadonlyMap<number, number>;
  readonly #code = new Code();
  readonly #exits = new Exits();
  readonly #labels = new Labels(this.#code);
  readonly #writer: BlockWriter;

  constructor(region: Region, surroundings: Surroundings) {
    this.#region = region;
    this.#surroundings = surroundings;
    this.#graph = graphOf(region);
    this.#nodes = structure(this.#graph);
    this.#flow = registerFlow(region);
    this.#pages = keptPages(region, loopDepths(this.#nodes, region.blocks.length));
    this.#locals = new Locals(this.#flow.used, this.#pages.slots);
    this.#writer = new BlockWriter(
      this.#code,
      this.#labels,
      this.#exits,
      this.#locals,
      this.#pages.uses,
      surroundings.refills,
    );
    const entries = [...new Set([...this.#graph.entries, ...loopEntries(this.#nodes)])];
    const isRootFirst = firstOf(this.#nodes[0]!) === this.#graph.root;
    this.#entries = isRootFirst ? entries : [...entries, this.#graph.root];
    this.#entryNumber = new Map(this.#entries.map((block, number) => [block, number]));
    this.#plainHeaders = new Set(plainHeaders(this.#nodes, this.#entries));
  }

  write(exportName: string): Generated {
    this.#sequence(this.#nodes, null);
    const code = new Code();
    this.#prologue(code);
    this.#exits.open(code);
    code.append(this.#code.bytes).op(Op.Unreachable);
    this.#exits.close(code, this.#locals);
    return {
      body: { signature: SignatureIndex.Region, locals: this.#locals.types, code, exportName },
      entries: this.#entries.map((block) => this.#region.blocks[block]!.pc),
      locals: this.#locals,
    };
  }

  /** Reads what the code needs on the way from an entry. */
  #prologue(code: Code): void {
    const { needed } = this.#flow;
    // Calls may nest too deep: nothing has happened yet, and the hart stands where it was to go on.
    code.get(Local.Depth).constant(0).op(Op.I32LtS).block(Op.If);
    rootsOf(this.#region).forEach((pc, entry) => {
      code.constant(pc);
      if (entry !== 0) code.get(Local.Entry).constant(entry).op(Op.I32Ne).op(Op.Select);
    });
    code.get(Local.Budget).op(Op.Return).op(Op.End);
    for (let slot = 0; slot < this.#pages.slots; slot++) forgetPage(code, this.#locals, slot);
    const root = needed[this.#entries[0]!]!;
    const others = this.#entries.slice(1).reduce((set, block) => set | needed[block]!, 0);
    readBack(code, this.#locals, root & others);
    const number = this.#entryNumber.get(this.#graph.root)!;
    if (root === others && number === 0) return;
    code.get(Local.Entry).block(Op.If);
    readBack(code, this.#locals, others & ~root);
    code.op(Op.Else);
    readBack(code, this.#locals, root & ~others);
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
    if (this.#entryNumber.has(node.block)) return true;
    if (this.#region.blocks[before.block]!.end.kind === "indirectJump") return true;
    return this.#graph.predecessors[node.block]!.some((block) => block !== before.block);
  }

  /** To the node that holds the entry, if that is not the first one. */
  #dispatch(nodes: readonly Node[]): void {
    const targets = this.#entries.map((block) => nodes.slice(1).some(({ members }) => members.has(block)));
    const last = targets.lastIndexOf(true);
    if (last < 0) return;
    this.#labels.openPlain(Op.Block);
    this.#code.get(Local.Entry).op(Op.I32Eqz).indexed(Op.BrIf, 0);
    this.#code.get(Local.Entry).indexed(Op.BrTable, last + 1);
    for (let number = 0; number <= last + 1; number++) {
      this.#code.unsigned(targets[number] ? this.#labels.find(this.#entries[number]!).depth : 0);
    }
    this.#labels.close();
  }

  #node(node: Node, next: number | null): void {
    if (node.kind === "block") {
      this.#block(node.block, next);
      return;
    }
    if (this.#plainHeaders.has(node.header)) this.#entryReached(node.header);
    this.#labels.open(Op.Loop, node.members, node.header);
    this.#sequence(node.body, null);
    this.#labels.close();
  }

  /** The way from the entry ends at its block: loops that come later are entered at their headers. */
  #entryReached(block: number): void {
    const number = this.#entryNumber.get(block);
    if (number !== undefined && number > 0) this.#code.constant(0).set(Local.Entry);
  }

  // Blocks

  #block(index: number, next: number | null): void {
    const block = this.#region.blocks[index]!;
    if (!this.#plainHeaders.has(index)) this.#entryReached(index);
    this.#writer.begin(block.pc, costOf(block), this.#flow.dirty[index]!);
    for (const step of block.steps) {
      this.#checkSecondHalf(step);
      this.#writer.step(step);
    }
    if ("step" in block.end) this.#checkSecondHalf(block.end.step);
    this.#end(block, next);
  }

  /** Where an instruction ends in the next page, that page must be the one that was translated. */
  #checkSecondHalf(step: Step): void {
    if (!isStraddling(step)) return;
    this.#pushIsOtherPage(step.pc + 2);
    this.#writer.leaveIf(step.pc);
  }

  #end({ end, pc }: Block, next: number | null): void {
    switch (end.kind) {
      case "go":
        this.#go(end.target, pc, next);
        break;
      case "branch":
        this.#branch(end, next);
        break;
      case "call":
        this.#writer.link(end.step);
        this.#writer.complete(end.step);
        this.#call(end.callee, end, next);
        break;
      case "indirectCall":
        this.#indirect(end.step);
        this.#call(null, end, next);
        break;
      case "return":
        this.#indirect(end.step);
        this.#writer.leave(Departure.Caller, null);
        break;
      case "indirectJump":
        this.#indirect(end.step);
        this.#switch(end.targets, end.step.pc);
        this.#writer.leave(Departure.Elsewhere, null);
        break;
      case "trap":
        this.#writer.leave(Departure.Trap, end.step.pc);
        break;
      case "trapReturn":
        this.#writer.leave(returnOf(end.step), end.step.pc);
        break;
      case "leave":
        this.#writer.leave(Departure.Interpreter, end.at);
        break;
    }
  }

  /** The target of a jump to an address in a register, into `Local.Pc`; then the link. */
  #indirect(step: Step): void {
    const { meaning } = step.row;
    if (meaning.kind !== "jump") return;
    this.#writer.push(meaning.target, step);
    this.#code.set(Local.Pc);
    this.#writer.link(step);
    this.#writer.complete(step);
  }

  #branch({ step, taken, target }: EndOf<"branch">, next: number | null): void {
    const { meaning } = step.row;
    if (meaning.kind !== "branch") return;
    if (taken !== target) this.#writer.push(meaning.condition, step);
    this.#writer.complete(step);
    if (taken === target) {
      this.#go(target, step.pc, next);
      return;
    }
    const isTakenNext = next !== null && this.#region.blocks[next]!.pc === taken;
    if (isTakenNext) this.#code.op(Op.I32Eqz);
    this.#goIf(isTakenNext ? target : taken, step.pc);
    this.#go(isTakenNext ? taken : target, step.pc, next);
  }

  /** Goes to the target in `Local.Pc` if it is one of those known in the region: a table by distance from the first. */
  #switch(targets: readonly number[], from: number): void {
    const known = targets.filter((pc) => this.#region.indexByPc.has(pc)).sort((one, other) => one - other);
    const first = known[0];
    const last = known.at(-1);
    if (first === undefined || last === undefined || last - first > FARTHEST_CASE_BYTES) return;
    for (let label = 0; label <= known.length; label++) this.#labels.openPlain(Op.Block);
    // An odd distance becomes a huge one.
    this.#code.get(Local.Pc).constant(first).op(Op.I32Sub).constant(1).op(Op.I32Rotr);
    const cases = (last - first) / 2 + 1;
    this.#code.indexed(Op.BrTable, cases);
    for (let index = 0; index < cases; index++) {
      const target = known.indexOf(first + 2 * index);
      this.#code.unsigned(target < 0 ? known.length : target);
    }
    this.#code.unsigned(known.length);
    for (const pc of known) {
      this.#labels.close();
      this.#go(pc, from, null);
    }
    this.#labels.close();
  }

  /** Goes to an address if the word on the stack is not zero. */
  #goIf(pc: number, from: number): void {
    const block = this.#region.indexByPc.get(pc);
    const place = block !== undefined && isSamePage(pc, from) ? this.#labels.find(block) : null;
    if (place !== null && !place.isDispatched) {
      this.#code.indexed(Op.BrIf, place.depth);
      return;
    }
    this.#labels.openPlain(Op.If);
    this.#go(pc, from, null);
    this.#labels.close();
  }

  /** Goes to an address; by going on, where its block is written next. */
  #go(pc: number, from: number, next: number | null): void {
    const block = this.#region.indexByPc.get(pc);
    if (block === undefined) {
      this.#writer.leave(Departure.Elsewhere, pc);
      return;
    }
    if (!isSamePage(pc, from)) {
      this.#pushIsOtherPage(pc);
      this.#writer.leaveIf(pc);
    }
    if (block === next) return;
    const { depth, isDispatched } = this.#labels.find(block);
    if (isDispatched) this.#code.constant(this.#entryNumber.get(block)!).set(Local.Entry);
    this.#code.indexed(Op.Br, depth);
  }

  /** Pushes whether the code of another page is not that which was translated with this. */
  #pushIsOtherPage(pc: number): void {
    const slot = ((pc >>> PAGE_SHIFT) & (FETCH_ENTRIES - 1)) * FetchEntry.Words + FetchEntry.Table;
    this.#code.loadWord(addressOf("fetchSet")).memory(Op.I32Load, 4 * slot);
    this.#code.constant(this.#surroundings.tableOf(pc)).op(Op.I32Ne);
  }

  /** What a call takes of the depth to which calls may nest. */
  get #levels(): number {
    return 1 + Math.floor(this.#region.blocks.reduce((sum, { steps }) => sum + steps.length, 0) / STEPS_PER_LEVEL);
  }

  /** Calls, and goes on if the callee comes back to where it should. `callee` is null where `Local.Pc` says it. */
  #call(callee: number | null, { step, target }: EndOf<"call" | "indirectCall">, next: number | null): void {
    const code = this.#code;
    writeBack(code, this.#locals, this.#writer.dirty);
    this.#writer.dirty = 0;
    const own = callee === null ? null : this.#surroundings.calleeAt(callee);
    const pushOthers = () => code.get(Local.Budget).get(Local.Depth).constant(this.#levels).op(Op.I32Sub);
    const dispatch = () => {
      if (callee === null) code.get(Local.Pc);
      else code.constant(callee);
      pushOthers();
      code.indexed(Op.Call, Import.Dispatch);
    };
    const direct = () => {
      code.constant(own!.entry);
      pushOthers();
      code.indexed(Op.Call, own!.functionIndex);
    };
    if (own === null) dispatch();
    else if (isSamePage(callee!, step.pc)) direct();
    else {
      this.#pushIsOtherPage(callee!);
      code.op(Op.If).unsigned(SignatureIndex.Standing);
      dispatch();
      code.op(Op.Else);
      direct();
      code.op(Op.End);
    }
    code.set(Local.Budget).tee(Local.Pc).constant(target).op(Op.I32Ne);
    this.#writer.leaveIf(null, Departure.Caller);
    const block = this.#region.indexByPc.get(target);
    if (block !== undefined) {
      readBack(code, this.#locals, this.#flow.needed[block]!);
      for (let slot = 0; slot < this.#pages.slots; slot++) {
        if ((this.#pages.atBegin[block]! >>> slot) & 1) forgetPage(code, this.#locals, slot);
      }
    }
    this.#go(target, step.pc, next);
  }
}

type EndOf<Kind extends End["kind"]> = Extract<End, { readonly kind: Kind }>;

function returnOf({ row: { meaning } }: Step): Departure {
  const isFromMachine = meaning.kind === "system" && meaning.operation === "machineReturn";
  return isFromMachine ? Departure.MachineReturn : Departure.SupervisorReturn;
}

function firstOf(node: Node): number {
  return node.kind === "block" ? node.block : node.header;
}

function costOf({ steps, end }: Block): Cost {
  const isPaidApart = end.kind === "trap" || end.kind === "trapReturn";
  const all = "step" in end && !isPaidApart ? [...steps, end.step] : steps;
  return all.reduce((cost, { row }) => sum(cost, { cycles: row.costCycles, instructions: 1 }), NO_COST);
}

/** Where control comes back from elsewhere, or time runs out in the middle of a loop, the region can be entered. */
function graphOf(region: Region): Graph {
  const { blocks, indexByPc } = region;
  const successors = blocks.map(({ end }) => targetsOf(end).flatMap((pc) => indexByPc.get(pc) ?? []));
  const predecessors: number[][] = blocks.map(() => []);
  successors.forEach((targets, from) => {
    for (const to of targets) predecessors[to]!.push(from);
  });
  const returns = blocks.flatMap(({ end }) =>
    end.kind === "call" || end.kind === "indirectCall" || end.kind === "trap" ? (indexByPc.get(end.target) ?? []) : [],
  );
  const addresses = blocks.map(({ pc }) => pc);
  const roots = rootsOf(region).map((pc) => indexByPc.get(pc)!);
  return { addresses, successors, predecessors, entries: new Set([...roots, ...returns]), root: 0 };
}

/** Every block at which a loop begins, or is entered besides. */
function loopEntries(nodes: readonly Node[]): number[] {
  return nodes.flatMap((node) =>
    node.kind === "loop" ? [node.header, ...node.entries, ...loopEntries(node.body)] : [],
  );
}

/** Headers of loops that have no other entry. */
function plainHeaders(nodes: readonly Node[], entries: readonly number[]): number[] {
  return nodes.flatMap((node) => {
    if (node.kind === "block") return [];
    const isPlain = !entries.some((entry) => entry !== node.header && node.members.has(entry));
    return [...(isPlain ? [node.header] : []), ...plainHeaders(node.body, entries)];
  });
}

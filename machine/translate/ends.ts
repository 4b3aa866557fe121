/**
 * How a block ends: with a jump, a branch, a switch, a call, a return, or on the way out.
 *
 * Inside a region a jump is a `br` to a label. A call is a call, after which the region is left if control comes back
 * elsewhere than behind it. Begin with `end`.
 */
import { addressOf } from "../hart/state-words.ts";
import { FETCH_ENTRIES, FetchEntry } from "../hart/translation-cache.ts";
import { PAGE_SHIFT } from "../state/pages.ts";
import type { BlockWriter } from "./blocks.ts";
import { type Block, type End, isSamePage, type Step } from "./discover.ts";
import { type Code, Op } from "./encode.ts";
import { Departure, readBack, writeBack } from "./exits.ts";
import type { Labels } from "./labels.ts";
import { Local } from "./locals.ts";
import { forgetPage } from "./memory-access.ts";
import type { Misses } from "./missing-accesses.ts";
import type { Plan } from "./plan.ts";
import { Import } from "./runtime.ts";
import { SignatureIndex } from "./standing.ts";

/** Beyond that, a switch gets no table. */
const FARTHEST_CASE_BYTES = 4096;

/** So many instructions, and the host's frame for the region takes twice the room, and so on. */
const STEPS_PER_LEVEL = 300;

/** What a region's code may rely on outside it. */
export interface Surroundings {
  /** The address of the entry table of a page: it changes when the page does (units.ts). */
  tableOf(pc: number): number;
  /** Where in the same module a callee begins; null if it is no part of it. */
  calleeAt(pc: number): Callee | null;
  readonly misses: Misses;
  /** The size of RAM where the code runs in M-mode, which PMP binds nowhere: all of it is at hand. Null elsewhere. */
  readonly flatBytes: number | null;
}

export interface Callee {
  readonly functionIndex: number;
  /** The number of the entry. */
  readonly entry: number;
}

export class EndWriter {
  readonly #code: Code;
  readonly #labels: Labels;
  readonly #writer: BlockWriter;
  readonly #plan: Plan;
  readonly #surroundings: Surroundings;
  /** What a call takes of the depth to which calls may nest. */
  readonly #levels: number;

  constructor(code: Code, labels: Labels, writer: BlockWriter, plan: Plan, surroundings: Surroundings) {
    this.#code = code;
    this.#labels = labels;
    this.#writer = writer;
    this.#plan = plan;
    this.#surroundings = surroundings;
    const steps = plan.blocks.reduce((sum, block) => sum + block.steps.length, 0);
    this.#levels = 1 + Math.floor(steps / STEPS_PER_LEVEL);
  }

  /** Writes the end of a block; `next` is the block that is written behind it, null if none is. */
  end({ end, pc }: Block, next: number | null): void {
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
      case "settle":
        this.#writer.step(end.step);
        this.#writer.settle();
        this.#go(end.target, end.step.pc, next);
        break;
      case "wait":
        this.#writer.leave(Departure.Wait, end.step.pc);
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
    this.#writer.settle();
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
    const isTakenNext = next !== null && this.#plan.blocks[next]!.pc === taken;
    if (isTakenNext) this.#code.op(Op.I32Eqz);
    this.#goIf(isTakenNext ? target : taken, step.pc);
    this.#go(isTakenNext ? taken : target, step.pc, next);
  }

  /** Goes to the target in `Local.Pc` if it is one of those known in the region: a table by distance from the first. */
  #switch(targets: readonly number[], from: number): void {
    const known = targets.filter((pc) => this.#plan.indexByPc.has(pc)).sort((one, other) => one - other);
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
    const block = this.#plan.indexByPc.get(pc);
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
    const block = this.#plan.indexByPc.get(pc);
    if (block === undefined) {
      this.#writer.leave(Departure.Elsewhere, pc);
      return;
    }
    if (!isSamePage(pc, from)) {
      this.pushIsOtherPage(pc);
      this.#writer.leaveIf(pc);
    }
    if (block === next) return;
    const { depth, isDispatched } = this.#labels.find(block);
    if (isDispatched) this.#code.constant(this.#plan.entryNumber.get(block)!).set(Local.Entry);
    this.#code.indexed(Op.Br, depth);
  }

  /** Pushes whether the code of another page is not that which was translated with this. */
  pushIsOtherPage(pc: number): void {
    const slot = ((pc >>> PAGE_SHIFT) & (FETCH_ENTRIES - 1)) * FetchEntry.Words + FetchEntry.Table;
    this.#code.loadWord(addressOf("fetchSet")).memory(Op.I32Load, 4 * slot);
    this.#code.constant(this.#surroundings.tableOf(pc)).op(Op.I32Ne);
  }

  /** Calls, and goes on if the callee comes back to where it should. `callee` is null where `Local.Pc` says it. */
  #call(callee: number | null, { step, target }: EndOf<"call" | "indirectCall">, next: number | null): void {
    const code = this.#code;
    writeBack(code, this.#plan.locals, this.#writer.dirty);
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
      this.pushIsOtherPage(callee!);
      code.op(Op.If).unsigned(SignatureIndex.Standing);
      dispatch();
      code.op(Op.Else);
      direct();
      code.op(Op.End);
    }
    code.set(Local.Budget).tee(Local.Pc).constant(target).op(Op.I32Ne);
    this.#writer.leaveIf(null, Departure.Caller);
    const block = this.#plan.indexByPc.get(target);
    if (block !== undefined) {
      readBack(code, this.#plan.locals, this.#plan.flow.needed[block]!);
      for (let slot = 0; slot < this.#plan.pages.slots; slot++) {
        if ((this.#plan.pages.atBegin[block]! >>> slot) & 1) forgetPage(code, this.#plan.locals, slot);
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

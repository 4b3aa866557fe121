/**
 * What is too short for translated code, without leaving WebAssembly: the rest of the time where that does not suffice
 * for the next block, and the rest of a block where an interrupt's handler returns to the middle of it.
 *
 * The interpreter of hart/threaded.ts does both. It returns where time is up, or it comes to hot code; where it must
 * return for another reason, `mustLookAround` says so, and the hart goes on in JavaScript. Begin with `interpretRest`.
 */
import { addressOf } from "../hart/state-words.ts";
import { FetchEntry } from "../hart/translation-cache.ts";
import { Place } from "../linear-memory.ts";
import { OFFSET_MASK, PAGE_BYTES, PAGE_MASK } from "../state/pages.ts";
import { BUDGET_SHIFT, EXTRA_ROOM, pushExtra, pushLeft } from "./budget.ts";
import { type Code, type FunctionBody, Op, Type } from "./encode.ts";
import { body, FunctionIndex, Parameter, pushFetchEntry, SignatureIndex, setWord, standIf } from "./standing.ts";

/** Few blocks take longer. An access that misses leaves in the same way, but seldom so shortly before time is up. */
const LONGEST_REST_CYCLES = 256;
/** An instruction there may end in the next page. */
const LAST_HALF = PAGE_BYTES - 2;

/** Locals of `run`, and how many labels are around what is written. */
interface Loop {
  readonly pc: number;
  readonly budget: number;
  /** Where a return from a trap has led. */
  readonly returned: number;
  /** To the next step, */
  readonly again: number;
  /** and to JavaScript. */
  readonly out: number;
}

/**
 * Translated code has been left at `pc`: interprets from there, if that is all that it needs, and comes here if no time
 * is left.
 */
export function interpretRest(code: Code, { pc, budget, returned, again, out }: Loop): void {
  pushLeft(code, budget);
  code.constant(0).op(Op.I32GtS).block(Op.If);
  code.get(pc).get(returned).op(Op.I32Eq).loadWord(addressOf("untranslated")).op(Op.I32And);
  code.tee(returned).op(Op.I32Eqz);
  pushLeft(code, budget);
  code.constant(LONGEST_REST_CYCLES).op(Op.I32GtS).op(Op.I32And).indexed(Op.BrIf, out);
  code.get(pc).get(budget).get(returned).indexed(Op.Call, FunctionIndex.InterpretFrom).set(budget).set(pc);
  code.loadWord(addressOf("mustLookAround")).indexed(Op.BrIf, out);
  code.constant(1).set(returned);
  setWord(code, "untranslated", () => code.constant(0));
  pushLeft(code, budget);
  code.constant(0).op(Op.I32GtS).indexed(Op.BrIf, again);
  code.op(Op.End);
}

/**
 * Interprets from an address, with a budget. The last parameter says that a handler has returned there, which counts
 * like a jump: where that happens often, it is worth translating. Does nothing, and says that the hart must look
 * around, where the page's instructions are not at hand, or it is.
 */
export function interpretFrom(): FunctionBody {
  const isReturn = Parameter.Depth;
  const entry = Parameter.First;
  const base = entry;
  const left = entry + 1;
  const heatPlace = entry + 2;
  return body(null, SignatureIndex.Region, [Type.I32, Type.I32, Type.I32], (code) => {
    setWord(code, "mustLookAround", () => code.constant(1));
    pushFetchEntry(code);
    code.tee(entry).memory(Op.I32Load, 4 * FetchEntry.Tag);
    code.get(Parameter.Pc).constant(PAGE_MASK).op(Op.I32And).op(Op.I32Ne);
    pushOffset(code);
    code.constant(LAST_HALF).op(Op.I32Eq).op(Op.I32Or);
    standIf(code);
    code
      .get(entry)
      .memory(Op.I32Load, 4 * FetchEntry.Base)
      .set(base);
    code.get(isReturn).block(Op.If);
    code.get(base);
    pushOffset(code);
    code.op(Op.I32Add).constant(1).op(Op.I32Shl).tee(heatPlace).memory(Op.I32Load16U, Place.Heat);
    code.loadWord(addressOf("hotAfter")).op(Op.I32GeU);
    standIf(code);
    code.get(heatPlace).get(heatPlace).memory(Op.I32Load16U, Place.Heat).constant(1).op(Op.I32Add);
    code.memory(Op.I32Store16, Place.Heat).op(Op.End);
    setWord(code, "mustLookAround", () => code.constant(0));
    setWord(code, "pc", () => code.get(Parameter.Pc));
    setWord(code, "extra", () => pushExtra(code, Parameter.Budget));
    setWord(code, "left", () => pushLeft(code, Parameter.Budget));
    code.loadWord(addressOf("left")).set(left);
    code.get(base).indexed(Op.Call, FunctionIndex.Interpret);
    // Nothing was executed: the hart knows why.
    code.loadWord(addressOf("left")).get(left).op(Op.I32Eq).block(Op.If);
    setWord(code, "mustLookAround", () => code.constant(1));
    code.op(Op.End);
    code.loadWord(addressOf("pc"));
    code.loadWord(addressOf("left")).op(Op.I64ExtendI32S).longConstant(BUDGET_SHIFT).op(Op.I64Shl);
    code.constant(EXTRA_ROOM).loadWord(addressOf("extra")).op(Op.I32Sub).op(Op.I64ExtendI32U).op(Op.I64Or);
  });
}

function pushOffset(code: Code): void {
  code.get(Parameter.Pc).constant(OFFSET_MASK).op(Op.I32And);
}

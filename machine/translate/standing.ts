/**
 * What the functions around the regions are made of: their signatures, and the pieces that several of them share.
 *
 * Most of them are of the same kind as regions: the hart stands at an address with a budget, and when they return, at
 * another with less. Bit 0 of that address says that only `run` can go on (runtime.ts).
 */
import { addressOf, type StateWord } from "../hart/state-words.ts";
import { FETCH_ENTRIES, FetchEntry } from "../hart/translation-cache.ts";
import { PAGE_SHIFT } from "../state/pages.ts";
import { type Cost, pushLeft, units } from "./budget.ts";
import { Code, type FunctionBody, Op, type Signature, Type } from "./encode.ts";

/** Of functions that leave the hart standing somewhere: its address, and the budget. */
const STANDING = [Type.I32, Type.I64];

export const SIGNATURES: readonly Signature[] = [
  { parameters: [Type.I32, Type.I64, Type.I32], results: STANDING },
  { parameters: [], results: STANDING },
  { parameters: [], results: [] },
  { parameters: [], results: [Type.I32] },
  { parameters: [Type.I32, Type.I32], results: [Type.I32] },
  { parameters: [Type.I32], results: [] },
];

export const enum SignatureIndex {
  /** An entry's number or an address; the budget; how deep calls may still nest. */
  Region = 0,
  Standing = 1,
  Action = 2,
  Question = 3,
  /** An address, and what an access there needs: refill.ts. */
  Refill = 4,
  /** Where a page's decoded instructions are: hart/threaded.ts. */
  Interpret = 5,
}

/**
 * Functions that those of the runtime call: the interpreter, which it imports, then the first of its module, in this
 * order.
 */
export const enum FunctionIndex {
  Interpret = 0,
  Dispatch,
  Run,
  SelectContext,
  Interrupt,
  InterpretFrom,
}

/** Parameters of functions with the signature of a region. */
export const enum Parameter {
  Pc = 0,
  Budget = 1,
  Depth = 2,
  First = 3,
}

/** A function; `write` writes its code. */
export function body(
  exportName: string | null,
  signature: SignatureIndex,
  locals: readonly Type[],
  write: (code: Code) => void,
): FunctionBody {
  const code = new Code();
  write(code);
  return { signature, locals, code, exportName };
}

/** Returns where the hart stands, for `run` to go on. */
export function stay(code: Code): void {
  code.get(Parameter.Pc).constant(1).op(Op.I32Or).get(Parameter.Budget).op(Op.Return);
}

/** Returns where the hart stands, for whoever called, if the word on the stack is not zero. */
export function standIf(code: Code): void {
  code.block(Op.If).get(Parameter.Pc).get(Parameter.Budget).op(Op.Return).op(Op.End);
}

/** An instruction begins only while cycles are left. */
export function stayIfTimeIsUp(code: Code): void {
  pushLeft(code, Parameter.Budget);
  code.constant(0).op(Op.I32LeS).block(Op.If);
  stay(code);
  code.op(Op.End);
}

/**
 * The hart stands at `Pc`, and what it may run on has changed: mode, address space, or which interrupts are due. Always
 * with bit 0, so that no caller takes the address for the one where it waits: it waits in another mode.
 */
export function goOn(code: Code): void {
  setWord(code, "contextChanged", () => code.indexed(Op.Call, FunctionIndex.SelectContext));
  code.get(Parameter.Pc).constant(1).op(Op.I32Or).get(Parameter.Budget);
}

export function pay(code: Code, cost: Cost): void {
  code.get(Parameter.Budget).longConstant(units(cost)).op(Op.I64Sub).set(Parameter.Budget);
}

/** Pushes where the entry of `Pc` is in the present set of fetch translations. */
export function pushFetchEntry(code: Code): void {
  const entryBytes = 4 * FetchEntry.Words;
  code
    .get(Parameter.Pc)
    .constant(PAGE_SHIFT - Math.log2(entryBytes))
    .op(Op.I32ShrU);
  code.constant((FETCH_ENTRIES - 1) * entryBytes).op(Op.I32And);
  code.loadWord(addressOf("fetchSet")).op(Op.I32Add);
}

/** Pushes the interrupts that are pending and enabled, as far as mie says. */
export function pushReady(code: Code): void {
  code.loadWord(addressOf("pendingBySoftware")).loadWord(addressOf("pendingByWire")).op(Op.I32Or);
  code.loadWord(addressOf("mie")).op(Op.I32And);
}

export function setWord(code: Code, word: StateWord, push: () => void): void {
  code.constant(0);
  push();
  code.memory(Op.I32Store, addressOf(word));
}

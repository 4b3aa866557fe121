/**
 * What the functions of threaded code have in common: their parameters and locals, what they may call, and how one
 * ends: by calling the next instruction's (`goOn`), or by leaving with the state in order (`saveAndReturn`).
 */
import { PAGE_SHIFT } from "../state/pages.ts";
import { type Code, Op, type Signature, Type } from "../translate/encode.ts";
import { SlotField } from "./code-cache.ts";
import { addressOf } from "./state-words.ts";

const I32 = Type.I32;

export const SIGNATURES: readonly Signature[] = [
  { parameters: [I32, I32, I32, I32, I32], results: [] },
  { parameters: [I32], results: [] },
  { parameters: [I32, I32], results: [] },
  { parameters: [I32], results: [I32] },
  { parameters: [I32, I32], results: [I32] },
  { parameters: [I32, I32, I32], results: [I32] },
  { parameters: [I32, I32, I32, I32], results: [I32] },
];

export const enum SignatureIndex {
  Step = 0,
  Tell1 = 1,
  Tell2 = 2,
  Ask1 = 3,
  Ask2 = 4,
  Ask3 = 5,
  Ask4 = 6,
}

/** What the functions call in JavaScript: threaded-interpreter.ts says what each is. */
export const enum Import {
  Decode = 0,
  Illegal = 1,
  Breakpoint = 2,
  JumpedIndirectly = 3,
  Load = 4,
  Store = 5,
  AtomicOffset = 6,
  System = 7,
  Count = 8,
}

export const IMPORTS = [
  { name: "decode", signature: SignatureIndex.Tell1 },
  { name: "illegal", signature: SignatureIndex.Tell1 },
  { name: "breakpoint", signature: SignatureIndex.Tell1 },
  { name: "jumpedIndirectly", signature: SignatureIndex.Tell2 },
  { name: "load", signature: SignatureIndex.Ask4 },
  { name: "store", signature: SignatureIndex.Ask3 },
  { name: "atomicOffset", signature: SignatureIndex.Ask1 },
  { name: "system", signature: SignatureIndex.Ask2 },
] as const;

export type ImportName = (typeof IMPORTS)[number]["name"];

/** The module's own functions. */
export const enum FunctionIndex {
  Interpret = Import.Count,
  Jump = Import.Count + 1,
  Leave = Import.Count + 2,
  FirstOperation = Import.Count + 3,
}

/** Of all functions but `interpret`. */
export const enum Local {
  Pc = 0,
  /** Where the decoded instruction is. */
  Slot = 1,
  Left = 2,
  Extra = 3,
  /** Its first word; in `jump` and `leave`, where to. */
  Word = 4,
  Address = 5,
  /** An entry of the translation cache, or a place in RAM. */
  Entry = 6,
}
export const OWN_LOCALS = [I32, I32];

/** Behind the other parameters of an operation's function: its first word. Calls it, and does not come back. */
export function callOperation(code: Code, slot: number): void {
  code.get(slot).memory(Op.I32Load, 0);
  code.get(slot).memory(Op.I32Load, 0).constant(SlotField.OperationMask).op(Op.I32And);
  code.op(Op.ReturnCallIndirect).unsigned(SignatureIndex.Step).unsigned(0);
}

/** To the instruction that stands in `Slot`, which begins only while cycles are left. */
export function goOn(code: Code): void {
  code.get(Local.Left).constant(0).op(Op.I32LeS).block(Op.If);
  saveAndReturn(code);
  code.op(Op.End);
  code.get(Local.Pc).get(Local.Slot).get(Local.Left).get(Local.Extra);
  callOperation(code, Local.Slot);
}

export function saveAndReturn(code: Code): void {
  for (let parameter = Local.Pc; parameter <= Local.Word; parameter++) code.get(parameter);
  code.indexed(Op.ReturnCall, FunctionIndex.Leave);
}

/** Puts into the state where the hart stands. */
export function save(code: Code): void {
  code.constant(0).get(Local.Pc).memory(Op.I32Store, addressOf("pc"));
  code.constant(0).get(Local.Left).memory(Op.I32Store, addressOf("left"));
  code.constant(0).get(Local.Extra).memory(Op.I32Store, addressOf("extra"));
}

/** Time, behind a call that may have taken some. */
export function restore(code: Code): void {
  code.loadWord(addressOf("left")).set(Local.Left).loadWord(addressOf("extra")).set(Local.Extra);
}

export function pushImmediate(code: Code): void {
  code.get(Local.Slot).memory(Op.I32Load, 4);
}

export function pushField(code: Code, shift: number, mask: number): void {
  code.get(Local.Word).constant(shift).op(Op.I32ShrU).constant(mask).op(Op.I32And);
}

/** From an address to where its page's entry is in a set: the page's number times the entry's size, but for a mask. */
export function shiftFor(entryBytes: number): number {
  return PAGE_SHIFT - Math.log2(entryBytes);
}

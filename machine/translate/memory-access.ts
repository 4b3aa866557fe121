/**
 * Loads, stores and atomics in translated code: the same short way through the translation cache as the interpreter's
 * (hart/translation-cache.ts), with the interpreter as the long way.
 *
 * One comparison checks that the page is the one in the cache, that it may be accessed so, and that the access is
 * aligned. Where the page may have been looked up by an access before (kept-pages.ts), it is first compared with that.
 */
import { addressOf } from "../hart/state-words.ts";
import { DATA_ENTRIES, DataEntry, NO_PAGE } from "../hart/translation-cache.ts";
import type { Width } from "../isa/meaning.ts";
import { Place } from "../linear-memory.ts";
import { UNHEARD } from "../ram.ts";
import { OFFSET_MASK, PAGE_BYTES, PAGE_MASK, PAGE_SHIFT } from "../state/pages.ts";
import { type Code, Op } from "./encode.ts";
import { Local, type Locals } from "./locals.ts";

const ENTRY_BYTES = DataEntry.Words * 4;
/** From an address to the place of its entry in the set: the page's low bits, times the size of an entry. */
const ENTRY_SHIFT = PAGE_SHIFT - Math.log2(ENTRY_BYTES);
const ENTRY_MASK = (DATA_ENTRIES - 1) * ENTRY_BYTES;

/** Makes a slot forget its page. */
export function forgetPage(code: Code, locals: Locals, slot: number): void {
  code.constant(NO_PAGE).set(locals.page(slot));
}

/** Pushes whether an address or a place lies elsewhere than in the page that a slot keeps, or is not aligned. */
export function pushIsElsewhere(code: Code, locals: Locals, width: number, slot: number, local: Local): void {
  code
    .get(local)
    .constant(PAGE_MASK | (width - 1))
    .op(Op.I32And)
    .get(locals.page(slot))
    .op(Op.I32Ne);
}

/** Adds to the word on the stack whether so many bytes from an address or a place on lie in two pages. */
export function orIsInTwoPages(code: Code, spanBytes: number, local: Local): void {
  code.get(local).constant(OFFSET_MASK).op(Op.I32And);
  code
    .constant(PAGE_BYTES - spanBytes)
    .op(Op.I32GtU)
    .op(Op.I32Or);
}

/** Keeps the page of `Address`, whose entry is in `Slot`, so that the next access there need not look it up. */
export function keepPage(code: Code, locals: Locals, slot: number): void {
  code.get(Local.Address).constant(PAGE_MASK).op(Op.I32And).set(locals.page(slot));
  code
    .get(Local.Slot)
    .memory(Op.I32Load, 4 * DataEntry.Delta)
    .set(locals.pageDelta(slot));
}

/** Keeps the page of the place in `Slot`, to which nobody needs to hear of stores. */
export function keepFlatPage(code: Code, locals: Locals, slot: number): void {
  code.get(Local.Slot).constant(PAGE_MASK).op(Op.I32And).set(locals.page(slot));
}

/** Pushes the place in RAM of `Address`, which lies in a page that is kept: to be used with the offset `Place.Ram`. */
export function pushKeptPlace(code: Code, locals: Locals, slot: number): void {
  code.get(Local.Address).get(locals.pageDelta(slot)).op(Op.I32Add);
}

/** Pushes where the entry of the address in a local is in the present set of data translations. */
export function pushDataEntry(code: Code, addressLocal: number): void {
  code.get(addressLocal).constant(ENTRY_SHIFT).op(Op.I32ShrU).constant(ENTRY_MASK).op(Op.I32And);
  code.loadWord(addressOf("dataSet")).op(Op.I32Add);
}

/** Pushes whether `Address` must go the long way; puts its entry in `Slot`. */
export function pushIsMiss(code: Code, width: number, tag: DataEntry.ReadTag | DataEntry.WriteTag): void {
  pushDataEntry(code, Local.Address);
  code.tee(Local.Slot).memory(Op.I32Load, 4 * tag);
  code
    .get(Local.Address)
    .constant(PAGE_MASK | (width - 1))
    .op(Op.I32And)
    .op(Op.I32Ne);
}

/** Pushes the place in RAM of `Address`, whose entry is in `Slot`: to be used with the offset `Place.Ram`. */
export function pushPlace(code: Code): void {
  code
    .get(Local.Address)
    .get(Local.Slot)
    .memory(Op.I32Load, 4 * DataEntry.Delta)
    .op(Op.I32Add);
}

/**
 * Pushes whether so many bytes from the place in `Slot` on are not all in RAM, or it is not aligned: then the rotation
 * makes a huge number of it.
 */
export function pushIsOutside(code: Code, width: number, spanBytes: number, ramBytes: number): void {
  const shift = Math.log2(width);
  code.get(Local.Slot);
  if (shift > 0) code.constant(shift).op(Op.I32Rotr);
  code.constant((ramBytes - spanBytes) >>> shift).op(Op.I32GtU);
}

/**
 * Adds to the word on the stack whether somebody needs to hear of stores there. What is no place in RAM has no flags;
 * but there is memory where they would be.
 */
export function orIsHeard(code: Code, width: number, spanBytes: number): void {
  orIsHeardAt(code, 0);
  if (spanBytes > width) orIsHeardAt(code, spanBytes - 1);
}

function orIsHeardAt(code: Code, offsetBytes: number): void {
  code.get(Local.Slot);
  if (offsetBytes !== 0) code.constant(offsetBytes).op(Op.I32Add);
  code.constant(PAGE_SHIFT).op(Op.I32ShrU).memory(Op.I32Load8U, Place.PageFlags);
  code.constant(UNHEARD).op(Op.I32Ne).op(Op.I32Or);
}

/** `offset`: how far behind the place on the stack. */
export function load(code: Code, width: Width, signed: boolean, offset = 0): void {
  const narrow = width === 1 ? (signed ? Op.I32Load8S : Op.I32Load8U) : signed ? Op.I32Load16S : Op.I32Load16U;
  code.memory(width === 4 ? Op.I32Load : narrow, Place.Ram + offset);
}

export function store(code: Code, width: Width, offset = 0): void {
  code.memory(width === 4 ? Op.I32Store : width === 2 ? Op.I32Store16 : Op.I32Store8, Place.Ram + offset);
}

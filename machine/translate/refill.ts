/**
 * A miss in the data translations, without leaving translated code: what hart/mmu.ts, hart/data-path.ts and
 * hart/translation-cache.ts do where all is plain.
 *
 * That is: an access to RAM within one page, through tables that walks for this set have read before, to a page that
 * PMP was asked about before, and nobody needs to hear of a store, to the page or to the table. Whatever is unlike
 * that, faults above all, is left to the interpreter. So nothing here decides anything that is not decided there.
 */
import { Base } from "../board/memory-map.ts";
import { addressOf } from "../hart/state-words.ts";
import {
  Context,
  DATA_WORDS_PER_SET,
  DataEntry,
  MACHINE_SET,
  NO_PAGE,
  Permission,
  SEVERAL_PAGES,
} from "../hart/translation-cache.ts";
import { Pte, Satp } from "../isa/registers.ts";
import { Place } from "../linear-memory.ts";
import { PageFlag, PROTECTED } from "../ram.ts";
import { OFFSET_MASK, PAGE_MASK, PAGE_SHIFT } from "../state/pages.ts";
import { Code, type FunctionBody, Op, Type } from "./encode.ts";
import { pushDataEntry } from "./memory-access.ts";

/** The second parameter: what the access needs. */
export const enum Need {
  Store = 1 << 0,
  /** Of atomics: where the address is not aligned, they trap. */
  Alignment = 1 << 1,
  /** From here on, the bits of the address that are zero where it is aligned. */
  AlignmentShift = 2,
}

/** What came of it. */
export const enum Refilled {
  No = 0,
  Aligned = 1,
  /** The access costs more. */
  Misaligned = 2,
}

const FIRST_PAGE = Base.Ram >>> PAGE_SHIFT;
const INDEX_MASK = 0x3ff;
const INDEX_BYTES_SHIFT = 2;
const SET_SHIFT = Math.log2(4 * DATA_WORDS_PER_SET);
/** Of an entry through which anything is permitted to M-mode. */
const EVERYTHING = -1;
/** What a leaf must have for any access, and what for a store besides. */
const USED = Pte.Valid | Pte.Read;
const CHANGED = Pte.Write | Pte.Dirty;
/** Whoever must hear of it where an entry's bits are set: not those who keep translations, which stay true. */
const HEARD = PROTECTED & ~PageFlag.Table;

const enum Local {
  Address = 0,
  Need = 1,
  Set = 2,
  /** The entry of a page table; in the end, the sets that may store to the page. */
  Entry = 3,
  /** Pages of RAM, counted from its beginning: a table, and in the end the page itself. */
  Page = 4,
  /** What PMP is known to permit there. */
  Permitted = 5,
  MayStore = 6,
  /** Where the entry of the page table is in RAM; then, where that of the translations is. */
  Slot = 7,
  /** The bits of the address that should be zero and are not. */
  Misalignment = 8,
}
const LOCALS = 7;

/** Takes an address and a `Need`; gives back a `Refilled`: whether the present set has an entry for that access now. */
export function refill(signature: number, ramPages: number): FunctionBody {
  const code = new Code();
  checkAlignment(code);
  code.loadWord(addressOf("dataSet")).constant(Place.DataSets).op(Op.I32Sub).constant(SET_SHIFT).op(Op.I32ShrU);
  code.tee(Local.Set).constant(MACHINE_SET).op(Op.I32Eq).block(Op.If);
  code.constant(EVERYTHING).set(Local.Entry);
  code.get(Local.Address).constant(PAGE_SHIFT).op(Op.I32ShrU).constant(FIRST_PAGE).op(Op.I32Sub).set(Local.Page);
  code.op(Op.Else);
  walk(code, ramPages);
  code.op(Op.End);
  giveUpOutside(code, ramPages);
  askProtection(code);
  keep(code);
  code.constant(Refilled.Misaligned).constant(Refilled.Aligned).get(Local.Misalignment).op(Op.Select);
  return { signature, locals: new Array<Type>(LOCALS).fill(Type.I32), code, exportName: "refill" };
}

/** A misaligned access ends in the page where it begins, and is no atomic's. */
function checkAlignment(code: Code): void {
  code.get(Local.Address).get(Local.Need).constant(Need.AlignmentShift).op(Op.I32ShrU).op(Op.I32And);
  code.tee(Local.Misalignment).block(Op.If);
  code.get(Local.Need).constant(Need.Alignment).op(Op.I32And);
  code.get(Local.Address).constant(OFFSET_MASK).op(Op.I32And);
  code.get(Local.Need).constant(Need.AlignmentShift).op(Op.I32ShrU).op(Op.I32Add);
  code.constant(OFFSET_MASK).op(Op.I32GtU).op(Op.I32Or);
  giveUpIf(code);
  // Most often, the entry is there.
  pushDataEntry(code, Local.Address);
  code.get(Local.Need).constant(Need.Store).op(Op.I32And);
  code
    .constant(Math.log2(4 * DataEntry.WriteTag))
    .op(Op.I32Shl)
    .op(Op.I32Add);
  code.memory(Op.I32Load, 4 * DataEntry.ReadTag);
  code.get(Local.Address).constant(PAGE_MASK).op(Op.I32And).op(Op.I32Eq).block(Op.If);
  code.constant(Refilled.Misaligned).op(Op.Return).op(Op.End);
  code.op(Op.End);
}

/** From `Address` to the leaf in `Entry`, which permits loads, and its frame's `Page`. */
function walk(code: Code, ramPages: number): void {
  pushContext(code, Context.Satp);
  code.tee(Local.Page).constant(0).op(Op.I32GeS); // addresses are not translated
  giveUpIf(code);
  code.get(Local.Page).constant(Satp.RootMask).op(Op.I32And).constant(FIRST_PAGE).op(Op.I32Sub).set(Local.Page);
  readEntry(code, PAGE_SHIFT + 10, ramPages);
  code
    .get(Local.Entry)
    .constant(Pte.Valid | Pte.Read | Pte.Write | Pte.Execute)
    .op(Op.I32And);
  code.constant(Pte.Valid).op(Op.I32Eq).block(Op.If);
  code
    .get(Local.Entry)
    .constant(Pte.User | Pte.Accessed | Pte.Dirty)
    .op(Op.I32And);
  giveUpIf(code);
  setFrame(code);
  readEntry(code, PAGE_SHIFT, ramPages);
  setFrame(code);
  code.op(Op.Else);
  // A page of 4 MiB.
  setFrame(code);
  code.get(Local.Page).constant(FIRST_PAGE).op(Op.I32Add).constant(INDEX_MASK).op(Op.I32And);
  giveUpIf(code);
  code.get(Local.Page);
  code.get(Local.Address).constant(PAGE_SHIFT).op(Op.I32ShrU).constant(INDEX_MASK).op(Op.I32And);
  code.op(Op.I32Add).set(Local.Page);
  code.op(Op.End);
  code.get(Local.Entry).constant(USED).op(Op.I32And).constant(USED).op(Op.I32Ne);
  giveUpIf(code);
  // Stores to what is read-only fault, and mark nothing.
  code.get(Local.Need).constant(Need.Store).op(Op.I32And);
  code.get(Local.Entry).constant(Pte.Write).op(Op.I32And).op(Op.I32Eqz).op(Op.I32And);
  giveUpIf(code);
  // User pages are U-mode's, whose number is 0, and others S-mode's, 1.
  code.get(Local.Entry).constant(Math.log2(Pte.User)).op(Op.I32ShrU).constant(1).op(Op.I32And);
  pushContext(code, Context.Mode);
  code.op(Op.I32Eq);
  giveUpIf(code);
  mark(code);
}

/**
 * Sets the accessed bit of the entry, and for stores its dirty bit, if its page may be written, which nobody needs to
 * hear of.
 */
function mark(code: Code): void {
  const marked = Local.MayStore;
  code
    .get(Local.Entry)
    .constant(Pte.Accessed | Pte.Dirty)
    .constant(Pte.Accessed);
  code.get(Local.Need).constant(Need.Store).op(Op.I32And).op(Op.Select).op(Op.I32Or).tee(marked);
  code.get(Local.Entry).op(Op.I32Ne).block(Op.If);
  const pushTable = () => code.get(Local.Slot).constant(PAGE_SHIFT).op(Op.I32ShrU);
  pushTable();
  code
    .memory(Op.I32Load8U, Place.PageFlags)
    .constant(HEARD | PageFlag.Dirty)
    .op(Op.I32And);
  code.constant(PageFlag.Dirty).op(Op.I32Ne);
  pushTable();
  code
    .memory(Op.I32Load8U, Place.Permissions)
    .constant(Permission.Write << Permission.BelowShift)
    .op(Op.I32And);
  code.op(Op.I32Eqz).op(Op.I32Or);
  giveUpIf(code);
  code.get(Local.Slot).get(marked).memory(Op.I32Store, Place.Ram);
  code.get(marked).set(Local.Entry);
  code.op(Op.End);
}

/**
 * Reads the entry for `Address` in the table at `Page`; walks for this set must have read that before, and PMP must
 * permit S-mode to read all of it.
 */
function readEntry(code: Code, shift: number, ramPages: number): void {
  giveUpOutside(code, ramPages);
  code.get(Local.Page).constant(2).op(Op.I32Shl).memory(Op.I32Load, Place.TableSets);
  code.get(Local.Set).op(Op.I32ShrU);
  code
    .get(Local.Page)
    .memory(Op.I32Load8U, Place.Permissions)
    .constant(Math.log2(Permission.Read) + Permission.BelowShift)
    .op(Op.I32ShrU);
  code.op(Op.I32And).constant(1).op(Op.I32And).op(Op.I32Eqz);
  giveUpIf(code);
  code.get(Local.Page).constant(PAGE_SHIFT).op(Op.I32Shl);
  code
    .get(Local.Address)
    .constant(shift - INDEX_BYTES_SHIFT)
    .op(Op.I32ShrU);
  code
    .constant(INDEX_MASK << INDEX_BYTES_SHIFT)
    .op(Op.I32And)
    .op(Op.I32Add);
  code.tee(Local.Slot).memory(Op.I32Load, Place.Ram).set(Local.Entry);
}

function setFrame(code: Code): void {
  code.get(Local.Entry).constant(Pte.FrameShift).op(Op.I32ShrU).constant(FIRST_PAGE).op(Op.I32Sub).set(Local.Page);
}

/**
 * What PMP permits, and whether a store may go unheard; gives up where the access may not be made, or that is not
 * known.
 */
function askProtection(code: Code): void {
  code.get(Local.Page).memory(Op.I32Load8U, Place.Permissions);
  code.constant(Permission.MachineShift).constant(Permission.BelowShift).get(Local.Set).op(Op.I32Eqz).op(Op.Select);
  code.op(Op.I32ShrU).set(Local.Permitted);
  code.get(Local.Page).memory(Op.I32Load8U, Place.PageFlags);
  code
    .constant(PROTECTED | PageFlag.Dirty)
    .op(Op.I32And)
    .constant(PageFlag.Dirty)
    .op(Op.I32Eq);
  code.get(Local.Permitted).constant(Permission.Write).op(Op.I32And).constant(0).op(Op.I32Ne).op(Op.I32And);
  code.get(Local.Entry).constant(CHANGED).op(Op.I32And).constant(CHANGED).op(Op.I32Eq).op(Op.I32And);
  pushIsNoted(code);
  code.op(Op.I32And).set(Local.MayStore);
  // Who may store may load.
  code.get(Local.MayStore);
  code.get(Local.Permitted).constant(Permission.Read).op(Op.I32And);
  code.get(Local.Need).constant(Need.Store).op(Op.I32And).op(Op.Select).op(Op.I32Eqz);
  giveUpIf(code);
}

function keep(code: Code): void {
  pushDataEntry(code, Local.Address);
  code.set(Local.Slot);
  code.get(Local.Slot);
  code.get(Local.Address).constant(PAGE_MASK).op(Op.I32And).tee(Local.Address);
  code.memory(Op.I32Store, 4 * DataEntry.ReadTag);
  code.get(Local.Slot).get(Local.Address).constant(NO_PAGE).get(Local.MayStore).op(Op.Select);
  code.memory(Op.I32Store, 4 * DataEntry.WriteTag);
  code.get(Local.Slot);
  code.get(Local.Page).constant(PAGE_SHIFT).op(Op.I32Shl).get(Local.Address).op(Op.I32Sub);
  code.memory(Op.I32Store, 4 * DataEntry.Delta);
  code.get(Local.MayStore).block(Op.If);
  noteStoring(code);
  code.op(Op.End);
}

/**
 * Pushes whether what is noted of a page's writable entries can stay, or nothing is: that it is stored to at one
 * address more, only hart/translation-cache.ts finds out. Leaves in `Entry` the sets that may have such entries, the
 * machine's apart.
 */
function pushIsNoted(code: Code): void {
  code.get(Local.Page).constant(2).op(Op.I32Shl).tee(Local.Slot);
  code.memory(Op.I32Load, Place.StoringSets);
  code
    .constant(~(1 << MACHINE_SET))
    .op(Op.I32And)
    .tee(Local.Entry)
    .op(Op.I32Eqz);
  code.get(Local.Set).constant(MACHINE_SET).op(Op.I32Eq).op(Op.I32Or);
  code.get(Local.Slot).memory(Op.I32Load, Place.StoringPlaces).tee(Local.Slot);
  code.get(Local.Address).constant(PAGE_MASK).op(Op.I32And).op(Op.I32Eq).op(Op.I32Or);
  code.get(Local.Slot).constant(SEVERAL_PAGES).op(Op.I32Eq).op(Op.I32Or);
}

/** The set has a writable entry of `Page` now, for the virtual page at `Address`. */
function noteStoring(code: Code): void {
  code.get(Local.Page).constant(2).op(Op.I32Shl).set(Local.Slot);
  code.get(Local.Entry).op(Op.I32Eqz);
  code.get(Local.Set).constant(MACHINE_SET).op(Op.I32Ne).op(Op.I32And).block(Op.If);
  code.get(Local.Slot).get(Local.Address).memory(Op.I32Store, Place.StoringPlaces);
  code.op(Op.End);
  code.get(Local.Slot);
  code.get(Local.Slot).memory(Op.I32Load, Place.StoringSets);
  code.constant(1).get(Local.Set).op(Op.I32Shl).op(Op.I32Or).memory(Op.I32Store, Place.StoringSets);
}

function pushContext(code: Code, field: Context): void {
  code
    .get(Local.Set)
    .constant(Math.log2(4 * Context.Words))
    .op(Op.I32Shl)
    .memory(Op.I32Load, Place.Contexts + 4 * field);
}

function giveUpOutside(code: Code, ramPages: number): void {
  code.get(Local.Page).constant(ramPages).op(Op.I32GeU);
  giveUpIf(code);
}

/** Leaves the access to the interpreter if the word on the stack is not zero. */
function giveUpIf(code: Code): void {
  code.block(Op.If).constant(0).op(Op.Return).op(Op.End);
}

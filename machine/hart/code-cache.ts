/**
 * Decoded instructions, kept by physical page, so that the interpreter decodes each of them once.
 *
 * A page has one slot for every byte offset, of which an instruction uses the first two words: operation and operands
 * in one, the immediate in the other. So the slot of an instruction is simply `base + (pc & 0xfff)`, for instructions
 * at any half-word. A write to the page empties the slots it touches, before the next instruction: self-modifying code
 * needs no fence to be exact. An instruction that begins in a page's last half-word and ends in whatever page comes
 * next (in this address space) is kept for one execution only: see `placeStraddling`. What was decoded outlives its
 * page of RAM: retired-places.ts.
 */
import { COMPRESSIBLE } from "../isa/compressed.ts";
import { type Decoded, decode, lengthOf } from "../isa/decode.ts";
import { INSTRUCTIONS } from "../isa/instructions.ts";
import { Place } from "../linear-memory.ts";
import { PageFlag, type Ram } from "../ram.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../state/pages.ts";
import { RetiredPlaces } from "./retired-places.ts";
import type { TranslationCache } from "./translation-cache.ts";

/**
 * What stands in a slot where no instruction does. Row n of `INSTRUCTIONS` is operation `FirstInstruction + n`; behind
 * the last row, row n of `COMPRESSIBLE` is `FIRST_COMPRESSED + n`.
 */
export const enum Operation {
  Undecoded = 0,
  /** Behind the last slot of a page. */
  PageEnd = 1,
  Illegal = 2,
  /** The host may want to stop here. */
  Breakpoint = 3,
  /** In a page's last half-word: the first half of an instruction. */
  Straddling = 4,
  FirstInstruction = 5,
}

export const FIRST_COMPRESSED = Operation.FirstInstruction + INSTRUCTIONS.length;

/**
 * Fields of a slot's first word. rd is 32 where an instruction writes x0, so that x0 stays zero without being checked.
 */
export const enum SlotField {
  OperationMask = 0xff,
  RdShift = 8,
  RdMask = 63,
  Rs1Shift = 14,
  Rs2Shift = 19,
  RegisterMask = 31,
}

export const DISCARD_REGISTER = 32;

/** Offset of the last half-word of a page. */
export const LAST_HALF = PAGE_BYTES - 2;
const SLOTS_PER_PAGE = PAGE_BYTES + 4;
/** Room for this many pages at first; it doubles as long as there is need, up to the most. */
const FIRST_PAGES = 64;
const MOST_PAGES = 1024;
/**
 * Stores a page of code endures before its decoded form is dropped, so that memory once used for code gets fast again.
 */
const STORES_ENDURED = 64;
/** Stores one behind the other, which is how memory is filled and copied, that are taken for as many. */
const IN_A_ROW = 4;
const NOT_CACHED = -1;

export class CodeCache {
  /**
   * The slots of all cached pages: those for which there is room so far. A longer array after `enter`, if that had to
   * make room.
   */
  slots: Int32Array;
  /** Jumps to a place until it may be worth translating. */
  readonly hotAfter: number;
  /** How often a jump led to each place, by slot, up to `hotAfter`. */
  readonly heat: Uint16Array;
  /** Raised when the decoded instructions of a page went away, under which the interpreter may just be running. */
  onDropped: () => void = () => {};
  /**
   * Raised when a place is nobody's now, but will be that of the next page which holds what this one did when it was
   * entered,
   */
  onRetired: (base: number) => void = () => {};
  /** and when what was made from a place's page is not to be used any more. */
  onForgotten: (base: number) => void = () => {};
  readonly #ram: Ram;
  readonly #translations: TranslationCache;
  /** By page of RAM: the base of its slots. */
  readonly #baseOfPage: Int32Array;
  readonly #pageOfBase = new Int32Array(MOST_PAGES).fill(NOT_CACHED);
  /** By page of RAM: the base that it had last, which may be another's now. */
  readonly #lastBaseOfPage: Int32Array;
  readonly #storesSeen = new Uint8Array(MOST_PAGES);
  #endOfLastStore = 0;
  /** Whether something was decoded from the page after a store: it is not what the page held when it was entered. */
  readonly #isMixed: boolean[] = new Array<boolean>(MOST_PAGES).fill(false);
  readonly #retired = new RetiredPlaces(MOST_PAGES);
  readonly #freeBases: number[] = [];
  /** Slots that belong to no page of RAM, of which only the last is ever used. */
  readonly #straddlingBase: number;
  readonly #breakpoints = new Set<number>();
  /** The breakpoint that the hart is stepping over: it has no mark, though its page be entered or it be added anew. */
  #suspended: number | null = null;

  constructor(ram: Ram, translations: TranslationCache, hotAfter: number) {
    this.hotAfter = hotAfter;
    this.#ram = ram;
    this.#translations = translations;
    this.#baseOfPage = new Int32Array(ram.flags.length).fill(NOT_CACHED);
    this.#lastBaseOfPage = new Int32Array(ram.flags.length).fill(NOT_CACHED);
    this.slots = ram.memory.words(Place.Slots, 0);
    this.heat = ram.memory.halves(Place.Heat, MOST_PAGES * SLOTS_PER_PAGE);
    this.#makeRoom(FIRST_PAGES);
    this.#straddlingBase = this.#freeBases.pop()!;
  }

  /** The base of the slots of a page of RAM; the page is watched from now on. */
  enter(page: number): number {
    const known = this.#baseOfPage[page]!;
    if (known !== NOT_CACHED) return known;
    const base = this.#placeFor(page);
    this.#baseOfPage[page] = base;
    this.#pageOfBase[base / SLOTS_PER_PAGE] = page;
    this.#storesSeen[base / SLOTS_PER_PAGE] = 0;
    this.#isMixed[base / SLOTS_PER_PAGE] = false;
    this.slots[base + PAGE_BYTES] = Operation.PageEnd;
    this.slots[base + PAGE_BYTES + 2] = Operation.PageEnd;
    this.#translations.protect(page, PageFlag.Code);
    for (const offset of this.#breakpoints) if (offset >> PAGE_SHIFT === page) this.#setBreakpointSlot(offset);
    return base;
  }

  /** Decodes the instruction of an empty slot. */
  decodeSlot(slot: number): void {
    const base = slot - (slot % SLOTS_PER_PAGE);
    const page = this.#pageOfBase[base / SLOTS_PER_PAGE]!;
    if (this.#storesSeen[base / SLOTS_PER_PAGE] !== 0) this.#isMixed[base / SLOTS_PER_PAGE] = true;
    const offset = (page << PAGE_SHIFT) + (slot - base);
    const first = this.#ram.halves[offset >> 1]!;
    if (lengthOf(first) === 2) this.#fill(slot, first);
    else if (slot - base === LAST_HALF) this.slots[slot] = Operation.Straddling;
    else this.#fill(slot, first | (this.#ram.halves[(offset >> 1) + 1]! << 16));
  }

  /**
   * The base of slots that hold this word in the last half-word of a page, and nothing else: to run one instruction
   * from.
   */
  placeStraddling(word: number): number {
    this.#fill(this.#straddlingBase + LAST_HALF, word);
    return this.#straddlingBase;
  }

  /**
   * RAM changed in a page that has the flag `Code`; the range lies within the page. The page's base, null if it was
   * dropped.
   */
  wrote(offset: number, lengthBytes: number): number | null {
    const page = offset >> PAGE_SHIFT;
    const base = this.#baseOfPage[page]!;
    const index = base / SLOTS_PER_PAGE;
    const seen = this.#storesSeen[index]! + (offset === this.#endOfLastStore ? STORES_ENDURED / IN_A_ROW : 1);
    this.#endOfLastStore = offset + lengthBytes;
    if (seen >= STORES_ENDURED || lengthBytes > 8) {
      this.#drop(page);
      return null;
    }
    this.#storesSeen[index] = seen;
    // The first instruction touched may begin one half-word before.
    const end = base + (offset & (PAGE_BYTES - 1)) + lengthBytes;
    for (let slot = base + Math.max(0, (offset & LAST_HALF) - 2); slot < end; slot += 2) {
      if (this.slots[slot]! !== Operation.Breakpoint) this.slots[slot] = Operation.Undecoded;
    }
    return base;
  }

  /** Whoever enters a page next shall look anew for its translated code. */
  forgetFetches(base: number): void {
    this.#translations.forgetFetchesOf(base);
  }

  dropEverything(): void {
    for (const page of this.#pageOfBase) if (page !== NOT_CACHED) this.#drop(page);
  }

  /** Makes the instruction at an offset of RAM stop the interpreter each time. */
  addBreakpoint(offset: number): void {
    this.#breakpoints.add(offset);
    const base = this.#baseOfPage[offset >> PAGE_SHIFT]!;
    if (base === NOT_CACHED) return;
    this.#setBreakpointSlot(offset);
    this.onForgotten(base);
  }

  removeBreakpoints(): void {
    for (const offset of this.#breakpoints) this.#clearBreakpointSlot(offset);
    this.#breakpoints.clear();
  }

  /** Shows the instruction itself in a breakpoint's slot, until `resumeBreakpoint`. */
  suspendBreakpoint(offset: number): void {
    this.#suspended = offset;
    this.#clearBreakpointSlot(offset);
  }

  resumeBreakpoint(offset: number): void {
    this.#suspended = null;
    const isHere = this.#breakpoints.has(offset) && this.#baseOfPage[offset >> PAGE_SHIFT]! !== NOT_CACHED;
    if (isHere) this.#setBreakpointSlot(offset);
  }

  /** The offsets in RAM of a page's breakpoints. */
  breakpointsIn(page: number): number[] {
    return this.#breakpoints.size === 0 ? [] : [...this.#breakpoints].filter((offset) => offset >> PAGE_SHIFT === page);
  }

  /**
   * Whether an instruction may be translated: the interpreter has executed it (it is decoded only then), and the host
   * does not want to stop in its words.
   */
  mayTranslate(base: number, pc: number): boolean {
    const slot = base + (pc & (PAGE_BYTES - 1));
    if (this.slots[slot] === Operation.Undecoded) return false;
    if (this.#breakpoints.size === 0) return true;
    const offset = this.offsetOfSlot(slot);
    return [...this.#breakpoints].every((each) => each >> 2 !== offset >> 2 && each >> 2 !== (offset + 2) >> 2);
  }

  /**
   * Whether an instruction has become hot, if so many more jumps lead there; then it begins to count anew, half way.
   */
  isHot(base: number, pc: number, jumps: number): boolean {
    const slot = base + (pc & (PAGE_BYTES - 1));
    if (this.heat[slot]! < this.hotAfter) {
      this.heat[slot] = Math.min(this.hotAfter, this.heat[slot]! + jumps);
      return false;
    }
    this.heat[slot] = this.hotAfter / 2;
    return true;
  }

  /** Instructions of a page have been translated: whoever jumps there shall notice. */
  makeHot(base: number, offsets: readonly number[]): void {
    for (const offset of offsets) this.heat[base + offset] = this.hotAfter;
  }

  /** The page of RAM whose decoded instructions are at a place; null if it is nobody's now. */
  pageOf(base: number): number | null {
    const page = this.#pageOfBase[base / SLOTS_PER_PAGE]!;
    return page === NOT_CACHED ? null : page;
  }

  /** The offset in RAM of the instruction whose slot this is. */
  offsetOfSlot(slot: number): number {
    const index = Math.floor(slot / SLOTS_PER_PAGE);
    return (this.#pageOfBase[index]! << PAGE_SHIFT) + (slot % SLOTS_PER_PAGE);
  }

  #fill(slot: number, word: number): void {
    const decoded = decode(word);
    if (decoded === null) {
      this.slots[slot] = Operation.Illegal;
      this.slots[slot + 1] = word;
      return;
    }
    const rd = decoded.rd === 0 ? DISCARD_REGISTER : decoded.rd;
    this.slots[slot] =
      operationOf(decoded) |
      (rd << SlotField.RdShift) |
      (decoded.rs1 << SlotField.Rs1Shift) |
      (decoded.rs2 << SlotField.Rs2Shift);
    this.slots[slot + 1] = decoded.immediate;
  }

  get #capacityPages(): number {
    return this.slots.length / SLOTS_PER_PAGE;
  }

  /** The base of slots for a page, which may hold already what is decoded from it. */
  #placeFor(page: number): number {
    const start = page << (PAGE_SHIFT - 2);
    const contents = this.#ram.words.subarray(start, start + PAGE_BYTES / 4);
    const revived = this.#retired.revive(contents, this.#lastBaseOfPage[page]! / SLOTS_PER_PAGE);
    if (revived !== null) return revived * SLOTS_PER_PAGE;
    if (this.#freeBases.length === 0) this.#makeRoom(2 * this.#capacityPages);
    if (this.#freeBases.length === 0) this.#forgetOldest();
    const base = this.#freeBases.pop()!;
    this.#retired.note(base / SLOTS_PER_PAGE, contents);
    return base;
  }

  /** Makes a place free, that of a page which nobody has now if there is one. */
  #forgetOldest(): void {
    let oldest = this.#retired.takeOldest();
    if (oldest === null) this.dropEverything();
    oldest ??= this.#retired.takeOldest();
    if (oldest !== null) this.#free(oldest * SLOTS_PER_PAGE);
  }

  #free(base: number): void {
    this.onForgotten(base);
    this.slots.fill(Operation.Undecoded, base, base + SLOTS_PER_PAGE);
    this.heat.fill(0, base, base + SLOTS_PER_PAGE);
    this.#freeBases.push(base);
  }

  #makeRoom(pages: number): void {
    if (pages > MOST_PAGES) return;
    for (let index = pages - 1; index >= this.#capacityPages; index--) this.#freeBases.push(index * SLOTS_PER_PAGE);
    this.slots = this.#ram.memory.words(Place.Slots, pages * SLOTS_PER_PAGE);
    this.#retired.grow(pages);
  }

  #clearBreakpointSlot(offset: number): void {
    const base = this.#baseOfPage[offset >> PAGE_SHIFT]!;
    if (base !== NOT_CACHED) this.slots[base + (offset & (PAGE_BYTES - 1))] = Operation.Undecoded;
  }

  #setBreakpointSlot(offset: number): void {
    if (offset === this.#suspended) return;
    this.slots[this.#baseOfPage[offset >> PAGE_SHIFT]! + (offset & (PAGE_BYTES - 1))] = Operation.Breakpoint;
  }

  #drop(page: number): void {
    const base = this.#baseOfPage[page]!;
    for (const offset of this.#breakpoints) if (offset >> PAGE_SHIFT === page) this.#clearBreakpointSlot(offset);
    const index = base / SLOTS_PER_PAGE;
    this.#baseOfPage[page] = NOT_CACHED;
    this.#lastBaseOfPage[page] = base;
    this.#pageOfBase[index] = NOT_CACHED;
    this.#ram.flags[page]! &= ~PageFlag.Code;
    this.#translations.forgetFetchesOf(base);
    if (this.#isMixed[index]) this.#free(base);
    else {
      this.#retired.retire(index);
      this.onRetired(base);
    }
    this.onDropped();
  }
}

function operationOf({ instruction, lengthBytes }: Decoded): number {
  return lengthBytes === 4 ? Operation.FirstInstruction + instruction : compressedOperations[instruction]!;
}

const compressedOperations = INSTRUCTIONS.map((_, row) => FIRST_COMPRESSED + COMPRESSIBLE.indexOf(row));

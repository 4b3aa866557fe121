/**
 * The one WebAssembly memory in which a machine lives, and where everything lies in it.
 *
 * Registers, caches and RAM are shared by all engines: JavaScript sees them as typed arrays, WebAssembly by address. So
 * both work on the very same state, and either can go on where the other stopped. The memory never grows, as that would
 * detach every view. RAM comes last: whatever its size, all else has the same address in every machine.
 */
import { assert } from "./error.ts";
import { type WasmMemory, webAssembly } from "./webassembly.ts";

/** Byte addresses in the memory. */
export const enum Place {
  /** x0 to x31, and what hart/code-cache.ts calls the discard register. */
  Registers = 0,
  /** The hart's other words: hart/state-words.ts. */
  State = 0x100,
  /** What each set of translations belongs to: hart/translation-cache.ts. */
  Contexts = 0x400,
  /** What registers of devices hold: hart/steady-reads.ts. */
  SteadyReads = 0x800,
  FetchSets = 0x6_0000,
  /** A byte for each page of RAM: what it is (ram.ts), and what PMP is known to permit there. */
  PageFlags = 0x8_0000,
  Permissions = 0xc_0000,
  /** Where translated code begins, by page and instruction: translate/units.ts. */
  EntryTables = 0x10_0000,
  /**
   * A word for each page of RAM: the sets that were filled through it as a page table, and those that may store to it.
   */
  TableSets = 0x80_0000,
  StoringSets = 0x90_0000,
  DataSets = 0xa0_0000,
  /** A word for each page of RAM: at which virtual page it may be stored to. */
  StoringPlaces = 0xc0_0000,
  /** Decoded instructions, and how often a jump has led to each: hart/code-cache.ts. */
  Slots = 0xd0_0000,
  Heat = 0x1e0_0000,
  Ram = 0x270_0000,
}

/** In the order of their addresses, each of which is where the one before must have ended. */
const PLACES = [
  ...[Place.Registers, Place.State, Place.Contexts, Place.FetchSets, Place.PageFlags, Place.Permissions],
  ...[Place.EntryTables, Place.TableSets, Place.StoringSets, Place.DataSets, Place.StoringPlaces],
  ...[Place.Slots, Place.Heat, Place.Ram],
];

export const WASM_PAGE_BYTES = 0x1_0000;

export class LinearMemory {
  readonly memory: WasmMemory;

  constructor(ramBytes: number) {
    const pages = Math.ceil((Place.Ram + ramBytes) / WASM_PAGE_BYTES);
    this.memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  }

  words(place: number, length: number): Int32Array {
    return within(place, new Int32Array(this.memory.buffer, place, length));
  }

  halves(place: number, length: number): Uint16Array {
    return within(place, new Uint16Array(this.memory.buffer, place, length));
  }

  bytes(place: number, length: number): Uint8Array {
    return within(place, new Uint8Array(this.memory.buffer, place, length));
  }
}

/** The view itself: none reaches into what lies behind its place, whatever the size of RAM and of the caches. */
function within<View extends ArrayBufferView>(place: number, view: View): View {
  const end = PLACES.find((next) => next > place) ?? view.buffer.byteLength;
  assert(place + view.byteLength <= end, `what lies at ${place} in the linear memory is ${view.byteLength} bytes long`);
  return view;
}

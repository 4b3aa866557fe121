/**
 * The words of a hart's state that both engines work on: each is a property here, and a word of the linear memory.
 *
 * They hold 32-bit words as JavaScript's signed integers. Translated code finds one by `addressOf`.
 */
import { assert } from "../error.ts";
import { type LinearMemory, Place } from "../linear-memory.ts";

const WORDS = [
  "pc",
  "mode",
  /** Cycles until the hart must look around: see state.ts. */
  "left",
  /** Cycles of the current run beyond one per retired instruction. */
  "extra",
  /** Pending bits that software has set, */
  "pendingBySoftware",
  /** and those that devices hold up. */
  "pendingByWire",
  "mstatus",
  "medeleg",
  "mideleg",
  "mie",
  "mtvec",
  "mcounteren",
  "mcountinhibit",
  "menvcfg",
  "mscratch",
  "mepc",
  "mcause",
  "mtval",
  "stvec",
  "scounteren",
  "senvcfg",
  "sscratch",
  "sepc",
  "scause",
  "stval",
  "satp",
  /**
   * What `lr.w` has reserved: where in RAM the word lies, -1 without one; where the program saw it, and what it held.
   */
  "reservedOffset",
  "reservedAddress",
  "reservedValue",
  /** Addresses of the translation caches' sets for the present context. */
  "dataSet",
  "fetchSet",
  /** Both words of mcycle and minstret when no cycles will be left, if no instruction takes more than one; */
  "cycleAtHorizon",
  "cycleHighAtHorizon",
  "instructionAtHorizon",
  "instructionHighAtHorizon",
  /** and whether that is of no use, as one of them stands still. */
  "countersStand",
  /** Both words of `time` then, and how many cycles its last tick is old. */
  "timeAtHorizon",
  "timeHighAtHorizon",
  "cyclesIntoTick",
  /** mtimecmp (device/clint.ts), low word and high. */
  "timeCompareLow",
  "timeCompareHigh",
  /**
   * While translated code runs: of the cycles that are left, those that begin when the timer has rung; 0 if it will
   * not.
   */
  "cyclesBeyondTimer",
  /** Translated code has set the timer, or it has rung. */
  "timerTouched",
  /** What translated code has read from a device. */
  "deviceValue",
  /** The interpreter has returned because the hart must look around, not for want of time or because code is hot. */
  "mustLookAround",
  /** A `ContextChange`. */
  "contextChanged",
  /** Translated code was left for an address where there is none. */
  "untranslated",
  /** At which heat (hart/code-cache.ts) the interpreter lets the translator look. */
  "hotAfter",
] as const;

/** Whether translated code has come to another mode or address space. */
export const enum ContextChange {
  No = 0,
  /** It goes on there, as the sets of translations are found. */
  Known = 1,
  /** The hart must make a set. */
  Unknown = 2,
  /** As `Known`, by a return from a trap. */
  Returned = 3,
}

export type StateWord = (typeof WORDS)[number];

/** x0 to x31, the register that takes what is written to x0, and room to a power of two. */
const REGISTERS = 64;
const WORD_BYTES = 4;

/** The address of a word in the linear memory. */
export function addressOf(word: StateWord): number {
  return Place.State + WORDS.indexOf(word) * WORD_BYTES;
}

/** The address of two words that are read as one of 64 bits: the high one must follow the low one in the list. */
export function addressOfPair(low: StateWord, high: StateWord): number {
  assert(WORDS.indexOf(high) === WORDS.indexOf(low) + 1, `${high} does not follow ${low}`);
  return addressOf(low);
}

class Words {
  readonly x: Int32Array;
  readonly words: Int32Array;

  constructor(memory: LinearMemory) {
    this.x = memory.words(Place.Registers, REGISTERS);
    this.words = memory.words(Place.State, WORDS.length);
  }
}

WORDS.forEach((name, index) => {
  Object.defineProperty(Words.prototype, name, {
    get(this: Words): number {
      return this.words[index]!;
    },
    set(this: Words, value: number): void {
      this.words[index] = value;
    },
  });
});

/** What `HartState` is built on. */
export const StateWords = Words as new (memory: LinearMemory) => Words & Record<StateWord, number>;

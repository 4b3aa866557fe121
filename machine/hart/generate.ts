/**
 * Writes the reference interpreter: one JavaScript function with a case for each row of isa/instructions.ts, and a
 * second one for each that exists with two bytes as well. A machine that translates has another one below: threaded.ts.
 *
 * Why generated: the rows are the one definition of every instruction, and a loop that looked meanings up would be ten
 * times slower. The function runs instructions until no cycles are left or something happens that it does not handle: a
 * trap, a new page of code, a change of what it relies on. It keeps pc, time and the count of cycles in local
 * variables, and writes them back (`SAVE`) before anything else may look. Begin with `interpreterSource`; the text it
 * makes is what to read in a debugger.
 */
import { COMPRESSIBLE } from "../isa/compressed.ts";
import type { InstructionLength } from "../isa/decode.ts";
import { INSTRUCTIONS } from "../isa/instructions.ts";
import type { Meaning, Operator, Value, Width } from "../isa/meaning.ts";
import { Place } from "../linear-memory.ts";
import type { Ram } from "../ram.ts";
import { OFFSET_MASK, PAGE_MASK, PAGE_SHIFT } from "../state/pages.ts";
import { type CodeCache, FIRST_COMPRESSED, Operation, SlotField } from "./code-cache.ts";
import type { DataPath } from "./data-path.ts";
import type { HartState } from "./state.ts";
import type { SystemInstructions } from "./system.ts";
import { DATA_ENTRIES, DataEntry, FETCH_ENTRIES, FetchEntry, type TranslationCache } from "./translation-cache.ts";

/** What the generated function works on. */
export interface Parts {
  readonly state: HartState;
  readonly ram: Ram;
  readonly code: CodeCache;
  readonly translations: TranslationCache;
  readonly data: DataPath;
  readonly system: SystemInstructions;
  /** The host wanted to hear of this instruction before it runs. */
  breakpointReached(slot: number): void;
}

/** Runs from `state.pc`, whose page has its decoded instructions at `base`, while `state.left` is positive. */
export type Interpreter = (base: number) => void;

const SAVE = "state.pc = page + index | 0; state.left = left; state.extra = extra;";
const RESTORE = "left = state.left; extra = state.extra;";

/** The body of a function of `parts` that returns the interpreter. */
export function interpreterSource(): string {
  return `"use strict";
const { state, ram, code, translations, data, system } = parts;
${HELPERS}
return function interpret(base) {
  // As locals, the arrays' addresses and lengths stay in registers.
  const { signedBytes, bytes, signedHalves, halves, words } = ram;
  const slots = code.slots, x = state.x, tlb = translations.data, fetched = translations.fetch;
  const dataSetBase = state.dataSet - ${Place.DataSets} >> 2, fetchSetBase = state.fetchSet - ${Place.FetchSets} >> 2;
  let page = state.pc & ${PAGE_MASK}, index = state.pc & ${OFFSET_MASK}, left = state.left | 0, extra = state.extra | 0, target = 0;
  for (;;) {
    if (left <= 0) { ${SAVE} return; }
    const slot = base + index | 0, word = slots[slot];
    jump: {
      switch (word & ${SlotField.OperationMask}) {
        case ${Operation.Undecoded}: code.decodeSlot(slot); continue;
        case ${Operation.PageEnd}: target = page + index | 0; break jump;
        case ${Operation.Illegal}: ${SAVE} system.illegal(slots[slot + 1]); return;
        case ${Operation.Breakpoint}: ${SAVE} parts.breakpointReached(slot); return;
        case ${Operation.Straddling}: ${SAVE} return;
${INSTRUCTIONS.map((_, row) => caseOf(Operation.FirstInstruction + row, row, 4)).join("\n")}
${COMPRESSIBLE.map((row, index) => caseOf(FIRST_COMPRESSED + index, row, 2)).join("\n")}
      }
      index = index + 4 | 0;
      continue;
    }
    const distance = target - page | 0;
    if ((distance & ${PAGE_MASK}) === 0) { index = distance; continue; }
    const entry = fetchSetBase + (target >>> ${PAGE_SHIFT - Math.log2(FetchEntry.Words)} & ${(FETCH_ENTRIES - 1) * FetchEntry.Words}) | 0;
    page = target & ${PAGE_MASK}; index = target & ${OFFSET_MASK};
    if (fetched[entry] !== page) { ${SAVE} return; }
    base = fetched[entry + ${FetchEntry.Base}];
  }
};`;
}

function caseOf(operation: number, row: number, lengthBytes: InstructionLength): string {
  const { name, meaning, costCycles } = INSTRUCTIONS[row]!;
  const next = lengthBytes === 4 ? "break;" : "index = index + 2 | 0; continue;";
  return `        case ${operation}: /* ${name.padEnd(10)} */ ${statement(meaning, costCycles, lengthBytes)} ${next}`;
}

/** What an instruction does and costs. The cost is counted when it is certain that the instruction completes. */
function statement(meaning: Meaning, costCycles: number, lengthBytes: InstructionLength): string {
  const cost = count(costCycles);
  switch (meaning.kind) {
    case "nothing":
      return cost;
    case "set":
      return `${RD} = ${expression(meaning.value)}; ${cost}`;
    case "load":
      return loadStatement(meaning.width, meaning.signed, expression(meaning.address)) + cost;
    case "store":
      return storeStatement(meaning.width, expression(meaning.address), expression(meaning.value)) + cost;
    case "atomic":
      return atomicStatement(expression(meaning.value)) + cost;
    case "jump":
      return `target = ${expression(meaning.target)}; ${RD} = page + index + ${lengthBytes} | 0; ${cost} break jump;`;
    case "branch":
      return `if (${expression(meaning.condition)}) { target = ${PC} + ${IMMEDIATE} | 0; ${cost} break jump; } ${cost}`;
    case "system":
      return `${SAVE} state.departed = false; system.${meaning.operation}(slots[slot + 1]); if (state.departed) return; ${RESTORE} ${cost}`;
  }
}

function count(costCycles: number): string {
  return costCycles === 1
    ? "left = left - 1 | 0;"
    : `left = left - ${costCycles} | 0; extra = extra + ${costCycles - 1} | 0;`;
}

function loadStatement(width: Width, signed: boolean, address: string): string {
  const view = viewOf(width, signed);
  const shift = width === 4 ? " >> 2" : width === 2 ? " >> 1" : "";
  return `{ const address = ${address}; ${ENTRY}
          if (tlb[entry] === (address & ${tagMask(width)})) ${RD} = ${view}[(address + tlb[entry + ${DataEntry.Delta}] | 0)${shift}];
          else { ${SAVE} state.departed = false; const value = data.load(address, ${width}, ${signed}); if (state.departed) return; ${RESTORE} ${RD} = value; } } `;
}

function storeStatement(width: Width, address: string, value: string): string {
  const shift = width === 4 ? " >> 2" : width === 2 ? " >> 1" : "";
  return `{ const address = ${address}; ${ENTRY}
          if (tlb[entry + ${DataEntry.WriteTag}] === (address & ${tagMask(width)})) ${viewOf(width, true)}[(address + tlb[entry + ${DataEntry.Delta}] | 0)${shift}] = ${value};
          else { ${SAVE} state.departed = false; data.store(address, ${width}, ${value}); if (state.departed) return; ${RESTORE} } } `;
}

function atomicStatement(value: string): string {
  return `{ const address = ${register("Rs1")}; ${ENTRY} let offset = 0;
          if (tlb[entry + ${DataEntry.WriteTag}] === (address & ${tagMask(4)})) offset = address + tlb[entry + ${DataEntry.Delta}] | 0;
          else { ${SAVE} state.departed = false; offset = data.atomicOffset(address); if (state.departed) return; ${RESTORE} }
          const memory = words[offset >> 2]; words[offset >> 2] = ${value}; ${RD} = memory; } `;
}

/** The entry of the translation cache for `address`. */
const ENTRY = `const entry = dataSetBase + (address >>> ${PAGE_SHIFT - Math.log2(DataEntry.Words)} & ${(DATA_ENTRIES - 1) * DataEntry.Words}) | 0;`;

/** Keeps a page's address and the bits that must be zero for an aligned access: so one comparison checks both. */
function tagMask(width: Width): number {
  return PAGE_MASK | (width - 1);
}

function viewOf(width: Width, signed: boolean): string {
  if (width === 4) return "words";
  if (width === 2) return signed ? "signedHalves" : "halves";
  return signed ? "signedBytes" : "bytes";
}

function register(field: "Rs1" | "Rs2"): string {
  return `x[word >> ${field === "Rs1" ? SlotField.Rs1Shift : SlotField.Rs2Shift} & ${SlotField.RegisterMask}]`;
}

const RD = `x[word >> ${SlotField.RdShift} & ${SlotField.RdMask}]`;
const IMMEDIATE = "slots[slot + 1]";
const PC = "page + index";

function expression(value: Value): string {
  switch (value.kind) {
    case "rs1":
      return register("Rs1");
    case "rs2":
      return register("Rs2");
    case "immediate":
      return IMMEDIATE;
    case "pc":
      return `(${PC} | 0)`;
    case "memory":
      return "memory";
    case "constant":
      return `${value.value}`;
    case "binary":
      return OPERATORS[value.operator](expression(value.left), expression(value.right));
  }
}

/** Each operator in JavaScript, giving a signed word (or a truth value, which a typed array stores as 0 or 1). */
const OPERATORS: Record<Operator, (left: string, right: string) => string> = {
  add: (left, right) => `(${left} + ${right} | 0)`,
  subtract: (left, right) => `(${left} - ${right} | 0)`,
  and: (left, right) => `(${left} & ${right})`,
  or: (left, right) => `(${left} | ${right})`,
  xor: (left, right) => `(${left} ^ ${right})`,
  shiftLeft: (left, right) => `(${left} << ${right})`,
  shiftRight: (left, right) => `(${left} >> ${right})`,
  shiftRightUnsigned: (left, right) => `(${left} >>> ${right} | 0)`,
  equal: (left, right) => `(${left} === ${right} ? 1 : 0)`,
  notEqual: (left, right) => `(${left} !== ${right} ? 1 : 0)`,
  less: (left, right) => `(${left} < ${right} ? 1 : 0)`,
  lessUnsigned: (left, right) => `(${left} >>> 0 < ${right} >>> 0 ? 1 : 0)`,
  atLeast: (left, right) => `(${left} >= ${right} ? 1 : 0)`,
  atLeastUnsigned: (left, right) => `(${left} >>> 0 >= ${right} >>> 0 ? 1 : 0)`,
  minimum: (left, right) => `Math.min(${left}, ${right})`,
  minimumUnsigned: (left, right) => `(Math.min(${left} >>> 0, ${right} >>> 0) | 0)`,
  maximum: (left, right) => `Math.max(${left}, ${right})`,
  maximumUnsigned: (left, right) => `(Math.max(${left} >>> 0, ${right} >>> 0) | 0)`,
  multiply: (left, right) => `Math.imul(${left}, ${right})`,
  multiplyHigh: (left, right) => `multiplyHigh(${left}, ${right})`,
  multiplyHighSignedUnsigned: (left, right) => `multiplyHighSignedUnsigned(${left}, ${right})`,
  multiplyHighUnsigned: (left, right) => `multiplyHighUnsigned(${left}, ${right})`,
  divide: (left, right) => `divide(${left}, ${right})`,
  divideUnsigned: (left, right) => `divideUnsigned(${left}, ${right})`,
  remainder: (left, right) => `remainder(${left}, ${right})`,
  remainderUnsigned: (left, right) => `remainderUnsigned(${left}, ${right})`,
};

/** Division never traps: by zero it gives all ones, and the dividend as remainder (Unprivileged, section 7.2). */
const HELPERS = `
function divide(a, b) { return b === 0 ? -1 : a / b | 0; }
function divideUnsigned(a, b) { return b === 0 ? -1 : (a >>> 0) / (b >>> 0) | 0; }
function remainder(a, b) { return b === 0 ? a : a % b | 0; }
function remainderUnsigned(a, b) { return b === 0 ? a : (a >>> 0) % (b >>> 0) | 0; }
function multiplyHighUnsigned(a, b) {
  const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16;
  const low = Math.imul(a0, b0), cross = Math.imul(a1, b0) + (low >>> 16);
  const middle = Math.imul(a0, b1) + (cross & 0xffff);
  return Math.imul(a1, b1) + (cross >>> 16) + (middle >>> 16) | 0;
}
function multiplyHigh(a, b) { return multiplyHighUnsigned(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0) | 0; }
function multiplyHighSignedUnsigned(a, b) { return multiplyHighUnsigned(a, b) - (a < 0 ? b : 0) | 0; }
`;

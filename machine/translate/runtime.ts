/**
 * The code around the regions: dispatch from an address to a region, and the loop that goes on where one ends.
 *
 * One small module for each machine, written here by hand. It owns the table of all regions' functions; regions import
 * its functions instead, since every import of a large table costs. `run` goes from region to region, and to the
 * handlers of interrupts (traps.ts) and the timer's (timer.ts), until there is something that only the interpreter can
 * do.
 */
import { addressOf, ContextChange } from "../hart/state-words.ts";
import {
  Context,
  DATA_WORDS_PER_SET,
  FETCH_WORDS_PER_SET,
  FetchEntry,
  MACHINE_SET,
  SETS,
} from "../hart/translation-cache.ts";
import { Mode, Status } from "../isa/registers.ts";
import { Place } from "../linear-memory.ts";
import { PAGE_MASK } from "../state/pages.ts";
import { BUDGET_SHIFT, EXTRA_ROOM, pushExtra, pushLeft } from "./budget.ts";
import { MOST_STEPS } from "./discover.ts";
import { type Code, type FunctionBody, moduleBytes, Op, Type } from "./encode.ts";
import { refill } from "./refill.ts";
import { interpretFrom, interpretRest } from "./rest.ts";
import {
  body,
  FunctionIndex,
  goOn,
  Parameter,
  pushFetchEntry,
  pushReady,
  SIGNATURES,
  SignatureIndex,
  setWord,
  stay,
} from "./standing.ts";
import { deviceLoad, ringIfDue, timerStore, wait } from "./timer.ts";
import { environmentCall, interrupt, machineReturn, supervisorReturn } from "./traps.ts";

/** Functions that every region's module imports, in this order. */
export const enum Import {
  Dispatch = 0,
  EnvironmentCall,
  MachineReturn,
  SupervisorReturn,
  Settle,
  Wait,
  Refill,
  DeviceLoad,
  TimerStore,
  Count,
}

export const IMPORTS = [
  { name: "dispatch", signature: SignatureIndex.Region },
  { name: "environmentCall", signature: SignatureIndex.Region },
  { name: "machineReturn", signature: SignatureIndex.Region },
  { name: "supervisorReturn", signature: SignatureIndex.Region },
  { name: "settle", signature: SignatureIndex.Region },
  { name: "wait", signature: SignatureIndex.Region },
  { name: "refill", signature: SignatureIndex.Refill },
  { name: "deviceLoad", signature: SignatureIndex.Region },
  { name: "timerStore", signature: SignatureIndex.Region },
] as const;

/**
 * An entry table's word: the function's index in the table, and the number of the entry, of which a region has no more
 * than blocks, and one for its root.
 */
export const ENTRY_BITS = Math.ceil(Math.log2(MOST_STEPS + 1));
const ENTRY_MASK = (1 << ENTRY_BITS) - 1;
/** A frame of WebAssembly takes some hundred bytes of the host's stack; that of a large region counts for several. */
const MOST_NESTED_CALLS = 400;

export function runtimeModule(memoryPages: number, ramPages: number, tableEntries: number): Uint8Array {
  return moduleBytes({
    signatures: SIGNATURES,
    importedFunctions: [{ name: "interpret", signature: SignatureIndex.Interpret }],
    memoryPages,
    tableEntries,
    functions: [
      ...[dispatch(), run(), selectContext(), interrupt(), interpretFrom()],
      ...[environmentCall(), machineReturn(), supervisorReturn(), settle(), wait()],
      ...[refill(SignatureIndex.Refill, ramPages), deviceLoad(), timerStore()],
    ],
  });
}

/** Calls what is translated at an address. Where nothing is, the hart stands there, and the interpreter goes on. */
function dispatch(): FunctionBody {
  const slot = Parameter.First;
  const entry = slot + 1;
  return body("dispatch", SignatureIndex.Region, [Type.I32, Type.I32], (code) => {
    code.get(Parameter.Depth).constant(0).op(Op.I32LtS).block(Op.If);
    code.get(Parameter.Pc).get(Parameter.Budget).op(Op.Return).op(Op.End);
    pushFetchEntry(code);
    code.tee(slot).memory(Op.I32Load, 4 * FetchEntry.Tag);
    code.get(Parameter.Pc).constant(PAGE_MASK).op(Op.I32And).op(Op.I32Ne).block(Op.If);
    stayUntranslated(code);
    code.op(Op.End);
    code.get(slot).memory(Op.I32Load, 4 * FetchEntry.Table);
    code.get(Parameter.Pc).constant(0xffe).op(Op.I32And).constant(1).op(Op.I32Shl).op(Op.I32Add);
    code.memory(Op.I32Load, 0).tee(entry).op(Op.I32Eqz).block(Op.If);
    stayUntranslated(code);
    code.op(Op.End);
    code.get(entry).constant(ENTRY_MASK).op(Op.I32And).get(Parameter.Budget).get(Parameter.Depth);
    code.get(entry).constant(ENTRY_BITS).op(Op.I32ShrU);
    code.op(Op.ReturnCallIndirect).unsigned(SignatureIndex.Region).unsigned(0);
  });
}

/** The same, where nothing is translated. */
function stayUntranslated(code: Code): void {
  setWord(code, "untranslated", () => code.constant(1));
  stay(code);
}

/** Runs from the hart's state until something is to be done in JavaScript. */
function run(): FunctionBody {
  const budget = 0;
  const pc = 1;
  /** Where a return from a trap has led; 1 where the last step was none. */
  const returned = 2;
  return body("run", SignatureIndex.Action, [Type.I64, Type.I32, Type.I32], (code) => {
    setWord(code, "contextChanged", () => code.constant(ContextChange.No));
    code.loadWord(addressOf("pc")).set(pc).constant(1).set(returned);
    code.loadWord(addressOf("left")).op(Op.I64ExtendI32S).longConstant(BUDGET_SHIFT).op(Op.I64Shl);
    code.longConstant(EXTRA_ROOM).op(Op.I64Or).set(budget);
    code.block(Op.Block).block(Op.Loop);
    code.get(pc).get(budget).constant(MOST_NESTED_CALLS).indexed(Op.Call, FunctionIndex.Dispatch);
    code.set(budget).tee(pc).constant(1).op(Op.I32And).op(Op.I32Eqz).indexed(Op.BrIf, 0);
    code.get(pc).constant(1).op(Op.I32Xor).set(pc);
    code.loadWord(addressOf("contextChanged")).op(Op.I32Eqz).block(Op.If);
    interpretRest(code, { pc, budget, returned, again: 2, out: 3 });
    ringIfDue(code, budget);
    code.op(Op.I32Eqz).indexed(Op.BrIf, 2).op(Op.End);
    code.get(pc).constant(1).loadWord(addressOf("contextChanged")).constant(ContextChange.Returned).op(Op.I32Eq);
    code.op(Op.Select).set(returned);
    leaveIfUnknown(code, 1);
    pushReady(code);
    code.block(Op.If);
    code.get(pc).get(budget).constant(0).indexed(Op.Call, FunctionIndex.Interrupt).set(budget).set(pc);
    leaveIfUnknown(code, 2);
    code.op(Op.End);
    code.indexed(Op.Br, 0).op(Op.End).op(Op.End);
    setWord(code, "pc", () => code.get(pc));
    setWord(code, "left", () => pushLeft(code, budget));
    setWord(code, "extra", () => pushExtra(code, budget));
  });
}

/** Goes to a label if the hart must make the sets of translations for where it has come to. */
function leaveIfUnknown(code: Code, depth: number): void {
  code.loadWord(addressOf("contextChanged")).constant(ContextChange.Unknown).op(Op.I32Eq).indexed(Op.BrIf, depth);
  setWord(code, "contextChanged", () => code.constant(ContextChange.No));
}

/** An instruction has changed what the hart may run on: it stands behind that. */
function settle(): FunctionBody {
  return body("settle", SignatureIndex.Region, [], goOn);
}

/** Finds the sets of translations for the present context: a `ContextChange`. */
function selectContext(): FunctionBody {
  const [mode, satp, bits, set] = [0, 1, 2, 3] as const;
  return body(null, SignatureIndex.Question, [Type.I32, Type.I32, Type.I32, Type.I32], (code) => {
    code.loadWord(addressOf("mstatus")).constant(Status.Mprv).op(Op.I32And).block(Op.If);
    code.constant(ContextChange.Unknown).op(Op.Return).op(Op.End);
    code.constant(MACHINE_SET).set(set);
    code.loadWord(addressOf("mode")).tee(mode).constant(Mode.Machine).op(Op.I32Ne).block(Op.If);
    code.loadWord(addressOf("satp")).tee(satp).constant(0).op(Op.I32LtS).block(Op.If).op(Op.Else);
    code.constant(0).set(satp).op(Op.End);
    code
      .loadWord(addressOf("mstatus"))
      .constant(Status.Sum | Status.Mxr)
      .constant(Status.Mxr);
    code.get(mode).constant(Mode.Supervisor).op(Op.I32Eq).op(Op.Select).op(Op.I32And).set(bits);
    code.block(Op.Loop);
    code.get(set).constant(1).op(Op.I32Add).tee(set).constant(SETS).op(Op.I32Eq).block(Op.If);
    code.constant(ContextChange.Unknown).op(Op.Return).op(Op.End);
    for (const [field, local] of [
      [Context.Satp, satp],
      [Context.Mode, mode],
      [Context.StatusBits, bits],
    ] as const) {
      code
        .get(set)
        .constant(Math.log2(4 * Context.Words))
        .op(Op.I32Shl)
        .memory(Op.I32Load, Place.Contexts + 4 * field);
      code.get(local).op(Op.I32Ne).indexed(Op.BrIf, 0);
    }
    code.op(Op.End).op(Op.End);
    setWord(code, "dataSet", () => pushSet(code, set, Place.DataSets, DATA_WORDS_PER_SET));
    setWord(code, "fetchSet", () => pushSet(code, set, Place.FetchSets, FETCH_WORDS_PER_SET));
    code.constant(ContextChange.Known);
  });
}

function pushSet(code: Code, set: number, place: number, words: number): void {
  code
    .get(set)
    .constant(4 * words)
    .op(Op.I32Mul)
    .constant(place)
    .op(Op.I32Add);
}

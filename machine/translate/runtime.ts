/**
 * The code around the regions: dispatch from an address to a region, and the way from one mode to another.
 *
 * One small module for each machine, written here by hand. It owns the table of all regions' functions; regions import
 * its functions instead, since every import of a large table costs. `run` goes from region to region until one says, by
 * bit 0 of the address, that the interpreter must go on. What `ecall`, `mret` and `sret` do is hart/state.ts's `trap`
 * and hart/system.ts's `machineReturn` and `supervisorReturn`.
 */
import { EventCost, InstructionCost } from "../cost.ts";
import { addressOf, type StateWord } from "../hart/state-words.ts";
import {
  Context,
  DATA_WORDS_PER_SET,
  FETCH_ENTRIES,
  FETCH_WORDS_PER_SET,
  FetchEntry,
  MACHINE_SET,
  SETS,
} from "../hart/translation-cache.ts";
import { Cause, Mode, Status } from "../isa/registers.ts";
import { Place } from "../linear-memory.ts";
import { BUDGET_SHIFT, EXTRA_ROOM, pushExtra, pushLeft, units } from "./budget.ts";
import { Code, type FunctionBody, moduleBytes, Op, type Signature, Type } from "./encode.ts";
import { refill } from "./refill.ts";

/** Of functions that leave the hart standing somewhere: its address, and the budget. */
const STANDING = [Type.I32, Type.I64];

export const SIGNATURES: readonly Signature[] = [
  { parameters: [Type.I32, Type.I64, Type.I32], results: STANDING },
  { parameters: [], results: STANDING },
  { parameters: [], results: [] },
  { parameters: [], results: [Type.I32] },
  { parameters: [Type.I32, Type.I32], results: [Type.I32] },
];

export const enum SignatureIndex {
  /** An entry's number or an address; the budget; how deep calls may still nest. */
  Region = 0,
  Standing = 1,
  Action = 2,
  Question = 3,
  /** An address, and what an access there needs: refill.ts. */
  Refill = 4,
}

/** Functions that every region's module imports, in this order. */
export const enum Import {
  Dispatch = 0,
  EnvironmentCall = 1,
  MachineReturn = 2,
  SupervisorReturn = 3,
  Refill = 4,
  Count = 5,
}

export const IMPORTS = [
  { name: "dispatch", signature: SignatureIndex.Region },
  { name: "environmentCall", signature: SignatureIndex.Region },
  { name: "machineReturn", signature: SignatureIndex.Region },
  { name: "supervisorReturn", signature: SignatureIndex.Region },
  { name: "refill", signature: SignatureIndex.Refill },
] as const;

/** An entry table's word: the function's index in the table, and the number of the entry. */
export const ENTRY_BITS = 10;
const ENTRY_MASK = (1 << ENTRY_BITS) - 1;
/** A frame of WebAssembly takes some hundred bytes of the host's stack; that of a large region counts for several. */
const MOST_NESTED_CALLS = 400;

const enum FunctionIndex {
  Dispatch = 0,
  EnvironmentCall = 1,
  MachineReturn = 2,
  SupervisorReturn = 3,
  Run = 4,
  SelectContext = 5,
}

/** Parameters of functions with the signature of a region. */
const enum Parameter {
  Pc = 0,
  Budget = 1,
  Depth = 2,
  First = 3,
}

export function runtimeModule(memoryPages: number, ramPages: number, tableEntries: number): Uint8Array {
  return moduleBytes({
    signatures: SIGNATURES,
    importedFunctions: [],
    memoryPages,
    tableEntries,
    functions: [
      ...[dispatch(), environmentCall(), machineReturn(), supervisorReturn(), run(), selectContext()],
      refill(SignatureIndex.Refill, ramPages),
    ],
  });
}

function body(
  exportName: string | null,
  signature: SignatureIndex,
  locals: readonly Type[],
  write: (code: Code) => void,
): FunctionBody {
  const code = new Code();
  write(code);
  return { signature, locals, code, exportName };
}

/** Calls what is translated at an address. Where nothing is, the hart stands there, and the interpreter goes on. */
function dispatch(): FunctionBody {
  const slot = Parameter.First;
  const entry = slot + 1;
  return body("dispatch", SignatureIndex.Region, [Type.I32, Type.I32], (code) => {
    code.get(Parameter.Depth).constant(0).op(Op.I32LtS).block(Op.If);
    code.get(Parameter.Pc).get(Parameter.Budget).op(Op.Return).op(Op.End);
    const entryBytes = 4 * FetchEntry.Words;
    code
      .get(Parameter.Pc)
      .constant(12 - Math.log2(entryBytes))
      .op(Op.I32ShrU);
    code.constant((FETCH_ENTRIES - 1) * entryBytes).op(Op.I32And);
    code
      .loadWord(addressOf("fetchSet"))
      .op(Op.I32Add)
      .tee(slot)
      .memory(Op.I32Load, 4 * FetchEntry.Tag);
    code.get(Parameter.Pc).constant(-4096).op(Op.I32And).op(Op.I32Ne).block(Op.If);
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

/** Returns where the hart stands, for the interpreter to go on. */
function stay(code: Code): void {
  code.get(Parameter.Pc).constant(1).op(Op.I32Or).get(Parameter.Budget).op(Op.Return);
}

/** Runs from the hart's state until the interpreter must go on. */
function run(): FunctionBody {
  const budget = 0;
  const pc = 1;
  return body("run", SignatureIndex.Action, [Type.I64, Type.I32], (code) => {
    code.loadWord(addressOf("pc")).set(pc);
    code.loadWord(addressOf("left")).op(Op.I64ExtendI32S).longConstant(BUDGET_SHIFT).op(Op.I64Shl);
    code.longConstant(EXTRA_ROOM).op(Op.I64Or).set(budget);
    code.block(Op.Loop);
    code.get(pc).get(budget).constant(MOST_NESTED_CALLS).indexed(Op.Call, FunctionIndex.Dispatch);
    code.set(budget).tee(pc).constant(1).op(Op.I32And).op(Op.I32Eqz).indexed(Op.BrIf, 0);
    code.loadWord(addressOf("contextChanged")).block(Op.If);
    setWord(code, "contextChanged", () => code.constant(0));
    code.get(pc).constant(1).op(Op.I32Xor).set(pc).indexed(Op.Br, 1).op(Op.End).op(Op.End);
    setWord(code, "pc", () => code.get(pc).constant(1).op(Op.I32Xor));
    setWord(code, "left", () => pushLeft(code, budget));
    setWord(code, "extra", () => pushExtra(code, budget));
  });
}

/** `ecall` at an address. */
function environmentCall(): FunctionBody {
  const status = Parameter.First;
  const cause = status + 1;
  return body("environmentCall", SignatureIndex.Region, [Type.I32, Type.I32], (code) => {
    stayIfTimeIsUp(code);
    pay(code, { cycles: EventCost.trap, instructions: 0 });
    code.loadWord(addressOf("mstatus")).set(status);
    code.constant(Cause.CallFromUser).loadWord(addressOf("mode")).op(Op.I32Add).set(cause);
    code.loadWord(addressOf("mode")).constant(Mode.Machine).op(Op.I32Ne);
    code.loadWord(addressOf("medeleg")).get(cause).op(Op.I32ShrU).op(Op.I32And).block(Op.If);
    setWord(code, "sepc", () => code.get(Parameter.Pc));
    setWord(code, "scause", () => code.get(cause));
    setWord(code, "stval", () => code.constant(0));
    setWord(code, "mstatus", () => {
      pushWithout(code, status, Status.Sie | Status.Spie | Status.Spp);
      pushMoved(code, status, Status.Sie, Status.Spie);
      code.op(Op.I32Or).loadWord(addressOf("mode")).constant(Math.log2(Status.Spp)).op(Op.I32Shl).op(Op.I32Or);
    });
    setWord(code, "mode", () => code.constant(Mode.Supervisor));
    code.loadWord(addressOf("stvec")).set(Parameter.Pc);
    code.op(Op.Else);
    setWord(code, "mepc", () => code.get(Parameter.Pc));
    setWord(code, "mcause", () => code.get(cause));
    setWord(code, "mtval", () => code.constant(0));
    setWord(code, "mstatus", () => {
      pushWithout(code, status, Status.Mie | Status.Mpie | Status.Mpp);
      pushMoved(code, status, Status.Mie, Status.Mpie);
      code.op(Op.I32Or).loadWord(addressOf("mode")).constant(Status.MppShift).op(Op.I32Shl).op(Op.I32Or);
    });
    setWord(code, "mode", () => code.constant(Mode.Machine));
    code.loadWord(addressOf("mtvec")).set(Parameter.Pc);
    code.op(Op.End);
    // For exceptions the base counts, even in vectored mode.
    code.get(Parameter.Pc).constant(~3).op(Op.I32And).set(Parameter.Pc);
    goOn(code);
  });
}

/** `mret` at an address. */
function machineReturn(): FunctionBody {
  const status = Parameter.First;
  const mode = status + 1;
  return body("machineReturn", SignatureIndex.Region, [Type.I32, Type.I32], (code) => {
    stayIfTimeIsUp(code);
    code.loadWord(addressOf("mode")).constant(Mode.Machine).op(Op.I32Ne).block(Op.If);
    stay(code);
    code.op(Op.End);
    pay(code, { cycles: InstructionCost.trapReturn, instructions: 1 });
    code.loadWord(addressOf("mstatus")).tee(status);
    code.constant(Status.Mpp).op(Op.I32And).constant(Status.MppShift).op(Op.I32ShrU).set(mode);
    setWord(code, "mode", () => code.get(mode));
    setWord(code, "mstatus", () => {
      pushWithout(code, status, Status.Mie | Status.Mpp);
      pushMoved(code, status, Status.Mpie, Status.Mie);
      code.op(Op.I32Or).constant(Status.Mpie).op(Op.I32Or);
      code
        .constant(-1)
        .constant(~Status.Mprv)
        .get(mode)
        .constant(Mode.Machine)
        .op(Op.I32Eq)
        .op(Op.Select)
        .op(Op.I32And);
    });
    returnTo(code, "mepc");
  });
}

/** `sret` at an address. */
function supervisorReturn(): FunctionBody {
  const status = Parameter.First;
  return body("supervisorReturn", SignatureIndex.Region, [Type.I32], (code) => {
    stayIfTimeIsUp(code);
    code.loadWord(addressOf("mstatus")).set(status);
    code.loadWord(addressOf("mode")).constant(Mode.Supervisor).op(Op.I32LtU);
    code.get(status).constant(Status.Tsr).op(Op.I32And).op(Op.I32Or).block(Op.If);
    stay(code);
    code.op(Op.End);
    pay(code, { cycles: InstructionCost.trapReturn, instructions: 1 });
    setWord(code, "mode", () => {
      code.get(status).constant(Math.log2(Status.Spp)).op(Op.I32ShrU).constant(Mode.Supervisor).op(Op.I32And);
    });
    setWord(code, "mstatus", () => {
      pushWithout(code, status, Status.Sie | Status.Spp | Status.Mprv);
      pushMoved(code, status, Status.Spie, Status.Sie);
      code.op(Op.I32Or).constant(Status.Spie).op(Op.I32Or);
    });
    returnTo(code, "sepc");
  });
}

/** The end of both, in the mode to which they return. */
function returnTo(code: Code, pc: StateWord): void {
  setWord(code, "reservedOffset", () => code.constant(-1));
  code.loadWord(addressOf(pc)).set(Parameter.Pc);
  // An interrupt may be due now.
  code.loadWord(addressOf("pendingBySoftware")).loadWord(addressOf("pendingByWire")).op(Op.I32Or);
  code.loadWord(addressOf("mie")).op(Op.I32And).block(Op.If);
  stay(code);
  code.op(Op.End);
  goOn(code);
}

/** Finds the sets of translations for the present context; 0 if the hart must make one. */
function selectContext(): FunctionBody {
  const [mode, satp, bits, set] = [0, 1, 2, 3];
  return body(null, SignatureIndex.Question, [Type.I32, Type.I32, Type.I32, Type.I32], (code) => {
    code.loadWord(addressOf("mstatus")).constant(Status.Mprv).op(Op.I32And).block(Op.If);
    code.constant(0).op(Op.Return).op(Op.End);
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
    setWord(code, "untranslated", () => code.constant(1));
    code.constant(0).op(Op.Return).op(Op.End);
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
      code.get(local!).op(Op.I32Ne).indexed(Op.BrIf, 0);
    }
    code.op(Op.End).op(Op.End);
    setWord(code, "dataSet", () => pushSet(code, set!, Place.DataSets, DATA_WORDS_PER_SET));
    setWord(code, "fetchSet", () => pushSet(code, set!, Place.FetchSets, FETCH_WORDS_PER_SET));
    code.constant(1);
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

/**
 * The hart stands at `Pc` in its new mode: to the next region, or where the context is unknown, to the interpreter.
 * Either way with bit 0, so that no caller takes the address for the one where it waits: it waits in another mode.
 */
function goOn(code: Code): void {
  setWord(code, "contextChanged", () => code.indexed(Op.Call, FunctionIndex.SelectContext));
  code.get(Parameter.Pc).constant(1).op(Op.I32Or).get(Parameter.Budget);
}

/** An instruction begins only while cycles are left. */
function stayIfTimeIsUp(code: Code): void {
  pushLeft(code, Parameter.Budget);
  code.constant(0).op(Op.I32LeS).block(Op.If);
  stay(code);
  code.op(Op.End);
}

function pay(code: Code, cost: Parameters<typeof units>[0]): void {
  code.get(Parameter.Budget).longConstant(units(cost)).op(Op.I64Sub).set(Parameter.Budget);
}

function setWord(code: Code, word: StateWord, push: () => void): void {
  code.constant(0);
  push();
  code.memory(Op.I32Store, addressOf(word));
}

function pushWithout(code: Code, local: number, bits: number): void {
  code.get(local).constant(~bits).op(Op.I32And);
}

/** Pushes one bit of a local, in the place of another. */
function pushMoved(code: Code, local: number, from: number, to: number): void {
  const distance = Math.log2(to) - Math.log2(from);
  code.get(local).constant(from).op(Op.I32And);
  code.constant(Math.abs(distance)).op(distance > 0 ? Op.I32Shl : Op.I32ShrU);
}

/**
 * Writes the interpreter of a machine that translates: threaded code, a small WebAssembly function for each row of
 * isa/instructions.ts, which does what the row says and ends by calling the next instruction's.
 *
 * It does exactly what generate.ts's does, on the same decoded instructions, and counts where jumps lead besides; but it
 * is fast from its first instruction. JavaScript's host runs a large function a hundred times slower until it has
 * compiled it twice, and begins anew when it meets an instruction for the first time: most of a short run went by before
 * that. Here the host compiles each function when it is called first, in microseconds, and those that are called often
 * once more, one by one.
 *
 * Where the hart stands and how much time is left are parameters; whoever may look at the state finds them there, as
 * `save` puts them. Begin with `threadedModule`; threaded-interpreter.ts has what it imports.
 */
import { COMPRESSIBLE } from "../isa/compressed.ts";
import type { InstructionLength } from "../isa/decode.ts";
import { INSTRUCTIONS, type Instruction } from "../isa/instructions.ts";
import type { Meaning, SystemOperation, Value, Width } from "../isa/meaning.ts";
import { Place } from "../linear-memory.ts";
import { Code, type FunctionBody, moduleBytes, Op, type Signature, Type } from "../translate/encode.ts";
import { pushOperator } from "../translate/operators.ts";
import { DISCARD_REGISTER, SlotField } from "./code-cache.ts";
import { addressOf } from "./state-words.ts";
import { DATA_ENTRIES, DataEntry, FETCH_ENTRIES, FetchEntry } from "./translation-cache.ts";

const I32 = Type.I32;

const SIGNATURES: readonly Signature[] = [
  { parameters: [I32, I32, I32, I32, I32], results: [] },
  { parameters: [I32], results: [] },
  { parameters: [I32, I32], results: [] },
  { parameters: [I32], results: [I32] },
  { parameters: [I32, I32], results: [I32] },
  { parameters: [I32, I32, I32], results: [I32] },
  { parameters: [I32, I32, I32, I32], results: [I32] },
];

const enum SignatureIndex {
  Step = 0,
  Tell1 = 1,
  Tell2 = 2,
  Ask1 = 3,
  Ask2 = 4,
  Ask3 = 5,
  Ask4 = 6,
}

/** What the functions call in JavaScript: threaded-interpreter.ts says what each is. */
const enum Import {
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

const IMPORTS = [
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
const enum FunctionIndex {
  Interpret = Import.Count,
  Jump = Import.Count + 1,
  Leave = Import.Count + 2,
  FirstOperation = Import.Count + 3,
}

/** Which of `system` is meant, by its place here. */
export const SYSTEM_OPERATIONS: readonly SystemOperation[] = [
  ...new Set(INSTRUCTIONS.flatMap(({ meaning }) => (meaning.kind === "system" ? [meaning.operation] : []))),
];

/** Of all functions but `interpret`. */
const enum Local {
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
const OWN_LOCALS = [I32, I32];

/** A turn of a loop says more about what comes next than a jump from page to page, and there is less to translate. */
const JUMPS_PER_TURN = 16;

const PAGE_MASK = -4096;
const OFFSET_MASK = 4095;

/** The same bytes for every machine. The module exports `interpret`, which takes a page's base. */
export function threadedModule(): Uint8Array {
  const ownOperations = operations();
  return moduleBytes({
    signatures: SIGNATURES,
    importedFunctions: IMPORTS,
    memoryPages: null,
    tableEntries: null,
    ownTable: ownOperations.map((_, operation) => FunctionIndex.FirstOperation + operation),
    functions: [interpret(), jump(), leave(), ...ownOperations],
  });
}

/** By the number that a slot holds: those of `Operation` first. An instruction that straddles pages is left to the hart. */
function operations(): FunctionBody[] {
  return [
    ...[undecoded(), pageEnd(), illegal(), breakpoint(), body(saveAndReturn)],
    ...INSTRUCTIONS.map((instruction) => instructionBody(instruction, 4)),
    ...COMPRESSIBLE.map((row) => instructionBody(INSTRUCTIONS[row]!, 2)),
  ];
}

function body(write: (code: Code) => void): FunctionBody {
  const code = new Code();
  write(code);
  return { signature: SignatureIndex.Step, locals: OWN_LOCALS, code, exportName: null };
}

/** Runs from `state.pc`, whose page has its decoded instructions at the base that is given, while `state.left` is positive. */
function interpret(): FunctionBody {
  const code = new Code();
  const [base, pc, slot, left] = [0, 1, 2, 3];
  code.loadWord(addressOf("pc")).set(pc);
  code.get(pc).constant(OFFSET_MASK).op(Op.I32And).get(base).op(Op.I32Add);
  code.constant(2).op(Op.I32Shl).constant(Place.Slots).op(Op.I32Add).set(slot);
  code.loadWord(addressOf("left")).tee(left).constant(0).op(Op.I32LeS).block(Op.If).op(Op.Return).op(Op.End);
  code.get(pc).get(slot).get(left).loadWord(addressOf("extra"));
  callOperation(code, slot);
  return { signature: SignatureIndex.Tell1, locals: [I32, I32, I32], code, exportName: "interpret" };
}

/** Behind the other parameters of an operation's function: its first word. Calls it, and does not come back. */
function callOperation(code: Code, slot: number): void {
  code.get(slot).memory(Op.I32Load, 0);
  code.get(slot).memory(Op.I32Load, 0).constant(SlotField.OperationMask).op(Op.I32And);
  code.op(Op.ReturnCallIndirect).unsigned(SignatureIndex.Step).unsigned(0);
}

/** To the instruction that stands in `Slot`, which begins only while cycles are left. */
function goOn(code: Code): void {
  code.get(Local.Left).constant(0).op(Op.I32LeS).block(Op.If);
  saveAndReturn(code);
  code.op(Op.End);
  code.get(Local.Pc).get(Local.Slot).get(Local.Left).get(Local.Extra);
  callOperation(code, Local.Slot);
}

/** To `Word`, an address. Jumps forwards within a page are not counted: every loop jumps back. */
function jump(): FunctionBody {
  const distance = Local.Address;
  const jumps = Local.Entry;
  return body((code) => {
    code.get(Local.Word).get(Local.Pc).constant(PAGE_MASK).op(Op.I32And).op(Op.I32Sub).tee(distance);
    code.constant(PAGE_MASK).op(Op.I32And).op(Op.I32Eqz).block(Op.If);
    code
      .get(Local.Word)
      .get(Local.Pc)
      .op(Op.I32Sub)
      .constant(2)
      .op(Op.I32Shl)
      .get(Local.Slot)
      .op(Op.I32Add)
      .set(Local.Slot);
    code.get(distance).get(Local.Pc).constant(OFFSET_MASK).op(Op.I32And).op(Op.I32GtS).block(Op.If);
    code.get(Local.Word).set(Local.Pc);
    goOn(code);
    code.op(Op.End);
    code.constant(JUMPS_PER_TURN).set(jumps);
    code.op(Op.Else);
    findPage(code);
    code.constant(1).set(jumps);
    code.op(Op.End);
    code.get(Local.Word).set(Local.Pc);
    noticeHeat(code, jumps);
    goOn(code);
  });
}

/** Puts into `Slot` that of the address in `Word`, in another page; leaves where that page is not at hand. */
function findPage(code: Code): void {
  const entryBytes = 4 * FetchEntry.Words;
  code
    .get(Local.Word)
    .constant(shiftFor(entryBytes))
    .op(Op.I32ShrU)
    .constant((FETCH_ENTRIES - 1) * entryBytes)
    .op(Op.I32And);
  code
    .loadWord(addressOf("fetchSet"))
    .op(Op.I32Add)
    .tee(Local.Entry)
    .memory(Op.I32Load, 4 * FetchEntry.Tag);
  code.get(Local.Word).constant(PAGE_MASK).op(Op.I32And).op(Op.I32Ne).block(Op.If);
  leaveAtTarget(code);
  code.op(Op.End);
  code.get(Local.Entry).memory(Op.I32Load, 4 * FetchEntry.Base);
  code.get(Local.Word).constant(OFFSET_MASK).op(Op.I32And).op(Op.I32Add);
  code.constant(2).op(Op.I32Shl).constant(Place.Slots).op(Op.I32Add).set(Local.Slot);
}

/** So many jumps more lead to `Slot`; leaves where it is hot. */
function noticeHeat(code: Code, jumps: number): void {
  // A half-word for each word of the slots.
  const heat = Place.Heat - Place.Slots / 2;
  const place = Local.Address;
  code.get(Local.Slot).constant(1).op(Op.I32ShrU).tee(place).memory(Op.I32Load16U, heat);
  code.loadWord(addressOf("hotAfter")).op(Op.I32GeU).block(Op.If);
  saveAndReturn(code);
  code.op(Op.End);
  code.get(place).get(place).memory(Op.I32Load16U, heat).get(jumps).op(Op.I32Add).memory(Op.I32Store16, heat);
}

function leaveAtTarget(code: Code): void {
  code
    .get(Local.Word)
    .get(Local.Slot)
    .get(Local.Left)
    .get(Local.Extra)
    .get(Local.Word)
    .indexed(Op.ReturnCall, FunctionIndex.Leave);
}

function saveAndReturn(code: Code): void {
  for (let parameter = Local.Pc; parameter <= Local.Word; parameter++) code.get(parameter);
  code.indexed(Op.ReturnCall, FunctionIndex.Leave);
}

/** Returns to whoever has called `interpret`. */
function leave(): FunctionBody {
  return body(save);
}

/** Puts into the state where the hart stands. */
function save(code: Code): void {
  code.constant(0).get(Local.Pc).memory(Op.I32Store, addressOf("pc"));
  code.constant(0).get(Local.Left).memory(Op.I32Store, addressOf("left"));
  code.constant(0).get(Local.Extra).memory(Op.I32Store, addressOf("extra"));
}

/** Time, behind a call that may have taken some. */
function restore(code: Code): void {
  code.loadWord(addressOf("left")).set(Local.Left).loadWord(addressOf("extra")).set(Local.Extra);
}

function undecoded(): FunctionBody {
  return body((code) => {
    pushSlotNumber(code);
    code.indexed(Op.Call, Import.Decode);
    goOn(code);
  });
}

/** Behind a page's last slot: the hart stands at the next page's first instruction, or its second half-word. */
function pageEnd(): FunctionBody {
  return body((code) => {
    code.get(Local.Pc).constant(4096).op(Op.I32Sub).get(Local.Slot).get(Local.Left).get(Local.Extra).get(Local.Pc);
    code.indexed(Op.ReturnCall, FunctionIndex.Jump);
  });
}

function illegal(): FunctionBody {
  return body((code) => {
    save(code);
    pushImmediate(code);
    code.indexed(Op.Call, Import.Illegal);
  });
}

function breakpoint(): FunctionBody {
  return body((code) => {
    save(code);
    pushSlotNumber(code);
    code.indexed(Op.Call, Import.Breakpoint);
  });
}

function instructionBody({ format, meaning, costCycles }: Instruction, lengthBytes: InstructionLength): FunctionBody {
  return body((code) => {
    if (meaning.kind === "jump" && format === "I") noteIndirect(code, meaning.target);
    statement(code, meaning, costCycles, lengthBytes);
    if (meaning.kind === "jump") return;
    code.get(Local.Pc).constant(lengthBytes).op(Op.I32Add).set(Local.Pc);
    code
      .get(Local.Slot)
      .constant(4 * lengthBytes)
      .op(Op.I32Add)
      .set(Local.Slot);
    goOn(code);
  });
}

/** What an instruction does and costs. The cost is counted when it is certain that the instruction completes. */
function statement(code: Code, meaning: Meaning, costCycles: number, lengthBytes: InstructionLength): void {
  switch (meaning.kind) {
    case "nothing":
      break;
    case "set":
      writeRd(code, () => pushValue(code, meaning.value));
      break;
    case "load":
      load(code, meaning.width, meaning.signed, meaning.address);
      break;
    case "store":
      store(code, meaning.width, meaning.address, meaning.value);
      break;
    case "atomic":
      atomic(code, meaning.value);
      break;
    case "jump":
      pushValue(code, meaning.target);
      code.set(Local.Address);
      writeRd(code, () => code.get(Local.Pc).constant(lengthBytes).op(Op.I32Add));
      count(code, costCycles);
      jumpTo(code, () => code.get(Local.Address));
      return;
    case "branch":
      pushValue(code, meaning.condition);
      count(code, costCycles);
      code.block(Op.If);
      jumpTo(code, () => {
        code.get(Local.Pc);
        pushImmediate(code);
        code.op(Op.I32Add);
      });
      code.op(Op.End);
      return;
    case "system":
      askOutside(code, () => {
        code.constant(SYSTEM_OPERATIONS.indexOf(meaning.operation));
        pushImmediate(code);
        code.indexed(Op.Call, Import.System);
      });
  }
  count(code, costCycles);
}

function count(code: Code, costCycles: number): void {
  code.get(Local.Left).constant(costCycles).op(Op.I32Sub).set(Local.Left);
  if (costCycles > 1)
    code
      .get(Local.Extra)
      .constant(costCycles - 1)
      .op(Op.I32Add)
      .set(Local.Extra);
}

function jumpTo(code: Code, pushTarget: () => void): void {
  code.get(Local.Pc).get(Local.Slot).get(Local.Left).get(Local.Extra);
  pushTarget();
  code.indexed(Op.ReturnCall, FunctionIndex.Jump);
}

/** Tells where a jump through a register leads, calls and returns excepted (Unprivileged, table 2.1). */
function noteIndirect(code: Code, target: Value): void {
  pushField(code, SlotField.RdShift, SlotField.RdMask);
  code.constant(DISCARD_REGISTER).op(Op.I32Eq);
  pushField(code, SlotField.Rs1Shift, SlotField.RegisterMask);
  code.constant(1).op(Op.I32Ne).op(Op.I32And).block(Op.If);
  code.get(Local.Pc);
  pushValue(code, target);
  code.indexed(Op.Call, Import.JumpedIndirectly);
  code.op(Op.End);
}

function load(code: Code, width: Width, signed: boolean, address: Value): void {
  pushIsHit(code, width, DataEntry.ReadTag, address);
  code.block(Op.If);
  writeRd(code, () => {
    pushPlace(code);
    code.memory(loadOf(width, signed), Place.Ram);
  });
  code.op(Op.Else);
  askOutside(code, () => {
    code
      .get(Local.Address)
      .constant(width)
      .constant(signed ? 1 : 0);
    pushField(code, SlotField.RdShift, SlotField.RdMask);
    code.indexed(Op.Call, Import.Load);
  });
  code.op(Op.End);
}

function store(code: Code, width: Width, address: Value, value: Value): void {
  pushIsHit(code, width, DataEntry.WriteTag, address);
  code.block(Op.If);
  pushPlace(code);
  pushValue(code, value);
  code.memory(width === 4 ? Op.I32Store : width === 2 ? Op.I32Store16 : Op.I32Store8, Place.Ram);
  code.op(Op.Else);
  askOutside(code, () => {
    code.get(Local.Address).constant(width);
    pushValue(code, value);
    code.indexed(Op.Call, Import.Store);
  });
  code.op(Op.End);
}

function atomic(code: Code, value: Value): void {
  const [place, before] = [Local.Entry, Local.Address];
  pushIsHit(code, 4, DataEntry.WriteTag, { kind: "rs1" });
  code.block(Op.If);
  pushPlace(code);
  code.set(place);
  code.op(Op.Else);
  askOutside(code, () => {
    code.get(Local.Address);
    code.indexed(Op.Call, Import.AtomicOffset);
    code.tee(place).constant(0).op(Op.I32LtS);
  });
  code.op(Op.End);
  code.get(place).memory(Op.I32Load, Place.Ram).set(before);
  code.get(place);
  pushValue(code, value, before);
  code.memory(Op.I32Store, Place.Ram);
  writeRd(code, () => code.get(before));
}

/** The interpreter's long way: `ask` pushes whether the hart has departed meanwhile. */
function askOutside(code: Code, ask: () => void): void {
  save(code);
  ask();
  code.block(Op.If).op(Op.Return).op(Op.End);
  restore(code);
}

/** Pushes whether the translation cache knows the page of an address, which it may access so; see memory-access.ts. */
function pushIsHit(code: Code, width: Width, tag: DataEntry.ReadTag | DataEntry.WriteTag, address: Value): void {
  const entryBytes = 4 * DataEntry.Words;
  pushValue(code, address);
  code.tee(Local.Address).constant(shiftFor(entryBytes)).op(Op.I32ShrU);
  code.constant((DATA_ENTRIES - 1) * entryBytes).op(Op.I32And);
  code
    .loadWord(addressOf("dataSet"))
    .op(Op.I32Add)
    .tee(Local.Entry)
    .memory(Op.I32Load, 4 * tag);
  code
    .get(Local.Address)
    .constant(PAGE_MASK | (width - 1))
    .op(Op.I32And)
    .op(Op.I32Eq);
}

/** Pushes the place of `Address`, whose entry is in `Entry`: to be used with the offset `Place.Ram`. */
function pushPlace(code: Code): void {
  code
    .get(Local.Address)
    .get(Local.Entry)
    .memory(Op.I32Load, 4 * DataEntry.Delta)
    .op(Op.I32Add);
}

function loadOf(width: Width, signed: boolean): Op {
  if (width === 4) return Op.I32Load;
  if (width === 2) return signed ? Op.I32Load16S : Op.I32Load16U;
  return signed ? Op.I32Load8S : Op.I32Load8U;
}

function writeRd(code: Code, push: () => void): void {
  pushRegister(code, SlotField.RdShift, SlotField.RdMask);
  push();
  code.memory(Op.I32Store, Place.Registers);
}

/** `memory` is the local that has the word which an atomic has found. */
function pushValue(code: Code, value: Value, memory: number = Local.Address): void {
  switch (value.kind) {
    case "rs1":
      pushRegister(code, SlotField.Rs1Shift, SlotField.RegisterMask);
      code.memory(Op.I32Load, Place.Registers);
      break;
    case "rs2":
      pushRegister(code, SlotField.Rs2Shift, SlotField.RegisterMask);
      code.memory(Op.I32Load, Place.Registers);
      break;
    case "immediate":
      pushImmediate(code);
      break;
    case "pc":
      code.get(Local.Pc);
      break;
    case "memory":
      code.get(memory);
      break;
    case "constant":
      code.constant(value.value);
      break;
    case "binary":
      pushOperator(
        code,
        value.operator,
        () => pushValue(code, value.left, memory),
        () => pushValue(code, value.right, memory),
      );
  }
}

function pushImmediate(code: Code): void {
  code.get(Local.Slot).memory(Op.I32Load, 4);
}

function pushField(code: Code, shift: number, mask: number): void {
  code.get(Local.Word).constant(shift).op(Op.I32ShrU).constant(mask).op(Op.I32And);
}

/** Pushes the address of a register that the instruction names. */
function pushRegister(code: Code, shift: number, mask: number): void {
  code
    .get(Local.Word)
    .constant(shift - 2)
    .op(Op.I32ShrU)
    .constant(mask << 2)
    .op(Op.I32And);
}

/** What JavaScript knows a slot by: its place in `code.slots`. */
function pushSlotNumber(code: Code): void {
  code.get(Local.Slot).constant(Place.Slots).op(Op.I32Sub).constant(2).op(Op.I32ShrU);
}

/** From an address to where its page's entry is in a set: the page's number times the entry's size, but for a mask. */
function shiftFor(entryBytes: number): number {
  return 12 - Math.log2(entryBytes);
}

/**
 * Writes the interpreter of a machine that translates: threaded code, a small WebAssembly function for each row of
 * isa/instructions.ts, which does what the row says and ends by calling the next instruction's.
 *
 * It does exactly what generate.ts's does, on the same decoded instructions, and counts where jumps lead besides; but
 * it is fast from its first instruction. JavaScript's host runs a large function fifty times slower until it has
 * compiled it twice, and begins anew when it meets an instruction for the first time: most of a short run went by
 * before that. Here the host compiles each function when it is called first, in microseconds, and those that are called
 * often once more, one by one.
 *
 * Where the hart stands and how much time is left are parameters; whoever may look at the state finds them there, as
 * `save` puts them (threaded-frame.ts). Begin with `threadedModule`; threaded-meaning.ts has what instructions do, and
 * threaded-interpreter.ts what is imported.
 */
import { COMPRESSIBLE } from "../isa/compressed.ts";
import { INSTRUCTIONS } from "../isa/instructions.ts";
import { Place } from "../linear-memory.ts";
import { OFFSET_MASK, PAGE_BYTES, PAGE_MASK } from "../state/pages.ts";
import { Code, type FunctionBody, moduleBytes, Op, Type } from "../translate/encode.ts";
import { addressOf } from "./state-words.ts";
import {
  callOperation,
  FunctionIndex,
  goOn,
  IMPORTS,
  Import,
  Local,
  OWN_LOCALS,
  pushImmediate,
  SIGNATURES,
  SignatureIndex,
  save,
  saveAndReturn,
  shiftFor,
} from "./threaded-frame.ts";
import { writeInstruction } from "./threaded-meaning.ts";
import { FETCH_ENTRIES, FetchEntry } from "./translation-cache.ts";

export type { ImportName } from "./threaded-frame.ts";
export { SYSTEM_OPERATIONS } from "./threaded-meaning.ts";

const I32 = Type.I32;

/** A turn of a loop says more about what comes next than a jump from page to page, and there is less to translate. */
const JUMPS_PER_TURN = 16;

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

/**
 * By the number that a slot holds: those of `Operation` first. An instruction that straddles pages is left to the hart.
 */
function operations(): FunctionBody[] {
  return [
    ...[undecoded(), pageEnd(), illegal(), breakpoint(), body(saveAndReturn)],
    ...INSTRUCTIONS.map((instruction) => body((code) => writeInstruction(code, instruction, 4))),
    ...COMPRESSIBLE.map((row) => body((code) => writeInstruction(code, INSTRUCTIONS[row]!, 2))),
  ];
}

function body(write: (code: Code) => void): FunctionBody {
  const code = new Code();
  write(code);
  return { signature: SignatureIndex.Step, locals: OWN_LOCALS, code, exportName: null };
}

/**
 * Runs from `state.pc`, whose page has its decoded instructions at the base that is given, while `state.left` is
 * positive.
 */
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

/** Returns to whoever has called `interpret`. */
function leave(): FunctionBody {
  return body(save);
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
    code
      .get(Local.Pc)
      .constant(PAGE_BYTES)
      .op(Op.I32Sub)
      .get(Local.Slot)
      .get(Local.Left)
      .get(Local.Extra)
      .get(Local.Pc);
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

/** What JavaScript knows a slot by: its place in `code.slots`. */
function pushSlotNumber(code: Code): void {
  code.get(Local.Slot).constant(Place.Slots).op(Op.I32Sub).constant(2).op(Op.I32ShrU);
}

/**
 * What an instruction does in threaded code: the function's body for a row of isa/instructions.ts, from the row's
 * meaning. It is what generate.ts says in JavaScript. Begin with `writeInstruction`.
 */
import type { InstructionLength } from "../isa/decode.ts";
import { INSTRUCTIONS, type Instruction } from "../isa/instructions.ts";
import type { Meaning, SystemOperation, Value, Width } from "../isa/meaning.ts";
import { Place } from "../linear-memory.ts";
import { PAGE_MASK } from "../state/pages.ts";
import { type Code, Op } from "../translate/encode.ts";
import { pushOperator } from "../translate/operators.ts";
import { DISCARD_REGISTER, SlotField } from "./code-cache.ts";
import { addressOf } from "./state-words.ts";
import {
  FunctionIndex,
  goOn,
  Import,
  Local,
  pushField,
  pushImmediate,
  restore,
  save,
  shiftFor,
} from "./threaded-frame.ts";
import { DATA_ENTRIES, DataEntry } from "./translation-cache.ts";

/** Which of `system` is meant, by its place here. */
export const SYSTEM_OPERATIONS: readonly SystemOperation[] = [
  ...new Set(INSTRUCTIONS.flatMap(({ meaning }) => (meaning.kind === "system" ? [meaning.operation] : []))),
];

/** Writes the function of an instruction, up to its end: the next one's is called there. */
export function writeInstruction(
  code: Code,
  { format, meaning, costCycles }: Instruction,
  lengthBytes: InstructionLength,
): void {
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

/** Pushes the address of a register that the instruction names. */
function pushRegister(code: Code, shift: number, mask: number): void {
  code
    .get(Local.Word)
    .constant(shift - 2)
    .op(Op.I32ShrU)
    .constant(mask << 2)
    .op(Op.I32And);
}

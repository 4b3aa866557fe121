/**
 * Access to control registers in translated code: what hart/csr.ts does for those of inlined-registers.ts.
 *
 * `Value` takes the operand, then the new value; `Slot` the old one. What the hart must do because of a write (another
 * address space, an interrupt) it does behind the instruction: `pushIsUnsettled` says whether there is anything. Begin
 * with `accessRegister`.
 */
import { CYCLES_PER_TICK } from "../board/memory-map.ts";
import { EventCost } from "../cost.ts";
import { WRITABLE_PENDING } from "../hart/state.ts";
import { addressOf, type StateWord } from "../hart/state-words.ts";
import { Csr, Interrupt, Mode, Status } from "../isa/registers.ts";
import type { BlockWriter } from "./blocks.ts";
import { pushExtra, pushLeft } from "./budget.ts";
import type { Step } from "./discover.ts";
import { type Code, Op } from "./encode.ts";
import type { Combination, InlinedRegister, RegisterAccess } from "./inlined-registers.ts";
import { Local } from "./locals.ts";
import { pushReady, setWord } from "./standing.ts";

/** Of mstatus: whose rights loads and stores have. */
const RIGHTS = Status.Mprv | Status.Sum | Status.Mxr;
const EXTERNAL = 1 << Interrupt.SupervisorExternal;
const SOFTWARE = 1 << Interrupt.SupervisorSoftware;
const NO_MODE = 2;

export function accessRegister(writer: BlockWriter, access: RegisterAccess, step: Step): void {
  const { code } = writer;
  const { register, combination, isImmediate, isWrite } = access;
  leaveUnlessPermitted(writer, access, step.pc);
  if (isWrite) {
    // The operand may be the register that is overwritten.
    if (isImmediate) code.constant(step.operands.rs1);
    else writer.pushRegister(step.operands.rs1);
    code.set(Local.Value);
  }
  pushRead(writer, register);
  code.set(Local.Slot);
  if (isWrite) {
    pushCombined(code, register, combination);
    code.set(Local.Value);
    write(writer, register);
  }
  code.get(Local.Slot);
  writer.setRegister(step.operands.rd);
}

/**
 * Pushes whether the hart must look around behind a write to a control register, where `Slot` still has what was there
 * before, or to the timer, for which `access` is null.
 */
export function pushIsUnsettled(code: Code, access: RegisterAccess | null): void {
  switch (access?.register.kind) {
    case "satp":
      // M-mode itself is not translated.
      code.loadWord(addressOf("mode")).constant(Mode.Machine).op(Op.I32Ne);
      break;
    case "status":
      code
        .loadWord(addressOf("mstatus"))
        .get(Local.Slot)
        .op(Op.I32Xor)
        .constant(RIGHTS & access.register.mask)
        .op(Op.I32And);
      code.loadWord(addressOf("mstatus")).constant(Status.Mprv).op(Op.I32And).op(Op.I32Or);
      pushReady(code);
      code.op(Op.I32Or);
      break;
    default:
      pushReady(code);
  }
}

function leaveUnlessPermitted(writer: BlockWriter, { register }: RegisterAccess, pc: number): void {
  const { code } = writer;
  const { kind, mode } = register;
  if (kind === "time" || (kind === "counter" && mode === Mode.User)) pushIsHidden(code, register);
  else code.loadWord(addressOf("mode")).constant(mode).op(Op.I32LtU);
  if (kind === "counter") code.loadWord(addressOf("countersStand")).op(Op.I32Or);
  if (kind === "satp") {
    // With MPRV, the address space may matter to M-mode.
    code
      .loadWord(addressOf("mstatus"))
      .constant(Status.Tvm | Status.Mprv)
      .op(Op.I32And)
      .op(Op.I32Or);
  }
  writer.leaveIf(pc);
}

/**
 * Pushes whether a counter is not shown to the present mode (sections 3.1.11 and 4.1.5); the interpreter knows better.
 */
function pushIsHidden(code: Code, register: InlinedRegister): void {
  const counter = register.kind === "time" ? Csr.time : countsCycles(register) ? Csr.cycle : Csr.instret;
  code.loadWord(addressOf("mode")).constant(Mode.Machine).op(Op.I32LtU);
  code.loadWord(addressOf("mcounteren"));
  code.loadWord(addressOf("scounteren")).constant(-1).loadWord(addressOf("mode")).op(Op.I32Eqz).op(Op.Select);
  code
    .op(Op.I32And)
    .constant(1 << (counter & 31))
    .op(Op.I32And)
    .op(Op.I32Eqz)
    .op(Op.I32And);
}

function countsCycles(register: InlinedRegister): boolean {
  return register.kind === "counter" && register.counts === "cycles";
}

function pushRead(writer: BlockWriter, register: InlinedRegister): void {
  const { code } = writer;
  switch (register.kind) {
    case "word":
    case "interrupts":
    case "vector":
      code.loadWord(addressOf(register.word));
      break;
    case "satp":
      code.loadWord(addressOf("satp"));
      break;
    case "constant":
      code.constant(register.value);
      break;
    case "status":
      code.loadWord(addressOf("mstatus"));
      if (register.mode !== Mode.Machine) code.constant(register.mask).op(Op.I32And);
      break;
    case "delegated":
      code.loadWord(addressOf("mie")).loadWord(addressOf("mideleg")).op(Op.I32And);
      break;
    case "pending":
      code.loadWord(addressOf("pendingBySoftware")).loadWord(addressOf("pendingByWire")).op(Op.I32Or);
      if (register.mode !== Mode.Machine) code.loadWord(addressOf("mideleg")).op(Op.I32And);
      break;
    case "counter":
      pushCounter(writer, register.counts, register.half);
      break;
    case "time":
      pushTime(writer, register.half);
      break;
  }
}

/** Pushes what an instruction makes of `Slot`, the old value, and `Value`, its operand. */
function pushCombined(code: Code, register: InlinedRegister, combination: Combination): void {
  if (combination === "replace") {
    code.get(Local.Value);
    return;
  }
  code.get(Local.Slot);
  if (register.kind === "pending" && register.mode === Mode.Machine) {
    // Of SEIP, only what software has set (section 3.1.9).
    code.constant(~EXTERNAL).op(Op.I32And);
    code.loadWord(addressOf("pendingBySoftware")).constant(EXTERNAL).op(Op.I32And).op(Op.I32Or);
  }
  code.get(Local.Value);
  if (combination === "set") code.op(Op.I32Or);
  else code.constant(-1).op(Op.I32Xor).op(Op.I32And);
}

/** Writes `Value`. */
function write(writer: BlockWriter, register: InlinedRegister): void {
  const { code } = writer;
  switch (register.kind) {
    case "word":
    case "interrupts":
      setWord(code, register.word, () => {
        code.get(Local.Value);
        if (register.writeMask !== -1) code.constant(register.writeMask).op(Op.I32And);
      });
      break;
    case "satp":
      setWord(code, "satp", () => code.get(Local.Value));
      writer.charge({ cycles: EventCost.addressSpace, instructions: 0 });
      break;
    case "vector":
      // Direct and vectored exist; a reserved mode leaves the register as it was.
      setWord(code, register.word, () => {
        code.get(Local.Slot).get(Local.Value).get(Local.Value).constant(2).op(Op.I32And).op(Op.Select);
      });
      break;
    case "status":
      writeStatus(code, register.mask, register.mode);
      break;
    case "delegated":
      mix(code, "mie", () => code.loadWord(addressOf("mideleg")));
      break;
    case "pending":
      mix(code, "pendingBySoftware", () => {
        if (register.mode === Mode.Machine) code.constant(WRITABLE_PENDING);
        else code.loadWord(addressOf("mideleg")).constant(SOFTWARE).op(Op.I32And);
      });
      break;
  }
}

/** mstatus keeps its MPP where the new one is no mode (section 3.1.6.1). */
function writeStatus(code: Code, mask: number, mode: Mode): void {
  mix(code, "mstatus", () => {
    code.constant(mask);
    if (mode !== Mode.Machine) return;
    code.constant(mask | Status.Mpp);
    code
      .get(Local.Value)
      .constant(Status.Mpp)
      .op(Op.I32And)
      .constant(NO_MODE << Status.MppShift)
      .op(Op.I32Eq);
    code.op(Op.Select);
  });
}

/** Writes those bits of `Value` to a word that are pushed as a mask. */
function mix(code: Code, word: StateWord, pushMask: () => void): void {
  setWord(code, word, () => {
    code.loadWord(addressOf(word)).get(Local.Value).loadWord(addressOf(word)).op(Op.I32Xor);
    pushMask();
    code.op(Op.I32And).op(Op.I32Xor);
  });
}

/** Pushes a counter: what it will be at the horizon, less what is left until then. */
function pushCounter(writer: BlockWriter, counts: "cycles" | "instructions", half: "low" | "high"): void {
  const { code } = writer;
  const { cycles, instructions } = writer.unpaid;
  pushLeft(code, Local.Budget);
  code.loadWord(addressOf("cyclesBeyondTimer")).op(Op.I32Add);
  if (counts === "cycles") code.constant(cycles).op(Op.I32Add);
  else {
    pushExtra(code, Local.Budget);
    code.op(Op.I32Add).constant(instructions).op(Op.I32Add);
  }
  code.set(Local.Slot);
  const [low, high] =
    counts === "cycles"
      ? (["cycleAtHorizon", "cycleHighAtHorizon"] as const)
      : (["instructionAtHorizon", "instructionHighAtHorizon"] as const);
  pushHalf(code, low, high, half);
}

/** The same for the timer: ticks that begin between now and then are not yet counted. */
function pushTime(writer: BlockWriter, half: "low" | "high"): void {
  const { code } = writer;
  pushLeft(code, Local.Budget);
  code.loadWord(addressOf("cyclesBeyondTimer")).op(Op.I32Add);
  code.constant(writer.unpaid.cycles + CYCLES_PER_TICK - 1).op(Op.I32Add);
  code.loadWord(addressOf("cyclesIntoTick")).op(Op.I32Sub).constant(CYCLES_PER_TICK).op(Op.I32DivU);
  code.set(Local.Slot);
  pushHalf(code, "timeAtHorizon", "timeHighAtHorizon", half);
}

/** Pushes one half of a double word, less `Slot`. */
function pushHalf(code: Code, low: StateWord, high: StateWord, half: "low" | "high"): void {
  if (half === "low") code.loadWord(addressOf(low)).get(Local.Slot).op(Op.I32Sub);
  else code.loadWord(addressOf(high)).loadWord(addressOf(low)).get(Local.Slot).op(Op.I32LtU).op(Op.I32Sub);
}

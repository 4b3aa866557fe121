/**
 * What the instructions of one block become, its end excepted (ends.ts).
 *
 * Every instruction is translated from its meaning in isa/instructions.ts. `done` counts what of the block was paid and
 * executed, so that an exit in the middle can give the rest back.
 */
import { CYCLES_PER_TICK } from "../board/memory-map.ts";
import { EventCost } from "../cost.ts";
import { addressOf, type StateWord } from "../hart/state-words.ts";
import { DataEntry } from "../hart/translation-cache.ts";
import type { Meaning, Value, Width } from "../isa/meaning.ts";
import { Csr, Mode, Status } from "../isa/registers.ts";
import { type Cost, NO_COST, pushExtra, pushLeft, sum, units } from "./budget.ts";
import type { Step } from "./discover.ts";
import { type Code, Op, Type } from "./encode.ts";
import { Departure, type Exits, writeBack } from "./exits.ts";
import { type InlinedRegister, type RegisterAccess, registerAccess } from "./inlined-registers.ts";
import type { PageUse } from "./kept-pages.ts";
import type { Labels } from "./labels.ts";
import { Local, type Locals } from "./locals.ts";
import { keepPage, load, pushIsElsewhere, pushIsMiss, pushKeptPlace, pushPlace, store } from "./memory-access.ts";
import { pushOperator } from "./operators.ts";
import { Need, Refilled } from "./refill.ts";
import { writtenBy } from "./registers.ts";
import { loadReserved, storeConditional } from "./reservation.ts";
import { Import } from "./runtime.ts";

/** What a misaligned access costs besides. */
const MISALIGNED: Cost = { cycles: EventCost.misaligned, instructions: 0 };

/** The timer's bit in mcounteren and scounteren. */
const TIME_ENABLE = 1 << (Csr.time & 31);

type MeaningOf<Kind extends Meaning["kind"]> = Extract<Meaning, { readonly kind: Kind }>;

export class BlockWriter {
  readonly #code: Code;
  readonly #labels: Labels;
  readonly #exits: Exits;
  readonly #locals: Locals;
  /** Registers that differ from memory now. */
  dirty = 0;
  /** What was paid at the block's beginning, and not executed yet. */
  unpaid: Cost = NO_COST;
  readonly #pageUses: ReadonlyMap<Step, PageUse>;

  readonly #refills: boolean;
  #writesThrough = false;

  constructor(
    code: Code,
    labels: Labels,
    exits: Exits,
    locals: Locals,
    pageUses: ReadonlyMap<Step, PageUse>,
    refills: boolean,
  ) {
    this.#code = code;
    this.#labels = labels;
    this.#exits = exits;
    this.#locals = locals;
    this.#pageUses = pageUses;
    this.#refills = refills;
  }

  /** Begins a block: pays for all of it, or leaves. */
  begin(pc: number, cost: Cost, dirty: number, writesThrough: boolean): void {
    this.dirty = dirty;
    this.#writesThrough = writesThrough;
    this.settle();
    this.unpaid = cost;
    if (cost.cycles === 0) return;
    this.#code.get(Local.Budget).longConstant(units(cost)).op(Op.I64Sub).tee(Local.Budget);
    this.#code.longConstant(0).op(Op.I64LtS);
    this.leaveIf(pc);
  }

  /** Where the block writes through: does so with what is dirty, because it may be left now, or it ends. */
  settle(): void {
    if (!this.#writesThrough) return;
    writeBack(this.#code, this.#locals, this.dirty);
    this.dirty = 0;
  }

  /** Leaves, to the interpreter if nothing else is said, if the word on the stack is not zero. */
  leaveIf(pc: number | null, kind = Departure.Interpreter): void {
    const label = this.#exits.label(kind, this.dirty, pc, this.unpaid);
    this.#code.indexed(Op.BrIf, this.#labels.depthOfExit(label));
  }

  /** Leaves for good. `pc` is null where `Local.Pc` is set. */
  leave(kind: Departure, pc: number | null): void {
    this.#code.indexed(Op.Br, this.#labels.depthOfExit(this.#exits.label(kind, this.dirty, pc, this.unpaid)));
  }

  /** An instruction that goes on to the next. */
  step(step: Step): void {
    if (mayLeave(step)) this.settle();
    this.#execute(step);
    this.complete(step);
    if (isCharged(step)) {
      // Time has passed that was not paid: the rest of the block may begin too late.
      this.#code.get(Local.Budget).longConstant(0).op(Op.I64LtS);
      this.leaveIf(step.pc + step.lengthBytes);
    }
  }

  /** The instruction has been executed. */
  complete(step: Step): void {
    this.dirty |= writtenBy(step);
    const { cycles, instructions } = this.unpaid;
    this.unpaid = { cycles: cycles - step.row.costCycles, instructions: instructions - 1 };
  }

  push(value: Value, step: Step): void {
    const { operands, pc } = step;
    switch (value.kind) {
      case "rs1":
        this.pushRegister(operands.rs1);
        break;
      case "rs2":
        this.pushRegister(operands.rs2);
        break;
      case "immediate":
        this.#code.constant(operands.immediate);
        break;
      case "pc":
        this.#code.constant(pc);
        break;
      case "memory":
        this.#code.get(Local.Value);
        break;
      case "constant":
        this.#code.constant(value.value);
        break;
      case "binary":
        pushOperator(
          this.#code,
          value.operator,
          () => this.push(value.left, step),
          () => this.push(value.right, step),
        );
    }
  }

  pushRegister(register: number): void {
    if (register === 0) this.#code.constant(0);
    else this.#code.get(this.#locals.of(register));
  }

  /** Takes the word on the stack into a register. */
  setRegister(register: number): void {
    if (register === 0) this.#code.op(Op.Drop);
    else this.#code.set(this.#locals.of(register));
  }

  /** The return address of a jump that links. */
  link(step: Step): void {
    if (step.operands.rd === 0) return;
    this.#code.constant(step.pc + step.lengthBytes);
    this.setRegister(step.operands.rd);
  }

  #execute(step: Step): void {
    const { meaning } = step.row;
    switch (meaning.kind) {
      case "nothing":
        break;
      case "set":
        if (step.operands.rd === 0) break;
        this.push(meaning.value, step);
        this.setRegister(step.operands.rd);
        break;
      case "load":
        this.#load(meaning, step);
        break;
      case "store":
        this.#store(meaning, step);
        break;
      case "atomic":
        this.#atomic(meaning, step);
        break;
      case "jump":
        this.link(step);
        break;
      case "system":
        this.#system(meaning, step);
        break;
      case "branch":
        break;
    }
  }

  #load({ address, width, signed }: MeaningOf<"load">, step: Step): void {
    this.#pushPlaceOf(address, width, false, step);
    load(this.#code, width, signed);
    this.setRegister(step.operands.rd);
  }

  #store({ address, width, value }: MeaningOf<"store">, step: Step): void {
    this.#pushPlaceOf(address, width, true, step);
    this.push(value, step);
    store(this.#code, width);
  }

  /** Pushes where in RAM an access goes, or leaves. */
  #pushPlaceOf(address: Value, width: Width, isStore: boolean, step: Step): void {
    const code = this.#code;
    const use = this.#pageUses.get(step);
    const lookUp = () => {
      pushIsMiss(code, width, isStore ? DataEntry.WriteTag : DataEntry.ReadTag);
      this.#leaveIfMissing(width, isStore ? Need.Store : 0, step.pc);
    };
    this.push(address, step);
    code.set(Local.Address);
    if (use === undefined) {
      lookUp();
      pushPlace(code);
      return;
    }
    if (use.mayBeKept) {
      pushIsElsewhere(code, this.#locals, width, use.slot);
      this.#labels.openPlain(Op.If, use.isKept ? Type.None : Type.I32);
    }
    lookUp();
    if (use.isKept) {
      keepPage(code, this.#locals, use.slot);
      if (use.mayBeKept) this.#labels.close();
      pushKeptPlace(code, this.#locals, use.slot);
    } else {
      pushPlace(code);
      if (!use.mayBeKept) return;
      code.op(Op.Else);
      pushKeptPlace(code, this.#locals, use.slot);
      this.#labels.close();
    }
  }

  /**
   * Leaves if the word on the stack is not zero: there is no entry for `Address`, or it is not aligned. Where that
   * happens often, tries to make one first; elsewhere the call would cost more than it saves, as registers live across it.
   */
  #leaveIfMissing(width: Width, need: number, pc: number): void {
    if (!this.#refills) {
      this.leaveIf(pc);
      return;
    }
    this.#labels.openPlain(Op.If);
    this.#code.get(Local.Address).constant(((width - 1) << Need.AlignmentShift) | need);
    this.#code.indexed(Op.Call, Import.Refill).tee(Local.Value).op(Op.I32Eqz);
    this.leaveIf(pc);
    if (width > 1 && (need & Need.Alignment) === 0) this.#payIfMisaligned(pc);
    this.#labels.close();
  }

  /** Leaves where the rest of the block, which is paid already, would begin too late. */
  #payIfMisaligned(pc: number): void {
    this.#code.get(Local.Value).constant(Refilled.Misaligned).op(Op.I32Eq);
    this.#labels.openPlain(Op.If);
    this.#charge(MISALIGNED);
    this.#code.get(Local.Budget).longConstant(0).op(Op.I64LtS);
    const label = this.#exits.label(Departure.Interpreter, this.dirty, pc, sum(this.unpaid, MISALIGNED));
    this.#code.indexed(Op.BrIf, this.#labels.depthOfExit(label));
    this.#labels.close();
  }

  #atomic({ value }: MeaningOf<"atomic">, step: Step): void {
    this.pushRegister(step.operands.rs1);
    this.#code.set(Local.Address);
    pushIsMiss(this.#code, 4, DataEntry.WriteTag);
    this.#leaveIfMissing(4, Need.Store | Need.Alignment, step.pc);
    pushPlace(this.#code);
    this.#code.tee(Local.Slot);
    load(this.#code, 4, true);
    this.#code.set(Local.Value).get(Local.Slot);
    this.push(value, step);
    store(this.#code, 4);
    this.#code.get(Local.Value);
    this.setRegister(step.operands.rd);
  }

  #reservation(operation: "loadReserved" | "storeConditional", step: Step): void {
    const { rd, rs1, rs2 } = step.operands;
    const isStore = operation === "storeConditional";
    this.pushRegister(rs1);
    this.#code.set(Local.Address);
    pushIsMiss(this.#code, 4, isStore ? DataEntry.WriteTag : DataEntry.ReadTag);
    this.#leaveIfMissing(4, Need.Alignment | (isStore ? Need.Store : 0), step.pc);
    if (isStore) storeConditional(this.#code, () => this.pushRegister(rs2));
    else loadReserved(this.#code);
    this.setRegister(rd);
  }

  /** Fences have nothing to do: neither translations nor translated code are ever stale. */
  #system({ operation }: MeaningOf<"system">, step: Step): void {
    const access = registerAccess(operation, step.word);
    if (access !== null) this.#accessRegister(access, step);
    else if (operation === "loadReserved" || operation === "storeConditional") this.#reservation(operation, step);
    else if (operation === "fenceTranslation") {
      this.#code.loadWord(addressOf("mode")).constant(Mode.Supervisor).op(Op.I32LtU);
      this.#orWord("mstatus", Status.Tvm);
      this.leaveIf(step.pc);
    }
  }

  // Control registers

  #accessRegister({ register, combination, isImmediate, isWrite }: RegisterAccess, step: Step): void {
    const code = this.#code;
    this.#leaveUnlessPermitted(register, step.pc);
    if (isWrite) {
      // The operand may be the register that is overwritten.
      if (isImmediate) code.constant(step.operands.rs1);
      else this.pushRegister(step.operands.rs1);
      code.set(Local.Value);
    }
    this.#pushControlRegister(register);
    code.set(Local.Slot);
    if (isWrite) {
      const word = register.kind === "word" ? register.word : "satp";
      code.constant(0);
      if (combination !== "replace") code.get(Local.Slot);
      code.get(Local.Value);
      if (combination === "set") code.op(Op.I32Or);
      if (combination === "clear") code.constant(-1).op(Op.I32Xor).op(Op.I32And);
      if (register.kind === "word") code.constant(register.writeMask).op(Op.I32And);
      code.memory(Op.I32Store, addressOf(word));
      if (register.kind === "satp") this.#charge({ cycles: EventCost.addressSpace, instructions: 0 });
    }
    code.get(Local.Slot);
    this.setRegister(step.operands.rd);
  }

  #leaveUnlessPermitted(register: InlinedRegister, pc: number): void {
    const code = this.#code;
    code.loadWord(addressOf("mode"));
    code.constant(register.kind === "word" ? register.mode : Mode.Machine).op(Op.I32LtU);
    if (register.kind === "satp") this.#orWord("mstatus", Status.Mprv);
    if (register.kind === "counter") code.loadWord(addressOf("countersStand")).op(Op.I32Or);
    if (register.kind === "time") {
      // Where only S-mode may read it, the interpreter does.
      code.loadWord(addressOf("mcounteren")).loadWord(addressOf("scounteren")).op(Op.I32And);
      code.constant(TIME_ENABLE).op(Op.I32And).op(Op.I32Eqz).op(Op.I32And);
    }
    this.leaveIf(pc);
  }

  #orWord(word: StateWord, mask: number): void {
    this.#code.loadWord(addressOf(word)).constant(mask).op(Op.I32And).op(Op.I32Or);
  }

  /** What the counters show is what they will show when the budget is used up, less what is left of it. */
  #pushControlRegister(register: InlinedRegister): void {
    const code = this.#code;
    if (register.kind === "word") code.loadWord(addressOf(register.word));
    else if (register.kind === "satp") code.loadWord(addressOf("satp"));
    else if (register.kind === "time") this.#pushTime(register.half);
    else {
      const { cycles, instructions } = this.unpaid;
      code.loadWord(addressOf(register.counts === "cycles" ? "cycleAtHorizon" : "instructionAtHorizon"));
      pushLeft(code, Local.Budget);
      code.op(Op.I32Sub);
      if (register.counts === "instructions") {
        pushExtra(code, Local.Budget);
        code.op(Op.I32Sub).constant(instructions).op(Op.I32Sub);
      } else code.constant(cycles).op(Op.I32Sub);
    }
  }

  /** The same for the timer: ticks that begin between now and then are not yet counted. */
  #pushTime(half: "low" | "high"): void {
    const code = this.#code;
    pushLeft(code, Local.Budget);
    code.constant(this.unpaid.cycles + CYCLES_PER_TICK - 1).op(Op.I32Add);
    code.loadWord(addressOf("cyclesIntoTick")).op(Op.I32Sub).constant(CYCLES_PER_TICK).op(Op.I32DivU);
    code.set(Local.Slot);
    if (half === "low") code.loadWord(addressOf("timeAtHorizon")).get(Local.Slot).op(Op.I32Sub);
    else {
      code.loadWord(addressOf("timeHighAtHorizon"));
      code.loadWord(addressOf("timeAtHorizon")).get(Local.Slot).op(Op.I32LtU).op(Op.I32Sub);
    }
  }

  #charge(cost: Cost): void {
    this.#code.get(Local.Budget).longConstant(units(cost)).op(Op.I64Sub).set(Local.Budget);
  }
}

/** Whether a block may be left at an instruction in its midst. */
function mayLeave({ row: { meaning } }: Step): boolean {
  return meaning.kind !== "set" && meaning.kind !== "nothing" && meaning.kind !== "jump";
}

/** Whether an instruction costs more than its class: the address space was set. */
function isCharged({ row, word }: Step): boolean {
  if (row.meaning.kind !== "system") return false;
  const access = registerAccess(row.meaning.operation, word);
  return access?.register.kind === "satp" && access.isWrite;
}

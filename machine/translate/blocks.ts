/**
 * What the instructions of one block become, its end excepted (ends.ts). Where in RAM their accesses go, place-writer.ts
 * says.
 *
 * Every instruction is translated from its meaning in isa/instructions.ts. `done` counts what of the block was paid and
 * executed, so that an exit in the middle can give the rest back.
 */
import { addressOf } from "../hart/state-words.ts";
import { kindOfLoad } from "../hart/steady-reads.ts";
import { DataEntry } from "../hart/translation-cache.ts";
import type { Meaning, Value, Width } from "../isa/meaning.ts";
import { Mode, Status } from "../isa/registers.ts";
import { type Cost, NO_COST, units } from "./budget.ts";
import type { Step } from "./discover.ts";
import { type Code, Op } from "./encode.ts";
import type { Surroundings } from "./ends.ts";
import { Departure, type Exits, writeBack } from "./exits.ts";
import { accessOf, mayUnsettle, registerAccess } from "./inlined-registers.ts";
import type { Labels } from "./labels.ts";
import { Local, type Locals } from "./locals.ts";
import { load, pushIsMiss, pushPlace, store } from "./memory-access.ts";
import { pushOperator } from "./operators.ts";
import { PlaceWriter } from "./place-writer.ts";
import type { Plan } from "./plan.ts";
import { Need } from "./refill.ts";
import { accessRegister, pushIsUnsettled } from "./register-access.ts";
import { writtenBy } from "./registers.ts";
import { loadReserved, pushIsNotReserved, storeConditional } from "./reservation.ts";
import { Import } from "./runtime.ts";

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
  readonly #plan: Plan;
  readonly #places: PlaceWriter;
  #writesThrough = false;

  constructor(code: Code, labels: Labels, exits: Exits, plan: Plan, surroundings: Surroundings) {
    this.#code = code;
    this.#labels = labels;
    this.#exits = exits;
    this.#plan = plan;
    this.#locals = plan.locals;
    this.#places = new PlaceWriter(this, labels, plan, surroundings);
  }

  get code(): Code {
    return this.#code;
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

  /**
   * Leaves, to the interpreter if nothing else is said, if the word on the stack is not zero. `unpaid` is what the
   * budget gets back.
   */
  leaveIf(pc: number | null, kind = Departure.Interpreter, unpaid = this.unpaid): void {
    const label = this.#exits.label(kind, this.dirty, pc, unpaid);
    this.#code.indexed(Op.BrIf, this.#labels.depthOfExit(label));
  }

  /** Leaves for good. `pc` is null where `Local.Pc` is set. */
  leave(kind: Departure, pc: number | null): void {
    this.#code.indexed(Op.Br, this.#labels.depthOfExit(this.#exits.label(kind, this.dirty, pc, this.unpaid)));
  }

  /** An instruction that goes on to the next. */
  step(step: Step): void {
    if (this.#mayLeave(step)) this.settle();
    this.#execute(step);
    this.complete(step);
    const next = step.pc + step.lengthBytes;
    if (mayUnsettle(step)) {
      pushIsUnsettled(this.#code, accessOf(step));
      this.leaveIf(next, Departure.Settle);
    }
    if (isCharged(step)) {
      // Time has passed that was not paid: the rest of the block may begin too late.
      this.#code.get(Local.Budget).longConstant(0).op(Op.I64LtS);
      this.leaveIf(next);
    }
  }

  /** Whether the block may be left at an instruction in its midst. */
  #mayLeave(step: Step): boolean {
    const { kind } = step.row.meaning;
    if (kind === "set" || kind === "nothing" || kind === "jump") return false;
    const group = this.#plan.groups.get(step)?.group;
    return group === undefined || group.leader === step;
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
    if (step.reachesDevice) {
      this.push(address, step);
      this.#code.set(Local.Address);
      this.#code.constant(kindOfLoad(width, signed)).set(Local.Value);
      this.#orDevice(Import.DeviceLoad, width, step.pc, () => {
        pushPlace(this.#code);
        load(this.#code, width, signed);
        this.#code.set(Local.Value);
      });
      this.#code.get(Local.Value);
      this.setRegister(step.operands.rd);
      return;
    }
    load(this.#code, width, signed, this.#places.push(width, false, step));
    this.setRegister(step.operands.rd);
  }

  #store({ address, width, value }: MeaningOf<"store">, step: Step): void {
    if (step.reachesDevice) {
      this.push(address, step);
      this.#code.set(Local.Address);
      this.push(value, step);
      this.#code.set(Local.Value);
      this.#orDevice(Import.TimerStore, width, step.pc, () => {
        pushPlace(this.#code);
        this.#code.get(Local.Value);
        store(this.#code, width);
      });
      return;
    }
    const offset = this.#places.push(width, true, step);
    this.push(value, step);
    store(this.#code, width, offset);
  }

  /**
   * An access at `Address` that has been seen to reach a device: if there is no RAM, that is asked; what it answers to
   * a load goes to `Value`. The whole block is paid, but what comes behind the access has not begun.
   */
  #orDevice(ask: Import.DeviceLoad | Import.TimerStore, width: Width, pc: number, access: () => void): void {
    const code = this.#code;
    const unpaid = units(this.unpaid);
    pushIsMiss(code, width, ask === Import.DeviceLoad ? DataEntry.ReadTag : DataEntry.WriteTag);
    this.#labels.openPlain(Op.If);
    code.get(Local.Address).get(Local.Budget).longConstant(unpaid).op(Op.I64Add).get(Local.Value);
    code.indexed(Op.Call, ask).longConstant(unpaid).op(Op.I64Sub).set(Local.Budget).op(Op.I32Eqz);
    this.leaveIf(pc);
    if (ask === Import.DeviceLoad) code.loadWord(addressOf("deviceValue")).set(Local.Value);
    code.op(Op.Else);
    access();
    this.#labels.close();
  }

  #atomic({ value }: MeaningOf<"atomic">, step: Step): void {
    this.pushRegister(step.operands.rs1);
    this.#code.set(Local.Address);
    pushIsMiss(this.#code, 4, DataEntry.WriteTag);
    this.#places.leaveIfMissing(4, Need.Store | Need.Alignment, step.pc);
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
    if (isStore && this.#places.refills) {
      // Without a reservation nothing is accessed: to refill would mark the page's entry.
      this.#code.tee(Local.Value);
      pushIsNotReserved(this.#code);
      this.#code.op(Op.I32And);
      this.leaveIf(step.pc);
      this.#code.get(Local.Value);
    }
    this.#places.leaveIfMissing(4, Need.Alignment | (isStore ? Need.Store : 0), step.pc);
    if (isStore) storeConditional(this.#code, () => this.pushRegister(rs2));
    else loadReserved(this.#code);
    this.setRegister(rd);
  }

  /** Fences have nothing to do: neither translations nor translated code are ever stale. */
  #system({ operation }: MeaningOf<"system">, step: Step): void {
    const access = registerAccess(operation, step.word);
    if (access !== null) accessRegister(this, access, step);
    else if (operation === "loadReserved" || operation === "storeConditional") this.#reservation(operation, step);
    else if (operation === "fenceTranslation") {
      this.#code.loadWord(addressOf("mode")).constant(Mode.Supervisor).op(Op.I32LtU);
      this.#code.loadWord(addressOf("mstatus")).constant(Status.Tvm).op(Op.I32And).op(Op.I32Or);
      this.leaveIf(step.pc);
    }
  }

  /** Time that passes besides. */
  charge(cost: Cost): void {
    this.#code.get(Local.Budget).longConstant(units(cost)).op(Op.I64Sub).set(Local.Budget);
  }
}

/** Whether an instruction may take longer than its class says: the address space is set, or a device accessed. */
function isCharged(step: Step): boolean {
  return step.reachesDevice || (mayUnsettle(step) && accessOf(step)?.register.kind === "satp");
}

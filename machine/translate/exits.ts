/**
 * The ways out of a region's function, behind its body.
 *
 * A stub is one place where the body may be left: it says where the hart stands, and gives the budget back what was
 * paid but not executed. A departure writes dirty registers back and goes; stubs with the same registers and the same
 * kind share it. All are labels around the body: stubs inside, departures outside.
 */
import { Place } from "../linear-memory.ts";
import { type Cost, units } from "./budget.ts";
import { type Code, Op } from "./encode.ts";
import { Local, type Locals } from "./locals.ts";
import { forEachRegister } from "./registers.ts";
import { Import } from "./runtime.ts";

/** Where a departure leads. */
export const enum Departure {
  /** To the interpreter, at Pc. */
  Interpreter,
  /** To whatever is translated at Pc, as a call whose result is ours. */
  Elsewhere,
  /** To whoever called, who compares Pc with where it expects us. */
  Caller,
  /** Into the handler of `ecall`, which stands at Pc. */
  Trap,
  /** `mret`, which stands at Pc; or `sret`. */
  MachineReturn,
  SupervisorReturn,
  /** Behind an instruction that has changed what the hart may run on. */
  Settle,
  /** `wfi`, which stands at Pc. */
  Wait,
}

interface Stub {
  /** Null where `Local.Pc` is set already. */
  readonly pc: number | null;
  readonly unpaid: Cost;
  readonly departure: number;
}

export class Exits {
  readonly #stubs: Stub[] = [];
  readonly #stubByKey = new Map<string, number>();
  readonly #departures: { readonly kind: Departure; readonly dirty: number }[] = [];

  /** The label of an exit, counted from where the body begins. */
  label(kind: Departure, dirty: number, pc: number | null, unpaid: Cost): number {
    const departure = this.#departureIndex(kind, dirty);
    const key = `${pc} ${unpaid.cycles} ${departure}`;
    const known = this.#stubByKey.get(key);
    if (known !== undefined) return known;
    this.#stubByKey.set(key, this.#stubs.length);
    return this.#stubs.push({ pc, unpaid, departure }) - 1;
  }

  /** Opens the labels of all exits. */
  open(code: Code): void {
    for (let label = this.#departures.length + this.#stubs.length; label > 0; label--) code.block(Op.Block);
  }

  /** Closes them again, each followed by what it does. */
  close(code: Code, locals: Locals): void {
    this.#stubs.forEach(({ pc, unpaid, departure }, index) => {
      code.op(Op.End);
      if (pc !== null) code.constant(pc).set(Local.Pc);
      if (unpaid.cycles > 0) code.get(Local.Budget).longConstant(units(unpaid)).op(Op.I64Add).set(Local.Budget);
      code.indexed(Op.Br, this.#stubs.length - 1 - index + departure);
    });
    for (const { kind, dirty } of this.#departures) {
      code.op(Op.End);
      writeBack(code, locals, dirty);
      depart(code, kind);
    }
    code.op(Op.Unreachable);
  }

  #departureIndex(kind: Departure, dirty: number): number {
    const known = this.#departures.findIndex((other) => other.kind === kind && other.dirty === dirty);
    return known >= 0 ? known : this.#departures.push({ kind, dirty }) - 1;
  }
}

/** Writes registers to memory. */
export function writeBack(code: Code, locals: Locals, registers: number): void {
  forEachRegister(registers, (register) => {
    code
      .constant(0)
      .get(locals.of(register))
      .memory(Op.I32Store, Place.Registers + 4 * register);
  });
}

/** Reads registers from memory. */
export function readBack(code: Code, locals: Locals, registers: number): void {
  forEachRegister(registers, (register) => {
    code.loadWord(Place.Registers + 4 * register).set(locals.of(register));
  });
}

function depart(code: Code, kind: Departure): void {
  code.get(Local.Pc);
  switch (kind) {
    case Departure.Interpreter:
      code.constant(1).op(Op.I32Or).get(Local.Budget).op(Op.Return);
      break;
    case Departure.Caller:
      code.get(Local.Budget).op(Op.Return);
      break;
    case Departure.Elsewhere:
      code.get(Local.Budget).get(Local.Depth).indexed(Op.ReturnCall, Import.Dispatch);
      break;
    case Departure.Trap:
      departInto(code, Import.EnvironmentCall);
      break;
    case Departure.MachineReturn:
      departInto(code, Import.MachineReturn);
      break;
    case Departure.SupervisorReturn:
      departInto(code, Import.SupervisorReturn);
      break;
    case Departure.Settle:
      departInto(code, Import.Settle);
      break;
    case Departure.Wait:
      departInto(code, Import.Wait);
      break;
  }
}

function departInto(code: Code, target: Import): void {
  code.get(Local.Budget).get(Local.Depth).indexed(Op.Call, target).op(Op.Return);
}

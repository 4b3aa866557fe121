/**
 * From mode to mode without leaving WebAssembly: `ecall`, `mret`, `sret`, and interrupts.
 *
 * They do what hart/state.ts's `trap`, hart/system.ts's `machineReturn` and `supervisorReturn`, and hart/hart.ts's
 * `#pendingInterrupt` do. What is illegal in the hart's mode stays where it is, for the interpreter.
 */
import { EventCost, InstructionCost } from "../cost.ts";
import { NO_RESERVATION } from "../hart/state.ts";
import { addressOf, ContextChange, type StateWord } from "../hart/state-words.ts";
import { Cause, INTERRUPT_CAUSE, INTERRUPTS_BY_PRIORITY, Mode, Status } from "../isa/registers.ts";
import { pushLeft } from "./budget.ts";
import { type Code, type FunctionBody, Op, Type } from "./encode.ts";
import {
  body,
  FunctionIndex,
  goOn,
  Parameter,
  pay,
  pushReady,
  SignatureIndex,
  setWord,
  standIf,
  stay,
  stayIfTimeIsUp,
} from "./standing.ts";

const TRAP = { cycles: EventCost.trap, instructions: 0 };
const RETURN = { cycles: InstructionCost.trapReturn, instructions: 1 };

/** `ecall` at an address. */
export function environmentCall(): FunctionBody {
  const status = Parameter.First;
  const cause = status + 1;
  return body("environmentCall", SignatureIndex.Region, [Type.I32, Type.I32], (code) => {
    stayIfTimeIsUp(code);
    pay(code, TRAP);
    code.loadWord(addressOf("mstatus")).set(status);
    code.constant(Cause.CallFromUser).loadWord(addressOf("mode")).op(Op.I32Add).set(cause);
    code.loadWord(addressOf("mode")).constant(Mode.Machine).op(Op.I32Ne);
    code.loadWord(addressOf("medeleg")).get(cause).op(Op.I32ShrU).op(Op.I32And).block(Op.If);
    enterSupervisor(code, status, () => code.get(cause));
    code.op(Op.Else);
    enterMachine(code, status, () => code.get(cause));
    code.op(Op.End);
    // For exceptions the base counts, even in vectored mode.
    code.get(Parameter.Pc).constant(~3).op(Op.I32And).set(Parameter.Pc);
    goOn(code);
  });
}

/**
 * The hart stands before an instruction, and interrupts may be due: takes the first of them (Privileged Specification,
 * section 3.1.9). Where one was taken, `contextChanged` says so; no bit 0 comes back.
 */
export function interrupt(): FunctionBody {
  const status = Parameter.First;
  const mode = status + 1;
  const due = mode + 1;
  return body(null, SignatureIndex.Region, [Type.I32, Type.I32, Type.I32], (code) => {
    pushLeft(code, Parameter.Budget);
    code.constant(0).op(Op.I32LeS);
    standIf(code);
    code.loadWord(addressOf("mstatus")).set(status).loadWord(addressOf("mode")).set(mode);
    // M-mode's go first, which are off only in M-mode itself.
    pushReady(code);
    code.loadWord(addressOf("mideleg")).constant(-1).op(Op.I32Xor).op(Op.I32And).constant(0);
    code.get(mode).constant(Mode.Machine).op(Op.I32Ne);
    code.get(status).constant(Status.Mie).op(Op.I32And).op(Op.I32Or).op(Op.Select);
    code.tee(due).block(Op.If);
    takeFirst(code, due);
    enterMachine(code, status, () => code.get(due).constant(INTERRUPT_CAUSE).op(Op.I32Or));
    code.op(Op.Else);
    // S-mode's are on in U-mode, whose number is 0, and off in M-mode.
    code.get(mode).constant(Mode.Supervisor).constant(Mode.User);
    code.get(status).constant(Status.Sie).op(Op.I32And).op(Op.Select).op(Op.I32GtU);
    standIf(code);
    pushReady(code);
    code.loadWord(addressOf("mideleg")).op(Op.I32And).tee(due).op(Op.I32Eqz);
    standIf(code);
    takeFirst(code, due);
    enterSupervisor(code, status, () => code.get(due).constant(INTERRUPT_CAUSE).op(Op.I32Or));
    code.op(Op.End);
    pay(code, TRAP);
    // In vectored mode, one word for each cause (section 3.1.7).
    code.get(Parameter.Pc).constant(1).op(Op.I32And).get(due).op(Op.I32Mul).constant(2).op(Op.I32Shl);
    code.get(Parameter.Pc).constant(~3).op(Op.I32And).op(Op.I32Add).set(Parameter.Pc);
    setWord(code, "contextChanged", () => code.indexed(Op.Call, FunctionIndex.SelectContext));
    code.get(Parameter.Pc).get(Parameter.Budget);
  });
}

/** From a set of interrupts to the number of the one that has priority. */
function takeFirst(code: Code, due: number): void {
  const [last, ...others] = [...INTERRUPTS_BY_PRIORITY].reverse();
  code.constant(last!);
  for (const number of others) {
    code.constant(number);
    code
      .get(due)
      .constant(1 << number)
      .op(Op.I32And)
      .op(Op.I32Eqz)
      .op(Op.Select);
  }
  code.set(due);
}

/** What a trap leaves in M-mode's registers, and M-mode's vector in `Pc`. `status` holds mstatus. */
function enterMachine(code: Code, status: number, pushCause: () => void): void {
  setWord(code, "mepc", () => code.get(Parameter.Pc));
  setWord(code, "mcause", pushCause);
  setWord(code, "mtval", () => code.constant(0));
  setWord(code, "mstatus", () => {
    pushWithout(code, status, Status.Mie | Status.Mpie | Status.Mpp);
    pushMoved(code, status, Status.Mie, Status.Mpie);
    code.op(Op.I32Or).loadWord(addressOf("mode")).constant(Status.MppShift).op(Op.I32Shl).op(Op.I32Or);
  });
  setWord(code, "mode", () => code.constant(Mode.Machine));
  code.loadWord(addressOf("mtvec")).set(Parameter.Pc);
}

/** The same for S-mode. */
function enterSupervisor(code: Code, status: number, pushCause: () => void): void {
  setWord(code, "sepc", () => code.get(Parameter.Pc));
  setWord(code, "scause", pushCause);
  setWord(code, "stval", () => code.constant(0));
  setWord(code, "mstatus", () => {
    pushWithout(code, status, Status.Sie | Status.Spie | Status.Spp);
    pushMoved(code, status, Status.Sie, Status.Spie);
    code.op(Op.I32Or).loadWord(addressOf("mode")).constant(Math.log2(Status.Spp)).op(Op.I32Shl).op(Op.I32Or);
  });
  setWord(code, "mode", () => code.constant(Mode.Supervisor));
  code.loadWord(addressOf("stvec")).set(Parameter.Pc);
}

/** `mret` at an address. */
export function machineReturn(): FunctionBody {
  const status = Parameter.First;
  const mode = status + 1;
  return body("machineReturn", SignatureIndex.Region, [Type.I32, Type.I32], (code) => {
    stayIfTimeIsUp(code);
    code.loadWord(addressOf("mode")).constant(Mode.Machine).op(Op.I32Ne).block(Op.If);
    stay(code);
    code.op(Op.End);
    pay(code, RETURN);
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
export function supervisorReturn(): FunctionBody {
  const status = Parameter.First;
  return body("supervisorReturn", SignatureIndex.Region, [Type.I32], (code) => {
    stayIfTimeIsUp(code);
    code.loadWord(addressOf("mstatus")).set(status);
    code.loadWord(addressOf("mode")).constant(Mode.Supervisor).op(Op.I32LtU);
    code.get(status).constant(Status.Tsr).op(Op.I32And).op(Op.I32Or).block(Op.If);
    stay(code);
    code.op(Op.End);
    pay(code, RETURN);
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

/** The end of both, in the mode to which they return: an interrupt may be due there. */
function returnTo(code: Code, pc: StateWord): void {
  setWord(code, "reservedOffset", () => code.constant(NO_RESERVATION));
  code.loadWord(addressOf(pc)).set(Parameter.Pc);
  goOn(code);
  code.loadWord(addressOf("contextChanged")).constant(ContextChange.Known).op(Op.I32Eq).block(Op.If);
  setWord(code, "contextChanged", () => code.constant(ContextChange.Returned));
  code.op(Op.End);
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

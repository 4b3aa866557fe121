/**
 * The core-local interruptor in translated code: its registers are words of the linear memory, so loads and stores
 * there do what device/clint.ts does, the timer rings, and `wfi` waits for it. Loads from other devices get what they
 * got before, as long as that is known to be the same.
 *
 * The hart runs towards a horizon, at which something else is due, or the host wants to look. Where the timer rings
 * before, the budget reaches only so far, and the rest of the cycles is in `cyclesBeyondTimer`. Begin with `ringIfDue`.
 */
import { Clint } from "../board/clint.ts";
import { CYCLES_PER_TICK } from "../board/memory-map.ts";
import { EventCost, InstructionCost } from "../cost.ts";
import { addressOf, addressOfPair } from "../hart/state-words.ts";
import { KIND_BITS, STEADY_READS, SteadyRead, TIMER_PAGES, WORD_LOAD } from "../hart/steady-reads.ts";
import { DataEntry, DeviceTag } from "../hart/translation-cache.ts";
import { Interrupt, Mode, Status } from "../isa/registers.ts";
import { Place } from "../linear-memory.ts";
import { OFFSET_MASK, PAGE_BYTES, PAGE_MASK, PAGE_SHIFT } from "../state/pages.ts";
import { BUDGET_SHIFT, LONGEST_BUDGET_CYCLES, pushLeft } from "./budget.ts";
import { type Code, type FunctionBody, Op, Type } from "./encode.ts";
import { pushDataEntry } from "./memory-access.ts";
import { body, goOn, Parameter, pay, pushReady, SignatureIndex, setWord, stay, stayIfTimeIsUp } from "./standing.ts";

const TIMER = 1 << Interrupt.MachineTimer;
const SOFTWARE = 1 << Interrupt.MachineSoftware;
const ACCESS = { cycles: EventCost.device, instructions: 0 };
const WAIT = { cycles: InstructionCost.wait, instructions: 1 };

/**
 * Where the budget is used up because the timer is due, it rings, and the budget reaches farther. Pushes whether it
 * did.
 */
export function ringIfDue(code: Code, budget: number): void {
  pushLeft(code, budget);
  code.constant(0).op(Op.I32LeS);
  code.loadWord(addressOf("cyclesBeyondTimer")).constant(0).op(Op.I32GtS).op(Op.I32And);
  // At the horizon, the host comes first.
  pushLeft(code, budget);
  code.loadWord(addressOf("cyclesBeyondTimer")).op(Op.I32Add).constant(0).op(Op.I32GtS).op(Op.I32And);
  code.block(Op.If, Type.I32);
  setWire(code, TIMER, () => code.constant(TIMER));
  code.loadWord(addressOf("cyclesBeyondTimer")).op(Op.I64ExtendI32U).longConstant(BUDGET_SHIFT).op(Op.I64Shl);
  code.get(budget).op(Op.I64Add).set(budget);
  setWord(code, "cyclesBeyondTimer", () => code.constant(0));
  setWord(code, "timerTouched", () => code.constant(1));
  setWord(code, "untranslated", () => code.constant(0));
  code.constant(1).op(Op.Else).constant(0).op(Op.End);
}

const enum Local {
  Address = 0,
  Budget = 1,
  /** What is stored; the kind of a load. */
  Value = 2,
  /** The offset in the device, of whose pages the first has number 0. */
  Offset = 3,
  /** Cycles to the horizon. */
  Left = 4,
  /** Ticks that are still to begin then. */
  Ticks = 5,
  Beyond = 6,
  Time = 7,
  /** Where what was read before is. */
  Kept = 8,
}
const LOCALS = [Type.I32, Type.I32, Type.I32, Type.I32, Type.I64, Type.I32];

/**
 * Takes an address, the budget when the load began, and its kind; gives back 1, and what is left of the budget, where a register
 * of this device is there, or one of another that holds the same as before: its value is in `deviceValue`. 0 where not.
 */
export function deviceLoad(): FunctionBody {
  return body("deviceLoad", SignatureIndex.Region, LOCALS, (code) => {
    findOffset(code, DeviceTag.Read);
    code.block(Op.Block);
    code
      .get(Local.Offset)
      .constant(TIMER_PAGES * PAGE_BYTES)
      .op(Op.I32GeU)
      .block(Op.If);
    loadSteadily(code);
    code.indexed(Op.Br, 1).op(Op.End);
    code.get(Local.Value).constant(WORD_LOAD).op(Op.I32Ne).block(Op.If);
    refuse(code);
    code.op(Op.End);
    findTime(code);
    const registers: [offset: number, push: () => void][] = [
      [Clint.Time, () => code.get(Local.Time).op(Op.I32WrapI64)],
      [Clint.Time + 4, () => code.get(Local.Time).longConstant(32).op(Op.I64ShrU).op(Op.I32WrapI64)],
      [Clint.TimeCompare, () => code.loadWord(addressOf("timeCompareLow"))],
      [Clint.TimeCompare + 4, () => code.loadWord(addressOf("timeCompareHigh"))],
      [
        Clint.SoftwareInterrupt,
        () => code.loadWord(addressOf("pendingByWire")).constant(SOFTWARE).op(Op.I32And).constant(0).op(Op.I32Ne),
      ],
    ];
    for (const [offset, push] of registers) {
      ifOffset(code, offset);
      setWord(code, "deviceValue", push);
      code.indexed(Op.Br, 1).op(Op.End);
    }
    refuse(code);
    code.op(Op.End);
    answer(code);
  });
}

/** What hart/steady-reads.ts keeps of a register of another device. */
function loadSteadily(code: Code): void {
  code.get(Local.Offset).get(Local.Offset).constant(PAGE_SHIFT).op(Op.I32ShrU).op(Op.I32Xor);
  code.constant(STEADY_READS - 1).op(Op.I32And);
  code
    .constant(Math.log2(4 * SteadyRead.Words))
    .op(Op.I32Shl)
    .tee(Local.Kept)
    .memory(Op.I32Load, Place.SteadyReads + 4 * SteadyRead.Key);
  code.get(Local.Offset).constant(KIND_BITS).op(Op.I32Shl).get(Local.Value).op(Op.I32Or).op(Op.I32Ne).block(Op.If);
  refuse(code);
  code.op(Op.End);
  setWord(code, "deviceValue", () => code.get(Local.Kept).memory(Op.I32Load, Place.SteadyReads + 4 * SteadyRead.Value));
}

/** The same for a store, to this device only. */
export function timerStore(): FunctionBody {
  return body("timerStore", SignatureIndex.Region, LOCALS, (code) => {
    findOffset(code, DeviceTag.Write);
    findTime(code);
    code.block(Op.Block);
    ifOffset(code, Clint.SoftwareInterrupt);
    setWire(code, SOFTWARE, () => {
      code.get(Local.Value).constant(1).op(Op.I32And).constant(Interrupt.MachineSoftware).op(Op.I32Shl);
    });
    code.indexed(Op.Br, 1).op(Op.End);
    for (const [offset, word] of [
      [Clint.TimeCompare, "timeCompareLow"],
      [Clint.TimeCompare + 4, "timeCompareHigh"],
    ] as const) {
      ifOffset(code, offset);
      setWord(code, word, () => code.get(Local.Value));
      setTimer(code);
      code.indexed(Op.Br, 1).op(Op.End);
    }
    refuse(code);
    code.op(Op.End);
    setWord(code, "timerTouched", () => code.constant(1));
    answer(code);
  });
}

/** The offset in the device of `Address`; refuses where no entry says that it is one (hart/translation-cache.ts). */
function findOffset(code: Code, need: DeviceTag): void {
  pushDataEntry(code, Local.Address);
  code.memory(Op.I32Load, 4 * DataEntry.DeviceTag).tee(Local.Offset);
  code.constant(PAGE_MASK | DeviceTag.None | need).op(Op.I32And);
  code.get(Local.Address).constant(PAGE_MASK).op(Op.I32And).constant(need).op(Op.I32Or).op(Op.I32Ne).block(Op.If);
  refuse(code);
  code.op(Op.End);
  code.get(Local.Offset).constant(DeviceTag.NumberShift).op(Op.I32ShrU).constant(DeviceTag.NumberMask).op(Op.I32And);
  code.constant(PAGE_SHIFT).op(Op.I32Shl);
  code.get(Local.Address).constant(OFFSET_MASK).op(Op.I32And).op(Op.I32Or).set(Local.Offset);
}

/** mtime now: what it will be at the horizon, less the ticks that begin until then. */
function findTime(code: Code): void {
  pushLeft(code, Local.Budget);
  code.loadWord(addressOf("cyclesBeyondTimer")).op(Op.I32Add).tee(Local.Left);
  code
    .constant(CYCLES_PER_TICK - 1)
    .op(Op.I32Add)
    .loadWord(addressOf("cyclesIntoTick"))
    .op(Op.I32Sub);
  code.constant(CYCLES_PER_TICK).op(Op.I32DivU).set(Local.Ticks);
  code.constant(0).memory(Op.I64Load, addressOfPair("timeAtHorizon", "timeHighAtHorizon"));
  code.get(Local.Ticks).op(Op.I64ExtendI32U).op(Op.I64Sub).set(Local.Time);
}

/** mtimecmp has been written: the interrupt, and how far the budget reaches. */
function setTimer(code: Code): void {
  const compare = addressOfPair("timeCompareLow", "timeCompareHigh");
  const pushCompare = () => code.constant(0).memory(Op.I64Load, compare);
  code.constant(0).set(Local.Beyond);
  pushCompare();
  code.get(Local.Time).op(Op.I64LeU).block(Op.If);
  setWire(code, TIMER, () => code.constant(TIMER));
  code.op(Op.Else);
  setWire(code, TIMER, () => code.constant(0));
  pushCompare();
  code.get(Local.Time).op(Op.I64Sub).longConstant(LONGEST_BUDGET_CYCLES).op(Op.I64LtU).block(Op.If);
  // At the horizon so many ticks will have begun since, and the last of them is not whole.
  code.get(Local.Ticks);
  pushCompare();
  code.get(Local.Time).op(Op.I64Sub).op(Op.I32WrapI64).op(Op.I32Sub).constant(CYCLES_PER_TICK).op(Op.I32Mul);
  code.loadWord(addressOf("cyclesIntoTick")).op(Op.I32Add).tee(Local.Beyond);
  code.constant(0).get(Local.Beyond).constant(0).op(Op.I32GtS).op(Op.Select).set(Local.Beyond);
  code.op(Op.End).op(Op.End);
  code.get(Local.Budget);
  code.loadWord(addressOf("cyclesBeyondTimer")).get(Local.Beyond).op(Op.I32Sub);
  code.op(Op.I64ExtendI32S).longConstant(BUDGET_SHIFT).op(Op.I64Shl).op(Op.I64Add).set(Local.Budget);
  setWord(code, "cyclesBeyondTimer", () => code.get(Local.Beyond));
}

function setWire(code: Code, wire: number, pushLevel: () => void): void {
  setWord(code, "pendingByWire", () => {
    code.loadWord(addressOf("pendingByWire")).constant(~wire).op(Op.I32And);
    pushLevel();
    code.op(Op.I32Or);
  });
}

/** Opens a block for one register. */
function ifOffset(code: Code, offset: number): void {
  code.get(Local.Offset).constant(offset).op(Op.I32Eq).block(Op.If);
}

function refuse(code: Code): void {
  code.constant(0).get(Local.Budget).op(Op.Return);
}

function answer(code: Code): void {
  pay(code, ACCESS);
  code.constant(1).get(Local.Budget);
}

/** `wfi` at an address. What else than the timer there is to wait for is left to the hart. */
export function wait(): FunctionBody {
  const idle = Parameter.First;
  return body("wait", SignatureIndex.Region, [Type.I64], (code) => {
    stayIfTimeIsUp(code);
    code.loadWord(addressOf("mode")).constant(Mode.User).op(Op.I32Eq);
    code.loadWord(addressOf("mode")).constant(Mode.Supervisor).op(Op.I32Eq);
    code.loadWord(addressOf("mstatus")).constant(Status.Tw).op(Op.I32And).constant(0).op(Op.I32Ne);
    code.op(Op.I32And).op(Op.I32Or).block(Op.If);
    stay(code);
    code.op(Op.End);
    pushReady(code);
    code.op(Op.I32Eqz).block(Op.If);
    code.loadWord(addressOf("cyclesBeyondTimer")).op(Op.I32Eqz);
    code.loadWord(addressOf("mie")).constant(TIMER).op(Op.I32And).op(Op.I32Eqz).op(Op.I32Or).block(Op.If);
    stay(code);
    code.op(Op.End);
    pay(code, WAIT);
    // Time passes, and no instruction retires.
    code.get(Parameter.Budget).longConstant(BUDGET_SHIFT).op(Op.I64ShrS).set(idle);
    code
      .get(idle)
      .longConstant(2 ** BUDGET_SHIFT + 1)
      .op(Op.I64Mul)
      .set(idle);
    code.get(Parameter.Budget).get(idle).op(Op.I64Sub).set(Parameter.Budget);
    code.op(Op.Else);
    pay(code, WAIT);
    code.op(Op.End);
    code.get(Parameter.Pc).constant(4).op(Op.I32Add).set(Parameter.Pc);
    goOn(code);
  });
}

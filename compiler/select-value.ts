/**
 * The patterns of instruction selection: which instructions compute each kind of value.
 *
 * Immediates are used wherever constants.ts has left a constant in place. Accesses to memory have their patterns in select-memory.ts.
 * Begin reading at `Patterns.value`.
 */
import { controlRegister } from "./control-registers.ts";
import { type Comparison, RuntimeSymbol } from "./ir.ts";
import { A0, A7, branchOf, CALL_CLOBBERS, type MachineEnding, NONE, SP, ZERO } from "./machine-code.ts";
import { registersNamed } from "./registers.ts";
import type { Selection } from "./select.ts";
import { isInline, MemoryPatterns, symbolPart } from "./select-memory.ts";
import { isComparison, negated, type Value } from "./ssa.ts";

const ARGUMENT_REGISTERS = 8;

const REGISTER_FORMS: Partial<Record<Value["kind"], string>> = {
  add: "add",
  subtract: "sub",
  multiply: "mul",
  multiplyHigh: "mulh",
  multiplyHighUnsigned: "mulhu",
  divide: "div",
  divideUnsigned: "divu",
  remainder: "rem",
  remainderUnsigned: "remu",
  and: "and",
  or: "or",
  xor: "xor",
  shiftLeft: "sll",
  shiftRight: "sra",
  shiftRightUnsigned: "srl",
};
const IMMEDIATE_FORMS: Partial<Record<Value["kind"], string>> = {
  add: "addi",
  and: "andi",
  or: "ori",
  xor: "xori",
  shiftLeft: "slli",
  shiftRight: "srai",
  shiftRightUnsigned: "srli",
};

export class Patterns {
  private readonly memory: MemoryPatterns;

  constructor(private readonly selection: Selection) {
    this.memory = new MemoryPatterns(selection);
  }

  value(value: Value): void {
    const { selection } = this;
    const [first, second] = value.inputs as [Value, Value];
    switch (value.kind) {
      case "constant":
        selection.emit("li", selection.result(value), NONE, NONE, value.offset);
        return;
      case "parameter":
        return this.parameter(value);
      case "symbol":
        selection.emit("la", selection.result(value), NONE, NONE, value.offset).symbol = value.symbol;
        return;
      case "slot":
        selection.emit("slot", selection.result(value), NONE, NONE, value.offset).slot = value.slot;
        return;
      case "load":
        return this.memory.load(value, first);
      case "store":
        return this.memory.store(value, first, second);
      case "copy":
        return this.copy(value, first, second);
      case "zero":
        return this.zero(value, first);
      case "call":
      case "callIndirect":
        return this.call(value);
      case "second":
        return; // the call moves both results
      case "environmentCall":
        return this.environmentCall(value);
      case "check":
        return this.check(value);
      default:
        return this.computation(value, first, second);
    }
  }

  private computation(value: Value, first: Value, second: Value): void {
    const { selection } = this;
    const result = selection.result(value);
    if (isComparison(value.kind)) return this.comparison(value.kind, result, first, second);
    switch (value.kind) {
      case "readCsr":
        selection.emit("csrrs", result, ZERO, NONE, controlRegister(value.symbol));
        return;
      case "writeCsr":
        return this.writeCsr(value, first);
      case "fence":
        selection.emit("fence", NONE, NONE, NONE, 0xff);
        return;
      case "assembly":
        return this.assembly(value);
      default:
        return this.arithmetic(value, result, first, second);
    }
  }

  private arithmetic(value: Value, result: number, first: Value, second: Value): void {
    const { selection } = this;
    if (second.kind === "constant" && second.block === null && second.offset !== 0) {
      if (value.kind === "subtract") selection.emit("addi", result, selection.register(first), NONE, -second.offset);
      else {
        const shift = value.kind.startsWith("shift");
        const immediate = shift ? second.offset & 31 : second.offset;
        selection.emit(IMMEDIATE_FORMS[value.kind]!, result, selection.register(first), NONE, immediate);
      }
      return;
    }
    selection.emit(REGISTER_FORMS[value.kind]!, result, selection.register(first), selection.register(second));
  }

  private comparison(operator: Comparison, result: number, left: Value, right: Value): void {
    const immediate = right.kind === "constant" && right.block === null ? right.offset : null;
    switch (operator) {
      case "equal":
      case "notEqual":
        return this.equality(operator, result, left, right, immediate);
      case "less":
      case "lessUnsigned":
        return this.less(operator, result, left, right, immediate, false);
      case "greaterEqual":
      case "greaterEqualUnsigned":
        return this.less(operator === "greaterEqual" ? "less" : "lessUnsigned", result, left, right, immediate, true);
      case "lessEqual":
      case "greater":
      case "lessEqualUnsigned":
      case "greaterUnsigned": {
        const base = operator.endsWith("Unsigned") ? "lessUnsigned" : "less";
        const greater = operator.startsWith("greater");
        // left <= c is left < c + 1; constants.ts has seen to it that this does not overflow.
        if (immediate !== null) return this.less(base, result, left, right, immediate + 1, greater);
        return this.less(base, result, right, left, null, !greater);
      }
    }
  }

  private equality(
    operator: "equal" | "notEqual",
    result: number,
    left: Value,
    right: Value,
    immediate: number | null,
  ): void {
    const { selection } = this;
    let difference = selection.register(left);
    if (immediate !== 0) {
      const difference0 = difference;
      difference = selection.newRegister();
      if (immediate !== null) selection.emit("addi", difference, difference0, NONE, -immediate);
      else selection.emit("sub", difference, difference0, selection.register(right));
    }
    if (operator === "equal") selection.emit("sltiu", result, difference, NONE, 1);
    else selection.emit("sltu", result, ZERO, difference);
  }

  private less(
    operator: "less" | "lessUnsigned",
    result: number,
    left: Value,
    right: Value,
    immediate: number | null,
    inverted: boolean,
  ): void {
    const { selection } = this;
    const suffix = operator === "less" ? "" : "u";
    const raw = inverted ? selection.newRegister() : result;
    if (immediate !== null) selection.emit(`slti${suffix}`, raw, selection.register(left), NONE, immediate);
    else selection.emit(`slt${suffix}`, raw, selection.register(left), selection.register(right));
    if (inverted) selection.emit("xori", result, raw, NONE, 1);
  }

  private writeCsr(value: Value, source: Value): void {
    const { selection } = this;
    const number = controlRegister(value.symbol);
    const small = source.kind === "constant" && source.block === null;
    if (small) selection.emit("csrrwi", ZERO, NONE, NONE, number).small = source.offset;
    else selection.emit("csrrw", ZERO, selection.register(source), NONE, number);
  }

  private parameter(value: Value): void {
    const { selection } = this;
    const result = selection.result(value);
    if (value.offset < ARGUMENT_REGISTERS) selection.emit("mv", result, A0 + value.offset);
    else selection.emit("argument", result, NONE, NONE, 4 * (value.offset - ARGUMENT_REGISTERS));
  }

  private copy(value: Value, target: Value, source: Value): void {
    if (isInline(value)) this.memory.copy(value, target, source);
    else this.runtimeCall(RuntimeSymbol.MoveBytes, [target, source, this.selection.graph.constant(value.bytes)]);
  }

  private zero(value: Value, target: Value): void {
    const { graph } = this.selection;
    if (isInline(value)) this.memory.zero(value, target);
    else this.runtimeCall(RuntimeSymbol.FillBytes, [target, graph.constant(0), graph.constant(value.bytes)]);
  }

  private check(value: Value): void {
    const { selection } = this;
    const [left, right] = value.inputs as [Value, Value];
    const [name, exchanged] = branchOf(negated(value.operator));
    const [rs1, rs2] = [selection.register(left), selection.register(right)];
    const instruction = selection.emit("check", NONE, exchanged ? rs2 : rs1, exchanged ? rs1 : rs2);
    instruction.width = name;
    instruction.reason = value.reason;
  }

  // Calls

  private call(value: Value): void {
    const { selection } = this;
    const indirect = value.kind === "callIndirect";
    const operands = indirect ? value.inputs.slice(1) : value.inputs;
    const callee = indirect ? selection.register(value.inputs[0]!) : NONE;
    const reads = this.passArguments(operands);
    const call = selection.emit(indirect ? "callIndirect" : "call", NONE, callee);
    call.symbol = value.symbol;
    call.reads = reads;
    call.clobbers = (indirect ? undefined : selection.clobbers.get(value.symbol)) ?? CALL_CLOBBERS;
    const result = selection.registers[value.id]!;
    if (result !== NONE) selection.emit("mv", result, A0);
    const { values } = value.block!;
    const next = values[values.indexOf(value) + 1];
    if (next?.kind === "second" && selection.registers[next.id] !== NONE) {
      selection.emit("mv", selection.registers[next.id]!, A0 + 1);
    }
  }

  private runtimeCall(symbol: string, operands: Value[]): void {
    const reads = this.passArguments(operands);
    const call = this.selection.emit("call", NONE);
    call.symbol = symbol;
    call.reads = reads;
    call.clobbers = this.selection.clobbers.get(symbol) ?? CALL_CLOBBERS;
  }

  /** Where the ILP32 calling convention wants the arguments; the registers among the places. */
  private passArguments(operands: Value[]): number[] {
    const { selection } = this;
    const reads: number[] = [];
    for (const [index, operand] of operands.entries()) {
      if (index < ARGUMENT_REGISTERS) continue;
      let register = ZERO;
      if (operand.kind !== "constant" || operand.block !== null) register = selection.register(operand);
      else if (operand.offset !== 0) {
        register = selection.newRegister();
        selection.moveInto(register, operand);
      }
      const offset = 4 * (index - ARGUMENT_REGISTERS);
      selection.emit("sw", NONE, SP, register, offset);
      selection.target.outgoingBytes = Math.max(selection.target.outgoingBytes, offset + 4);
    }
    for (const [index, operand] of operands.entries()) {
      if (index >= ARGUMENT_REGISTERS) break;
      selection.moveInto(A0 + index, operand);
      reads.push(A0 + index);
    }
    return reads;
  }

  private environmentCall(value: Value): void {
    const { selection } = this;
    const [number, ...operands] = value.inputs as [Value, ...Value[]];
    const reads = [A7];
    for (const [index, operand] of operands.entries()) {
      selection.moveInto(A0 + index, operand);
      reads.push(A0 + index);
    }
    selection.moveInto(A7, number);
    const call = selection.emit("ecall", NONE);
    call.reads = reads;
    call.clobbers = 1 << A0;
    const result = selection.registers[value.id]!;
    if (result !== NONE) selection.emit("mv", result, A0);
  }

  private assembly(value: Value): void {
    const { selection } = this;
    const reads = value.inputs.map((operand) => selection.register(operand));
    const instruction = selection.emit("assembly", NONE);
    instruction.text = value.text;
    instruction.reads = reads;
    let next = 0;
    instruction.operands = value.operands!.map((operand) => (operand.kind === "symbol" ? operand.symbol : next++));
    instruction.clobbers = registersNamed(value.text!);
  }

  /** A jump table's address computation; emit.ts makes the table itself. */
  table(ending: MachineEnding): void {
    const { selection } = this;
    const [scaled, base, sum, entry] = [0, 1, 2, 3].map(() => selection.newRegister()) as [
      number,
      number,
      number,
      number,
    ];
    selection.emit("slli", scaled, ending.rs1, NONE, 2);
    symbolPart(selection.emit("lui", base), ending.tableSymbol, "high");
    selection.emit("add", sum, base, scaled);
    symbolPart(selection.emit("lw", entry, sum), ending.tableSymbol, "low");
    ending.rs1 = entry;
  }
}

/**
 * Runs IR as it is defined: the judge of the optimiser and of code generation.
 *
 * Memory is one flat array; data, slots of live frames and functions (for indirect calls) have addresses in it. Nothing is clever here. Begin
 * reading at `Interpreter.call`.
 */
import { compare, evaluate } from "../../compiler/evaluate.ts";
import type * as IR from "../../compiler/ir.ts";
import { RuntimeSymbol } from "../../compiler/ir.ts";

/** A failed check or a trap. */
export class Trap extends Error {
  override readonly name = "Trap";
  constructor(
    readonly reason: IR.Reason,
    readonly position: IR.Position,
  ) {
    super(`trap ${reason} at ${position.file}:${position.line}`);
  }
}

/** Something outside: an environment call, a control register, assembly. */
export interface Outside {
  environmentCall?(number: number, operands: number[], interpreter: Interpreter): number;
  readCsr?(name: string): number;
  writeCsr?(name: string, value: number): void;
}

const MEMORY_BYTES = 1 << 20;
const FIRST_ADDRESS = 0x1000;

export class Interpreter {
  readonly memory = new DataView(new ArrayBuffer(MEMORY_BYTES));
  private readonly functions = new Map<string, IR.Function>();
  private readonly symbols = new Map<string, number>();
  private readonly callable = new Map<number, IR.Function>();
  private stack = MEMORY_BYTES;
  private steps = 0;

  constructor(
    modules: readonly IR.Module[],
    private readonly outside: Outside = {},
    private readonly stepLimit = 10_000_000,
  ) {
    let next = FIRST_ADDRESS;
    for (const { data } of modules) {
      for (const { symbol, bytes, alignment, content } of data) {
        next = Math.ceil(next / alignment) * alignment;
        this.symbols.set(symbol, next);
        if (content !== null) new Uint8Array(this.memory.buffer).set(content, next);
        next += bytes;
      }
    }
    next = Math.ceil(next / 4) * 4;
    for (const module of modules) {
      for (const source of module.functions) {
        this.functions.set(source.symbol, source);
        this.symbols.set(source.symbol, next);
        this.callable.set(next, source);
        next += 4;
      }
    }
    for (const { data } of modules) for (const each of data) this.relocate(each);
  }

  private relocate({ symbol, relocations }: IR.Data): void {
    for (const { offset, symbol: target, addend } of relocations) {
      this.memory.setUint32(this.addressOf(symbol) + offset, this.addressOf(target) + addend, true);
    }
  }

  addressOf(symbol: string): number {
    const address = this.symbols.get(symbol);
    if (address === undefined) throw new Error(`no symbol ${symbol}`);
    return address;
  }

  /** Runs a function to its end; returns its results as i32 words. Throws Trap. */
  call(symbol: string, ...operands: number[]): number[] {
    const source = this.functions.get(symbol);
    if (source !== undefined) return this.run(source, operands);
    return this.runtime(symbol, operands);
  }

  /** What copy and zero would call, where lib/runtime.ts is not among the modules. */
  private runtime(symbol: string, [target, value, bytes]: number[]): number[] {
    const memory = new Uint8Array(this.memory.buffer);
    if (symbol === RuntimeSymbol.MoveBytes) memory.copyWithin(target!, value!, value! + bytes!);
    else if (symbol === RuntimeSymbol.FillBytes) memory.fill(value!, target!, target! + bytes!);
    else throw new Error(`no function ${symbol}`);
    return [];
  }

  private run(source: IR.Function, operands: number[]): number[] {
    const saved = this.stack;
    const frame = new Frame(source, operands);
    for (const { bytes, alignment } of source.slots) {
      this.stack = Math.floor((this.stack - bytes) / alignment) * alignment;
      frame.slots.push(this.stack);
      new Uint8Array(this.memory.buffer).fill(0xa5, this.stack, this.stack + bytes);
    }
    if (this.stack < MEMORY_BYTES / 2) throw new Error("stack overflow");
    const results = this.blocks(source, frame);
    this.stack = saved;
    return results;
  }

  private blocks(source: IR.Function, frame: Frame): number[] {
    for (let block = source.blocks[0]!; ; ) {
      for (const instruction of block.instructions) this.instruction(instruction, frame);
      const { terminator } = block;
      if (++this.steps > this.stepLimit) throw new Error("too many steps");
      switch (terminator.kind) {
        case "jump":
          block = source.blocks[terminator.to]!;
          break;
        case "branch": {
          const holds = compare(terminator.operator, frame.read(terminator.left), frame.read(terminator.right));
          block = source.blocks[holds ? terminator.then : terminator.otherwise]!;
          break;
        }
        case "switch": {
          const value = frame.read(terminator.value);
          const found = terminator.cases.find((each) => (each.value | 0) === value);
          block = source.blocks[found?.to ?? terminator.otherwise]!;
          break;
        }
        case "return":
          return terminator.values.map((value) => frame.read(value));
        case "trap":
          throw new Trap(terminator.reason, terminator.position);
        case "unreachable":
          throw new Error(`unreachable at line ${terminator.position.line}`);
      }
    }
  }

  private instruction(instruction: IR.Instruction, frame: Frame): void {
    switch (instruction.kind) {
      case "move":
        return frame.write(instruction.target, frame.read(instruction.source));
      case "binary": {
        const value = evaluate(instruction.operator, frame.read(instruction.left), frame.read(instruction.right));
        if (value === null) throw new Error("division by zero without a check");
        return frame.write(instruction.target, value);
      }
      case "symbol":
        return frame.write(instruction.target, this.addressOf(instruction.symbol) + instruction.offset);
      case "slot":
        return frame.write(instruction.target, frame.slots[instruction.slot]! + instruction.offset);
      case "load": {
        const address = frame.read(instruction.base) + instruction.offset;
        return frame.write(instruction.target, this.load(address, instruction.bytes, instruction.signed));
      }
      case "store": {
        const address = frame.read(instruction.base) + instruction.offset;
        return this.store(address, instruction.bytes, frame.read(instruction.source));
      }
      case "check":
        if (compare(instruction.operator, frame.read(instruction.left), frame.read(instruction.right))) return;
        throw new Trap(instruction.reason, instruction.position);
      default:
        return this.effect(instruction, frame);
    }
  }

  private effect(instruction: IR.Instruction, frame: Frame): void {
    const memory = new Uint8Array(this.memory.buffer);
    switch (instruction.kind) {
      case "copy": {
        const source = frame.read(instruction.source);
        memory.copyWithin(frame.read(instruction.target), source, source + instruction.bytes);
        return;
      }
      case "zero": {
        const target = frame.read(instruction.target);
        memory.fill(0, target, target + instruction.bytes);
        return;
      }
      case "call":
        return frame.results(instruction.targets, this.call(instruction.symbol, ...frame.all(instruction.arguments)));
      case "callIndirect": {
        const callee = this.callable.get(frame.read(instruction.callee));
        if (callee === undefined) throw new Error("indirect call to what is no function");
        return frame.results(instruction.targets, this.run(callee, frame.all(instruction.arguments)));
      }
      case "environmentCall": {
        const operands = frame.all(instruction.arguments);
        const result = this.outside.environmentCall?.(frame.read(instruction.number), operands, this) ?? 0;
        return frame.write(instruction.target, result);
      }
      case "readCsr":
        return frame.write(instruction.target, this.outside.readCsr?.(instruction.csr) ?? 0);
      case "writeCsr":
        return this.outside.writeCsr?.(instruction.csr, frame.read(instruction.source));
      case "assembly":
        throw new Error("assembly is not interpreted");
    }
  }

  private load(address: number, bytes: 1 | 2 | 4, signed: boolean): number {
    if (bytes === 4) return this.memory.getInt32(address, true);
    if (bytes === 2) return signed ? this.memory.getInt16(address, true) : this.memory.getUint16(address, true);
    return signed ? this.memory.getInt8(address) : this.memory.getUint8(address);
  }

  private store(address: number, bytes: 1 | 2 | 4, value: number): void {
    if (bytes === 4) this.memory.setInt32(address, value, true);
    else if (bytes === 2) this.memory.setInt16(address, value, true);
    else this.memory.setInt8(address, value);
  }
}

class Frame {
  private readonly registers: Int32Array;
  readonly slots: number[] = [];

  constructor(source: IR.Function, operands: number[]) {
    this.registers = new Int32Array(source.registers);
    for (const [index, register] of source.parameters.entries()) this.registers[register] = operands[index] ?? 0;
  }

  read(operand: IR.Operand): number {
    return operand.kind === "constant" ? operand.value | 0 : this.registers[operand.register]!;
  }

  all(operands: readonly IR.Operand[]): number[] {
    return operands.map((operand) => this.read(operand));
  }

  write(register: IR.Register, value: number): void {
    this.registers[register] = value;
  }

  results(targets: readonly IR.Register[], values: number[]): void {
    for (const [index, register] of targets.entries()) this.write(register, values[index] ?? 0);
  }
}

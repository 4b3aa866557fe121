/**
 * Random IR programs that always end: structured control flow, bounded loops, calls only to functions made before.
 *
 * Every program is a function of its seed. Registers are assigned many times, in loops and on some paths only, so that SSA construction has work;
 * memory is reached through symbols, slots and computed addresses. Begin reading at `randomModule`.
 */

import type * as IR from "../../compiler/ir.ts";
import { printModule } from "../../compiler/ir-print.ts";
import { randomNumbers } from "../random-numbers.ts";

const BINARY: IR.BinaryOperator[] = [
  ...(["add", "subtract", "multiply", "multiplyHigh", "multiplyHighUnsigned", "and", "or", "xor"] as const),
  ...(["shiftLeft", "shiftRight", "shiftRightUnsigned", "add", "subtract", "and", "shiftLeft"] as const),
];
const DIVISIONS: IR.BinaryOperator[] = ["divide", "divideUnsigned", "remainder", "remainderUnsigned"];
const COMPARISONS: IR.Comparison[] = [
  ...(["equal", "notEqual", "less", "lessUnsigned", "lessEqual", "lessEqualUnsigned"] as const),
  ...(["greater", "greaterUnsigned", "greaterEqual", "greaterEqualUnsigned"] as const),
];
const INTERESTING = [
  0, 1, -1, 2, 3, 5, 7, 8, 10, 12, 16, 24, 31, 32, 60, 100, 255, 256, 1000, 2047, 2048, -2048, -2049, 4096, 65535,
  65536,
];
const EXTREME = [0x7fffffff, -0x80000000, -0x7fffffff, 0x12345678, 0x55555555, -0x55555556];
const ZERO: IR.Operand = { kind: "constant", value: 0 };
const ONE: IR.Operand = { kind: "constant", value: 1 };
const DATA_BYTES = 256;
const SLOT_BYTES = 64;

/** A module `test.ts` with a `test:main` whose two results depend on all it does. */
export function randomModule(seed: number, size = 30): IR.Module {
  return new Generator(randomNumbers(seed), size).module();
}

export const textOf = (module: IR.Module): string => printModule(module);

interface Made {
  symbol: string;
  parameters: number;
  results: 0 | 1 | 2;
}

class Generator {
  private readonly made: Made[] = [];
  private line = 1;
  private blocks: IR.Block[] = [];
  private current: IR.Block;
  private registers = 0;
  private variables: number[] = [];
  private slots: IR.Slot[] = [];
  /** Registers that hold a place in the data, or zero. */
  private pointers: number[] = [];
  /** Memory is only read, so that what is read may be kept. */
  private readsOnly = false;
  private budget = 0;
  private depth = 0;
  private loops: { again: number; out: number }[] = [];

  constructor(
    private readonly random: () => number,
    private readonly size: number,
  ) {
    this.current = this.block();
  }

  module(): IR.Module {
    const functions: IR.Function[] = [];
    const count = 1 + this.below(4);
    for (let index = 0; index < count; index++)
      functions.push(this.function(`test:f${index}`, this.below(11), this.pick([0, 1, 1, 2])));
    functions.push(this.function("test:main", 0, 2));
    const content = Uint8Array.from({ length: DATA_BYTES }, () => this.below(256));
    const common = { bytes: DATA_BYTES, alignment: 4, relocations: [] };
    return {
      path: "test.ts",
      imports: [],
      functions,
      routines: [],
      data: [
        { symbol: "test:data", writable: true, content, ...common },
        { symbol: "test:zeros", writable: true, content: null, ...common },
        { symbol: "test:constants", writable: false, content, ...common },
      ],
      initializer: null,
    };
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  private chance(probability: number): boolean {
    return this.random() < probability;
  }

  private position(): IR.Position {
    return { file: "test.ts", line: this.line++, column: 1 };
  }

  private function(symbol: string, parameters: number, results: 0 | 1 | 2): IR.Function {
    this.blocks = [];
    this.current = this.block();
    this.registers = 0;
    this.slots = Array.from({ length: this.below(3) }, () => ({
      bytes: SLOT_BYTES,
      alignment: this.pick([4, 16, 64]),
    }));
    this.loops = [];
    this.budget = this.size;
    const position = this.position();
    const registers = Array.from({ length: parameters }, () => this.register());
    this.variables = [...registers];
    for (let index = 0; index < 3 + this.below(this.chance(0.3) ? 40 : 6); index++) {
      const variable = this.register();
      this.emit({ kind: "move", target: variable, source: this.constant() });
      this.variables.push(variable);
    }
    for (const slot of this.slots.keys()) this.fillSlot(slot);
    this.readsOnly = this.chance(0.3);
    this.pointers = Array.from({ length: this.below(3) }, () => this.register());
    for (const pointer of this.pointers) this.point(pointer);
    while (this.budget > 0) this.statements();
    if (symbol === "test:main") this.checksum();
    this.end({ kind: "return", values: Array.from({ length: results }, () => this.operand()) });
    this.made.push({ symbol, parameters, results });
    return {
      symbol,
      position,
      parameters: registers,
      results,
      registers: this.registers,
      slots: this.slots,
      blocks: this.blocks,
    };
  }

  private register(): number {
    return this.registers++;
  }

  private block(): IR.Block {
    return { instructions: [], terminator: { kind: "unreachable", position: { file: "", line: 0, column: 0 } } };
  }

  private open(): number {
    return this.blocks.push(this.block()) - 1;
  }

  private enter(index: number): void {
    this.current = this.blocks[index]!;
  }

  private emit(instruction: Record<string, unknown>): void {
    if (this.blocks.length === 0) this.blocks.push(this.current);
    this.current.instructions.push({ position: this.position(), ...instruction } as IR.Instruction);
  }

  private end(terminator: Record<string, unknown>): void {
    if (this.blocks.length === 0) this.blocks.push(this.current);
    this.current.terminator = { position: this.position(), ...terminator } as IR.Terminator;
  }

  private constant(): IR.Operand {
    const value = this.chance(0.7)
      ? this.pick(INTERESTING)
      : this.chance(0.7)
        ? this.pick(EXTREME)
        : (this.random() * 2 ** 32) | 0;
    return { kind: "constant", value };
  }

  private variable(): IR.Operand {
    return { kind: "register", register: this.pick(this.variables) };
  }

  private operand(): IR.Operand {
    return this.chance(0.3) ? this.constant() : this.variable();
  }

  private result(value: Record<string, unknown>): void {
    this.emit({ target: this.pick(this.variables), ...value });
  }

  private statements(): void {
    const count = 2 + this.below(6);
    for (let index = 0; index < count && this.budget > 0; index++) {
      this.budget--;
      this.statement();
    }
  }

  private statement(): void {
    const choice = this.random();
    if (choice < 0.4) this.computation();
    else if (choice < 0.5) this.division();
    else if (choice < 0.65) this.memory();
    else if (choice < 0.72) this.call();
    else if (choice < 0.75) this.check();
    else if (choice < 0.8) this.throughPointer();
    else if (this.depth < 4) this.control();
  }

  private computation(): void {
    const operator = this.chance(0.2) ? this.pick(COMPARISONS) : this.pick(BINARY);
    if (this.chance(0.1)) this.result({ kind: "move", source: this.operand() });
    else this.result({ kind: "binary", operator, left: this.operand(), right: this.operand() });
  }

  private division(): void {
    const operator = this.pick(DIVISIONS);
    let right = this.constant();
    if (this.chance(0.4) || (right.kind === "constant" && right.value === 0)) {
      const register = this.register();
      this.emit({
        kind: "binary",
        operator: "or",
        target: register,
        left: this.variable(),
        right: { kind: "constant", value: 1 },
      });
      right = { kind: "register", register };
    }
    this.result({ kind: "binary", operator, left: this.operand(), right });
  }

  /** The address of a place where `bytes` can be read, and written if wanted. */
  private place(bytes: number, writable: boolean): { base: IR.Operand; offset: number } {
    const register = this.register();
    const base: IR.Operand = { kind: "register", register };
    const unit = Math.max(bytes, 4);
    if (this.slots.length > 0 && this.chance(0.4)) {
      const offset = unit * this.below(SLOT_BYTES / 2 / unit);
      this.emit({ kind: "slot", target: register, slot: this.below(this.slots.length), offset });
      return { base, offset: bytes * this.below(SLOT_BYTES / 2 / Math.max(bytes, 1)) };
    }
    const symbol = this.pick(writable ? ["test:data", "test:zeros"] : ["test:data", "test:zeros", "test:constants"]);
    this.emit({ kind: "symbol", target: register, symbol, offset: bytes * this.below(64 / bytes) });
    if (this.chance(0.4)) {
      const index = this.register();
      const mask = (63 & ~(bytes - 1)) >>> 0;
      this.emit({
        kind: "binary",
        operator: "and",
        target: index,
        left: this.variable(),
        right: { kind: "constant", value: mask },
      });
      this.emit({
        kind: "binary",
        operator: "add",
        target: register,
        left: base,
        right: { kind: "register", register: index },
      });
    }
    return { base, offset: bytes * this.below(64 / bytes) };
  }

  private memory(): void {
    const bytes = this.pick([1, 2, 4, 4, 4]);
    const volatile = this.chance(0.1);
    const choice = this.random();
    if (choice < 0.45 || this.readsOnly) {
      this.result({
        kind: "load",
        ...this.place(bytes, false),
        bytes,
        signed: bytes < 4 && this.chance(0.5),
        volatile,
      });
    } else if (choice < 0.85) {
      const place = this.place(bytes, true);
      this.emit({ kind: "store", ...place, bytes, source: this.operand(), volatile });
    } else if (this.slots.length > 0) this.blockCopy();
  }

  private blockCopy(): void {
    const slot = this.register();
    const other = this.register();
    this.emit({ kind: "slot", target: slot, slot: this.below(this.slots.length), offset: 0 });
    this.emit({ kind: "symbol", target: other, symbol: "test:data", offset: 4 * this.below(40) });
    const size = { bytes: this.pick([4, 7, 16, 24, SLOT_BYTES]), alignment: 4 };
    const [target, source] = this.chance(0.5) ? [slot, other] : [other, slot];
    if (this.chance(0.3)) this.emit({ kind: "zero", target: { kind: "register", register: target }, ...size });
    else {
      const operands = {
        target: { kind: "register", register: target },
        source: { kind: "register", register: source },
      };
      this.emit({ kind: "copy", ...operands, ...size });
    }
  }

  /** Makes the pointer one to a place in the data, or null. */
  private point(target: number): void {
    const [all, none] = [this.register(), this.register()];
    const left: IR.Operand = { kind: "register", register: all };
    this.emit({ kind: "binary", operator: "and", target: all, left: this.variable(), right: ONE });
    this.emit({ kind: "binary", operator: "subtract", target: all, left: ZERO, right: left });
    this.emit({ kind: "symbol", target: none, symbol: "test:data", offset: 4 * this.below(32) });
    this.emit({ kind: "binary", operator: "and", target, left, right: { kind: "register", register: none } });
  }

  /** Reads or writes what a pointer points to, unless it is null: nothing may read it sooner. */
  private throughPointer(): void {
    if (this.pointers.length === 0) return;
    const pointer = this.pick(this.pointers);
    if (this.chance(0.1)) this.point(pointer);
    const base: IR.Operand = { kind: "register", register: pointer };
    if (this.chance(0.1)) this.emit({ kind: "check", operator: "notEqual", left: base, right: ZERO, reason: 2 });
    const [then, after] = [this.open(), this.open()];
    const otherwise = this.loops.length > 0 && this.chance(0.5) ? this.loops.at(-1)!.out : after;
    this.end({ kind: "branch", operator: "notEqual", left: base, right: ZERO, then, otherwise });
    this.enter(then);
    const access = { base, offset: 4 * this.below(16), bytes: 4, volatile: false };
    if (this.readsOnly || this.chance(0.7)) this.result({ kind: "load", ...access, signed: false });
    else this.emit({ kind: "store", ...access, source: this.operand() });
    this.end({ kind: "jump", to: after });
    this.enter(after);
  }

  private fillSlot(slot: number): void {
    const register = this.register();
    this.emit({ kind: "slot", target: register, slot, offset: 0 });
    this.emit({ kind: "zero", target: { kind: "register", register }, bytes: SLOT_BYTES, alignment: 4 });
  }

  private call(): void {
    if (this.made.length === 0 || this.readsOnly) return;
    const callee = this.pick(this.made);
    const operands = Array.from({ length: callee.parameters }, () => this.operand());
    const targets = this.chance(0.9) ? Array.from({ length: callee.results }, () => this.pick(this.variables)) : [];
    if (new Set(targets).size < targets.length) return;
    if (this.chance(0.2)) {
      const register = this.register();
      this.emit({ kind: "symbol", target: register, symbol: callee.symbol, offset: 0 });
      this.emit({ kind: "callIndirect", targets, callee: { kind: "register", register }, arguments: operands });
    } else this.emit({ kind: "call", targets, symbol: callee.symbol, arguments: operands });
  }

  private check(): void {
    // Mostly one that holds.
    if (this.chance(0.05)) {
      this.emit({
        kind: "check",
        operator: this.pick(COMPARISONS),
        left: this.operand(),
        right: this.operand(),
        reason: 1 + this.below(6),
      });
      return;
    }
    const register = this.register();
    const bound = 8 << this.below(5);
    this.emit({
      kind: "binary",
      operator: "and",
      target: register,
      left: this.variable(),
      right: { kind: "constant", value: bound - 1 },
    });
    const sides = { left: { kind: "register", register }, right: { kind: "constant", value: bound } };
    this.emit({ kind: "check", operator: "lessUnsigned", ...sides, reason: 1 });
  }

  private control(): void {
    if (this.blocks.length === 0) this.blocks.push(this.current);
    this.depth++;
    const choice = this.random();
    if (choice < 0.4) this.branch();
    else if (choice < 0.75) this.loop();
    else if (choice < 0.9) this.switch();
    else if (this.loops.length > 0) this.leave();
    this.depth--;
  }

  private branch(): void {
    const [then, otherwise, after] = [this.open(), this.open(), this.open()];
    const ways = this.chance(0.3) ? { then, otherwise: after } : { then, otherwise };
    this.end({
      kind: "branch",
      operator: this.pick(COMPARISONS),
      left: this.operand(),
      right: this.operand(),
      ...ways,
    });
    for (const arm of [then, otherwise]) {
      this.enter(arm);
      this.statements();
      this.end({ kind: "jump", to: after });
    }
    this.enter(after);
  }

  /** Counts in a register that nothing else writes. */
  private loop(): void {
    const counter = this.register();
    const left: IR.Operand = { kind: "register", register: counter };
    const [head, body, step, out] = [this.open(), this.open(), this.open(), this.open()];
    this.emit({ kind: "move", target: counter, source: { kind: "constant", value: 0 } });
    this.end({ kind: "jump", to: head });
    this.enter(head);
    const limit: IR.Operand = { kind: "constant", value: this.below(6) };
    const operator = this.pick(["less", "lessUnsigned", "notEqual"]);
    this.end({ kind: "branch", operator, left, right: limit, then: body, otherwise: out });
    this.enter(body);
    this.loops.push({ again: step, out });
    this.variables.push(counter);
    const writable = this.variables;
    if (this.chance(0.5))
      this.emit({
        kind: "binary",
        operator: "add",
        target: this.pick(writable.slice(0, -1)),
        left,
        right: this.operand(),
      });
    this.variables = writable.slice(0, -1);
    this.statements();
    this.loops.pop();
    this.end({ kind: "jump", to: step });
    this.enter(step);
    this.emit({ kind: "binary", operator: "add", target: counter, left, right: { kind: "constant", value: 1 } });
    this.end({ kind: "jump", to: head });
    this.enter(out);
  }

  private switch(): void {
    const after = this.open();
    const dense = this.chance(0.5);
    const value = this.register();
    this.emit({
      kind: "binary",
      operator: "and",
      target: value,
      left: this.variable(),
      right: { kind: "constant", value: 15 },
    });
    const start = this.end.bind(this);
    const origin = this.current;
    const arms = Array.from({ length: 1 + this.below(4) }, () => this.open());
    const cases = new Map<number, number>();
    for (let index = 0; index < 1 + this.below(dense ? 12 : 6); index++) {
      cases.set(dense ? index : this.pick([...INTERESTING, ...EXTREME]), this.pick([...arms, after]));
    }
    this.current = origin;
    start({
      kind: "switch",
      value: { kind: "register", register: value },
      cases: [...cases].map(([each, to]) => ({ value: each, to })),
      otherwise: this.pick([...arms, after]),
    });
    for (const arm of arms) {
      this.enter(arm);
      this.statements();
      this.end({ kind: "jump", to: after });
    }
    this.enter(after);
  }

  /** break or continue, sometimes. */
  private leave(): void {
    const { again, out } = this.loops.at(-1)!;
    const rest = this.open();
    const then = this.chance(0.5) ? again : out;
    this.end({
      kind: "branch",
      operator: this.pick(COMPARISONS),
      left: this.operand(),
      right: this.operand(),
      then,
      otherwise: rest,
    });
    this.enter(rest);
  }

  /** Adds up the data into a variable, so that stores matter. */
  private checksum(): void {
    const [sum, address] = [this.pick(this.variables), this.register()];
    for (const symbol of ["test:data", "test:zeros"]) {
      this.emit({ kind: "symbol", target: address, symbol, offset: 0 });
      const base: IR.Operand = { kind: "register", register: address };
      for (let offset = 0; offset < DATA_BYTES; offset += 4) {
        const word = this.register();
        this.emit({ kind: "load", target: word, base, offset, bytes: 4, signed: false, volatile: false });
        const [left, right] = [sum, word].map((register) => ({ kind: "register", register }));
        this.emit({ kind: "binary", operator: "multiply", target: sum, left, right: { kind: "constant", value: 31 } });
        this.emit({ kind: "binary", operator: "add", target: sum, left, right });
      }
    }
    for (const variable of this.variables) {
      if (variable === sum) continue;
      const [left, right] = [sum, variable].map((register) => ({ kind: "register", register }));
      this.emit({ kind: "binary", operator: "xor", target: sum, left, right });
    }
    this.variables = [sum, this.pick(this.variables)];
  }
}

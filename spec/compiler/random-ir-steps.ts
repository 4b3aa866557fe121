/**
 * Random steps of a function that go straight on: computations, memory, calls, checks. Memory is reached through symbols,
 * slots, computed addresses, and pointers that may be null.
 */
import type * as IR from "../../compiler/ir.ts";
import { Builder } from "./random-ir-builder.ts";

const BINARY: IR.BinaryOperator[] = [
  ...(["add", "subtract", "multiply", "multiplyHigh", "multiplyHighUnsigned", "and", "or", "xor"] as const),
  ...(["shiftLeft", "shiftRight", "shiftRightUnsigned", "add", "subtract", "and", "shiftLeft"] as const),
];
const DIVISIONS: IR.BinaryOperator[] = ["divide", "divideUnsigned", "remainder", "remainderUnsigned"];
export const COMPARISONS: IR.Comparison[] = [
  ...(["equal", "notEqual", "less", "lessUnsigned", "lessEqual", "lessEqualUnsigned"] as const),
  ...(["greater", "greaterUnsigned", "greaterEqual", "greaterEqualUnsigned"] as const),
];
const ZERO: IR.Operand = { kind: "constant", value: 0 };
const ONE: IR.Operand = { kind: "constant", value: 1 };
export const DATA_BYTES = 256;
export const SLOT_BYTES = 64;

export class Steps extends Builder {
  protected computation(): void {
    const operator = this.chance(0.2) ? this.pick(COMPARISONS) : this.pick(BINARY);
    if (this.chance(0.1)) this.result({ kind: "move", source: this.operand() });
    else this.result({ kind: "binary", operator, left: this.operand(), right: this.operand() });
  }

  protected division(): void {
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
  protected place(bytes: number, writable: boolean): { base: IR.Operand; offset: number } {
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

  protected memory(): void {
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

  protected blockCopy(): void {
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
  protected point(target: number): void {
    const [all, none] = [this.register(), this.register()];
    const left: IR.Operand = { kind: "register", register: all };
    this.emit({ kind: "binary", operator: "and", target: all, left: this.variable(), right: ONE });
    this.emit({ kind: "binary", operator: "subtract", target: all, left: ZERO, right: left });
    this.emit({ kind: "symbol", target: none, symbol: "test:data", offset: 4 * this.below(32) });
    this.emit({ kind: "binary", operator: "and", target, left, right: { kind: "register", register: none } });
  }

  /** Reads or writes what a pointer points to, unless it is null: nothing may read it sooner. */
  protected throughPointer(): void {
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

  protected fillSlot(slot: number): void {
    const register = this.register();
    this.emit({ kind: "slot", target: register, slot, offset: 0 });
    this.emit({ kind: "zero", target: { kind: "register", register }, bytes: SLOT_BYTES, alignment: 4 });
  }

  protected call(): void {
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

  protected check(): void {
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
}

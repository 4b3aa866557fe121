/**
 * Algebra on single values: folding, canonical forms, strength reduction. Each rule looks at a value and its operands only.
 *
 * Canonical: constants on the right; subtraction of a constant is an addition; comparisons with a constant are `less`, `greater…` or equalities as
 * the immediates of RV32 want them; offsets of addresses sit in loads, stores and symbols. Begin reading at `simplify`.
 */
import { fitsImmediate } from "./constants.ts";
import { divideByConstant } from "./division.ts";
import { evaluate } from "./evaluate.ts";
import { STACK_ALIGNMENT } from "./frame.ts";
import type { Comparison } from "./ir.ts";
import { possibleBits } from "./possible-bits.ts";
import { type Block, type Ending, type Graph, isComparison, negated, swapped, type Value } from "./ssa.ts";

const COMMUTATIVE = new Set<string>(["add", "multiply", "multiplyHigh", "multiplyHighUnsigned", "and", "or", "xor"]);

/** Makes new values, in front of the one that is being simplified. */
export interface Maker {
  readonly graph: Graph;
  make(kind: Value["kind"], ...inputs: Value[]): Value;
  /** Another byte of the symbol or slot whose address `like` is. */
  address(like: Value, offset: number): Value;
}

/** An equal value to use instead, perhaps a new one; null where the value stays, perhaps changed in place. */
export function simplify(value: Value, maker: Maker): Value | null {
  switch (value.kind) {
    case "phi":
    case "constant":
      return null;
    case "symbol":
      return value.offset === 0 ? null : shareSymbol(value, maker);
    case "load":
    case "store":
      foldOffset(value, maker);
      if (value.kind === "store") value.inputs[1] = narrowed(value.inputs[1]!, value.bytes);
      return null;
    case "check":
      simplifyComparison(value, maker);
      return null;
    default:
      if (value.inputs.length !== 2 || !isOperator(value.kind)) return null;
      return simplifyOperator(value, maker);
  }
}

const OPERATORS = new Set<string>([
  ...["add", "subtract", "multiply", "multiplyHigh", "multiplyHighUnsigned", "divide", "divideUnsigned", "remainder"],
  ...["remainderUnsigned", "and", "or", "xor", "shiftLeft", "shiftRight", "shiftRightUnsigned"],
]);
/** Whether the value computes a word from two others and from nothing else. */
export const isOperator = (kind: Value["kind"]): boolean => OPERATORS.has(kind) || isComparison(kind);

function simplifyOperator(value: Value, maker: Maker): Value | null {
  const [left, right] = value.inputs as [Value, Value];
  if (left.kind === "constant" && right.kind === "constant") {
    const folded = evaluate(value.kind as Parameters<typeof evaluate>[0], left.offset, right.offset);
    return folded === null ? null : maker.graph.constant(folded);
  }
  if (isComparison(value.kind)) return simplifyComparisonValue(value, maker);
  if (left.kind === "constant" && COMMUTATIVE.has(value.kind)) value.inputs = [right, left];
  const [, constant] = value.inputs as [Value, Value];
  if (constant.kind === "constant") return withConstant(value, constant.offset, maker);
  return withoutConstant(value, maker);
}

/** `x op constant`. */
function withConstant(value: Value, constant: number, maker: Maker): Value | null {
  const [x] = value.inputs as [Value, Value];
  const { graph } = maker;
  switch (value.kind) {
    case "add":
      return addConstant(value, x, constant, maker);
    case "subtract":
      return maker.make("add", x, graph.constant(-constant));
    case "and":
      return andConstant(value, x, constant, maker);
    case "or":
      if (constant === 0) return x;
      return constant === -1 ? graph.constant(-1) : null;
    case "xor":
      if (constant === 0) return x;
      if (constant === 1 && isComparison(x.kind)) return maker.make(negated(x.kind), x.inputs[0]!, x.inputs[1]!);
      return reassociate(value, x, constant, maker);
    case "multiply":
      return multiplyConstant(x, constant, maker);
    case "divide":
    case "divideUnsigned":
    case "remainder":
    case "remainderUnsigned":
      return divideByConstant(value.kind, x, constant, maker);
    case "shiftLeft":
    case "shiftRight":
    case "shiftRightUnsigned":
      value.inputs = [x, graph.constant(constant & 31)]; // all that the machine looks at
      return shiftConstant(value, x, constant & 31, maker);
    default:
      return null;
  }
}

function addConstant(value: Value, x: Value, constant: number, maker: Maker): Value | null {
  if (constant === 0) return x;
  if (x.kind === "slot" && isCheapSlot(x, maker)) return maker.address(x, x.offset + constant);
  // x ^ -1 is -x - 1.
  if (constant === 1 && x.kind === "xor" && isConstant(x.inputs[1]!, -1)) {
    return maker.make("subtract", maker.graph.constant(0), x.inputs[0]!);
  }
  return reassociate(value, x, constant, maker);
}

/** (x op c) op d is x op (c op d). */
function reassociate(value: Value, x: Value, constant: number, maker: Maker): Value | null {
  const inner = x.inputs[1];
  if (x.kind !== value.kind || inner?.kind !== "constant") return null;
  const joined = evaluate(value.kind as "add", inner.offset, constant)!;
  return maker.make(value.kind, x.inputs[0]!, maker.graph.constant(joined));
}

function andConstant(value: Value, x: Value, constant: number, maker: Maker): Value | null {
  const { graph } = maker;
  if (constant === 0) return graph.constant(0);
  const possible = possibleBits(x);
  if ((possible & ~constant) === 0) return x;
  if ((possible & constant) === 0) return graph.constant(0);
  return reassociate(value, x, constant, maker);
}

function multiplyConstant(x: Value, constant: number, maker: Maker): Value | null {
  const { graph } = maker;
  if (constant === 0) return graph.constant(0);
  if (constant === 1) return x;
  if (constant === -1) return maker.make("subtract", graph.constant(0), x);
  const magnitude = Math.abs(constant);
  const shift = 31 - Math.clz32(magnitude & -magnitude);
  const odd = magnitude >>> shift;
  const shifted = (by: number): Value => (by === 0 ? x : maker.make("shiftLeft", x, graph.constant(by)));
  if (odd === 1)
    return constant > 0 || shift === 31 ? shifted(shift) : maker.make("subtract", graph.constant(0), shifted(shift));
  if (constant < 0 || shift > 0) return null;
  // x * (2^n + 1), x * (2^n - 1): as long as a multiplication with its constant, and faster.
  if (isPower(odd - 1)) return maker.make("add", shifted(log2(odd - 1)), x);
  if (isPower(odd + 1)) return maker.make("subtract", shifted(log2(odd + 1)), x);
  return null;
}

function shiftConstant(value: Value, x: Value, by: number, maker: Maker): Value | null {
  const { graph } = maker;
  if (by === 0) return x;
  const inner = x.inputs[1];
  if (x.kind === value.kind && inner?.kind === "constant") {
    const sum = (inner.offset & 31) + by;
    if (sum <= 31) return maker.make(value.kind, x.inputs[0]!, graph.constant(sum));
    if (value.kind !== "shiftRight") return graph.constant(0);
  }
  if (value.kind === "shiftLeft") return null;
  const possible = possibleBits(x);
  if (possible >>> by === 0) return graph.constant(0);
  // (x << n) >>> n, where nothing falls off.
  if (x.kind === "shiftLeft" && inner?.kind === "constant" && (inner.offset & 31) === by) {
    const original = x.inputs[0]!;
    const kept = value.kind === "shiftRightUnsigned" ? 32 - by : 31 - by;
    if (possibleBits(original) >>> kept === 0) return original;
  }
  return value.kind === "shiftRight" && possible >= 0 ? maker.make("shiftRightUnsigned", x, graph.constant(by)) : null;
}

function withoutConstant(value: Value, maker: Maker): Value | null {
  const [left, right] = value.inputs as [Value, Value];
  const { graph } = maker;
  switch (value.kind) {
    case "subtract":
      return left === right ? graph.constant(0) : null;
    case "xor":
      return left === right ? graph.constant(0) : null;
    case "and":
    case "or":
      return left === right ? left : null;
    case "add":
      return addressSum(left, right, maker);
    default:
      return null;
  }
}

/** (x + c) + y is (x + y) + c: constants gather at the end, where loads take them. */
function addressSum(left: Value, right: Value, maker: Maker): Value | null {
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const constant = one.inputs[1];
    if (one.kind === "add" && constant?.kind === "constant") {
      return maker.make("add", maker.make("add", one.inputs[0]!, other), constant);
    }
  }
  return null;
}

// Comparisons

function simplifyComparisonValue(value: Value, maker: Maker): Value | null {
  const holder = { operator: value.kind as Comparison, inputs: value.inputs };
  const known = decide(holder, maker.graph);
  value.kind = holder.operator;
  value.inputs = holder.inputs;
  if (known !== null) return maker.graph.constant(known ? 1 : 0);
  // What is 0 or 1 already needs no comparison with 0.
  const [x, zero] = value.inputs as [Value, Value];
  if (!isConstant(zero, 0) || possibleBits(x) !== 1) return null;
  if (value.kind === "notEqual") return x;
  return value.kind === "equal" ? maker.make("xor", x, maker.graph.constant(1)) : null;
}

function simplifyComparison(value: Value, maker: Maker): void {
  unwrap(value);
  const known = decide(value, maker.graph);
  if (known === true) value.replacement = value.inputs[0]!; // nobody reads a check: this drops it
}

/** Simplifies a branch; makes it a jump where the outcome is known. Returns the target that is no longer reached. */
export function simplifyBranch(end: Ending, graph: Graph): Block | null {
  const holder = { operator: end.operator, inputs: end.values };
  unwrap(holder);
  const known = decide(holder, graph);
  end.operator = holder.operator;
  end.values = holder.inputs;
  if (known === null) return null;
  const [then, otherwise] = end.targets as [Block, Block];
  end.kind = "jump";
  end.values = [];
  end.targets = [known ? then : otherwise];
  return known ? otherwise : then;
}

interface Compared {
  operator: Comparison;
  inputs: Value[];
}

/** `(a < b) != 0` is `a < b`. */
function unwrap(holder: Compared): void {
  for (;;) {
    const [x, constant] = holder.inputs as [Value, Value];
    if (constant.kind !== "constant" || !isComparison(x.kind)) return;
    const positive =
      (holder.operator === "notEqual" && constant.offset === 0) ||
      (holder.operator === "equal" && constant.offset === 1);
    const negative =
      (holder.operator === "equal" && constant.offset === 0) ||
      (holder.operator === "notEqual" && constant.offset === 1);
    if (!positive && !negative) return;
    holder.operator = positive ? x.kind : negated(x.kind);
    holder.inputs = [...x.inputs];
  }
}

/** Brings a comparison to its canonical form; the outcome where it is certain. */
function decide(holder: Compared, graph: Graph): boolean | null {
  let [left, right] = holder.inputs as [Value, Value];
  if (left.kind === "constant" && right.kind === "constant") {
    return evaluate(holder.operator, left.offset, right.offset) === 1;
  }
  if (left === right) return evaluate(holder.operator, 0, 0) === 1;
  if (left.kind === "constant") {
    holder.operator = swapped(holder.operator);
    [left, right] = [right, left];
    holder.inputs = [left, right];
  }
  if (right.kind !== "constant") return null;
  const unsignedOutcome = byPossibleBits(holder.operator, left, right.offset);
  if (unsignedOutcome !== null) return unsignedOutcome;
  canonicalBound(holder, right.offset, graph);
  foldAddition(holder, graph);
  return null;
}

/** What the bits that can be set say: an unsigned value above the bound, an equality that cannot be. */
function byPossibleBits(operator: Comparison, x: Value, bound: number): boolean | null {
  const possible = possibleBits(x);
  if (operator === "lessUnsigned" && possible >>> 0 < bound >>> 0) return true;
  if (operator === "greaterEqualUnsigned" && possible >>> 0 < bound >>> 0) return false;
  if (operator === "lessEqualUnsigned" && possible >>> 0 <= bound >>> 0) return true;
  if (operator === "greaterUnsigned" && possible >>> 0 <= bound >>> 0) return false;
  if (operator === "lessUnsigned" && bound === 0) return false;
  if (operator === "greaterEqualUnsigned" && bound === 0) return true;
  if ((bound & ~possible) !== 0) {
    if (operator === "equal") return false;
    if (operator === "notEqual") return true;
  }
  if (possible >= 0) {
    if (operator === "less" && possible < bound) return true;
    if (operator === "less" && bound <= 0) return false;
    if (operator === "greaterEqual" && possible < bound) return false;
    if (operator === "greaterEqual" && bound <= 0) return true;
  }
  return null;
}

/** x <= c is x < c + 1, x > c is x >= c + 1; and comparisons that only single out zero are equalities. */
function canonicalBound(holder: Compared, bound: number, graph: Graph): void {
  const set = (operator: Comparison, constant: number): void => {
    holder.operator = operator;
    holder.inputs = [holder.inputs[0]!, graph.constant(constant)];
  };
  // Zero needs no register, so bounds of zero stay as they are.
  if (holder.operator === "lessEqual" && bound !== 0x7fff_ffff && bound !== 0) set("less", bound + 1);
  else if (holder.operator === "greater" && bound !== 0x7fff_ffff && bound !== 0) set("greaterEqual", bound + 1);
  else if (holder.operator === "lessEqualUnsigned" && bound !== -1) set("lessUnsigned", bound + 1);
  else if (holder.operator === "greaterUnsigned" && bound !== -1) set("greaterEqualUnsigned", bound + 1);
  const now = holder.inputs[1]!.offset;
  if (holder.operator === "lessUnsigned" && now === 1) set("equal", 0);
  else if (holder.operator === "greaterEqualUnsigned" && now === 1) set("notEqual", 0);
  else if (holder.operator === "less" && now === 1) set("lessEqual", 0);
  else if (holder.operator === "greaterEqual" && now === 1) set("greater", 0);
}

/** x + c == d is x == d - c. */
function foldAddition(holder: Compared, graph: Graph): void {
  const [x, bound] = holder.inputs as [Value, Value];
  const constant = x.inputs[1];
  if (holder.operator !== "equal" && holder.operator !== "notEqual") return;
  if (constant?.kind !== "constant") return;
  if (x.kind === "add") holder.inputs = [x.inputs[0]!, graph.constant(bound.offset - constant.offset)];
  else if (x.kind === "xor") holder.inputs = [x.inputs[0]!, graph.constant(bound.offset ^ constant.offset)];
}

// Memory

/** base + constant as a base: the constant moves into the offset while that fits. */
function foldOffset(value: Value, maker: Maker): void {
  for (;;) {
    const [base] = value.inputs as [Value];
    const constant = base.inputs[1];
    if (
      base.kind === "slot" &&
      base.offset !== 0 &&
      !isCheapSlot(base, maker) &&
      fitsImmediate(value.offset + base.offset)
    ) {
      value.offset += base.offset;
      value.inputs[0] = maker.address(base, 0);
      return;
    }
    if (base.kind !== "add" || constant?.kind !== "constant") return;
    const offset = value.offset + constant.offset;
    if (!fitsImmediate(offset)) return;
    value.inputs[0] = base.inputs[0]!;
    value.offset = offset;
  }
}

/** symbol + offset as a sum, so that all parts of an object share its address; select.ts joins them again where only one is used. */
function shareSymbol(value: Value, maker: Maker): Value {
  return maker.make("add", maker.address(value, 0), maker.graph.constant(value.offset));
}

/** One instruction makes the address of any byte of the slot. */
const isCheapSlot = (slot: Value, { graph }: Maker): boolean => graph.slots[slot.slot]!.alignment <= STACK_ALIGNMENT;

/** What a store of so many bytes needs of its source: masks that keep them all are idle. */
function narrowed(source: Value, bytes: number): Value {
  const mask = bytes === 4 ? -1 : (1 << (8 * bytes)) - 1;
  let found = source;
  for (;;) {
    const constant = found.inputs[1];
    if (constant?.kind !== "constant" || bytes === 4) return found;
    if (found.kind === "and" && (constant.offset & mask) === mask) found = found.inputs[0]!;
    else if (isExtension(found, 32 - 8 * bytes)) found = found.inputs[0]!.inputs[0]!;
    else return found;
  }
}

/** (x << n) >> n for an n that leaves the stored bytes alone. */
function isExtension(value: Value, atMost: number): boolean {
  if (value.kind !== "shiftRight" && value.kind !== "shiftRightUnsigned") return false;
  const [inner, by] = value.inputs as [Value, Value];
  const innerBy = inner.inputs[1];
  return (
    inner.kind === "shiftLeft" && innerBy?.kind === "constant" && innerBy.offset === by.offset && by.offset <= atMost
  );
}

const isConstant = (value: Value, constant: number): boolean => value.kind === "constant" && value.offset === constant;
const isPower = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;
const log2 = (power: number): number => 31 - Math.clz32(power);

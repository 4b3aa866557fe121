/**
 * What is known about values at a point of the program: ranges, and how pairs of values compare. Branches taken and checks passed tell it.
 *
 * Facts are assumed on the way down the dominator tree and taken back on the way up. Begin reading at `Relations.implies`.
 */
import { compare } from "./evaluate.ts";
import type { Comparison } from "./ir.ts";
import { possibleBits } from "./possible-bits.ts";
import { isLinkerSymbol, negated, type Value } from "./ssa.ts";

interface Range {
  readonly least: number;
  readonly greatest: number;
}

const LEAST = -0x8000_0000;
const GREATEST = 0x7fff_ffff;
const ANY_WORD: Range = { least: LEAST, greatest: GREATEST };

/** How two words can compare, a bit each; the signed outcomes below, the unsigned ones three bits up. */
const enum Outcome {
  Less = 1,
  Equal = 2,
  Greater = 4,
  Any = 7,
}
const UNSIGNED_SHIFT = 3;
const ANYTHING = Outcome.Any | (Outcome.Any << UNSIGNED_SHIFT);
/** Nothing ends so near to the end of the address space. */
const PLACE_BYTES = 1 << 30;
/** Values are numbered below this, so that a pair of them is one number. */
const VALUE_LIMIT = 1 << 22;

const ALLOWED: Record<Comparison, number> = {
  equal: Outcome.Equal,
  notEqual: Outcome.Less | Outcome.Greater,
  less: Outcome.Less,
  lessEqual: Outcome.Less | Outcome.Equal,
  greater: Outcome.Greater,
  greaterEqual: Outcome.Greater | Outcome.Equal,
  lessUnsigned: Outcome.Less,
  lessEqualUnsigned: Outcome.Less | Outcome.Equal,
  greaterUnsigned: Outcome.Greater,
  greaterEqualUnsigned: Outcome.Greater | Outcome.Equal,
};
const isUnsigned = (operator: Comparison): boolean => operator.endsWith("Unsigned");

export class Relations {
  private readonly ranges = new Map<Value, Range>();
  private readonly relations = new Map<number, number>();
  private readonly undo: (() => void)[] = [];

  /** A moment to return to. */
  mark(): number {
    return this.undo.length;
  }

  /** Forgets what has been assumed since. */
  release(mark: number): void {
    while (this.undo.length > mark) this.undo.pop()!();
  }

  /** Whether `left operator right` is certain (true), impossible (false) or open (null). */
  implies(operator: Comparison, left: Value, right: Value): boolean | null {
    if (left.kind === "constant" && right.kind === "constant") return compare(operator, left.offset, right.offset);
    if (isZero(right) && (operator === "equal" || operator === "notEqual") && this.isPlace(left))
      return operator === "notEqual";
    const outcomes = this.outcomes(left, right);
    const possible = isUnsigned(operator) ? outcomes >>> UNSIGNED_SHIFT : outcomes & Outcome.Any;
    if ((possible & ~ALLOWED[operator]) === 0) return true;
    return (possible & ALLOWED[operator]) === 0 ? false : null;
  }

  /** From here on `left operator right` holds. */
  assume(operator: Comparison, left: Value, right: Value): void {
    this.relate(operator, left, right);
    const [a, b] = [this.range(left), this.range(right)];
    switch (operator) {
      case "equal":
        this.narrow(left, b.least, b.greatest);
        this.narrow(right, a.least, a.greatest);
        break;
      case "less":
        this.narrow(left, LEAST, b.greatest - 1);
        this.narrow(right, a.least + 1, GREATEST);
        break;
      case "lessEqual":
        this.narrow(left, LEAST, b.greatest);
        this.narrow(right, a.least, GREATEST);
        break;
      case "greater":
        return this.assume("less", right, left);
      case "greaterEqual":
        return this.assume("lessEqual", right, left);
      case "lessUnsigned":
        if (b.least >= 0) this.narrow(left, Math.max(0, a.least), b.greatest - 1);
        break;
      case "lessEqualUnsigned":
        if (b.least >= 0) this.narrow(left, Math.max(0, a.least), b.greatest);
        break;
      case "greaterUnsigned":
        return this.assume("lessUnsigned", right, left);
      case "greaterEqualUnsigned":
        return this.assume("lessEqualUnsigned", right, left);
      case "notEqual":
        if (b.least === b.greatest) this.exclude(left, b.least);
        if (a.least === a.greatest) this.exclude(right, a.least);
    }
  }

  /** The signed range of a value. */
  range(value: Value, depth = 3): Range {
    if (value.kind === "constant") return { least: value.offset, greatest: value.offset };
    const natural = this.naturalRange(value, depth);
    const known = this.ranges.get(value);
    if (known === undefined) return natural;
    return { least: Math.max(known.least, natural.least), greatest: Math.min(known.greatest, natural.greatest) };
  }

  /** The value lies between these two from here on. */
  narrow(value: Value, least: number, greatest: number): void {
    if (value.kind === "constant") return;
    const before = this.range(value);
    if (least <= before.least && greatest >= before.greatest) return;
    const stored = this.ranges.get(value);
    this.undo.push(() => (stored === undefined ? this.ranges.delete(value) : this.ranges.set(value, stored)));
    this.ranges.set(value, { least: Math.max(least, before.least), greatest: Math.min(greatest, before.greatest) });
  }

  /** Whether the value is the address of something, or lies so little behind one that it cannot be zero. */
  private isPlace(value: Value): boolean {
    let place = value;
    while (place.kind === "add") {
      const [base, index] = place.inputs as [Value, Value];
      const { least, greatest } = this.range(index);
      if (least < 0 || greatest >= PLACE_BYTES) return false;
      place = base;
    }
    return place.kind === "slot" || (place.kind === "symbol" && !isLinkerSymbol(place.symbol));
  }

  private exclude(value: Value, constant: number): void {
    const { least, greatest } = this.range(value);
    if (constant === least) this.narrow(value, least + 1, greatest);
    else if (constant === greatest) this.narrow(value, least, greatest - 1);
  }

  private naturalRange(value: Value, depth: number): Range {
    const bits = possibleBits(value);
    if (bits >= 0) return { least: 0, greatest: bits };
    if (value.kind === "load" && value.bytes < 4) {
      const limit = 1 << (8 * value.bytes - 1);
      return { least: -limit, greatest: limit - 1 };
    }
    if (depth === 0 || value.inputs.length !== 2) return ANY_WORD;
    const [x, y] = value.inputs.map((input) => this.range(input, depth - 1)) as [Range, Range];
    return rangeOf(value.kind, x, y) ?? ANY_WORD;
  }

  private relate(operator: Comparison, left: Value, right: Value): void {
    const ordered = left.id < right.id;
    const key = ordered ? keyOf(left, right) : keyOf(right, left);
    const allowed = ordered ? ALLOWED[operator] : mirrored(ALLOWED[operator]);
    const before = this.relations.get(key) ?? ANYTHING;
    let after = before;
    if (isUnsigned(operator)) after &= (allowed << UNSIGNED_SHIFT) | Outcome.Any;
    else if (operator === "equal" || operator === "notEqual") after &= allowed | (allowed << UNSIGNED_SHIFT);
    else after &= allowed | (Outcome.Any << UNSIGNED_SHIFT);
    // Equality is the same for both.
    if ((after & Outcome.Equal) === 0) after &= ~(Outcome.Equal << UNSIGNED_SHIFT);
    if ((after & (Outcome.Equal << UNSIGNED_SHIFT)) === 0) after &= ~Outcome.Equal;
    if (after === before) return;
    this.undo.push(() => this.relations.set(key, before));
    this.relations.set(key, after);
  }

  /** How the two can compare, from all that is known. */
  private outcomes(left: Value, right: Value): number {
    let known: number;
    if (left.id < right.id) known = this.relations.get(keyOf(left, right)) ?? ANYTHING;
    else known = mirroredBoth(this.relations.get(keyOf(right, left)) ?? ANYTHING);
    const [a, b] = [this.range(left), this.range(right)];
    let signed = known & Outcome.Any & signedOutcomes(a, b);
    let unsigned = known >>> UNSIGNED_SHIFT;
    const both = a.least >= 0 && b.least >= 0;
    // 0 <= left <= right makes right positive too, so that both orders agree; and so on.
    const leftBelow = a.least >= 0 && (signed & Outcome.Greater) === 0;
    const rightBelow = b.least >= 0 && (signed & Outcome.Less) === 0;
    if (both || leftBelow || rightBelow) unsigned &= signed;
    const unsignedBelow = b.least >= 0 && (unsigned & Outcome.Greater) === 0;
    const unsignedAbove = a.least >= 0 && (unsigned & Outcome.Less) === 0;
    if (both || unsignedBelow || unsignedAbove) signed &= unsigned;
    return signed | (unsigned << UNSIGNED_SHIFT);
  }
}

const isZero = ({ kind, offset }: Value): boolean => kind === "constant" && offset === 0;

const keyOf = (lower: Value, higher: Value): number => lower.id * VALUE_LIMIT + higher.id;

function signedOutcomes(a: Range, b: Range): number {
  let outcomes = 0;
  if (a.least < b.greatest) outcomes |= Outcome.Less;
  if (a.least <= b.greatest && b.least <= a.greatest) outcomes |= Outcome.Equal;
  if (a.greatest > b.least) outcomes |= Outcome.Greater;
  return outcomes;
}

const mirrored = (outcomes: number): number =>
  (outcomes & Outcome.Equal) | ((outcomes & Outcome.Less) << 2) | ((outcomes & Outcome.Greater) >> 2);
const mirroredBoth = (outcomes: number): number =>
  mirrored(outcomes & Outcome.Any) | (mirrored(outcomes >>> UNSIGNED_SHIFT) << UNSIGNED_SHIFT);

/** The range of what an operator makes of two ranges; null where it may wrap, or is not known. */
function rangeOf(kind: Value["kind"], x: Range, y: Range): Range | null {
  switch (kind) {
    case "add":
      return within(x.least + y.least, x.greatest + y.greatest);
    case "subtract":
      return within(x.least - y.greatest, x.greatest - y.least);
    case "multiply": {
      const corners = [x.least * y.least, x.least * y.greatest, x.greatest * y.least, x.greatest * y.greatest];
      return within(Math.min(...corners), Math.max(...corners));
    }
    case "shiftLeft": {
      if (y.least !== y.greatest) return null;
      const factor = 2 ** (y.least & 31);
      return within(x.least * factor, x.greatest * factor);
    }
    case "shiftRight":
      return y.least === y.greatest ? { least: x.least >> y.least, greatest: x.greatest >> y.least } : null;
    case "shiftRightUnsigned":
      if (y.least !== y.greatest || x.least < 0) return null;
      return { least: x.least >>> y.least, greatest: x.greatest >>> y.least };
    default:
      return null;
  }
}

const within = (least: number, greatest: number): Range | null =>
  least >= LEAST && greatest <= GREATEST ? { least, greatest } : null;

/** What holds behind the edge of a branch. */
export const holdsBehind = (operator: Comparison, taken: boolean): Comparison => (taken ? operator : negated(operator));

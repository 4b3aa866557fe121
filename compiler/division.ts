/**
 * Division and remainder by a constant, as multiplications and shifts.
 *
 * After Granlund and Montgomery, "Division by Invariant Integers using Multiplication" (PLDI 1994), and Warren, "Hacker's Delight", chapter 10: the
 * quotient is the upper half of a product with a scaled reciprocal. Begin reading at `divideByConstant`.
 */
import type { Maker } from "./simplify.ts";
import type { Value } from "./ssa.ts";

export type Division = "divide" | "divideUnsigned" | "remainder" | "remainderUnsigned";

/** The same result without dividing; null for a divisor of zero. */
export function divideByConstant(kind: Division, x: Value, divisor: number, maker: Maker): Value | null {
  const { graph } = maker;
  if (divisor === 0) return null;
  const unsigned = kind === "divideUnsigned" || kind === "remainderUnsigned";
  const wantsRemainder = kind === "remainder" || kind === "remainderUnsigned";
  const magnitude = unsigned ? divisor >>> 0 : Math.abs(divisor);
  if (magnitude === 1) {
    if (wantsRemainder) return graph.constant(0);
    return divisor === 1 ? x : maker.make("subtract", graph.constant(0), x);
  }
  const power = (magnitude & (magnitude - 1)) === 0 ? 31 - Math.clz32(magnitude) : null;
  if (unsigned && power !== null) {
    if (wantsRemainder) return maker.make("and", x, graph.constant(magnitude - 1));
    return maker.make("shiftRightUnsigned", x, graph.constant(power));
  }
  if (power !== null && wantsRemainder) return signedRemainderOfPower(x, power, magnitude, maker);
  let quotient: Value;
  if (unsigned) quotient = unsignedQuotient(x, magnitude, maker);
  else {
    quotient = power === null ? signedQuotient(x, magnitude, maker) : signedQuotientOfPower(x, power, maker);
    if (divisor < 0 && !wantsRemainder) quotient = maker.make("subtract", graph.constant(0), quotient);
  }
  if (!wantsRemainder) return quotient;
  // The sign of the divisor does not matter for the remainder.
  return maker.make("subtract", x, maker.make("multiply", quotient, graph.constant(magnitude)));
}

/** What makes a shift round towards zero: 2^power - 1 for negative dividends, otherwise 0. */
function bias(x: Value, power: number, maker: Maker): Value {
  const { graph } = maker;
  const sign = power === 1 ? x : maker.make("shiftRight", x, graph.constant(31));
  return maker.make("shiftRightUnsigned", sign, graph.constant(32 - power));
}

function signedQuotientOfPower(x: Value, power: number, maker: Maker): Value {
  return maker.make("shiftRight", maker.make("add", x, bias(x, power, maker)), maker.graph.constant(power));
}

function signedRemainderOfPower(x: Value, power: number, magnitude: number, maker: Maker): Value {
  const rounding = bias(x, power, maker);
  const low = maker.make("and", maker.make("add", x, rounding), maker.graph.constant(magnitude - 1));
  return maker.make("subtract", low, rounding);
}

/** Hacker's Delight, 10-8: the multiplier may need 33 bits, whose top one is added by hand. */
function unsignedQuotient(x: Value, divisor: number, maker: Maker): Value {
  const { graph } = maker;
  const d = BigInt(divisor);
  let shift = BigInt(32 - Math.clz32(divisor - 1)); // rounded up logarithm
  let multiplier = (1n << (32n + shift)) / d + 1n;
  while (shift > 0n && isPrecise(multiplier >> 1n, shift - 1n, d)) [multiplier, shift] = [multiplier >> 1n, shift - 1n];
  const word = graph.constant(Number(multiplier & 0xffff_ffffn));
  const high = maker.make("multiplyHighUnsigned", x, word);
  const by = Number(shift);
  if (multiplier < 1n << 32n) return by === 0 ? high : maker.make("shiftRightUnsigned", high, graph.constant(by));
  const half = maker.make("shiftRightUnsigned", maker.make("subtract", x, high), graph.constant(1));
  return maker.make("shiftRightUnsigned", maker.make("add", half, high), graph.constant(by - 1));
}

/** Whether multiplier / 2^(32 + shift) is close enough to 1 / d for every 32-bit dividend. */
function isPrecise(multiplier: bigint, shift: bigint, d: bigint): boolean {
  const excess = multiplier * d - (1n << (32n + shift));
  return excess > 0n && excess <= 1n << shift;
}

/** Hacker's Delight, 10-3, for divisors of at least 2. */
function signedQuotient(x: Value, divisor: number, maker: Maker): Value {
  const { graph } = maker;
  const d = BigInt(divisor);
  let shift = 0n;
  let multiplier = 0n;
  // The least shift at which the rounded-up reciprocal is precise enough for 31 bits.
  for (; ; shift++) {
    multiplier = (1n << (32n + shift)) / d + 1n;
    if (multiplier * d - (1n << (32n + shift)) <= 1n << (shift + 1n)) break;
  }
  const word = graph.constant(Number(BigInt.asIntN(32, multiplier)));
  let high = maker.make("multiplyHigh", x, word);
  if (multiplier >= 1n << 31n) high = maker.make("add", high, x);
  const shifted = shift === 0n ? high : maker.make("shiftRight", high, graph.constant(Number(shift)));
  return maker.make("add", shifted, maker.make("shiftRightUnsigned", x, graph.constant(31)));
}

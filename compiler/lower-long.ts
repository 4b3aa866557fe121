/**
 * 64-bit arithmetic on pairs of words, low first. Multiplication takes three products; division calls the runtime. Begin reading at
 * `longArithmetic`.
 */
import { constant, inRegister, ZERO } from "./builder.ts";
import { type BinaryOperator, type Operand, Reason, RuntimeSymbol } from "./ir.ts";
import type { Body } from "./lower-context.ts";

type Long = readonly Operand[];

export function longArithmetic(body: Body, operator: string, a: Long, b: Long): Operand[] {
  switch (operator) {
    case "+":
      return add(body, a, b);
    case "-":
      return subtract(body, a, b);
    case "*":
      return multiply(body, a, b);
    case "/":
      return divide(body, RuntimeSymbol.DivideLong, a, b);
    case "%":
      return divide(body, RuntimeSymbol.RemainderLong, a, b);
    default: {
      const name: BinaryOperator = operator === "&" ? "and" : operator === "|" ? "or" : "xor";
      return [body.builder.binary(name, a[0]!, b[0]!), body.builder.binary(name, a[1]!, b[1]!)];
    }
  }
}

export function longNegate(body: Body, a: Long): Operand[] {
  return subtract(body, [ZERO, ZERO], a);
}

/** 1 if a < b, else 0. */
export function longLess(body: Body, a: Long, b: Long): Operand {
  const { builder } = body;
  const low = builder.binary("lessUnsigned", a[0]!, b[0]!);
  const high = builder.binary("lessUnsigned", a[1]!, b[1]!);
  const same = builder.binary("equal", a[1]!, b[1]!);
  return builder.binary("or", high, builder.binary("and", same, low));
}

/** Shifts by 64 and more leave nothing, as in JavaScript. */
export function longShift(body: Body, operator: string, a: Long, amount: Long): Operand[] {
  const [low, high] = amount as [Operand, Operand];
  if (low.kind === "constant" && high.kind === "constant") {
    return high.value !== 0 || low.value >>> 0 >= 64 ? [ZERO, ZERO] : shiftByConstant(body, operator, a, low.value);
  }
  return shiftByVariable(body, operator, a, low, high);
}

function add(body: Body, a: Long, b: Long): Operand[] {
  const { builder } = body;
  const low = builder.binary("add", a[0]!, b[0]!);
  const carry = builder.binary("lessUnsigned", low, a[0]!);
  return [low, builder.binary("add", builder.binary("add", a[1]!, b[1]!), carry)];
}

function subtract(body: Body, a: Long, b: Long): Operand[] {
  const { builder } = body;
  const borrow = builder.binary("lessUnsigned", a[0]!, b[0]!);
  const low = builder.binary("subtract", a[0]!, b[0]!);
  return [low, builder.binary("subtract", builder.binary("subtract", a[1]!, b[1]!), borrow)];
}

function multiply(body: Body, a: Long, b: Long): Operand[] {
  const { builder } = body;
  const crossed = builder.binary(
    "add",
    builder.binary("multiply", a[0]!, b[1]!),
    builder.binary("multiply", a[1]!, b[0]!),
  );
  const high = builder.binary("add", builder.binary("multiplyHighUnsigned", a[0]!, b[0]!), crossed);
  return [builder.binary("multiply", a[0]!, b[0]!), high];
}

function divide(body: Body, symbol: RuntimeSymbol, a: Long, b: Long): Operand[] {
  const { builder } = body;
  builder.check("notEqual", builder.binary("or", b[0]!, b[1]!), ZERO, Reason.Division);
  return builder.call(symbol, [...a, ...b], 2);
}

function shiftByConstant(body: Body, operator: string, a: Long, amount: number): Operand[] {
  const { builder } = body;
  const [low, high] = a as [Operand, Operand];
  if (amount === 0) return [low, high];
  const isLeft = operator === "<<";
  const [along, against] = isLeft
    ? (["shiftLeft", "shiftRightUnsigned"] as const)
    : (["shiftRightUnsigned", "shiftLeft"] as const);
  const [near, far] = isLeft ? [low, high] : [high, low];
  const moved = amount >= 32;
  const nearResult = moved ? ZERO : builder.binary(along, near, constant(amount));
  const farResult = moved
    ? builder.binary(along, near, constant(amount - 32))
    : builder.binary(
        "or",
        builder.binary(along, far, constant(amount)),
        builder.binary(against, near, constant(32 - amount)),
      );
  return isLeft ? [nearResult, farResult] : [farResult, nearResult];
}

/** Three cases: nothing is left, whole words move, or bits cross from one word to the other. */
function shiftByVariable(body: Body, operator: string, a: Long, amount: Operand, amountHigh: Operand): Operand[] {
  const { builder } = body;
  const isLeft = operator === "<<";
  const [along, against] = isLeft
    ? (["shiftLeft", "shiftRightUnsigned"] as const)
    : (["shiftRightUnsigned", "shiftLeft"] as const);
  const [near, far] = isLeft ? [a[0]!, a[1]!] : [a[1]!, a[0]!];
  const [nearTarget, farTarget] = [builder.register(), builder.register()];
  const [inside, small, large, nothing, after] = [
    builder.block(),
    builder.block(),
    builder.block(),
    builder.block(),
    builder.block(),
  ];
  const finish = (nearResult: Operand, farResult: Operand): void => {
    builder.move(nearTarget, nearResult);
    builder.move(farTarget, farResult);
    builder.jump(after);
  };
  const outside = builder.binary("or", amountHigh, builder.binary("shiftRightUnsigned", amount, constant(6)));
  builder.branch("equal", outside, ZERO, inside, nothing);
  builder.enter(inside);
  builder.branch("lessUnsigned", amount, constant(32), small, large);
  builder.enter(small);
  // The bits that cross are shifted by 31 - n and by one more, so that a shift by zero moves none.
  const rest = builder.binary("subtract", constant(31), amount);
  const crossing = builder.binary(against, builder.binary(against, near, constant(1)), rest);
  finish(builder.binary(along, near, amount), builder.binary("or", builder.binary(along, far, amount), crossing));
  builder.enter(large);
  finish(ZERO, builder.binary(along, near, builder.binary("subtract", amount, constant(32))));
  builder.enter(nothing);
  finish(ZERO, ZERO);
  builder.enter(after);
  return isLeft ? [inRegister(nearTarget), inRegister(farTarget)] : [inRegister(farTarget), inRegister(nearTarget)];
}

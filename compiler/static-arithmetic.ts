/**
 * Arithmetic on constants: exact while they adapt, wrapping once they have a type, bits as JavaScript has them. Begin reading at
 * `combineIntegers`.
 */
import type ts from "typescript";
import { excerpt, fail } from "./errors.ts";
import type { Static } from "./static-values.ts";
import { BOOLEAN } from "./types.ts";
import {
  brandsClash,
  type Constant,
  type IntegerType,
  integerName,
  literalType,
  promote,
  resultBrands,
  unify,
  wrap,
} from "./widths.ts";

type Integer = Static & { kind: "integer" };

export function integerValue(value: bigint, type: IntegerType, bits = false): Static {
  return { kind: "integer", type, constant: { value, bits } };
}

export function negate(constant: Constant, type: IntegerType): Static {
  return settled(-constant.value, type, false);
}

export function complement(constant: Constant, type: IntegerType): Static {
  return settled(bitwise(type, ~constant.value), type, true);
}

export function combineBooleans(operator: string, left: boolean, right: boolean): Static | null {
  const results: Record<string, boolean> = {
    "&&": left && right,
    "||": left || right,
    "===": left === right,
    "!==": left !== right,
  };
  const value = results[operator];
  return value === undefined ? null : { kind: "boolean", type: BOOLEAN, value };
}

export function combineIntegers(
  node: ts.BinaryExpression,
  operator: string,
  left: Integer,
  right: Integer,
): Static | null {
  if (operator === "<<" || operator === ">>" || operator === ">>>") return shift(node, operator, left, right);
  const unified = unify(left, right);
  if (unified === null)
    return fail(node, "mixed", excerpt(node), `${integerName(left.type)} and ${integerName(right.type)}`);
  if (brandsClash(left, right)) return fail(node, "brand", integerName(left.type), integerName(right.type));
  const computed = (value: bigint): bigint => (unified.flexible ? value : wrap(value, unified.width));
  const [a, b] = [computed(left.constant.value), computed(right.constant.value)];
  const comparison = compare(operator, a, b);
  if (comparison !== null) return { kind: "boolean", type: BOOLEAN, value: comparison };
  if ((operator === "/" || operator === "%") && b === 0n) return fail(node, "divisionByZero");
  const type: IntegerType = { ...unified, brands: resultBrands(operator, left, right) };
  return calculate(operator, a, b, type, left.constant.bits || right.constant.bits);
}

function calculate(operator: string, a: bigint, b: bigint, type: IntegerType, bits: boolean): Static | null {
  switch (operator) {
    case "+":
      return settled(a + b, type, bits);
    case "-":
      return settled(a - b, type, bits);
    case "*":
      return settled(a * b, type, bits);
    case "/":
      return settled(a / b, type, false);
    case "%":
      return settled(a % b, type, false);
    case "&":
      return settled(bitwise(type, a & b), type, true);
    case "|":
      return settled(bitwise(type, a | b), type, true);
    case "^":
      return settled(bitwise(type, a ^ b), type, true);
    default:
      return null;
  }
}

/** An untyped result finds its type again; a typed one wraps as the machine would. */
function settled(value: bigint, type: IntegerType, bits: boolean): Static {
  if (!type.flexible) return integerValue(wrap(value, type.width), type, bits);
  return integerValue(value, type.width === "u64" ? type : literalType(value), bits);
}

/** As in JavaScript, bits of untyped constants are those of an i32. */
function bitwise(type: IntegerType, value: bigint): bigint {
  return type.flexible && type.width !== "u64" ? BigInt.asIntN(32, value) : value;
}

function compare(operator: string, a: bigint, b: bigint): boolean | null {
  switch (operator) {
    case "===":
      return a === b;
    case "!==":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return null;
  }
}

function shift(node: ts.BinaryExpression, operator: string, left: Integer, right: Integer): Static {
  const width = left.type.width === "u64" ? 64 : 32;
  const amount = right.constant.value;
  if (amount < 0n || amount >= BigInt(width)) return fail(node.right, "shiftRange", String(amount), String(width - 1));
  const type: IntegerType = { ...promote(left.type), brands: [] };
  const { value } = left.constant;
  if (operator === "<<") return settled(bitwise(type, value << amount), type, true);
  if (operator === ">>") {
    if (type.width === "u32" && !type.flexible) return fail(node, "signedShift", "u32");
    return settled(bitwise(type, value) >> amount, type, true);
  }
  if (left.type.width === "i32" && !left.type.flexible) return fail(node, "unsignedShift", "i32");
  return settled(BigInt.asUintN(width, value) >> amount, type, true);
}

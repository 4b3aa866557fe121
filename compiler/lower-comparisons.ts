/**
 * Comparisons, reduced to one comparison of two words, so that a branch, a check or a value can be made of it. Begin reading at
 * `compare`.
 */
import ts = require("typescript");

import { constant, ZERO } from "./builder.ts";
import { excerpt, fail } from "./errors.ts";
import { type Comparison, type Operand, RuntimeSymbol } from "./ir.ts";
import { type Body, type Value, word } from "./lower-context.ts";
import { lowerExpression } from "./lower-expressions.ts";
import { longLess } from "./lower-long.ts";
import { adapt, isInteger, unifyOrFail } from "./lower-operators.ts";

export interface Compared {
  readonly operator: Comparison;
  readonly left: Operand;
  readonly right: Operand;
}

export const isEquality = (operator: string): boolean => ["===", "!==", "==", "!="].includes(operator);
export const isOrdering = (operator: string): boolean => ["<", "<=", ">", ">="].includes(operator);

const orderings: Record<string, Comparison> = { "<": "less", "<=": "lessEqual", ">": "greater", ">=": "greaterEqual" };

export function compare(body: Body, node: ts.BinaryExpression, operator: string): Compared {
  if (operator === "==" || operator === "!=")
    return fail(node.operatorToken, "looseEquality", operator, `${operator}=`);
  const left = lowerExpression(body, node.left);
  const right = lowerExpression(body, node.right);
  return isEquality(operator)
    ? equality(body, node, left, right, operator === "===")
    : ordering(body, node, left, right, operator);
}

/** `left === right`, or its opposite: integers by value, strings by content, everything else by identity. */
export function equality(body: Body, node: ts.Node, left: Value, right: Value, same: boolean): Compared {
  const operator = same ? "equal" : "notEqual";
  if (isInteger(left) && isInteger(right)) {
    const type = unifyOrFail(node, left, right);
    const [a, b] = [adapt(left, type, node), adapt(right, type, node)];
    return type.width === "u64"
      ? longEquality(body, a.words, b.words, operator)
      : { operator, left: word(a), right: word(b) };
  }
  const kinds = [left.type.kind, right.type.kind];
  if (kinds.includes("null")) return { operator, left: word(left), right: word(right) };
  if (kinds[0] !== kinds[1] || kinds[0] === "slice" || kinds[0] === "format")
    return fail(node, "operands", same ? "===" : "!==", kinds.join(" and "));
  if (kinds[0] === "string") return textEquality(body, node, left, right, same);
  return { operator, left: word(left), right: word(right) };
}

/** Equal when no bit differs. */
function longEquality(body: Body, a: readonly Operand[], b: readonly Operand[], operator: Comparison): Compared {
  const { builder } = body;
  const low = builder.binary("xor", a[0]!, b[0]!);
  const high = builder.binary("xor", a[1]!, b[1]!);
  return { operator, left: builder.binary("or", low, high), right: ZERO };
}

function textEquality(body: Body, node: ts.Node, left: Value, right: Value, same: boolean): Compared {
  for (const side of [left, right])
    if ("nullable" in side.type && side.type.nullable && !isNarrowed(body, node))
      fail(node, "operands", "===", "a string that may be null");
  const { builder } = body;
  const parts = [left, right].flatMap((side) => [
    builder.binary("add", word(side), constant(4)),
    builder.load(word(side), 0, 4, false, false),
  ]);
  const [equal] = builder.call(RuntimeSymbol.StringEqual, parts, 1);
  return { operator: same ? "notEqual" : "equal", left: equal!, right: ZERO };
}

/** Whether tsc knows by now that neither side is null. */
function isNarrowed(body: Body, node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  const { types } = body.module.constants;
  return [node.left, node.right].every((side) => {
    const type = types.typeAt(side);
    return !type.isUnion() || type.types.every((member) => !(member.flags & ts.TypeFlags.Null));
  });
}

function ordering(body: Body, node: ts.Node, left: Value, right: Value, operator: string): Compared {
  if (!isInteger(left) || !isInteger(right))
    return fail(node, "operands", operator, isInteger(left) ? right.type.kind : left.type.kind);
  const type = unifyOrFail(node, left, right);
  const [a, b] = [adapt(left, type, node), adapt(right, type, node)];
  if (type.width === "u64") return longOrdering(body, a.words, b.words, operator);
  const name = orderings[operator] ?? fail(node, "expression", excerpt(node));
  const comparison = (type.width === "u32" ? `${name}Unsigned` : name) as Comparison;
  return { operator: comparison, left: word(a), right: word(b) };
}

/** a <= b is the opposite of b < a. */
function longOrdering(body: Body, a: readonly Operand[], b: readonly Operand[], operator: string): Compared {
  const isSwapped = operator === ">" || operator === "<=";
  const less = isSwapped ? longLess(body, b, a) : longLess(body, a, b);
  const isNegated = operator === "<=" || operator === ">=";
  return { operator: isNegated ? "equal" : "notEqual", left: less, right: ZERO };
}

/**
 * Operators: arithmetic and comparison in the width that both sides agree on, assignment, and conditions as control flow.
 *
 * Begin reading at `arithmetic`; 64-bit values go on in lower-long.ts.
 */
import ts = require("typescript");

import { constant, inRegister, type Pause, ZERO } from "./builder.ts";
import { excerpt, fail } from "./errors.ts";
import { type BinaryOperator, type Operand, Reason } from "./ir.ts";
import { type Compared, compare, isEquality, isOrdering } from "./lower-comparisons.ts";
import { type Body, convert, integerConstant, represent, type Value, word } from "./lower-context.ts";
import { lowerExpression, lowerTo } from "./lower-expressions.ts";
import { longArithmetic, longNegate, longShift } from "./lower-long.ts";
import { type Place, placeOf, readPlace, writePlace } from "./lower-places.ts";
import { settle } from "./static-values.ts";
import { BOOLEAN, type Type, wordsOf } from "./types.ts";
import {
  brandsClash,
  fits,
  I32,
  type IntegerType,
  integer,
  integerName,
  literalType,
  mismatch,
  promote,
  resultBrands,
  unify,
  type Width,
} from "./widths.ts";

type IntegerValue = Value & { readonly type: IntegerType };

/** `&&`, `||`, `??`, comma, comparisons and arithmetic. Assignments are `lowerAssignment`'s. */
export function lowerBinary(body: Body, node: ts.BinaryExpression, expected?: Type): Value {
  const operator = node.operatorToken.getText();
  if (operator === ",") {
    lowerExpression(body, node.left);
    return lowerExpression(body, node.right, expected);
  }
  if (operator === "&&" || operator === "||") return lowerLogical(body, node);
  if (operator === "??") return lowerCoalescing(body, node, expected);
  if (isEquality(operator) || isOrdering(operator)) {
    const { operator: comparison, left, right } = compare(body, node, operator);
    return { type: BOOLEAN, words: [body.builder.binary(comparison, left, right)] };
  }
  const left = lowerExpression(body, node.left);
  const right = lowerExpression(body, node.right);
  return arithmetic(body, node, operator, left, right);
}

/** `left operator right` for integers. `node` is where a mixture is reported. */
export function arithmetic(body: Body, node: ts.Node, operator: string, left: Value, right: Value): Value {
  if (operator === "+" && (left.type.kind === "string" || right.type.kind === "string"))
    return fail(node, "concatenation");
  if (!isInteger(left) || !isInteger(right))
    return fail(node, "operands", operator, isInteger(left) ? right.type.kind : left.type.kind);
  if (operator === "<<" || operator === ">>" || operator === ">>>") return shift(body, node, operator, left, right);
  const type = unifyOrFail(node, left, right);
  const brands = resultBrands(operator, left, right);
  const result = narrowResult(operator, left, right) ?? {
    ...type,
    flexible: type.flexible && isBitwise(operator),
    brands,
  };
  const [a, b] = [adapt(left, type, node), adapt(right, type, node)];
  if (type.width === "u64") return { type: result, words: longArithmetic(body, operator, a.words, b.words) };
  const isDivision = operator === "/" || operator === "%";
  if (isDivision) body.builder.check("notEqual", word(b), ZERO, Reason.Division);
  const name = operators[operator] ?? fail(node, "operands", operator, "integers");
  const suffix = isDivision && type.width === "u32" ? "Unsigned" : "";
  return { type: result, words: [body.builder.binary(`${name}${suffix}` as BinaryOperator, word(a), word(b))] };
}

const operators: Record<string, string> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "remainder",
  "&": "and",
  "|": "or",
  "^": "xor",
};

const isBitwise = (operator: string): boolean => operator === "&" || operator === "|" || operator === "^";

/**
 * What comes of u8 and u16, and of constants beside them, is not negative, unless it is a difference: so it adapts to u32 as well. Bits of
 * narrow values are as narrow.
 */
function narrowResult(operator: string, left: IntegerValue, right: IntegerValue): IntegerType | null {
  const [a, b] = [narrowBits(left), narrowBits(right)];
  if (a === null || b === null || operator === "-") return null;
  if (!isBitwise(operator)) return { ...I32, flexible: true };
  const bits = operator === "&" ? Math.min(a, b) : Math.max(a, b);
  return integer(bits <= 8 ? "u8" : "u16");
}

/** How many bits hold the value, for u8, u16 and constants that fit them. */
function narrowBits({ type, constant: known }: IntegerValue): 8 | 16 | null {
  if (known !== undefined && type.flexible) return fits(known, "u8") ? 8 : fits(known, "u16") ? 16 : null;
  return type.width === "u8" ? 8 : type.width === "u16" ? 16 : null;
}

/** A constant that another side's type has room for. */
function adaptsTo(value: IntegerValue, type: IntegerType): boolean {
  return value.constant !== undefined && value.type.flexible && fits(value.constant, type.width);
}

export function isInteger(value: Value): value is IntegerValue {
  return value.type.kind === "integer";
}

/** The type that two operands share. */
export function unifyOrFail(node: ts.Node, left: IntegerValue, right: IntegerValue): IntegerType {
  const type = unify(left, right);
  if (type === null)
    return fail(node, "mixed", excerpt(node), `${integerName(left.type)} and ${integerName(right.type)}`);
  if (brandsClash(left, right)) return fail(node, "brand", integerName(left.type), integerName(right.type));
  return type;
}

/** An operand in the type that it shares with the other; only a constant can fail to fit. */
export function adapt(value: IntegerValue, type: IntegerType, node: ts.Node): Value {
  if (value.constant !== undefined && value.type.flexible && !fits(value.constant, type.width))
    return fail(node, "literalRange", String(value.constant.value), integerName(type));
  return represent(value, type);
}

/** The type of a shift is its left side's. A constant shifted by a variable adapts, as bits. */
function shift(body: Body, node: ts.Node, operator: string, left: IntegerValue, right: IntegerValue): Value {
  const promoted = promote(left.type);
  const isConstant = left.constant !== undefined && left.type.flexible;
  const isNarrow = left.type.width === "u8" || left.type.width === "u16";
  const type: IntegerType = {
    ...promoted,
    brands: [],
    flexible: isConstant || isNarrow || (operator === "<<" && promoted.flexible),
  };
  if (left.type.width === "u64") return { type, words: longShift(body, operator, left.words, right.words) };
  if (operator === ">>" && type.width === "u32") return fail(node, "signedShift", integerName(left.type));
  const isSigned = left.type.width === "i32" && !(isConstant && left.constant!.value >= 0n);
  if (operator === ">>>" && isSigned) return fail(node, "unsignedShift", integerName(left.type));
  if (right.constant !== undefined && (right.constant.value < 0n || right.constant.value > 31n))
    return fail(node, "shiftRange", String(right.constant.value), "31");
  const name = operator === "<<" ? "shiftLeft" : operator === ">>" ? "shiftRight" : "shiftRightUnsigned";
  return { type, words: [body.builder.binary(name, word(left), word(right))] };
}

/** Keeps the low bits that a width has room for. */
export function truncate(body: Body, value: Operand, width: Width): Operand {
  if (width === "u8") return body.builder.binary("and", value, constant(0xff));
  if (width === "u16") return body.builder.binary("and", value, constant(0xffff));
  return value;
}

export function lowerPrefix(body: Body, node: ts.PrefixUnaryExpression): Value {
  const { builder } = body;
  if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
    return step(body, node.operand, node.operator === ts.SyntaxKind.PlusPlusToken ? "+" : "-", node).after;
  if (node.operator === ts.SyntaxKind.ExclamationToken)
    return { type: BOOLEAN, words: [builder.binary("xor", word(lowerBoolean(body, node.operand)), constant(1))] };
  const value = lowerExpression(body, node.operand);
  if (!isInteger(value)) return fail(node, "operands", ts.tokenToString(node.operator) ?? "", value.type.kind);
  const type = promote(value.type);
  if (node.operator === ts.SyntaxKind.PlusToken) return value;
  if (node.operator === ts.SyntaxKind.TildeToken)
    return {
      type: { ...type, brands: value.type.brands },
      words: value.words.map((each) => builder.binary("xor", each, constant(-1))),
    };
  const negated =
    type.width === "u64" ? longNegate(body, value.words) : [builder.binary("subtract", ZERO, word(value))];
  return { type: { ...type, flexible: false, brands: [] }, words: negated };
}

export function lowerPostfix(body: Body, node: ts.PostfixUnaryExpression): Value {
  return step(body, node.operand, node.operator === ts.SyntaxKind.PlusPlusToken ? "+" : "-", node).before;
}

/** `++` and `--`: wrap in the width of what they change. */
function step(
  body: Body,
  target: ts.Expression,
  operator: "+" | "-",
  node: ts.Expression,
): { before: Value; after: Value } {
  const place = placeOf(body, target);
  if (place.type.kind !== "integer") return fail(node, "operands", operator + operator, place.type.kind);
  const wanted = !ts.isExpressionStatement(node.parent) && ts.isPostfixUnaryExpression(node);
  const read = readPlace(body, place);
  const before = wanted ? { ...read, words: read.words.map((each) => body.builder.snapshot(each)) } : read;
  const one: Value = integerConstant(
    { value: 1n, bits: false },
    place.type.width === "u64" ? { ...place.type, brands: [] } : literalType(1n),
  );
  const after = wrapped(body, arithmetic(body, node, operator, before, one), place.type);
  writePlace(body, place, after);
  return { before, after };
}

/** `=` and the compound assignments; the value is what was stored. */
export function lowerAssignment(body: Body, node: ts.BinaryExpression): Value {
  const operator = node.operatorToken.getText();
  if (operator === "**=") return fail(node, "power");
  if (operator === "&&=" || operator === "||=" || operator === "??=") return fail(node, "logicalAssignment", operator);
  if (ts.isArrayLiteralExpression(node.left) || ts.isObjectLiteralExpression(node.left))
    return fail(node.left, "destructuring");
  const place = placeOf(body, node.left);
  if (operator === "=") {
    const value = lowerTo(body, node.right, place.type);
    writePlace(body, place, value);
    return value;
  }
  const value = compound(body, node, operator.slice(0, -1), place);
  writePlace(body, place, value);
  return value;
}

function compound(body: Body, node: ts.BinaryExpression, operator: string, place: Place): Value {
  const before = readPlace(body, place);
  const right = lowerExpression(body, node.right);
  if (place.type.kind === "boolean" && right.type.kind === "boolean" && ["&", "|", "^"].includes(operator))
    return {
      type: BOOLEAN,
      words: [body.builder.binary(operators[operator] as BinaryOperator, word(before), word(right))],
    };
  const after = arithmetic(body, node, operator, before, right);
  if (place.type.kind !== "integer" || !isInteger(right)) return convert(body, after, place.type, node);
  const isShift = operator === "<<" || operator === ">>" || operator === ">>>";
  const isNarrow = place.type.width === "u8" || place.type.width === "u16";
  if (!isNarrow) return convert(body, after, place.type, node);
  if (!isShift && mismatch(right, place.type) !== null)
    return fail(node, "narrowing", excerpt(node.right), integerName(place.type));
  return wrapped(body, after, place.type);
}

function wrapped(body: Body, value: Value, type: IntegerType): Value {
  return { type, words: type.width === "u64" ? value.words : [truncate(body, word(value), type.width)] };
}

/** Goes to `then` or to `otherwise`. */
export function lowerCondition(body: Body, node: ts.Expression, then: number, otherwise: number): void {
  const { builder, module } = body;
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
  if (inner !== node) return lowerCondition(body, inner, then, otherwise);
  const known = module.constants.evaluate(node);
  if (known?.kind === "boolean") return builder.jump(known.value ? then : otherwise);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return lowerCondition(body, node.operand, otherwise, then);
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.getText();
    if (operator === "&&" || operator === "||") return lowerShortCircuit(body, node, operator, then, otherwise);
    const compared = comparison(body, node, operator);
    if (compared !== null) return builder.branch(compared.operator, compared.left, compared.right, then, otherwise);
  }
  builder.branch("notEqual", word(lowerBoolean(body, node)), ZERO, then, otherwise);
}

function lowerShortCircuit(
  body: Body,
  node: ts.BinaryExpression,
  operator: string,
  then: number,
  otherwise: number,
): void {
  const second = body.builder.block();
  lowerCondition(body, node.left, operator === "&&" ? second : then, operator === "&&" ? otherwise : second);
  body.builder.enter(second);
  lowerCondition(body, node.right, then, otherwise);
}

/** What a condition compares, where it is one comparison; null for others. */
export function comparison(body: Body, node: ts.Expression, operator: string): Compared | null {
  return ts.isBinaryExpression(node) && (isEquality(operator) || isOrdering(operator))
    ? compare(body, node, operator)
    : null;
}

/** Numbers and references are no conditions: JavaScript's rules for them differ from anyone's expectation. */
function lowerBoolean(body: Body, node: ts.Expression): Value {
  const value = lowerExpression(body, node);
  if (value.type.kind === "never") return represent(value, BOOLEAN);
  return value.type.kind === "boolean" ? value : fail(node, "condition", excerpt(node));
}

function lowerLogical(body: Body, node: ts.BinaryExpression): Value {
  const { builder } = body;
  const [yes, no, after] = [builder.block(), builder.block(), builder.block()];
  const target = builder.register();
  lowerCondition(body, node, yes, no);
  builder.enter(yes);
  builder.move(target, constant(1));
  builder.jump(after);
  builder.enter(no);
  builder.move(target, ZERO);
  builder.enter(after);
  return { type: BOOLEAN, words: [inRegister(target)] };
}

/** `a ?? b` for whatever can be null. */
function lowerCoalescing(body: Body, node: ts.BinaryExpression, expected: Type | undefined): Value {
  const left = lowerExpression(body, node.left);
  if (!("nullable" in left.type)) return left.type.kind === "null" ? lowerExpression(body, node.right, expected) : left;
  const found: Value = { ...left, type: { ...left.type, nullable: false } };
  const decide = (isNull: number, isThere: number): void =>
    body.builder.branch("equal", word(left), ZERO, isNull, isThere);
  return choose(body, node, expected, decide, [
    () => lowerExpression(body, node.right, expected ?? left.type),
    () => found,
  ]);
}

/** `condition ? a : b`, of any type that has registers. */
export function lowerConditionalValue(body: Body, node: ts.ConditionalExpression, expected?: Type): Value {
  const decide = (then: number, otherwise: number): void => lowerCondition(body, node.condition, then, otherwise);
  return choose(body, node, expected, decide, [
    () => lowerExpression(body, node.whenTrue, expected),
    () => lowerExpression(body, node.whenFalse, expected),
  ]);
}

type Sides<T> = readonly [T, T];

/** One of two values, by way of registers that both sides write once their common type is known. */
function choose(
  body: Body,
  node: ts.Expression,
  expected: Type | undefined,
  decide: (first: number, second: number) => void,
  lower: Sides<() => Value>,
): Value {
  const { builder } = body;
  const blocks: Sides<number> = [builder.block(), builder.block()];
  const after = builder.block();
  decide(...blocks);
  const side = (index: 0 | 1): { value: Value; pause: Pause } => {
    builder.enter(blocks[index]);
    const value = lower[index]();
    return { value, pause: builder.pause() };
  };
  const sides = [side(0), side(1)] as const;
  const type = commonType(body, node, expected, [sides[0].value, sides[1].value]);
  const targets = Array.from({ length: wordsOf(type) }, () => builder.register());
  for (const { value, pause } of sides) {
    builder.resume(pause);
    const { words } = convert(body, value, type, node);
    targets.forEach((target, index) => {
      builder.move(target, words[index] ?? ZERO);
    });
    builder.jump(after);
  }
  builder.enter(after);
  return { type, words: targets.map(inRegister) };
}

function commonType(body: Body, node: ts.Expression, expected: Type | undefined, [left, right]: Sides<Value>): Type {
  if (expected !== undefined && expected.kind !== "void") return expected;
  if (left.type.kind === "never") return right.type;
  if (right.type.kind === "never") return left.type;
  if (isInteger(left) && isInteger(right)) {
    const areConstants = left.constant !== undefined && right.constant !== undefined;
    if (left.type.width === right.type.width && !areConstants) return left.type.flexible ? right.type : left.type;
    if (!areConstants && adaptsTo(left, right.type)) return right.type;
    if (!areConstants && adaptsTo(right, left.type)) return left.type;
    return areConstants ? unifyOrFail(node, left, right) : settle(unifyOrFail(node, left, right));
  }
  if (left.type.kind === "boolean" || left.type.kind === "void") return left.type;
  return body.module.constants.types.of(body.module.constants.types.typeAt(node), node);
}

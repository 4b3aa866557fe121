/**
 * Expressions: from a node of the syntax tree to the registers that hold its value.
 *
 * What is known when compiled never gets here as code. `expected` is the type that the surroundings want; it gives literals theirs.
 * Begin reading at `lowerExpression`.
 */
import ts = require("typescript");

import { ZERO } from "./builder.ts";
import { checkCast } from "./conversions.ts";
import { excerpt, fail } from "./errors.ts";
import { Reason } from "./ir.ts";
import { lowerCall } from "./lower-calls.ts";
import { at, type Body, convert, represent, staticValue, type Value, word } from "./lower-context.ts";
import { lowerAssignment, lowerBinary, lowerConditionalValue, lowerPostfix, lowerPrefix } from "./lower-operators.ts";
import { placeOf, readElement, readField, readName, readPlace } from "./lower-places.ts";
import { lowerLiteral, lowerNew } from "./lower-storage.ts";
import { lowerAssembly, lowerTagged } from "./lower-templates.ts";
import { isFunctionNode, linkSymbol } from "./names.ts";
import { isAssembly, isAssignment } from "./syntax.ts";
import type { Type } from "./types.ts";

/** The value of an expression, in whatever type it has. */
export function lowerExpression(body: Body, node: ts.Expression, expected?: Type): Value {
  return at(body, placeForLine(node), () => {
    const known = body.module.constants.evaluate(node);
    return known !== null ? staticValue(body, known) : lowerDynamic(body, node, expected);
  });
}

/** The value of an expression as a declared type has it. */
export function lowerTo(body: Body, node: ts.Expression, type: Type): Value {
  return convert(body, lowerExpression(body, node, type), type, node);
}

/** An expression whose value nobody wants. */
export function lowerEffect(body: Body, node: ts.Expression): void {
  lowerExpression(body, node);
}

/** In a chain over several lines, each call and each field has the line of its name. */
function placeForLine(node: ts.Expression): ts.Node {
  if (ts.isPropertyAccessExpression(node)) return node.name;
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) return node.expression.name;
  return node;
}

function lowerDynamic(body: Body, node: ts.Expression, expected: Type | undefined): Value {
  if (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node))
    return lowerExpression(body, node.expression, expected);
  if (ts.isIdentifier(node)) return readName(body, node);
  if (ts.isPropertyAccessExpression(node)) return lowerProperty(body, node);
  if (ts.isElementAccessExpression(node)) return lowerElement(body, node);
  if (ts.isCallExpression(node)) return lowerCall(body, node);
  if (ts.isBinaryExpression(node))
    return isAssignment(node) ? lowerAssignment(body, node) : lowerBinary(body, node, expected);
  if (ts.isPrefixUnaryExpression(node)) return lowerPrefix(body, node);
  if (ts.isPostfixUnaryExpression(node)) return lowerPostfix(body, node);
  if (ts.isConditionalExpression(node)) return lowerConditionalValue(body, node, expected);
  if (ts.isNewExpression(node)) return lowerNew(body, node);
  if (ts.isAsExpression(node)) return lowerAs(body, node);
  if (ts.isNonNullExpression(node)) return lowerNonNull(body, node);
  if (ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node))
    return lowerLiteral(body, node, expected);
  if (isFunctionNode(node)) return lowerFunctionValue(body, node);
  if (node.kind === ts.SyntaxKind.ThisKeyword) return lowerThis(body, node);
  if (ts.isTaggedTemplateExpression(node))
    return isAssembly(node) ? lowerAssembly(body, node) : lowerTagged(body, node);
  return fail(node, "expression", excerpt(node));
}

function lowerProperty(body: Body, node: ts.PropertyAccessExpression): Value {
  const { constants } = body.module;
  const declaration = constants.symbols.declarationOf(node.name);
  if (declaration !== null && (ts.isMethodDeclaration(declaration) || ts.isFunctionDeclaration(declaration)))
    return fail(node, "methodValue");
  const receiver = constants.types.of(receiverType(body, node), node.expression);
  if (receiver.kind === "slice" && node.name.text === "length") {
    const length = lowerExpression(body, node.expression).words[1]!;
    const type: Type = { kind: "integer", width: "i32", flexible: true, brands: [] };
    return length.kind === "constant"
      ? { type, words: [length], constant: { value: BigInt(length.value), bits: false } }
      : { type, words: [length] };
  }
  if (receiver.kind === "string") return lowerTextProperty(body, node);
  if (
    receiver.kind === "struct" &&
    ts.isIdentifier(node.name) &&
    declaration !== null &&
    !ts.isVariableDeclaration(declaration) &&
    !isCoreProperty(body, declaration)
  )
    return readField(body, node);
  return readPlace(body, placeOf(body, node));
}

function receiverType(body: Body, node: ts.PropertyAccessExpression): ts.Type {
  const { checker, types } = body.module.constants;
  return checker.getNonNullableType(types.typeAt(node.expression));
}

/** `csr` is declared in lib/core.d.ts as an object, and is none. */
function isCoreProperty(body: Body, declaration: ts.Declaration): boolean {
  return (
    ts.isPropertySignature(declaration) &&
    body.module.constants.types.isCore(body.module.constants.checker.getSymbolAtLocation(declaration.name))
  );
}

/** A string is the address of its length word, with the bytes behind it. */
function lowerTextProperty(body: Body, node: ts.PropertyAccessExpression): Value {
  const { builder, module } = body;
  const text = word(lowerExpression(body, node.expression));
  const length = builder.load(text, 0, 4, false, false);
  if (node.name.text === "length")
    return { type: { kind: "integer", width: "i32", flexible: true, brands: [] }, words: [length] };
  if (node.name.text !== "bytes") return fail(node, "methodValue");
  const type = module.constants.types.of(module.constants.types.typeAt(node), node);
  return { type, words: [builder.binary("add", text, { kind: "constant", value: 4 }), length] };
}

function lowerElement(body: Body, node: ts.ElementAccessExpression): Value {
  return readElement(body, node);
}

/** A cast between related classes, or of an integer into an enum, costs nothing and checks nothing when it runs. */
function lowerAs(body: Body, node: ts.AsExpression): Value {
  const { constants } = body.module;
  if (ts.isConstTypeReference(node.type)) return fail(node, "expression", "as const");
  const type = constants.types.of(constants.types.typeAt(node.type), node);
  const value = lowerExpression(body, node.expression, type);
  if (value.type.kind === "struct" && type.kind === "struct") {
    checkCast(constants, value.type, type, node);
    return { type, words: value.words };
  }
  if (value.type.kind === "integer" && type.kind === "integer" && value.constant === undefined) {
    if (type.members !== undefined && value.type.width !== "u64") return represent(value, type);
    const plain = { ...value.type, brands: [] };
    return convert(body, { ...value, type: plain }, type, node);
  }
  return convert(body, value, type, node);
}

function lowerNonNull(body: Body, node: ts.NonNullExpression): Value {
  const value = lowerExpression(body, node.expression);
  const { type } = value;
  if (!("nullable" in type) || !mayBeNull(body, node.expression)) return value;
  body.builder.check("notEqual", word(value), ZERO, Reason.Null);
  return { ...value, type: { ...type, nullable: false } };
}

function mayBeNull(body: Body, node: ts.Expression): boolean {
  const type = body.module.constants.types.typeAt(node);
  return type.isUnion()
    ? type.types.some((member) => member.flags & ts.TypeFlags.Null)
    : (type.flags & ts.TypeFlags.Null) !== 0;
}

/** A function without a captured variable is a static address. */
function lowerFunctionValue(body: Body, node: ts.Expression): Value {
  const { constants } = body.module;
  const type = constants.types.of(constants.types.typeAt(node), node);
  return { type, words: [body.builder.symbol(linkSymbol(functionName(node)), 0)] };
}

/** A function is named after the variable or field that it initialises. */
export function functionName(node: ts.Node): ts.Node {
  const { parent } = node;
  const isNamed =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  return isNamed && parent.initializer === node ? parent : node;
}

function lowerThis(body: Body, node: ts.Expression): Value {
  if (body.self === null) return fail(node, "thisOutside");
  const { constants } = body.module;
  const type = constants.types.of(constants.types.typeAt(node), node);
  return represent({ type, words: [{ kind: "register", register: body.self }] }, type);
}

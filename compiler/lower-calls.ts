/**
 * Calls: of functions and methods by name, of function values through a register, and of what lib/core.d.ts declares.
 *
 * Begin reading at `lowerCall`.
 */
import ts = require("typescript");

import type { Received } from "./builder.ts";
import { inRegister } from "./builder.ts";
import { excerpt, fail } from "./errors.ts";
import type { Operand } from "./ir.ts";
import { isStatic, type Layout } from "./layout.ts";
import { type Body, convert, staticValue, type Value, word } from "./lower-context.ts";
import { functionName, lowerExpression, lowerTo } from "./lower-expressions.ts";
import { lowerIntrinsic, lowerTextMethod } from "./lower-intrinsics.ts";
import { referenceTo, referenceWord, refine } from "./lower-places.ts";
import { lowerSliceMethod } from "./lower-slices.ts";
import { type FunctionNode, isFunctionNode, linkSymbol } from "./names.ts";
import { type Constants, settle } from "./static-values.ts";
import { isConst, unwrap } from "./syntax.ts";
import { type Type, wordsOf } from "./types.ts";

/** What a caller knows of a function. */
export interface Signature {
  readonly parameters: readonly { readonly type: Type; readonly node: ts.ParameterDeclaration | null }[];
  readonly result: Type;
}

export function lowerCall(body: Body, node: ts.CallExpression): Value {
  const { constants } = body.module;
  const { expression } = node;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  const symbol = constants.symbols.of(name);
  if (constants.types.isCore(symbol)) return lowerCore(body, node, name.getText());
  const declaration = symbol?.declarations?.find(hasBody) ?? symbol?.declarations?.[0];
  const callee = declaration === undefined ? null : functionBehind(declaration);
  if (callee === null) return lowerIndirect(body, node);
  if (callee.body === undefined) return fail(expression, "declared", name.getText());
  const signature = signatureOf(constants, callee);
  const receiver = ts.isMethodDeclaration(callee) && !isStatic(callee) ? [lowerReceiver(body, expression)] : [];
  const values = lowerArguments(body, node, signature);
  const operands = [...receiver, ...values.flatMap((value) => value.words)];
  const received = receivedBy(body, node, callee, signature);
  const words = body.builder.call(linkSymbol(functionName(callee)), operands, wordsOf(signature.result), received);
  return finishCall(body, node, signature.result, words);
}

/** Whether a call fills a mailbox (see stale-views.ts), and which: static storage, or what a variable refers to. */
function receivedBy(body: Body, node: ts.CallExpression, callee: FunctionNode, signature: Signature): Received | null {
  const { checker } = body.module.constants;
  const declared = checker.getSignatureFromDeclaration(callee);
  const result = declared === undefined ? undefined : checker.getReturnTypeOfSignature(declared);
  const isView =
    result?.isTypeParameter() === true &&
    signature.parameters.some(({ type }) => type.kind === "struct" && isMailbox(body, type.type, node));
  const isNamed = callee.name !== undefined && ["receive", "sendReceive"].includes(callee.name.getText());
  if (!isView && !isNamed) return null;
  const index = signature.parameters.findIndex(
    ({ type }) => type.kind === "struct" && isMailbox(body, type.type, node),
  );
  const mailbox = index < 0 ? null : mailboxName(body, node.arguments[index]);
  return mailbox === null ? null : { mailbox, isView };
}

/** A class whose size is declared is made to be viewed as its subclasses. */
function isMailbox(body: Body, type: ts.Type, node: ts.Node): boolean {
  if (type.flags & (ts.TypeFlags.TypeParameter | ts.TypeFlags.NonPrimitive)) return false;
  return body.module.constants.layouts.all(type, node).every((layout) => layout.fixed);
}

function mailboxName(body: Body, node: ts.Expression | undefined): string | null {
  if (node === undefined) return null;
  const known = body.module.constants.evaluate(node);
  if (known?.kind === "address") return `${known.symbol}+${known.offset}`;
  const symbol = ts.isIdentifier(node) ? body.module.constants.symbols.of(node) : undefined;
  const variable = symbol === undefined ? undefined : body.variables.get(symbol);
  return variable === undefined ? null : `register ${variable.registers[0]}`;
}

const hasBody = (node: ts.Declaration): boolean => "body" in node && node.body !== undefined;

/** The function that a name is bound to for good, or null if it is a value like any other. */
export function functionBehind(declaration: ts.Declaration): FunctionNode | null {
  if (ts.isFunctionDeclaration(declaration)) return declaration;
  if (ts.isMethodDeclaration(declaration)) return ts.isClassLike(declaration.parent) ? declaration : null;
  if (!ts.isVariableDeclaration(declaration) || !isConst(declaration) || declaration.initializer === undefined)
    return null;
  const initializer = unwrap(declaration.initializer);
  return isFunctionNode(initializer) ? initializer : null;
}

/** Parameters and result as declared. */
export function signatureOf(constants: Constants, node: FunctionNode): Signature {
  const parameters = node.parameters.map((parameter) => ({
    type: parameterType(constants, parameter),
    node: parameter,
  }));
  return { parameters, result: resultType(constants, node) };
}

function parameterType(constants: Constants, node: ts.ParameterDeclaration): Type {
  if (node.dotDotDotToken !== undefined) return fail(node, "spread");
  if (node.questionToken !== undefined) return fail(node, "optionalField");
  const declared = constants.types.ofDeclarationOrNull(node);
  if (declared !== null) return settle(declared);
  const value = node.initializer === undefined ? null : constants.evaluate(node.initializer);
  return value?.kind === "integer" ? settle(value.type) : fail(node, "noWidth");
}

function resultType(constants: Constants, node: FunctionNode): Type {
  const signature = contextualSignature(constants, node) ?? constants.checker.getSignatureFromDeclaration(node);
  const type = signature === undefined ? undefined : constants.checker.getReturnTypeOfSignature(signature);
  if (type === undefined || type.flags & ts.TypeFlags.Number)
    return fail(node.name ?? node, "resultType", node.name?.getText() ?? "this function");
  return constants.types.of(type, node.name ?? node);
}

/** A function that does not say what it returns, but stands where a function type is expected, returns what that type says. */
function contextualSignature(constants: Constants, node: FunctionNode): ts.Signature | undefined {
  if (node.type !== undefined || (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node))) return undefined;
  const type = constants.checker.getContextualType(node);
  return type === undefined ? undefined : constants.checker.getNonNullableType(type).getCallSignatures()[0];
}

function lowerReceiver(body: Body, expression: ts.Expression): Operand {
  if (!ts.isPropertyAccessExpression(expression)) return fail(expression, "methodValue");
  if (expression.expression.kind === ts.SyntaxKind.SuperKeyword)
    return inRegister(body.self ?? fail(expression, "thisOutside"));
  return referenceWord(body, referenceTo(body, expression.expression));
}

function lowerArguments(body: Body, node: ts.CallExpression, signature: Signature): Value[] {
  return signature.parameters.map(({ type, node: parameter }, index) => {
    const argument = node.arguments[index];
    if (argument === undefined) return defaultValue(body, node, parameter, type);
    if (ts.isSpreadElement(argument)) return fail(argument, "spread");
    if (type.kind !== "class") return lowerTo(body, argument, type);
    return { type, words: [] };
  });
}

function defaultValue(body: Body, node: ts.Node, parameter: ts.ParameterDeclaration | null, type: Type): Value {
  const initializer = parameter?.initializer;
  if (initializer === undefined) return fail(node, "parameterDefault");
  const known = body.module.constants.evaluate(initializer) ?? fail(initializer, "parameterDefault");
  return convert(body, staticValue(body, known), type, initializer);
}

/** The result's class may be a type parameter's: the checker knows which. A call that never returns ends the path. */
function finishCall(body: Body, node: ts.CallExpression, type: Type, words: readonly Operand[]): Value {
  if (type.kind === "never") body.builder.end({ kind: "unreachable" });
  return refine(body, { type: settle(type), words }, node);
}

/** A call through a field, a parameter, a row of a `Record`: of whatever holds a function. */
function lowerIndirect(body: Body, node: ts.CallExpression): Value {
  const { constants } = body.module;
  const callee = lowerExpression(body, node.expression);
  if (callee.type.kind !== "function")
    return fail(
      node.expression,
      callee.type.kind === "code" ? "callableRoutine" : "notCallable",
      excerpt(node.expression),
    );
  const declared = callee.type.type.getCallSignatures()[0] ?? fail(node, "notCallable", excerpt(node.expression));
  const parameters = declared.getParameters().map((parameter) => {
    const type = constants.types.of(constants.checker.getTypeOfSymbol(parameter), node);
    const declaration = parameter.valueDeclaration;
    const isOptional =
      declaration !== undefined && ts.isParameter(declaration) && declaration.questionToken !== undefined;
    return { type: isOptional ? fail(node, "optionalField") : type, node: null };
  });
  const result = constants.types.of(declared.getReturnType(), node);
  const operands = lowerArguments(body, node, { parameters, result }).flatMap((value) => value.words);
  return finishCall(
    body,
    node,
    result,
    body.builder.callIndirect(word(callee), operands, wordsOf(result), shapeOf(constants, parameters, node)),
  );
}

/**
 * What parameters refer to, by words: a struct by the topmost of its base classes, for a function may be called through a type that
 * promises a subclass. It tells the escape check which functions a call through a register may reach.
 */
export function shapeOf(constants: Constants, parameters: Signature["parameters"], node: ts.Node): string[] {
  return parameters.flatMap(({ type }) => {
    const words = new Array<string>(wordsOf(type)).fill("word");
    if (words.length > 0 && type.kind !== "integer" && type.kind !== "boolean")
      words[0] = referenceShape(constants, type, node);
    return words;
  });
}

/** `*` for what could be any struct. */
function referenceShape(constants: Constants, type: Type, node: ts.Node): string {
  if (type.kind === "slice")
    return `slice of ${type.element.kind === "struct" ? referenceShape(constants, type.element, node) : type.element.kind}`;
  if (type.kind !== "struct") return type.kind;
  if (type.type.flags & (ts.TypeFlags.TypeParameter | ts.TypeFlags.NonPrimitive)) return "*";
  const roots = new Set(constants.layouts.all(type.type, node).map(rootName));
  return roots.size === 1 ? `struct ${[...roots][0]}` : "*";
}

function rootName(layout: Layout): string {
  return layout.base === null ? layout.name : rootName(layout.base);
}

/** What lib/core.d.ts declares: functions by name, methods of slices and strings. */
function lowerCore(body: Body, node: ts.CallExpression, name: string): Value {
  if (!ts.isPropertyAccessExpression(node.expression)) return lowerIntrinsic(body, node, name);
  const receiver = lowerExpression(body, node.expression.expression);
  if (receiver.type.kind === "slice") return lowerSliceMethod(body, node, name, receiver);
  if (receiver.type.kind === "string") return lowerTextMethod(body, node, name, receiver);
  return fail(node, "notCallable", excerpt(node.expression));
}

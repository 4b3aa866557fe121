/**
 * Statements: control flow as blocks. An error ends the statement it stands in, and the next one goes on.
 *
 * Begin reading at `lowerStatement`.
 */
import ts = require("typescript");

import { constant, type FunctionBuilder, inRegister } from "./builder.ts";
import { checkAssignable } from "./conversions.ts";
import { CompileError, Consequence, diagnosticAt, excerpt, fail } from "./errors.ts";
import type { Operand } from "./ir.ts";
import { type Field, strideOf } from "./layout.ts";
import { equality } from "./lower-comparisons.ts";
import {
  assignVariable,
  at,
  type Body,
  convert,
  insideLoop,
  type JumpTarget,
  type Value,
  word,
} from "./lower-context.ts";
import { lowerEffect, lowerExpression, lowerTo } from "./lower-expressions.ts";
import { isInteger, lowerCondition } from "./lower-operators.ts";
import { declareVariable, findFieldNamed, readPlace } from "./lower-places.ts";
import { isFunctionNode } from "./names.ts";
import { type Static, settle } from "./static-values.ts";
import { isConst, unwrap } from "./syntax.ts";
import { isInPlace, type SliceType, type Type } from "./types.ts";
import { fits, type IntegerType, integerName } from "./widths.ts";

export function lowerStatements(body: Body, statements: readonly ts.Statement[]): void {
  for (const statement of statements) guarded(body, statement, () => lowerStatement(body, statement));
}

/** Runs `lower`; what it throws becomes a diagnostic. */
export function guarded(body: Pick<Body, "module">, node: ts.Node, lower: () => void): void {
  try {
    lower();
  } catch (error) {
    if (error instanceof Consequence) return;
    if (error instanceof CompileError) body.module.diagnostics.push(error.diagnostic);
    else
      body.module.diagnostics.push(
        diagnosticAt(node, "internal", error instanceof Error ? error.message : String(error)),
      );
  }
}

function lowerStatement(body: Body, node: ts.Statement, label: string | null = null): void {
  at(body, node, () => lowerKind(body, node, label));
}

function lowerKind(body: Body, node: ts.Statement, label: string | null): void {
  if (ts.isExpressionStatement(node)) return lowerEffect(body, node.expression);
  if (ts.isVariableStatement(node)) return lowerVariables(body, node.declarationList);
  if (ts.isIfStatement(node)) return lowerIf(body, node);
  if (ts.isReturnStatement(node)) return lowerReturn(body, node.expression, node);
  if (ts.isBlock(node))
    return label === null ? lowerStatements(body, node.statements) : lowerLabelledBlock(body, node, label);
  if (ts.isForStatement(node)) return lowerFor(body, node, label);
  if (ts.isForOfStatement(node)) return lowerForOf(body, node, label);
  if (ts.isWhileStatement(node)) return lowerWhile(body, node, label);
  if (ts.isDoStatement(node)) return lowerDo(body, node, label);
  if (ts.isSwitchStatement(node)) return lowerSwitch(body, node, label);
  if (ts.isBreakOrContinueStatement(node)) return lowerJump(body, node);
  if (ts.isLabeledStatement(node)) return lowerStatement(body, node.statement, node.label.text);
  if (isDeclaration(node)) return;
  fail(node, "expression", excerpt(node));
}

/** What makes no code where it stands; functions are lowered by themselves. */
function isDeclaration(node: ts.Statement): boolean {
  return (
    ts.isEmptyStatement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node)
  );
}

function lowerVariables(body: Body, list: ts.VariableDeclarationList): void {
  if (!(list.flags & ts.NodeFlags.BlockScoped)) return fail(list, "variable");
  for (const declaration of list.declarations) at(body, declaration, () => lowerVariable(body, declaration));
}

function lowerVariable(body: Body, node: ts.VariableDeclaration): void {
  const { initializer } = node;
  if (ts.isObjectBindingPattern(node.name)) return lowerFields(body, node.name, initializer!);
  if (!ts.isIdentifier(node.name)) return fail(node.name, "destructuring");
  const declared = declaredType(body, node);
  if (initializer === undefined) {
    declareVariable(body, node.name, declared ?? fail(node, "noWidth"));
    return;
  }
  const { constants } = body.module;
  if (isConst(node) && (isFunctionNode(unwrap(initializer)) || isKnown(constants.evaluate(initializer)))) {
    const known = constants.evaluate(initializer);
    if (known !== null && declared !== null) constants.typed(known, declared, initializer);
    return; // every use is the constant itself
  }
  const value = declared === null ? lowerExpression(body, initializer) : lowerTo(body, initializer, declared);
  const type = declared ?? localType(body, node, value);
  assignVariable(body, declareVariable(body, node.name, type), convert(body, value, type, initializer));
}

function isKnown(value: Static | null): boolean {
  return value !== null && value.kind !== "null";
}

/** The annotation's type, where there is one. A bare `let i = 0` has none that the machine could use. */
function declaredType(body: Body, node: ts.VariableDeclaration): Type | null {
  return node.type === undefined ? null : body.module.constants.types.ofDeclaration(node);
}

/** An unannotated local is as wide as its initialiser; references are what the checker says, which knows what may be assigned later. */
function localType(body: Body, node: ts.VariableDeclaration, value: Value): Type {
  if (value.type.kind === "integer") return settleLocal(body, node, value.type);
  if (["void", "never", "class", "code"].includes(value.type.kind)) return fail(node, "fieldType", excerpt(node.name));
  if (
    value.type.kind === "null" ||
    value.type.kind === "struct" ||
    value.type.kind === "function" ||
    value.type.kind === "string"
  )
    return body.module.constants.types.ofDeclaration(node);
  return value.type;
}

/** `let state = State.Ready` is of the enum. */
function settleLocal(body: Body, node: ts.VariableDeclaration, type: IntegerType): Type {
  const isEnum = (body.module.constants.types.typeAt(node).flags & ts.TypeFlags.EnumLike) !== 0;
  return isEnum && type.members !== undefined ? { ...type, flexible: true } : settle({ ...type, members: undefined });
}

/** `const { a, b: c } = thing`: fields, each read once, here. */
function lowerFields(body: Body, pattern: ts.ObjectBindingPattern, initializer: ts.Expression): void {
  const { types } = body.module.constants;
  const whole = lowerExpression(body, initializer);
  const type = types.of(types.typeAt(initializer), initializer);
  if (whole.type.kind !== "struct" || type.kind !== "struct") return fail(pattern, "destructuring");
  for (const element of pattern.elements) {
    if (element.dotDotDotToken !== undefined || element.initializer !== undefined || !ts.isIdentifier(element.name))
      return fail(element, "destructuring");
    const name = element.propertyName === undefined ? element.name.text : element.propertyName.getText();
    const { field, layout } = findFieldNamed(body, type.type, name, element) ?? fail(element, "destructuring");
    const value = readFieldAt(body, { base: word(whole), offset: field.offset }, field, layout.volatile);
    const seen = types.ofDeclarationOrNull(element);
    const refined =
      seen !== null && seen.kind === value.type.kind && seen.kind !== "integer" && seen.kind !== "slice"
        ? seen
        : settle(value.type);
    assignVariable(body, declareVariable(body, element.name, refined), value);
  }
}

function readFieldAt(body: Body, place: { base: Operand; offset: number }, field: Field, volatile: boolean): Value {
  if (field.storage.kind === "value") return readPlace(body, { kind: "memory", type: field.type, volatile, ...place });
  const address = body.builder.binary("add", place.base, constant(place.offset));
  if (field.storage.kind === "struct") return { type: field.type, words: [address] };
  return { type: { ...(field.type as SliceType), volatile }, words: [address, constant(field.storage.count)] };
}

function lowerIf(body: Body, node: ts.IfStatement): void {
  const { builder } = body;
  const [then, otherwise, after] = [builder.block(), builder.block(), builder.block()];
  lowerCondition(body, node.expression, then, otherwise);
  builder.enter(then);
  lowerStatements(body, [node.thenStatement]);
  builder.jump(after);
  builder.enter(otherwise);
  if (node.elseStatement !== undefined) lowerStatements(body, [node.elseStatement]);
  builder.enter(after);
}

/** Also the body of an arrow function that is one expression. */
export function lowerReturn(body: Body, expression: ts.Expression | undefined, node: ts.Node): void {
  const { builder, result } = body;
  if (expression === undefined) return builder.end({ kind: "return", values: [] });
  if (result.kind === "void") {
    lowerEffect(body, expression);
    return builder.end({ kind: "return", values: [] });
  }
  if (result.kind === "never") {
    lowerEffect(body, expression);
    return builder.end({ kind: "unreachable" });
  }
  const value = lowerTo(body, expression, result);
  at(body, node, () => builder.end({ kind: "return", values: [...value.words] }));
}

/** Blocks of a loop: `continue` goes to `next`. */
function loop(body: Body, label: string | null, next: number, after: number, inside: () => void): void {
  const target: JumpTarget = { label, breakTo: after, continueTo: next };
  body.targets.push(target);
  insideLoop(body, inside);
  body.targets.pop();
  body.builder.enter(after);
}

function lowerWhile(body: Body, node: ts.WhileStatement, label: string | null): void {
  const { builder } = body;
  const [head, inside, after] = [builder.block(), builder.block(), builder.block()];
  loop(body, label, head, after, () => {
    builder.enter(head);
    lowerCondition(body, node.expression, inside, after);
    builder.enter(inside);
    lowerStatements(body, [node.statement]);
    builder.jump(head);
  });
}

function lowerDo(body: Body, node: ts.DoStatement, label: string | null): void {
  const { builder } = body;
  const [inside, condition, after] = [builder.block(), builder.block(), builder.block()];
  loop(body, label, condition, after, () => {
    builder.enter(inside);
    lowerStatements(body, [node.statement]);
    builder.enter(condition);
    at(body, node.expression, () => lowerCondition(body, node.expression, inside, after));
  });
}

function lowerFor(body: Body, node: ts.ForStatement, label: string | null): void {
  const { builder } = body;
  const { initializer, condition, incrementor } = node;
  if (initializer !== undefined && ts.isVariableDeclarationList(initializer)) lowerVariables(body, initializer);
  else if (initializer !== undefined) lowerEffect(body, initializer);
  const [head, inside, next, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  loop(body, label, next, after, () => {
    builder.enter(head);
    if (condition !== undefined) at(body, condition, () => lowerCondition(body, condition, inside, after));
    builder.enter(inside);
    lowerStatements(body, [node.statement]);
    builder.enter(next);
    if (incrementor !== undefined) lowerEffect(body, incrementor);
    builder.jump(head);
  });
}

/** Over the elements of a slice, by a cursor that runs from the first to behind the last. */
function lowerForOf(body: Body, node: ts.ForOfStatement, label: string | null): void {
  const { builder } = body;
  const list = lowerExpression(body, node.expression);
  if (list.type.kind !== "slice") return fail(node.expression, "operands", "for…of", list.type.kind);
  if (!ts.isVariableDeclarationList(node.initializer)) return fail(node.initializer, "destructuring");
  const [declaration] = node.initializer.declarations;
  const { type } = list;
  const stride = strideOf(type.element, body.module.constants.layouts, node);
  const cursor = builder.register();
  builder.move(cursor, word(list));
  const end = endOfSlice(builder, word(list), list.words[1]!, stride);
  const [head, inside, next, after] = [builder.block(), builder.block(), builder.block(), builder.block()];
  loop(body, label, next, after, () => {
    builder.enter(head);
    builder.branch("notEqual", inRegister(cursor), end, inside, after);
    builder.enter(inside);
    declareElement(body, declaration!, type, inRegister(cursor));
    lowerStatements(body, [node.statement]);
    builder.enter(next);
    builder.move(cursor, builder.binary("add", inRegister(cursor), constant(stride)));
    builder.jump(head);
  });
}

/** A copy of its own, so that the list may be assigned to in the loop. */
function endOfSlice(builder: FunctionBuilder, address: Operand, length: Operand, stride: number): Operand {
  const shift = Math.log2(stride);
  const extent = Number.isInteger(shift)
    ? builder.binary("shiftLeft", length, constant(shift))
    : builder.binary("multiply", length, constant(stride));
  const target = builder.register();
  builder.emit({ kind: "binary", operator: "add", target, left: address, right: extent });
  return inRegister(target);
}

function declareElement(body: Body, declaration: ts.VariableDeclaration, slice: SliceType, cursor: Operand): void {
  const { element } = slice;
  const value: Value = isInPlace(element)
    ? { type: element, words: [cursor] }
    : readPlace(body, { kind: "memory", type: element, base: cursor, offset: 0, volatile: slice.volatile });
  const { name } = declaration;
  if (!ts.isIdentifier(name)) return fail(name, "destructuring");
  assignVariable(body, declareVariable(body, name, value.type), value);
}

function lowerLabelledBlock(body: Body, node: ts.Block, label: string): void {
  const after = body.builder.block();
  body.targets.push({ label, breakTo: after, continueTo: null });
  lowerStatements(body, node.statements);
  body.targets.pop();
  body.builder.enter(after);
}

/** To the innermost loop or switch, or to the one that has the label. */
function lowerJump(body: Body, node: ts.BreakOrContinueStatement): void {
  const isContinue = ts.isContinueStatement(node);
  const fitting = body.targets.filter((target) => {
    if (node.label !== undefined) return target.label === node.label.text;
    return target.continueTo !== null || (!isContinue && target.isSwitch === true);
  });
  const target = fitting.at(-1) ?? fail(node, "expression", excerpt(node));
  body.builder.jump(isContinue ? (target.continueTo ?? fail(node, "expression", excerpt(node))) : target.breakTo);
}

/** A table of integers where the cases allow it, else one comparison after the other, in order. */
function lowerSwitch(body: Body, node: ts.SwitchStatement, label: string | null): void {
  const { builder } = body;
  const value = lowerExpression(body, node.expression);
  const { clauses } = node.caseBlock;
  const blocks = clauses.map(() => builder.block());
  const after = builder.block();
  const fallback = clauses.findIndex(ts.isDefaultClause);
  const otherwise = fallback < 0 ? after : blocks[fallback]!;
  const cases = caseValues(body, value, clauses);
  if (cases !== null) dispatchTable(body, value, cases, blocks, otherwise);
  else dispatchInOrder(body, value, clauses, blocks, otherwise);
  body.targets.push({ label, breakTo: after, continueTo: null, isSwitch: true });
  clauses.forEach((clause, index) => {
    builder.enter(blocks[index]!);
    lowerStatements(body, clause.statements);
  });
  body.targets.pop();
  builder.enter(after);
}

/** The case labels as words, or null if one is no integer constant. */
function caseValues(body: Body, value: Value, clauses: readonly ts.CaseOrDefaultClause[]): (number | null)[] | null {
  const { constants } = body.module;
  if (!isInteger(value) || value.type.width === "u64") return null;
  const { type } = value;
  const cases: (number | null)[] = [];
  for (const clause of clauses) {
    const known = ts.isDefaultClause(clause) ? null : constants.evaluate(clause.expression);
    if (!ts.isDefaultClause(clause) && known?.kind !== "integer") return null;
    if (known?.kind === "integer" && !known.type.flexible)
      checkAssignable(constants, known.type, { ...type, brands: known.type.brands }, clause, known.constant);
    if (
      known?.kind === "integer" &&
      !fits(known.constant, type.width) &&
      !(type.flexible && fits(known.constant, "i32"))
    )
      return fail(clause, "literalRange", String(known.constant.value), integerName(type));
    cases.push(known?.kind === "integer" ? Number(BigInt.asIntN(32, known.constant.value)) : null);
  }
  return cases;
}

function dispatchTable(
  body: Body,
  value: Value,
  cases: readonly (number | null)[],
  blocks: readonly number[],
  otherwise: number,
): void {
  const seen = new Set<number>();
  const rows: { value: number; to: number }[] = [];
  cases.forEach((each, index) => {
    if (each === null || seen.has(each)) return;
    seen.add(each);
    rows.push({ value: each, to: blocks[index]! });
  });
  body.builder.end({ kind: "switch", value: word(value), cases: rows, otherwise });
}

function dispatchInOrder(
  body: Body,
  value: Value,
  clauses: readonly ts.CaseOrDefaultClause[],
  blocks: readonly number[],
  otherwise: number,
): void {
  const { builder } = body;
  clauses.forEach((clause, index) => {
    if (ts.isDefaultClause(clause)) return;
    const next = builder.block();
    at(body, clause, () => {
      const { operator, left, right } = equality(body, clause, value, lowerExpression(body, clause.expression), true);
      builder.branch(operator, left, right, blocks[index]!, next);
    });
    builder.enter(next);
  });
  builder.jump(otherwise);
}

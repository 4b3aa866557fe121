/**
 * Lowering: one source file becomes one IR module.
 *
 * Every function is lowered by itself, wherever it stands; variables of the module become data, and what is not constant about them
 * the module's initialiser. Begin reading at `lowerModule`, then lower-context.ts, statements, expressions.
 */
import ts = require("typescript");

import { FunctionBuilder } from "./builder.ts";
import { type Diagnostic, fail } from "./errors.ts";
import { type FunctionFlows, flowsOf } from "./flows.ts";
import { type Module, Reason, type Register } from "./ir.ts";
import { hasModifier, isStatic } from "./layout.ts";
import { functionBehind, shapeOf, signatureOf } from "./lower-calls.ts";
import { type Body, ModuleContext, newVariable, positionOf, type Variable } from "./lower-context.ts";
import { functionName, lowerExpression, lowerTo } from "./lower-expressions.ts";
import { writePlace } from "./lower-places.ts";
import { guarded, lowerReturn, lowerStatements } from "./lower-statements.ts";
import { lowerModuleVariable, type Pending } from "./lower-static.ts";
import { enclosingFunction, type FunctionNode, isFunctionNode, linkSymbol } from "./names.ts";
import { resolvePath } from "./program.ts";
import { checkViews } from "./stale-views.ts";
import type { Constants } from "./static-values.ts";
import { checkSubset } from "./subset.ts";
import { isAssignment } from "./syntax.ts";
import { type Type, VOID, wordsOf } from "./types.ts";

/** A module, and what the escape check needs to know of its functions. */
export interface Lowered {
  readonly module: Module;
  readonly flows: readonly FunctionFlows[];
  readonly diagnostics: readonly Diagnostic[];
}

export function lowerModule(constants: Constants, source: ts.SourceFile): Lowered {
  const module = new ModuleContext(constants, source);
  const flows: FunctionFlows[] = [];
  module.diagnostics.push(...checkSubset(constants, source));
  if (module.diagnostics.length > 0) return finish(module, null, flows);
  const pending: Pending[] = [];
  for (const statement of source.statements)
    guarded({ module }, statement, () => pending.push(...lowerDeclaration(module, statement)));
  forEachFunction(source, (node) => guarded({ module }, node, () => lowerFunction(module, node, flows)));
  const initializer = pending.length === 0 ? null : lowerInitializer(module, pending, flows);
  return finish(module, initializer, flows);
}

function finish(module: ModuleContext, initializer: string | null, flows: readonly FunctionFlows[]): Lowered {
  const { path, functions, routines, data } = module;
  const imports = importsOf(module.source);
  return { module: { path, imports, functions, routines, data, initializer }, flows, diagnostics: module.diagnostics };
}

/** Paths of what a file imports at run time, in order. Imports of types alone have no run time. */
export function importsOf(source: ts.SourceFile): string[] {
  const paths: string[] = [];
  for (const statement of source.statements) {
    const specifier = runtimeSpecifier(statement);
    if (specifier === null) continue;
    const path = resolvePath(source.fileName, specifier);
    if (!paths.includes(path)) paths.push(path);
  }
  return paths;
}

function runtimeSpecifier(statement: ts.Statement): string | null {
  if (ts.isExportDeclaration(statement))
    return !statement.isTypeOnly && statement.moduleSpecifier !== undefined
      ? (statement.moduleSpecifier as ts.StringLiteral).text
      : null;
  if (!ts.isImportDeclaration(statement)) return null;
  const clause = statement.importClause;
  const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
  if (clause === undefined) return specifier;
  if (clause.isTypeOnly) return null;
  const named = clause.namedBindings;
  const onlyTypes =
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((element) => element.isTypeOnly);
  return onlyTypes ? null : specifier;
}

/** A module declares; expressions that act have no place at its top. */
function lowerDeclaration(module: ModuleContext, node: ts.Statement): Pending[] {
  if (ts.isVariableStatement(node)) {
    if (hasModifier(node, ts.SyntaxKind.DeclareKeyword)) return [];
    return node.declarationList.declarations.flatMap((declaration) => lowerModuleVariable(module, declaration));
  }
  if (
    ts.isExpressionStatement(node) ||
    ts.isIfStatement(node) ||
    ts.isIterationStatement(node, true) ||
    ts.isBlock(node) ||
    ts.isSwitchStatement(node)
  )
    return fail(node, "topLevel");
  return [];
}

function forEachFunction(source: ts.SourceFile, visit: (node: FunctionNode) => void): void {
  const walk = (node: ts.Node): void => {
    if (isFunctionNode(node) && node.body !== undefined) visit(node);
    ts.forEachChild(node, walk);
  };
  walk(source);
}

function lowerFunction(module: ModuleContext, node: FunctionNode, flows: FunctionFlows[]): void {
  const signature = signatureOf(module.constants, node);
  const builder = new FunctionBuilder(linkSymbol(functionName(node)), positionOf(node.name ?? node));
  const isMethod = ts.isMethodDeclaration(node) && !isStatic(node);
  if (ts.isMethodDeclaration(node) && functionBehind(node) === null) return fail(node, "methodValue");
  const self: Register | null = isMethod ? builder.register() : null;
  const body: Body = {
    module,
    builder,
    node,
    variables: new Map(),
    result: signature.result,
    self,
    targets: [],
    unsteady: unsteadyVariables(module.constants, node),
  };
  const parameters = [
    ...(self === null ? [] : [self]),
    ...signature.parameters.flatMap(({ type, node: parameter }) => declareParameter(body, parameter!, type).registers),
  ];
  lowerBody(body, node.body!);
  const words = wordsOf(signature.result);
  builder.facts.shape = shapeOf(module.constants, signature.parameters, node);
  const lowered = builder.finish(parameters, words);
  module.functions.push(lowered);
  flows.push(flowsOf(lowered, builder.facts));
  module.diagnostics.push(...checkViews(lowered, builder.facts));
}

function declareParameter(body: Body, node: ts.ParameterDeclaration, type: Variable["type"]): Variable {
  if (!ts.isIdentifier(node.name)) return fail(node.name, "destructuring");
  const variable = newVariable(body, node.name.text, type);
  const symbol = body.module.constants.checker.getSymbolAtLocation(node.name);
  if (symbol !== undefined) body.variables.set(symbol, variable);
  return variable;
}

/**
 * tsc has checked that every path returns, as far as it can: it believes that a value of an enum is one of its members, which a cast may have
 * made untrue. So the end is a trap.
 */
function lowerBody(body: Body, node: ts.ConciseBody): void {
  if (!ts.isBlock(node)) return guarded(body, node, () => lowerReturn(body, node, node));
  lowerStatements(body, node.statements);
  if (body.builder.isUnreachable) return;
  body.builder.end(
    body.result.kind === "void" ? { kind: "return", values: [] } : { kind: "trap", reason: Reason.Unreachable },
  );
}

/** Variables that an expression changes while others of its operands are still to be used: `f(i, i++)`. */
function unsteadyVariables(constants: Constants, root: FunctionNode): Set<ts.Symbol> {
  const found = new Set<ts.Symbol>();
  const walk = (node: ts.Node): void => {
    const target = changedBy(node);
    if (target !== null && ts.isIdentifier(target) && !isWholeStatement(node)) {
      const symbol = constants.symbols.of(target);
      if (symbol !== undefined) found.add(symbol);
    }
    if (!isFunctionNode(node) || node === root) ts.forEachChild(node, walk);
  };
  walk(root);
  return found;
}

function changedBy(node: ts.Node): ts.Node | null {
  if (isAssignment(node)) return node.left;
  if (ts.isPostfixUnaryExpression(node)) return node.operand;
  const isStep =
    ts.isPrefixUnaryExpression(node) &&
    (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken);
  return isStep ? (node as ts.PrefixUnaryExpression).operand : null;
}

function isWholeStatement(node: ts.Node): boolean {
  const { parent } = node;
  return (
    ts.isExpressionStatement(parent) ||
    (ts.isForStatement(parent) && (parent.incrementor === node || parent.initializer === node))
  );
}

/** The type of an initialiser: it is lowered for that alone, and thrown away. */
export function inferType(constants: Constants, node: ts.Expression): Type {
  const builder = new FunctionBuilder("", positionOf(node));
  return lowerExpression(moduleBody(new ModuleContext(constants, node.getSourceFile()), builder), node).type;
}

/** A body for expressions that stand in no function. */
function moduleBody(module: ModuleContext, builder: FunctionBuilder): Body {
  return {
    module,
    builder,
    node: null,
    variables: new Map(),
    result: VOID,
    self: null,
    targets: [],
    unsteady: new Set(),
  };
}

/** What could not be computed when compiled, stored in the order of the source. */
function lowerInitializer(module: ModuleContext, pending: readonly Pending[], flows: FunctionFlows[]): string {
  const symbol = `${module.path}:#initialize`;
  const builder = new FunctionBuilder(symbol, positionOf(module.source));
  const body = moduleBody(module, builder);
  for (const { symbol: target, offset, type, node } of pending) {
    guarded(body, node, () => {
      if (enclosingFunction(node) !== null) fail(node, "staticValue", "an initialiser");
      const value = lowerTo(body, node, type);
      builder.position = positionOf(node);
      writePlace(body, { kind: "memory", type, base: builder.symbol(target, 0), offset, volatile: false }, value);
    });
  }
  builder.end({ kind: "return", values: [] });
  const lowered = builder.finish([], 0);
  module.functions.push(lowered);
  flows.push(flowsOf(lowered, builder.facts));
  return symbol;
}

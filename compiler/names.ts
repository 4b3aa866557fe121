/**
 * Link symbols: what a declaration is called in the object file and in every backtrace.
 *
 * `kernel/ipc.ts:send`, `lib/list.ts:List.append`, `kernel/trap.ts:handlers.Send`: the path, then the names that enclose the
 * declaration. What has no name is called after its place. Begin reading at `linkSymbol`.
 */
import ts = require("typescript");

import { projectPath } from "./errors.ts";

export type FunctionNode = ts.FunctionDeclaration | ts.MethodDeclaration | ts.ArrowFunction | ts.FunctionExpression;

/** The symbol of a function or a variable of a module, the same from whichever module it is named. */
export function linkSymbol(node: ts.Node): string {
  const source = node.getSourceFile();
  return `${projectPath(source.fileName)}:${path(node).join(".")}`;
}

function path(node: ts.Node): string[] {
  const names: string[] = [];
  for (let at: ts.Node | undefined = node; at !== undefined && !ts.isSourceFile(at); at = at.parent) {
    const name = nameAt(at, at === node);
    if (name !== null) names.unshift(name);
  }
  return names;
}

function nameAt(node: ts.Node, innermost: boolean): string | null {
  const named = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isClassDeclaration(node);
  if (named || ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node))
    return node.name === undefined ? "default" : plainName(node.name);
  if (!innermost || hasNamedParent(node)) return null;
  const { line, character } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
  return `${line + 1}:${character + 1}`;
}

/** `const f = () => …` is called f. */
function hasNamedParent(node: ts.Node): boolean {
  const parent = node.parent;
  return (
    (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) &&
    parent.initializer === node
  );
}

function plainName(name: ts.Node): string {
  if (ts.isComputedPropertyName(name)) {
    const { expression } = name;
    return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  }
  return ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name) ? name.text : name.getText();
}

/** Whether a node is a function with a body of its own. */
export function isFunctionNode(node: ts.Node): node is FunctionNode {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node)
  );
}

/** The function that a node stands in, or null at module level. */
export function enclosingFunction(node: ts.Node): FunctionNode | null {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) if (isFunctionNode(at)) return at;
  return null;
}

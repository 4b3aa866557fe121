/**
 * What can be said of one file by itself: its imports, what of it others depend on, and its part in what is volatile.
 *
 * A module has to be checked and lowered again when its own text changes, or the outline of one that it imports, directly or not: the text
 * without the bodies of functions that declare what they return. Begin reading at `outlineOf`.
 */
import ts = require("typescript");

import { contentHash } from "./hash.ts";
import { type VolatileFacts, volatileFacts } from "./volatile.ts";

export interface Outline {
  /** As written: relative to the file. Imports of types too. */
  readonly imports: readonly string[];
  /** Of the text without what nobody outside can see. */
  readonly hash: string;
  readonly volatile: VolatileFacts;
}

export function outlineOf(source: ts.SourceFile): Outline {
  return { imports: specifiers(source), hash: contentHash(visible(source)), volatile: volatileFacts(source) };
}

function specifiers(source: ts.SourceFile): string[] {
  const found: string[] = [];
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    if (statement.moduleSpecifier !== undefined && ts.isStringLiteral(statement.moduleSpecifier))
      found.push(statement.moduleSpecifier.text);
  }
  return found;
}

/** The text with `;` for what nobody outside can see. */
function visible(source: ts.SourceFile): string {
  const { text } = source;
  const pieces: string[] = [];
  let at = 0;
  for (const { pos, end } of source.statements.flatMap(hidden)) {
    pieces.push(text.slice(at, pos));
    at = end;
  }
  return [...pieces, text.slice(at)].join(";");
}

/** Bodies, in order, of the functions that a statement declares with their result, and the text of assembly. */
function hidden(statement: ts.Statement): ts.Node[] {
  if (ts.isFunctionDeclaration(statement)) return bodyOf(statement);
  if (ts.isClassDeclaration(statement))
    return statement.members.flatMap((member) => (ts.isMethodDeclaration(member) ? bodyOf(member) : []));
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ initializer }) => {
    if (initializer === undefined) return [];
    if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) return bodyOf(initializer);
    const isRoutine =
      ts.isTaggedTemplateExpression(initializer) && ts.isIdentifier(initializer.tag) && initializer.tag.text === "asm";
    return isRoutine ? [initializer.template] : [];
  });
}

function bodyOf(
  node: ts.FunctionDeclaration | ts.MethodDeclaration | ts.ArrowFunction | ts.FunctionExpression,
): ts.Node[] {
  return node.type === undefined || node.body === undefined ? [] : [node.body];
}

/**
 * The subset check: which constructs of TypeScript are not part of the language, by kind of syntax node.
 *
 * It looks at syntax alone (and at base classes for overrides), and reports everything it finds in a file, before anything
 * is lowered. What needs types is found by lowering. Begin reading at `forbidden`.
 */
import ts = require("typescript");

import { type Diagnostic, diagnosticAt, type ErrorName, excerpt, nameOf } from "./errors.ts";
import { hasModifier, isStatic } from "./layout.ts";
import type { Constants } from "./static-values.ts";

type Finding = readonly [ErrorName, ...string[]] | null;

const K = ts.SyntaxKind;

/** Kinds that are never allowed. */
const forbidden: Partial<Record<ts.SyntaxKind, ErrorName>> = {
  [K.TryStatement]: "exceptions",
  [K.ThrowStatement]: "exceptions",
  [K.AwaitExpression]: "asynchronous",
  [K.AsyncKeyword]: "asynchronous",
  [K.YieldExpression]: "generator",
  [K.GetAccessor]: "accessor",
  [K.SetAccessor]: "accessor",
  [K.Constructor]: "constructorBody",
  [K.ClassStaticBlockDeclaration]: "constructorBody",
  [K.RegularExpressionLiteral]: "regularExpression",
  [K.DeleteExpression]: "deletion",
  [K.SpreadElement]: "spread",
  [K.SpreadAssignment]: "spread",
  [K.ForInStatement]: "forIn",
  [K.TemplateExpression]: "template",
  [K.ModuleDeclaration]: "namespace",
  [K.Decorator]: "decorator",
  [K.ArrayBindingPattern]: "destructuring",
  [K.PrivateIdentifier]: "symbolName",
};

/** Kinds that are expressions or statements of JavaScript, with nothing to say about them but their name. */
const unknown: Partial<Record<ts.SyntaxKind, string>> = {
  [K.VoidExpression]: "void",
  [K.WithStatement]: "with",
  [K.DebuggerStatement]: "debugger",
  [K.ClassExpression]: "a class without a declaration",
  [K.MetaProperty]: "a meta property",
  [K.ImportEqualsDeclaration]: "import =",
  [K.ExportAssignment]: "a default export",
};

const withoutRepresentation: Partial<Record<ts.SyntaxKind, string>> = {
  [K.AnyKeyword]: "any",
  [K.UnknownKeyword]: "unknown",
  [K.SymbolKeyword]: "symbol",
};

export function checkSubset(constants: Constants, source: ts.SourceFile): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const walk = (node: ts.Node): void => {
    if (hasModifier(node, K.DeclareKeyword)) return; // brands and tags: no code comes of them
    const finding = check(constants, node);
    if (finding !== null) diagnostics.push(diagnosticAt(node, ...finding));
    else ts.forEachChild(node, walk); // what is inside a forbidden construct is not worth a second error
  };
  ts.forEachChild(source, walk);
  return diagnostics;
}

function check(constants: Constants, node: ts.Node): Finding {
  const name = forbidden[node.kind];
  if (name !== undefined && !isTag(node)) return [name];
  const text = unknown[node.kind];
  if (text !== undefined) return ["expression", text];
  const type = withoutRepresentation[node.kind];
  if (type !== undefined) return ["anyType", type];
  if (node.kind === K.UndefinedKeyword) return ["undefinedValue"];
  if (ts.isBinaryExpression(node)) return checkOperator(node);
  if (ts.isTypeOfExpression(node)) return ["typeOf", excerpt(node)];
  if (
    ts.isIdentifier(node) &&
    node.text === "undefined" &&
    ts.isExpression(node) &&
    !ts.isPropertyAccessExpression(node.parent)
  )
    return ["undefinedValue"];
  if (ts.isOptionalChain(node)) return ["optionalChain"];
  if (ts.isCallExpression(node) && node.expression.kind === K.ImportKeyword) return ["dynamicImport"];
  if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped)) return ["variable"];
  if (ts.isParameter(node)) return checkParameter(node);
  if (ts.isClassElement(node)) return checkMember(constants, node);
  if (ts.isFunctionLike(node) && "asteriskToken" in node && node.asteriskToken !== undefined) return ["generator"];
  return null;
}

/** A template with a tag is a call. */
function isTag(node: ts.Node): boolean {
  return node.kind === K.TemplateExpression && ts.isTaggedTemplateExpression(node.parent);
}

function checkOperator(node: ts.BinaryExpression): Finding {
  switch (node.operatorToken.kind) {
    case K.InKeyword:
    case K.InstanceOfKeyword:
      return ["typeOf", excerpt(node)];
    case K.AsteriskAsteriskToken:
    case K.AsteriskAsteriskEqualsToken:
      return ["power"];
    default:
      return null;
  }
}

/** The tag of a formatted text is only declared; it alone takes `...values`. */
function checkParameter(node: ts.ParameterDeclaration): Finding {
  if (node.dotDotDotToken === undefined) return null;
  const owner = node.parent;
  return ts.isFunctionDeclaration(owner) && owner.body === undefined ? null : ["spread"];
}

function checkMember(constants: Constants, node: ts.ClassElement): Finding {
  if (ts.isMethodDeclaration(node)) {
    if (node.asteriskToken !== undefined) return ["generator"];
    return overrides(constants, node) ? ["virtualMethod"] : null;
  }
  if (ts.isPropertyDeclaration(node) && isStatic(node) && !hasModifier(node, K.ReadonlyKeyword)) return ["staticField"];
  return null;
}

function overrides(constants: Constants, node: ts.MethodDeclaration): boolean {
  const owner = node.parent;
  if (!ts.isClassDeclaration(owner) || isStatic(node)) return false;
  const clause = owner.heritageClauses?.find((each) => each.token === K.ExtendsKeyword)?.types[0];
  if (clause === undefined) return false;
  return constants.types.typeAt(clause).getProperty(nameOf(node)) !== undefined;
}

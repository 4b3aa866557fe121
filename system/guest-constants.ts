/**
 * Reads constants out of guest sources, so that a number which both worlds need stands once: in the guest's file.
 * It understands what a `const enum` of plain and computed integers looks like, and nothing more.
 */
import ts from "typescript";

/** The members of an enum in a guest source. Throws an Error when there is no such enum or a member is not a constant. */
export function readEnum(source: string, path: string, name: string): Map<string, number> {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2023);
  const found = file.statements.find((statement) => ts.isEnumDeclaration(statement) && statement.name.text === name);
  if (!found || !ts.isEnumDeclaration(found)) throw new Error(`${path}: no enum ${name}`);
  const members = new Map<string, number>();
  let next = 0;
  for (const member of found.members) {
    if (!ts.isIdentifier(member.name)) throw new Error(`${path}: ${name} has a member without a plain name`);
    const value = member.initializer ? evaluate(member.initializer, members) : next;
    members.set(member.name.text, value);
    next = value + 1;
  }
  return members;

  function evaluate(node: ts.Expression, known: Map<string, number>): number {
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (ts.isIdentifier(node) && known.has(node.text)) return known.get(node.text)!;
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken)
      return -evaluate(node.operand, known);
    if (ts.isBinaryExpression(node)) return combine(node, evaluate(node.left, known), evaluate(node.right, known));
    throw new Error(`${path}: ${name} has a member that is not a constant: ${node.getText(file)}`);
  }

  function combine(node: ts.BinaryExpression, left: number, right: number): number {
    switch (node.operatorToken.kind) {
      case ts.SyntaxKind.LessThanLessThanToken:
        return left << right;
      case ts.SyntaxKind.BarToken:
        return left | right;
      case ts.SyntaxKind.PlusToken:
        return left + right;
      default:
        throw new Error(`${path}: ${name} uses an operator that is not read here: ${node.getText(file)}`);
    }
  }
}

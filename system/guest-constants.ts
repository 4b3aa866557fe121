/**
 * Reads constants out of guest sources, so that a number which both worlds need stands once: in the guest's file.
 * It understands what a `const enum` of plain and computed integers looks like, and a `const` that is a number, and nothing more.
 */
import ts = require("typescript");

/** The members of an enum in a guest source; `scope` has values for names of other enums in it (`Range.Pm`). Throws an Error when there is no such enum or a member is not a constant. */
export function readEnum(
  source: string,
  path: string,
  name: string,
  scope: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
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
    if (ts.isPropertyAccessExpression(node) && scope.has(node.getText(file))) return scope.get(node.getText(file))!;
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
      case ts.SyntaxKind.PlusToken: // as in `Range.Kernel + 1`
        return left + right;
      default:
        throw new Error(`${path}: ${name} uses an operator that is not read here: ${node.getText(file)}`);
    }
  }
}

/** The value of an exported constant in a guest source. Throws an Error when there is no such constant, or it is no plain number. */
export function readConstant(source: string, path: string, name: string): number {
  const [, value] = new RegExp(`^export const ${name}(?:: \\w+)? = (\\d+);`, "m").exec(source) ?? [];
  if (value === undefined) throw new Error(`${path}: no number ${name}`);
  return Number(value);
}

/** Every message type of every protocol, as `BlockCall.Write`. `read` gives a source of the project, `protocols` are the files of lib/protocol. */
export function readMessageTypes(read: (path: string) => string, protocols: readonly string[]): Map<string, number> {
  const ranges = readEnum(read("lib/message.ts"), "lib/message.ts", "Range");
  const scope = new Map([...ranges].map(([name, value]) => [`Range.${name}`, value] as const));
  const types = new Map<string, number>();
  for (const path of protocols) {
    const source = read(path);
    for (const [, name] of source.matchAll(/^export const enum (\w+Call) /gm)) {
      for (const [member, value] of readEnum(source, path, name!, scope)) types.set(`${name}.${member}`, value);
    }
  }
  return types;
}

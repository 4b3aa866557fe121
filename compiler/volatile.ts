/**
 * Which classes are volatile: those that appear in any `at`, and what lies in place inside them.
 *
 * Found by syntax and by name, over all files, before anything is lowered: a name too many only costs speed, and a module need
 * not know who else says `at`. A class can also get there through a function that takes `type: Class<T>`. Begin reading at `volatileFacts`.
 */
import ts = require("typescript");

/** What one file says about it. Names are those of the declarations, import aliases undone. */
export interface VolatileFacts {
  /** Classes in `at(address, C)`. */
  readonly classes: readonly string[];
  /** Functions whose parameter of that index goes into an `at`. */
  readonly parameters: readonly (readonly [name: string, index: number])[];
  /** Calls that pass a class: function, index, class or the name of a parameter's function. */
  readonly calls: readonly (readonly [name: string, index: number, type: string])[];
  /** For each class its base and what it holds in place. */
  readonly contents: readonly (readonly [name: string, related: readonly string[]])[];
}

export function volatileFacts(source: ts.SourceFile): VolatileFacts {
  const aliases = importAliases(source);
  const original = (name: string): string => aliases.get(name) ?? name;
  const classes: string[] = [];
  const parameters: [string, number][] = [];
  const calls: [string, number, string][] = [];
  const contents: [string, string[]][] = [];
  const enclosing: ts.FunctionDeclaration[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isClassDeclaration(node) && node.name !== undefined)
      contents.push([node.name.text, related(node).map(original)]);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const callee = original(node.expression.text);
      node.arguments.forEach((argument, index) => {
        if (!ts.isIdentifier(argument)) return;
        const parameter = classParameter(argument, enclosing);
        if (parameter !== null && callee === "at") parameters.push(parameter);
        else if (callee === "at" && index === 1) classes.push(original(argument.text));
        else if (/^[A-Z]/.test(argument.text)) calls.push([callee, index, original(argument.text)]);
      });
    }
    if (ts.isFunctionDeclaration(node)) enclosing.push(node);
    ts.forEachChild(node, walk);
    if (ts.isFunctionDeclaration(node)) enclosing.pop();
  };
  walk(source);
  return { classes, parameters, calls, contents };
}

/** The names of all volatile classes. */
export function volatileClasses(files: Iterable<VolatileFacts>): Set<string> {
  const all = [...files];
  const through = new Set(all.flatMap((file) => file.parameters.map(([name, index]) => `${name}/${index}`)));
  const found = new Set(all.flatMap((file) => file.classes));
  for (const { calls } of all)
    for (const [name, index, type] of calls) if (through.has(`${name}/${index}`)) found.add(type);
  const contents = new Map(all.flatMap((file) => file.contents));
  for (const name of found) for (const inner of contents.get(name) ?? []) found.add(inner);
  return found;
}

function importAliases(source: ts.SourceFile): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const statement of source.statements) {
    const named = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined;
    if (named === undefined || !ts.isNamedImports(named)) continue;
    for (const element of named.elements)
      if (element.propertyName !== undefined) aliases.set(element.name.text, element.propertyName.text);
  }
  return aliases;
}

/** The base class, and the classes of fields in place. */
function related(node: ts.ClassDeclaration): string[] {
  const names: string[] = [];
  const base = node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0]
    ?.expression;
  if (base !== undefined && ts.isIdentifier(base)) names.push(base.text);
  for (const member of node.members) {
    const initializer = ts.isPropertyDeclaration(member) ? member.initializer : undefined;
    if (initializer === undefined) continue;
    const made = ts.isNewExpression(initializer)
      ? initializer.expression
      : ts.isCallExpression(initializer)
        ? initializer.arguments[0]
        : undefined;
    if (made !== undefined && ts.isIdentifier(made)) names.push(made.text);
  }
  return names;
}

/** Function and index of the parameter that a name is, if it is one. */
function classParameter(name: ts.Identifier, enclosing: readonly ts.FunctionDeclaration[]): [string, number] | null {
  for (const node of enclosing.toReversed()) {
    const index = node.parameters.findIndex(
      (parameter) => ts.isIdentifier(parameter.name) && parameter.name.text === name.text,
    );
    if (index >= 0 && node.name !== undefined) return [node.name.text, index];
  }
  return null;
}

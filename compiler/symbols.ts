/**
 * Which declaration a name means, imports and shorthand properties followed. Begin reading at `Symbols.of`.
 */
import ts = require("typescript");

export class Symbols {
  readonly #checker: ts.TypeChecker;
  readonly #known = new Map<ts.Node, ts.Symbol>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  of(name: ts.Node): ts.Symbol | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const symbol = this.#find(name);
    if (symbol !== undefined) this.#known.set(name, symbol);
    return symbol;
  }

  /** The first declaration behind the name; null where there is none. */
  declarationOf(name: ts.Node): ts.Declaration | null {
    return this.of(name)?.declarations?.[0] ?? null;
  }

  #find(name: ts.Node): ts.Symbol | undefined {
    const { parent } = name;
    const symbol = ts.isShorthandPropertyAssignment(parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(parent)
      : this.#checker.getSymbolAtLocation(name);
    return symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias
      ? this.#checker.getAliasedSymbol(symbol)
      : symbol;
  }
}

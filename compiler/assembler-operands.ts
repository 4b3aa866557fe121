/**
 * Operands of assembly statements: registers, expressions, memory places, symbols, labels.
 *
 * Everything here throws SyntaxError with what was expected; the assembler adds the place.
 */
import { controlRegisterNumber } from "./control-registers.ts";
import { registerNumber } from "./registers.ts";

/** A symbol and a constant, as `la` takes them. */
export interface SymbolOperand {
  readonly symbol: string;
  readonly addend: number;
}

/** `offset(register)`; the offset may be the low part of a symbol. */
export interface MemoryOperand {
  readonly base: number;
  readonly offset: number;
  readonly low: SymbolOperand | null;
}

/** Splits `a, b(c), {symbol, with comma}` at its outer commas. */
export function splitOperands(text: string): string[] {
  const operands: string[] = [];
  let depth = 0;
  let from = 0;
  for (let index = 0; index <= text.length; index++) {
    const character = text[index];
    if (character === "(" || character === "{") depth++;
    else if (character === ")" || character === "}") depth--;
    else if ((character === "," && depth === 0) || character === undefined) {
      operands.push(text.slice(from, index).trim());
      from = index + 1;
    }
  }
  return operands.length === 1 && operands[0] === "" ? [] : operands;
}

export function register(text: string): number {
  const number = registerNumber(text);
  if (number === undefined) throw new SyntaxError(`expected a register, not '${text}'`);
  return number;
}

/** `x3..x31`, or one register: the numbers in it. */
export function registerRange(text: string): number[] {
  const [first, last, more] = text.split("..");
  const from = register(first!);
  const to = last === undefined ? from : register(last);
  if (more !== undefined || to < from) throw new SyntaxError(`'${text}' is not an ascending range of registers`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The value of a constant expression: numbers, `+ - * << | &`, parentheses, unary minus and `~`. */
export function constant(text: string): number {
  const value = new Expression(text).value();
  if (value < -0x8000_0000 || value > 0xffff_ffff) throw new SyntaxError(`${text} does not fit into 32 bits`);
  return value | 0;
}

/** A constant within a range, ends included. */
export function constantWithin(text: string, least: number, greatest: number): number {
  const value = constant(text);
  if (value < least || value > greatest) throw new SyntaxError(`${text} is not between ${least} and ${greatest}`);
  return value;
}

export const isSymbol = (text: string): boolean => text.startsWith("{");

/** `{symbol}`, `{symbol} + 4096`. */
export function symbolOperand(text: string): SymbolOperand {
  const match = /^\{([^}]*)\}\s*(?:([+-])\s*(.+))?$/.exec(text);
  if (match === null) throw new SyntaxError(`expected a symbol (an operand of the template), not '${text}'`);
  const [, symbol, sign, rest] = match;
  const addend = rest === undefined ? 0 : constant(rest);
  return { symbol: symbol!, addend: sign === "-" ? -addend : addend };
}

/** `%hi(symbol)` or `%lo(symbol)`; null for anything else. */
export function symbolPart(text: string, part: "hi" | "lo"): SymbolOperand | null {
  const match = new RegExp(`^%${part}\\((.*)\\)$`).exec(text);
  return match === null ? null : symbolOperand(match[1]!.trim());
}

/** `16(sp)`, `(sp)`, `%lo(symbol)(t0)`. */
export function memoryOperand(text: string): MemoryOperand {
  const match = /^(.*)\(\s*([a-z0-9]+)\s*\)$/.exec(text);
  if (match === null) throw new SyntaxError(`expected offset(register), not '${text}'`);
  const base = register(match[2]!);
  const offset = match[1]!.trim();
  const low = symbolPart(offset, "lo");
  if (low !== null) return { base, offset: 0, low };
  return { base, offset: offset === "" ? 0 : constantWithin(offset, -2048, 2047), low };
}

/** The number of a control and status register: by name, or a number. */
export function csr(text: string): number {
  return controlRegisterNumber(text) ?? constantWithin(text, 0, 0xfff);
}

/** Recursive descent: `|`, `&`, `<<`, sums, products, then numbers, parentheses and unary operators. */
class Expression {
  private readonly tokens: string[];
  private next = 0;

  constructor(private readonly text: string) {
    this.tokens = text.match(/0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*|<<|\S/g) ?? [];
  }

  value(): number {
    const value = this.binary(0);
    if (this.next < this.tokens.length) this.fail();
    return value;
  }

  private binary(level: number): number {
    const operators = [["|"], ["&"], ["<<"], ["+", "-"], ["*"]][level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    while (operators.includes(this.tokens[this.next] ?? "")) {
      const operator = this.tokens[this.next++]!;
      left = this.apply(operator, left, this.binary(level + 1));
    }
    return left;
  }

  private apply(operator: string, left: number, right: number): number {
    if (operator === "+") return left + right;
    if (operator === "-") return left - right;
    if (operator === "*") return left * right;
    if (operator === "<<") return left * 2 ** right;
    return operator === "|" ? (left | right) >>> 0 : (left & right) >>> 0;
  }

  private unary(): number {
    const token = this.tokens[this.next++] ?? "";
    if (token === "-") return -this.unary();
    if (token === "~") return ~this.unary();
    if (token === "(") {
      const value = this.binary(0);
      if (this.tokens[this.next++] !== ")") this.fail();
      return value;
    }
    const value = /^[0-9]/.test(token) ? Number(token.replaceAll("_", "")) : Number.NaN;
    if (Number.isNaN(value)) this.fail();
    return value;
  }

  private fail(): never {
    throw new SyntaxError(`expected a constant, not '${this.text}'`);
  }
}

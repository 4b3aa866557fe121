/**
 * What lowering carries along: the module under construction, the function body under construction, and values.
 *
 * The lower-*.ts files are one stage, split by construct: module → function → statements → expressions, operators, places, calls,
 * intrinsics, static data. All of them take a `Body`. Begin reading at lower.ts.
 */
import type ts from "typescript";
import { constant, type FunctionBuilder, inRegister, type Loop } from "./builder.ts";
import { checkAssignable } from "./conversions.ts";
import { type Diagnostic, projectPath } from "./errors.ts";
import type { AssemblyRoutine, Data, Function as IrFunction, Operand, Position, Register } from "./ir.ts";
import type { FunctionNode } from "./names.ts";
import type { Constants, Static } from "./static-values.ts";
import { encodeText } from "./text.ts";
import { type Type, wordsOf } from "./types.ts";
import { type Constant, type IntegerType, wrap } from "./widths.ts";

/** One source file being lowered. */
export class ModuleContext {
  readonly constants: Constants;
  readonly source: ts.SourceFile;
  readonly path: string;
  readonly functions: IrFunction[] = [];
  readonly routines: AssemblyRoutine[] = [];
  readonly data: Data[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #texts = new Map<string, string>();
  #anonymous = 0;

  constructor(constants: Constants, source: ts.SourceFile) {
    this.constants = constants;
    this.source = source;
    this.path = projectPath(source.fileName);
  }

  /** The symbol of a string literal: its length word, then its bytes. Equal literals of a module are one. */
  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const symbol = `${this.path}:string.${this.#texts.size}`;
    this.#texts.set(text, symbol);
    const bytes = encodeText(text);
    const content = new Uint8Array(4 + bytes.length);
    new DataView(content.buffer).setUint32(0, bytes.length, true);
    content.set(bytes, 4);
    this.data.push({ symbol, bytes: content.length, alignment: 4, writable: false, content, relocations: [] });
    return symbol;
  }

  /** A symbol for static storage that has no name in the source. */
  anonymous(): string {
    return `${this.path}:static.${this.#anonymous++}`;
  }
}

/** Where `break` and `continue` go. */
export interface JumpTarget {
  readonly label: string | null;
  readonly breakTo: number;
  /** Null for a switch or a labelled block. */
  readonly continueTo: number | null;
  readonly isSwitch?: true;
}

export interface Variable {
  readonly type: Type;
  readonly registers: readonly Register[];
}

/** One function being lowered, or a module's initialiser (`node` is null). */
export interface Body {
  readonly module: ModuleContext;
  readonly builder: FunctionBuilder;
  readonly node: FunctionNode | null;
  readonly variables: Map<ts.Symbol, Variable>;
  readonly result: Type;
  /** `this`, in a method. */
  readonly self: Register | null;
  readonly targets: JumpTarget[];
  /** Variables that some expression changes in its midst: reading one means copying it. */
  readonly unsteady: ReadonlySet<ts.Symbol>;
}

/** A lowered expression. Integer constants keep their exact value, for as long as they adapt. */
export interface Value {
  readonly type: Type;
  readonly words: readonly Operand[];
  readonly constant?: Constant | undefined;
}

export const NOTHING: Value = { type: { kind: "void" }, words: [] };

export function positionOf(node: ts.Node): Position {
  const source = node.getSourceFile();
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { file: projectPath(source.fileName), line: line + 1, column: character + 1 };
}

/** Runs `lower` with the builder's position at `node`. Field initialisers of other modules count as the place that needs them. */
export function at<T>(body: Body, node: ts.Node, lower: () => T): T {
  const { builder } = body;
  if (node.getSourceFile() !== body.module.source) return lower();
  const before = builder.position;
  builder.position = positionOf(node);
  const result = lower();
  builder.position = before;
  return result;
}

/** Runs `lower` as the inside of a loop of the source. */
export function insideLoop(body: Body, lower: () => void): void {
  const outer: Loop | null = body.builder.loop;
  body.builder.loop = { outer };
  lower();
  body.builder.loop = outer;
}

/** The value as a declared type has it; fails where tsc was silent but the machine would not be. */
export function convert(body: Body, value: Value, type: Type, node: ts.Node): Value {
  checkAssignable(body.module.constants, value.type, type, node, value.constant);
  return represent(value, type);
}

/** The words of a value that is known to be convertible. */
export function represent(value: Value, type: Type): Value {
  if (value.type.kind === "never") return { type, words: Array.from({ length: wordsOf(type) }, () => constant(0)) };
  if (type.kind === "slice" && value.type.kind === "null") return { type, words: [constant(0), constant(0)] };
  if (type.kind === "integer" && value.constant !== undefined) return integerConstant(value.constant, type);
  return { type, words: value.words };
}

export function integerConstant(known: Constant, type: IntegerType): Value {
  const value = wrap(known.value, type.width);
  const words = [constant(Number(BigInt.asIntN(32, value)))];
  if (type.width === "u64") words.push(constant(Number(BigInt.asIntN(32, value >> 32n))));
  return { type, words, constant: { value: type.flexible ? known.value : value, bits: known.bits } };
}

/** What is known when compiled, as a value. */
export function staticValue(body: Body, value: Static): Value {
  const { builder, module } = body;
  switch (value.kind) {
    case "integer":
      return integerConstant(value.constant, value.type);
    case "boolean":
      return { type: value.type, words: [constant(value.value ? 1 : 0)] };
    case "null":
      return { type: value.type, words: [constant(0)] };
    case "text":
      return { type: value.type, words: [builder.symbol(module.text(value.text), 0)] };
    case "address": {
      const word = addressWord(body, value);
      if (value.type.kind === "integer" && word.kind === "register") builder.facts.released.add(word.register);
      return { type: value.type, words: value.type.kind === "code" ? [] : [word] };
    }
    case "slice":
      return { type: value.type, words: [addressWord(body, value), constant(value.length)] };
  }
}

function addressWord(body: Body, value: { symbol: string; offset: number }): Operand {
  return body.builder.symbol(value.symbol, value.offset);
}

/** New registers for a variable of this type. */
export function newVariable(body: Body, name: string, type: Type): Variable {
  const registers = Array.from({ length: wordsOf(type) }, () => body.builder.register());
  for (const register of registers) body.builder.facts.variables.set(register, { name, loop: body.builder.loop });
  return { type, registers };
}

export function assignVariable(body: Body, variable: Variable, value: Value): void {
  variable.registers.forEach((register, index) => {
    body.builder.move(register, value.words[index] ?? constant(0));
  });
}

export function variableWords(variable: Variable): Operand[] {
  return variable.registers.map(inRegister);
}

/** The only word of a value that has one. */
export function word(value: Value): Operand {
  return value.words[0] ?? constant(0);
}

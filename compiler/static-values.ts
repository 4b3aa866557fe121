/**
 * What is known when compiled: constants, enum members, and where static storage lies.
 *
 * `Constants.evaluate` answers for any expression, or says null; lowering asks it first, layouts ask it for element counts, and
 * static data is built from nothing else. Integer constants are exact, as in Go, until a type makes them fit. Begin reading there.
 */
import ts = require("typescript");

import { type Conversions, checkAssignable } from "./conversions.ts";
import { excerpt, fail } from "./errors.ts";
import { hasModifier, isStatic, Layouts, type Storage, storable, strideOf } from "./layout.ts";
import { isFunctionNode, linkSymbol } from "./names.ts";
import { combineBooleans, combineIntegers, complement, integerValue, negate } from "./static-arithmetic.ts";
import { Symbols } from "./symbols.ts";
import { isAssembly, isAssignment, isConst, isModuleLevel, unwrap } from "./syntax.ts";
import { encodeText } from "./text.ts";
import { BOOLEAN, isInPlace, type SliceType, STRING, type Type, Types } from "./types.ts";
import { type Constant, type IntegerType, integer, literalType, promote, U64, wrap } from "./widths.ts";

export type Static =
  | { readonly kind: "integer"; readonly type: IntegerType; readonly constant: Constant }
  | { readonly kind: "boolean"; readonly type: Type; readonly value: boolean }
  /** A struct, function or routine, or a raw address. */
  | { readonly kind: "address"; readonly type: Type; readonly symbol: string; readonly offset: number }
  | {
      readonly kind: "slice";
      readonly type: SliceType;
      readonly symbol: string;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly kind: "text"; readonly type: Type; readonly text: string }
  | { readonly kind: "null"; readonly type: Type };

/** What a variable of a module is. */
export type Binding =
  /** Known when compiled; `storage` is what lies behind it, if anything does. */
  | { readonly kind: "static"; readonly value: Static; readonly storage: Storage | null }
  /** A word or so in memory. */
  | { readonly kind: "variable"; readonly type: Type; readonly symbol: string };

/** The type of a dynamic expression of a module: what lowering it would give. */
export type InferType = (constants: Constants, node: ts.Expression) => Type;

export class Constants implements Conversions {
  readonly types: Types;
  readonly layouts: Layouts;
  readonly checker: ts.TypeChecker;
  readonly symbols: Symbols;
  readonly #values = new Map<ts.Node, Static | null>();
  readonly #bindings = new Map<ts.VariableDeclaration, Binding>();

  readonly #infer: InferType;
  readonly #inferring = new Set<ts.Node>();

  constructor(checker: ts.TypeChecker, core: ts.SourceFile, volatileClasses: ReadonlySet<string>, infer: InferType) {
    this.checker = checker;
    this.symbols = new Symbols(checker);
    this.#infer = infer;
    this.types = new Types(checker, core);
    this.layouts = new Layouts(this.types, (node) => this.integer(node), volatileClasses);
  }

  /** The value of an expression, or null if it is not known when compiled. */
  evaluate(node: ts.Expression): Static | null {
    const known = this.#values.get(node);
    if (known !== undefined) return known;
    this.#values.set(node, null); // while it is being evaluated: what refers to itself is not constant
    const value = this.#evaluate(node);
    this.#values.set(node, value);
    return value;
  }

  integer(node: ts.Expression): number | null {
    const value = this.evaluate(node);
    return value?.kind === "integer" ? Number(value.constant.value) : null;
  }

  /** A constant as a declared type has it: no longer adapting. */
  typed(value: Static, type: Type, node: ts.Node): Static {
    checkAssignable(this, value.type, type, node, value.kind === "integer" ? value.constant : undefined);
    if (value.kind === "integer" && type.kind === "integer")
      return {
        kind: "integer",
        type,
        constant: { value: wrap(value.constant.value, type.width), bits: value.constant.bits },
      };
    if (value.kind === "address" && (type.kind === "struct" || type.kind === "function")) return { ...value, type };
    return value;
  }

  /** What a module-level variable is; the same whichever module asks. */
  binding(node: ts.VariableDeclaration): Binding {
    const known = this.#bindings.get(node);
    if (known !== undefined) return known;
    const made = this.#bind(node);
    this.#bindings.set(node, made);
    return made;
  }

  /** `count` elements of a slice type, in place. */
  arrayStorage(type: SliceType, count: number, node: ts.Node): Storage & { kind: "array" } {
    const { element } = type;
    const inner: Storage =
      element.kind === "struct" && isInPlace(element)
        ? { kind: "struct", layout: this.layouts.ofSized(element.type, node) }
        : { kind: "value", type: element };
    return { kind: "array", element: inner, count, type };
  }

  #bind(node: ts.VariableDeclaration): Binding {
    const { initializer } = node;
    const symbol = linkSymbol(node);
    if (isConst(node) && initializer !== undefined) {
      const inner = unwrap(initializer);
      if (isFunctionNode(inner))
        return bound({ kind: "address", type: this.types.ofDeclaration(node), symbol, offset: 0 }, null);
      if (isAssembly(inner)) return bound({ kind: "address", type: { kind: "code" }, symbol, offset: 0 }, null);
      const storage = this.layouts.storageOf(inner) ?? this.#literalStorage(node, inner);
      if (storage !== null) return this.#object(node, storage, symbol);
      const value = this.evaluate(initializer);
      if (value !== null && value.kind !== "null") {
        const typed = node.type === undefined ? value : this.typed(value, this.types.ofDeclaration(node), initializer);
        return bound(typed, null);
      }
    }
    return { kind: "variable", type: this.#variableType(node), symbol };
  }

  /** `const x = new C()`: the name is the storage. */
  #object(node: ts.VariableDeclaration, storage: Storage, symbol: string): Binding {
    if (storage.kind === "array" && storage.type.kind === "slice")
      return bound({ kind: "slice", type: storage.type, symbol, offset: 0, length: storage.count }, storage);
    return bound({ kind: "address", type: this.types.ofDeclaration(node), symbol, offset: 0 }, storage);
  }

  /** Object and array literals of a declared type are storage too. */
  #literalStorage(node: ts.VariableDeclaration, initializer: ts.Expression): Storage | null {
    if (ts.isObjectLiteralExpression(initializer)) {
      if (node.type === undefined) return fail(node, "objectLiteral");
      return { kind: "struct", layout: this.layouts.of(this.types.typeAt(node.type), node.type) };
    }
    if (!ts.isArrayLiteralExpression(initializer)) return null;
    const type = node.type === undefined ? fail(node, "objectLiteral") : this.types.ofDeclaration(node);
    if (type.kind !== "slice") return fail(node, "anyType", excerpt(node));
    return this.arrayStorage(type, initializer.elements.length, node);
  }

  #variableType(node: ts.VariableDeclaration): Type {
    const declared = this.types.ofDeclarationOrNull(node);
    if (declared?.kind === "code") return fail(node, "routinePlace");
    if (declared !== null) return storable(node.type === undefined ? settle(declared) : declared, node);
    if (node.initializer === undefined || this.#inferring.has(node)) return fail(node, "noWidth");
    this.#inferring.add(node);
    const type = this.#infer(this, node.initializer);
    this.#inferring.delete(node);
    return storable(settle(type), node);
  }

  #evaluate(node: ts.Expression): Static | null {
    switch (node.kind) {
      case ts.SyntaxKind.NumericLiteral:
        return numeric(node as ts.NumericLiteral);
      case ts.SyntaxKind.BigIntLiteral:
        return integerValue(BigInt((node as ts.BigIntLiteral).text.replace(/n$/, "")), { ...U64, flexible: true });
      case ts.SyntaxKind.StringLiteral:
      case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
        return { kind: "text", type: STRING, text: (node as ts.StringLiteral).text };
      case ts.SyntaxKind.TrueKeyword:
      case ts.SyntaxKind.FalseKeyword:
        return { kind: "boolean", type: BOOLEAN, value: node.kind === ts.SyntaxKind.TrueKeyword };
      case ts.SyntaxKind.NullKeyword:
        return { kind: "null", type: { kind: "null" } };
      case ts.SyntaxKind.ParenthesizedExpression:
      case ts.SyntaxKind.SatisfiesExpression:
      case ts.SyntaxKind.NonNullExpression:
        return this.evaluate((node as ts.ParenthesizedExpression).expression);
      case ts.SyntaxKind.AsExpression:
        return this.#evaluateAs(node as ts.AsExpression);
      case ts.SyntaxKind.Identifier:
        return this.#evaluateName(node as ts.Identifier);
      case ts.SyntaxKind.PropertyAccessExpression:
        return this.#evaluateProperty(node as ts.PropertyAccessExpression);
      case ts.SyntaxKind.ElementAccessExpression:
        return this.#evaluateElement(node as ts.ElementAccessExpression);
      case ts.SyntaxKind.PrefixUnaryExpression:
        return this.#evaluateUnary(node as ts.PrefixUnaryExpression);
      case ts.SyntaxKind.BinaryExpression:
        return this.#evaluateBinary(node as ts.BinaryExpression);
      case ts.SyntaxKind.ConditionalExpression:
        return this.#evaluateConditional(node as ts.ConditionalExpression);
      case ts.SyntaxKind.CallExpression:
        return this.#evaluateCall(node as ts.CallExpression);
      default:
        return null;
    }
  }

  #evaluateAs(node: ts.AsExpression): Static | null {
    const value = this.evaluate(node.expression);
    if (value === null || value.kind === "text" || value.kind === "null" || ts.isConstTypeReference(node.type))
      return value;
    const type = this.types.of(this.types.typeAt(node), node);
    return value.kind === "integer" && type.kind === "integer" ? this.typed(value, type, node) : null;
  }

  #evaluateName(node: ts.Identifier): Static | null {
    const declaration = this.symbols.declarationOf(node);
    if (declaration === null) return null;
    if (ts.isVariableDeclaration(declaration)) return this.#evaluateVariable(declaration);
    if (ts.isFunctionDeclaration(declaration) && declaration.body !== undefined) {
      const type = this.types.of(this.types.typeAt(node), node);
      return { kind: "address", type, symbol: linkSymbol(declaration), offset: 0 };
    }
    return null;
  }

  #evaluateVariable(declaration: ts.VariableDeclaration): Static | null {
    if (!isConst(declaration) || declaration.getSourceFile().isDeclarationFile) return null;
    if (isModuleLevel(declaration)) {
      const binding = this.binding(declaration);
      return binding.kind === "static" ? binding.value : null;
    }
    const { initializer } = declaration;
    if (initializer === undefined || !ts.isIdentifier(declaration.name)) return null;
    if (isFunctionNode(unwrap(initializer)))
      return {
        kind: "address",
        type: this.types.ofDeclaration(declaration),
        symbol: linkSymbol(declaration),
        offset: 0,
      };
    const value = this.evaluate(initializer);
    if (value === null || value.kind === "null") return null;
    return declaration.type === undefined
      ? value
      : this.typed(value, this.types.ofDeclaration(declaration), initializer);
  }

  #evaluateProperty(node: ts.PropertyAccessExpression): Static | null {
    const declaration = this.symbols.declarationOf(node.name);
    if (declaration !== null) {
      if (ts.isEnumMember(declaration)) return this.#evaluateMember(declaration, node);
      if (ts.isPropertyDeclaration(declaration) && isStatic(declaration)) return this.#evaluateStaticField(declaration);
      if (ts.isVariableDeclaration(declaration)) return this.#evaluateVariable(declaration);
    }
    const whole = this.evaluate(node.expression);
    if (whole === null) return null;
    if (node.name.text === "length" && (whole.kind === "slice" || whole.kind === "text")) {
      const length = whole.kind === "slice" ? whole.length : encodeText(whole.text).length;
      return integerValue(BigInt(length), literalType(BigInt(length)));
    }
    return whole.kind === "address" && whole.type.kind === "struct" ? this.#evaluateField(whole, node) : null;
  }

  /** Storage in place inside static storage has an address of its own. */
  #evaluateField(whole: Static & { kind: "address" }, node: ts.PropertyAccessExpression): Static | null {
    const type = this.types.typeAt(node.expression);
    if (type.flags & (ts.TypeFlags.TypeParameter | ts.TypeFlags.Never) || type.isUnion()) return null;
    const layout = this.layouts.of(type, node);
    const field = layout.fields.get(node.name.text);
    if (field === undefined || field.storage.kind === "value") return null;
    const at = { symbol: whole.symbol, offset: whole.offset + field.offset };
    if (field.storage.kind === "struct") return { kind: "address", type: field.type, ...at };
    const slice = { ...(field.type as SliceType), volatile: layout.volatile };
    return { kind: "slice", type: slice, ...at, length: field.storage.count };
  }

  #evaluateMember(member: ts.EnumMember, node: ts.Expression): Static | null {
    const value = this.checker.getConstantValue(member);
    if (typeof value !== "number") return fail(node, "staticValue", excerpt(node));
    const type = this.types.of(this.types.typeAt(member.parent), node);
    const made = member.initializer === undefined ? null : this.evaluate(member.initializer);
    const bits = made?.kind === "integer" && made.constant.bits;
    return {
      kind: "integer",
      type: { ...(type as IntegerType), flexible: true },
      constant: { value: BigInt(value), bits },
    };
  }

  #evaluateStaticField(declaration: ts.PropertyDeclaration): Static | null {
    const { initializer } = declaration;
    if (initializer === undefined || !hasModifier(declaration, ts.SyntaxKind.ReadonlyKeyword))
      return fail(declaration, "staticField");
    const value = this.evaluate(initializer) ?? fail(declaration, "staticField");
    return declaration.type === undefined
      ? value
      : this.typed(value, this.types.ofDeclaration(declaration), initializer);
  }

  #evaluateElement(node: ts.ElementAccessExpression): Static | null {
    const whole = this.evaluate(node.expression);
    if (whole?.kind !== "slice" || !isInPlace(whole.type.element)) return null;
    const index = this.integer(node.argumentExpression);
    if (index === null) return null;
    if (index < 0 || index >= whole.length)
      return fail(node.argumentExpression, "literalRange", String(index), `0 to ${whole.length - 1}`);
    const stride = strideOf(whole.type.element, this.layouts, node);
    return { kind: "address", type: whole.type.element, symbol: whole.symbol, offset: whole.offset + index * stride };
  }

  #evaluateUnary(node: ts.PrefixUnaryExpression): Static | null {
    const { operator } = node;
    if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken) return null;
    const value = this.evaluate(node.operand);
    if (value?.kind === "boolean" && operator === ts.SyntaxKind.ExclamationToken)
      return { ...value, value: !value.value };
    if (value?.kind !== "integer") return null;
    const type = promote(value.type);
    if (operator === ts.SyntaxKind.MinusToken) return negate(value.constant, type);
    if (operator === ts.SyntaxKind.PlusToken) return value;
    return operator === ts.SyntaxKind.TildeToken ? complement(value.constant, type) : null;
  }

  #evaluateBinary(node: ts.BinaryExpression): Static | null {
    const operator = node.operatorToken.getText();
    const stores: boolean = isAssignment(node);
    if (stores || operator === ",") return null;
    const left = this.evaluate(node.left);
    if (left === null) return null;
    const right = this.evaluate(node.right);
    if (right === null) return null;
    if (left.kind === "boolean" && right.kind === "boolean") return combineBooleans(operator, left.value, right.value);
    if (left.kind !== "integer" || right.kind !== "integer") return null;
    return combineIntegers(node, operator, left, right);
  }

  #evaluateConditional(node: ts.ConditionalExpression): Static | null {
    const condition = this.evaluate(node.condition);
    if (condition?.kind !== "boolean") return null;
    return this.evaluate(condition.value ? node.whenTrue : node.whenFalse);
  }

  /** The calls that have constant results: sizes, offsets, conversions, addresses. */
  #evaluateCall(node: ts.CallExpression): Static | null {
    if (!ts.isIdentifier(node.expression)) return null;
    const name = node.expression.text;
    if (!coreConstants.has(name) || !this.types.isCore(this.checker.getSymbolAtLocation(node.expression))) return null;
    const [first, second] = node.arguments;
    if (first === undefined) return null;
    if (name === "sizeOf" || name === "offsetOf") return this.#measure(node, first, second);
    const value = this.evaluate(first);
    if (name === "address") {
      if (value === null || (value.kind !== "address" && value.kind !== "slice")) return null;
      return { kind: "address", type: conversionType("vaddr"), symbol: value.symbol, offset: value.offset };
    }
    if (value?.kind !== "integer") return null;
    const type = conversionType(name);
    return { kind: "integer", type, constant: { value: wrap(value.constant.value, type.width), bits: false } };
  }

  #measure(
    node: ts.CallExpression,
    classArgument: ts.Expression,
    fieldArgument: ts.Expression | undefined,
  ): Static | null {
    const made = this.types.of(this.types.typeAt(classArgument), classArgument);
    if (made.kind !== "class") return fail(node, "classValue");
    const layout = this.layouts.ofSized(made.type, classArgument);
    if (fieldArgument === undefined) return integerValue(BigInt(layout.bytes), literalType(0n));
    const name = this.evaluate(fieldArgument);
    const field = name?.kind === "text" ? layout.fields.get(name.text) : undefined;
    if (field === undefined) return fail(node, "staticValue", "the field's name");
    return integerValue(BigInt(field.offset), literalType(0n));
  }
}

const coreConstants = new Set(["sizeOf", "offsetOf", "address", "u8", "u16", "u32", "i32", "u64", "vaddr", "paddr"]);

/** The type that a conversion such as `u32(x)` or `paddr(x)` makes. */
export function conversionType(name: string): IntegerType {
  if (name === "vaddr") return integer("u32", ["domain=virtual"]);
  if (name === "paddr") return integer("u32", ["domain=physical"]);
  return integer(name as IntegerType["width"]);
}

/** What a value is on its own, without a type beside it: a variable's type, say. */
export function settle(type: Type): Type {
  if (type.kind !== "integer" || type.members !== undefined) return type;
  return { ...type, flexible: false };
}

function bound(value: Static, storage: Storage | null): Binding {
  return { kind: "static", value, storage };
}

function numeric(node: ts.NumericLiteral): Static {
  const value = Number(node.text);
  if (!Number.isSafeInteger(value)) return fail(node, "fraction", node.getText());
  return integerValue(BigInt(value), literalType(BigInt(value)));
}

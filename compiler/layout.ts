/**
 * Where the fields of a struct lie: base class first, declaration order, natural alignment.
 *
 * `= new S()`, `= new Uint8Array(n)`, `= table(S, n)` and `= references(S, n)` are storage in place; every other field is
 * a value, and a field of class type a reference. Interfaces have no initialisers, so all their fields are values. A `Record` of an enum is
 * an array indexed by the enum's value. Begin reading at `Layouts.of`.
 */
import ts = require("typescript");

import { excerpt, fail, nameOf } from "./errors.ts";
import { isInPlace, type Type, type Types, valueBytes } from "./types.ts";
import { integer, type Width } from "./widths.ts";

/** What a field or a variable of the module is made of. */
export type Storage =
  | { readonly kind: "value"; readonly type: Type }
  | { readonly kind: "struct"; readonly layout: Layout }
  | { readonly kind: "array"; readonly element: Storage; readonly count: number; readonly type: Type };

export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly storage: Storage;
  /** Of the value that reading the field gives: for storage in place a reference or a slice. */
  readonly type: Type;
  readonly initializer: ts.Expression | null;
  readonly readonly: boolean;
}

export interface Layout {
  readonly name: string;
  readonly bytes: number;
  readonly alignment: number;
  /** In order of their offsets; an overridden field stands where its base put it. */
  readonly fields: ReadonlyMap<string, Field>;
  /** A `Record` of an enum: the value of the first row. Null for everything else. */
  readonly firstKey: number | null;
  readonly declaration: ts.Node | null;
  /** The size is declared, here or in a base class. */
  readonly fixed: boolean;
  readonly base: Layout | null;
  /** Every access must happen exactly once and in order. */
  readonly volatile: boolean;
}

/** How constants are evaluated, which layouts need for element counts; constants.ts provides it. */
export type EvaluateInteger = (node: ts.Expression) => number | null;

const RECORD_ROWS_MAXIMUM = 4096;
const typedArrays: Record<string, Width> = {
  Uint8Array: "u8",
  Uint16Array: "u16",
  Uint32Array: "u32",
  Int32Array: "i32",
};

export class Layouts {
  readonly #types: Types;
  readonly #evaluate: EvaluateInteger;
  readonly #volatileClasses: ReadonlySet<string>;
  readonly #known = new Map<ts.Symbol | ts.Type, Layout>();
  readonly #unfinished = new Set<ts.Node>();

  constructor(types: Types, evaluate: EvaluateInteger, volatileClasses: ReadonlySet<string>) {
    this.#types = types;
    this.#evaluate = evaluate;
    this.#volatileClasses = volatileClasses;
  }

  /** The layout of a class, interface or object type; for a union the layouts of its members. */
  all(type: ts.Type, node: ts.Node): Layout[] {
    if (type.isUnion()) {
      const members = type.types.filter((member) => !(member.flags & ts.TypeFlags.Null));
      return members.flatMap((member) => this.all(member, node));
    }
    if (type.flags & ts.TypeFlags.TypeParameter) {
      const constraint = this.#types.checker.getBaseConstraintOfType(type);
      if (constraint === undefined || constraint.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive))
        return fail(node, "genericSize", this.#types.checker.typeToString(type));
      return this.all(constraint, node);
    }
    if (type.isIntersection()) {
      const part = type.types.find((member) => this.#declaration(member.symbol) !== null);
      return part === undefined ? fail(node, "objectLiteral") : this.all(part, node);
    }
    return [this.#single(type, node)];
  }

  /** The one layout of a type that has one. */
  of(type: ts.Type, node: ts.Node): Layout {
    const layouts = this.all(type, node);
    const [first] = layouts;
    if (first === undefined || layouts.some((layout) => layout !== first))
      return fail(node, "anyType", this.#types.checker.typeToString(type));
    return first;
  }

  /** The size where it matters (tables, copies): a type parameter has none. */
  ofSized(type: ts.Type, node: ts.Node): Layout {
    if (type.flags & ts.TypeFlags.TypeParameter && !(type as ts.TypeParameter & { isThisType?: boolean }).isThisType)
      return fail(node, "genericSize", this.#types.checker.typeToString(type));
    const layouts = this.all(type, node);
    const [first] = layouts;
    if (first === undefined || layouts.some((layout) => layout.bytes !== first.bytes))
      return fail(node, "anyType", this.#types.checker.typeToString(type));
    return first;
  }

  /** What `new C()`, `new Uint8Array(n)`, `table(C, n)` or `references(C, n)` makes; null for every other expression. */
  storageOf(node: ts.Expression): Storage | null {
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
      return this.storageOf(node.expression);
    if (ts.isNewExpression(node)) return this.#storageOfNew(node);
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return null;
    const name = node.expression.text;
    if (name !== "table" && name !== "references") return null;
    const symbol = this.#types.checker.getSymbolAtLocation(node.expression);
    if (!this.#types.isCore(symbol)) return null;
    return this.#storageOfTable(node, name);
  }

  #storageOfNew(node: ts.NewExpression): Storage | null {
    if (ts.isIdentifier(node.expression)) {
      const width = typedArrays[node.expression.text];
      const symbol = this.#types.checker.getSymbolAtLocation(node.expression);
      if (width !== undefined && this.#types.isCore(symbol)) {
        const element: Type = integer(width);
        const count = this.#count(node.arguments?.[0], node);
        return { kind: "array", element: { kind: "value", type: element }, count, type: slice(element) };
      }
    }
    if ((node.arguments?.length ?? 0) > 0) return fail(node, "newArguments");
    return { kind: "struct", layout: this.ofSized(this.#types.typeAt(node), node) };
  }

  #storageOfTable(node: ts.CallExpression, name: "table" | "references"): Storage {
    const [classArgument, countArgument] = node.arguments;
    const made = this.#types.of(this.#types.typeAt(classArgument!), classArgument!);
    if (made.kind !== "class") return fail(node, "classValue");
    const count = this.#count(countArgument, node);
    const struct: Type = { kind: "struct", type: made.type, nullable: name === "references" };
    if (name === "references")
      return { kind: "array", element: { kind: "value", type: struct }, count, type: slice(struct) };
    const layout = this.ofSized(made.type, classArgument!);
    return { kind: "array", element: { kind: "struct", layout }, count, type: slice(struct) };
  }

  #count(node: ts.Expression | undefined, whole: ts.Node): number {
    const count = node === undefined ? null : this.#evaluate(node);
    if (count === null) return fail(node ?? whole, "elementCount");
    if (count < 0 || count > 0x1000_0000) return fail(node ?? whole, "literalRange", String(count), "a length");
    return count;
  }

  #single(type: ts.Type, node: ts.Node): Layout {
    const declaration = this.#declaration(type.symbol);
    const key = declaration === null ? type : type.symbol;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (declaration !== null && this.#unfinished.has(declaration)) return fail(node, "endless", typeName(declaration));
    if (declaration !== null) this.#unfinished.add(declaration);
    const layout = declaration === null ? this.#record(type, node) : this.#declared(declaration);
    if (declaration !== null) this.#unfinished.delete(declaration);
    this.#known.set(key, layout);
    return layout;
  }

  #declaration(
    symbol: ts.Symbol | undefined,
  ): ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeLiteralNode | null {
    for (const each of symbol?.declarations ?? [])
      if (ts.isClassDeclaration(each) || ts.isInterfaceDeclaration(each) || ts.isTypeLiteralNode(each)) return each;
    return null;
  }

  #declared(node: ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeLiteralNode): Layout {
    const base = this.#base(node);
    const plan = new Plan(base);
    for (const member of node.members) {
      if (ts.isPropertyDeclaration(member) && !isStatic(member)) this.#classField(plan, member);
      else if (ts.isPropertySignature(member) || ts.isMethodSignature(member)) this.#interfaceField(plan, member);
    }
    const alignment = Math.max(plan.alignment, this.#fixed(node, "alignment") ?? base?.alignment ?? 1);
    if (!Number.isInteger(Math.log2(alignment)) || alignment > 4096) return fail(node, "alignment");
    const fixed = this.#fixed(node, "bytes") ?? this.#inheritedBytes(node);
    const used = roundUp(plan.end, alignment);
    if (fixed !== null && plan.end > fixed)
      return fail(node, "tooLarge", typeName(node), `${plan.end} bytes of fields in ${fixed}`);
    return {
      name: typeName(node),
      bytes: fixed === null ? used : roundUp(fixed, alignment),
      alignment,
      fixed: fixed !== null,
      fields: plan.fields,
      firstKey: null,
      declaration: node,
      base,
      volatile: base?.volatile === true || this.#volatileClasses.has(typeName(node)),
    };
  }

  #classField(plan: Plan, member: ts.PropertyDeclaration): void {
    const name = fieldName(member.name);
    const initializer = member.initializer ?? null;
    const isReadonly = hasModifier(member, ts.SyntaxKind.ReadonlyKeyword);
    const inherited = plan.fields.get(name);
    if (inherited !== undefined) {
      plan.fields.set(name, { ...inherited, initializer: initializer ?? inherited.initializer });
      return;
    }
    if (member.questionToken !== undefined) fail(member, "optionalField");
    const storage =
      (initializer === null ? null : this.storageOf(initializer)) ?? this.#valueStorage(member, initializer);
    if (storage.kind === "array" && storage.element.kind === "value" && !isStorable(storage.element.type))
      fail(member, "fieldType", excerpt(member));
    plan.add({ name, storage, type: this.#typeOfStorage(storage, member), initializer, readonly: isReadonly });
  }

  #valueStorage(member: ts.PropertyDeclaration, initializer: ts.Expression | null): Storage {
    const declared = this.#types.ofDeclarationOrNull(member);
    const type = declared ?? (initializer === null ? fail(member, "noWidth") : integer("i32"));
    return { kind: "value", type: storable(type, member) };
  }

  #interfaceField(plan: Plan, member: ts.PropertySignature | ts.MethodSignature): void {
    if (member.questionToken !== undefined) fail(member, "optionalField");
    const name = fieldName(member.name);
    const type = storable(this.#types.ofDeclaration(member), member);
    if (plan.fields.has(name)) return;
    const isReadonly = hasModifier(member, ts.SyntaxKind.ReadonlyKeyword);
    plan.add({ name, storage: { kind: "value", type }, type, initializer: null, readonly: isReadonly });
  }

  #typeOfStorage(storage: Storage, node: ts.Declaration & { name: ts.Node }): Type {
    if (storage.kind === "value" || storage.kind === "array") return storage.type;
    return { kind: "struct", type: this.#types.typeAt(node), nullable: false };
  }

  #base(node: ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeLiteralNode): Layout | null {
    if (ts.isTypeLiteralNode(node)) return null;
    const clause = node.heritageClauses?.find((each) => each.token === ts.SyntaxKind.ExtendsKeyword);
    const first = clause?.types[0];
    return first === undefined ? null : this.of(this.#types.typeAt(first), first);
  }

  /** `static readonly bytes = 64`, by name. */
  #fixed(node: ts.Node, name: string): number | null {
    if (!ts.isClassDeclaration(node)) return null;
    const member = node.members.find(
      (each) => ts.isPropertyDeclaration(each) && isStatic(each) && fieldName(each.name) === name,
    );
    if (member === undefined || !ts.isPropertyDeclaration(member) || member.initializer === undefined) return null;
    return this.#evaluate(member.initializer) ?? fail(member, "staticValue", name);
  }

  #inheritedBytes(node: ts.Node): number | null {
    if (!ts.isClassDeclaration(node)) return null;
    const clause = node.heritageClauses?.find((each) => each.token === ts.SyntaxKind.ExtendsKeyword);
    const symbol = clause === undefined ? undefined : this.#types.typeAt(clause.types[0]!).symbol;
    const base = this.#declaration(symbol);
    return base === null ? null : (this.#fixed(base, "bytes") ?? this.#inheritedBytes(base));
  }

  /** `Record<Enum, F>`: its properties have the enum's values as names. */
  #record(type: ts.Type, node: ts.Node): Layout {
    const { checker } = this.#types;
    const properties = checker.getPropertiesOfType(type);
    const [first] = properties;
    if (first === undefined || type.symbol?.flags & ts.SymbolFlags.ObjectLiteral) return fail(node, "objectLiteral");
    const value = (property: ts.Symbol): Type =>
      storable(this.#types.of(checker.getTypeOfSymbol(property), node), node);
    const keys = properties.map((property) => Number(property.name));
    const plan = new Plan(null);
    const isEnum = keys.every((key) => Number.isInteger(key));
    const least = isEnum ? Math.min(...keys) : 0;
    if (isEnum && Math.max(...keys) - least >= RECORD_ROWS_MAXIMUM) return fail(node, "recordKeys", "too far apart");
    for (const property of properties) {
      const stored = value(property);
      if (isEnum)
        plan.end = (Number(property.name) - least) * roundUp(valueBytes(stored).bytes, valueBytes(stored).alignment);
      plan.add({
        name: property.name,
        storage: { kind: "value", type: stored },
        type: stored,
        initializer: null,
        readonly: true,
      });
    }
    const rows = isEnum ? Math.max(...keys) - least + 1 : 0;
    const bytes = isEnum ? rows * valueBytes(value(first)).bytes : roundUp(plan.end, plan.alignment);
    return {
      name: checker.typeToString(type),
      bytes,
      alignment: plan.alignment,
      fixed: false,
      fields: plan.fields,
      firstKey: isEnum ? least : null,
      declaration: null,
      base: null,
      volatile: false,
    };
  }
}

/** Fields as they are placed one behind the other. */
class Plan {
  readonly fields: Map<string, Field>;
  end: number;
  alignment: number;
  constructor(base: Layout | null) {
    this.fields = new Map(base?.fields);
    this.end = base === null ? 0 : endOf(base);
    this.alignment =
      base === null
        ? 1
        : Math.max(1, ...[...base.fields.values()].map((field) => storageSize(field.storage).alignment));
  }

  add(field: Omit<Field, "offset">): void {
    const { bytes, alignment } = storageSize(field.storage);
    const offset = roundUp(this.end, alignment);
    this.fields.set(field.name, { ...field, offset });
    this.end = offset + bytes;
    this.alignment = Math.max(this.alignment, alignment);
  }
}

/** Subclasses go on behind the last field, inside a fixed size. */
function endOf(layout: Layout): number {
  return Math.max(0, ...[...layout.fields.values()].map((field) => field.offset + storageSize(field.storage).bytes));
}

export function storageSize(storage: Storage): { bytes: number; alignment: number } {
  if (storage.kind === "value") return valueBytes(storage.type);
  if (storage.kind === "struct") return storage.layout;
  const element = storageSize(storage.element);
  return { bytes: storage.count * roundUp(element.bytes, element.alignment), alignment: element.alignment };
}

/** Bytes from one element of a slice to the next. */
export function strideOf(element: Type, layouts: Layouts, node: ts.Node): number {
  if (element.kind === "struct" && isInPlace(element)) return layouts.ofSized(element.type, node).bytes;
  return valueBytes(element).bytes;
}

export function roundUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

export function slice(element: Type): Type {
  return { kind: "slice", element, nullable: false, volatile: false };
}

export function fieldName(name: ts.PropertyName): string {
  if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)) return name.text;
  return fail(name, "symbolName");
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false);
}

export const isStatic = (node: ts.Node): boolean => hasModifier(node, ts.SyntaxKind.StaticKeyword);

function typeName(node: ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeLiteralNode): string {
  return ts.isTypeLiteralNode(node) ? "an object type" : nameOf(node);
}

function isStorable(type: Type): boolean {
  return !["void", "never", "null", "class", "code", "format"].includes(type.kind);
}

/** A type that memory can hold. */
export function storable(type: Type, node: ts.Node): Type {
  return isStorable(type) ? type : fail(node, "fieldType", excerpt(node));
}

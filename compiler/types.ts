/**
 * What a type of the checker means to the machine: how many registers a value takes, how many bytes in memory.
 *
 * The checker knows names and shapes; it does not know widths (a brand is an optional property to it) nor that `T[]` is a
 * slice. `Types.of` turns its types into ours. Begin reading at `Type`.
 */
import ts = require("typescript");

import { excerpt, fail } from "./errors.ts";
import { type IntegerType, integer, type Width } from "./widths.ts";

export type Type =
  | { readonly kind: "void" }
  | { readonly kind: "never" }
  | { readonly kind: "null" }
  | { readonly kind: "boolean" }
  | IntegerType
  | { readonly kind: "string"; readonly nullable: boolean }
  /** A reference to a class, interface, object type, or a union of such; or to an erased type parameter. */
  | StructType
  /** Address and length. A non-null struct as element lies in place; a nullable one is a reference. */
  | SliceType
  | { readonly kind: "function"; readonly type: ts.Type; readonly nullable: boolean }
  /** A class as an argument: no registers. `type` is the instance's. */
  | { readonly kind: "class"; readonly type: ts.Type }
  /** `Printable` things that only stand in formatted text. */
  | { readonly kind: "format"; readonly how: "hexadecimal" | "character" }
  /** Assembly: of no value, but its routine has an address. */
  | { readonly kind: "code" };

export interface StructType {
  readonly kind: "struct";
  readonly type: ts.Type;
  readonly nullable: boolean;
}

export interface SliceType {
  readonly kind: "slice";
  readonly element: Type;
  readonly nullable: boolean;
  readonly volatile: boolean;
}

export const VOID: Type = { kind: "void" };
export const NEVER: Type = { kind: "never" };
export const NULL: Type = { kind: "null" };
export const BOOLEAN: Type = { kind: "boolean" };
export const STRING: Type = { kind: "string", nullable: false };

const typedArrays: Record<string, Width> = {
  Uint8Array: "u8",
  Uint16Array: "u16",
  Uint32Array: "u32",
  Int32Array: "i32",
};
const widthsByRank: readonly Width[] = ["u32", "i32", "u16", "u8"];

/** How many registers a value takes. */
export function wordsOf(type: Type): 0 | 1 | 2 {
  switch (type.kind) {
    case "void":
    case "never":
    case "class":
    case "code":
      return 0;
    case "slice":
      return 2;
    case "integer":
      return type.width === "u64" ? 2 : 1;
    default:
      return 1;
  }
}

/** How a value lies in memory. Structs in place are the layout's business. */
export function valueBytes(type: Type): { bytes: 1 | 2 | 4 | 8; alignment: 1 | 2 | 4 | 8 } {
  if (type.kind === "boolean") return { bytes: 1, alignment: 1 };
  if (type.kind === "slice") return { bytes: 8, alignment: 4 };
  if (type.kind !== "integer") return { bytes: 4, alignment: 4 };
  const bytes = type.width === "u8" ? 1 : type.width === "u16" ? 2 : type.width === "u64" ? 8 : 4;
  return { bytes, alignment: bytes };
}

export class Types {
  readonly checker: ts.TypeChecker;
  readonly #core: ts.SourceFile;
  readonly #known = new Map<ts.Type, Type>();
  readonly #seen = new Map<ts.Node, ts.Type>();

  constructor(checker: ts.TypeChecker, core: ts.SourceFile) {
    this.checker = checker;
    this.#core = core;
  }

  /** The checker's type of a node, narrowed where it stands. The checker would find it anew each time. */
  typeAt(node: ts.Node): ts.Type {
    let type = this.#seen.get(node);
    if (type === undefined) this.#seen.set(node, (type = this.checker.getTypeAtLocation(node)));
    return type;
  }

  /** The representation of a type; `node` is where an error is reported if it has none. */
  of(type: ts.Type, node: ts.Node): Type {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const made = this.#make(type, node);
    this.#known.set(type, made);
    return made;
  }

  /** The declared type of a variable, parameter or field, read from the symbol, which no narrowing touches. */
  ofDeclaration(node: ts.Declaration & { readonly name: ts.Node }): Type {
    const symbol = this.checker.getSymbolAtLocation(node.name);
    const type = symbol === undefined ? this.checker.getTypeAtLocation(node) : this.checker.getTypeOfSymbol(symbol);
    return this.of(type, node);
  }

  /** The declared type of a name: no width is lost to a literal's type. Null where it is just `number`. */
  ofDeclarationOrNull(node: ts.Declaration & { readonly name: ts.Node }): Type | null {
    const symbol = this.checker.getSymbolAtLocation(node.name);
    const type = symbol === undefined ? this.checker.getTypeAtLocation(node) : this.checker.getTypeOfSymbol(symbol);
    if ("type" in node && node.type !== undefined) return this.of(type, node);
    const isPlain = (each: ts.Type): boolean => (each.flags & ts.TypeFlags.Number) !== 0;
    return isPlain(type) || (type.isUnion() && type.types.some(isPlain)) ? null : this.of(type, node);
  }

  /** Whether a symbol is one of the language's own. */
  isCore(symbol: ts.Symbol | undefined): boolean {
    return symbol?.declarations?.[0]?.getSourceFile() === this.#core;
  }

  coreName(type: ts.Type): string | null {
    const symbol = type.symbol as ts.Symbol | undefined;
    return this.isCore(symbol) ? symbol!.name : null;
  }

  #make(type: ts.Type, node: ts.Node): Type {
    const flags = type.flags;
    if (flags & ts.TypeFlags.Void) return VOID;
    if (flags & ts.TypeFlags.Never) return NEVER;
    if (flags & ts.TypeFlags.Null) return NULL;
    if (flags & ts.TypeFlags.Undefined) return fail(node, "undefinedValue");
    if (flags & ts.TypeFlags.BooleanLike) return BOOLEAN;
    if (flags & ts.TypeFlags.StringLike) return STRING;
    if (flags & ts.TypeFlags.BigIntLike) return integer("u64");
    if (flags & ts.TypeFlags.EnumLike) return this.#enumeration(type, node);
    if (flags & ts.TypeFlags.NumberLiteral) return literals([(type as ts.NumberLiteralType).value]);
    if (flags & ts.TypeFlags.Number) return fail(node, "noWidth");
    if (type.isUnion()) return this.#union(type, node);
    if (flags & ts.TypeFlags.TypeParameter) return this.#parameter(type, node);
    if (type.isIntersection()) return this.#intersection(type, node);
    if (flags & ts.TypeFlags.Object) return this.#object(type, node);
    if (flags & ts.TypeFlags.NonPrimitive) return { kind: "struct", type, nullable: false };
    if (flags & ts.TypeFlags.Substitution || flags & ts.TypeFlags.IndexedAccess)
      return this.of(this.checker.getBaseConstraintOfType(type) ?? type, node);
    return fail(node, "anyType", this.checker.typeToString(type));
  }

  #enumeration(type: ts.Type, node: ts.Node): Type {
    const values: number[] = [];
    const collect = (member: ts.Type): void => {
      if (member.isUnion()) for (const each of member.types) collect(each);
      else if (member.isNumberLiteral()) values.push(member.value);
      else fail(node, "anyType", this.checker.typeToString(type));
    };
    collect(this.#wholeEnum(type));
    return literals(values);
  }

  /** A member's type stands for its enum: narrowing must not change how the value is represented. */
  #wholeEnum(type: ts.Type): ts.Type {
    if (!(type.flags & ts.TypeFlags.EnumLiteral) || type.isUnion()) return type;
    return this.checker.getBaseTypeOfLiteralType(type);
  }

  #union(type: ts.UnionType, node: ts.Node): Type {
    const rest = type.types.filter((member) => !(member.flags & ts.TypeFlags.Null));
    if (rest.length === type.types.length) return this.#wholeUnion(type, rest, node);
    const inner = this.of(this.checker.getNonNullableType(type), node);
    if (inner.kind === "struct" || inner.kind === "slice" || inner.kind === "string" || inner.kind === "function")
      return { ...inner, nullable: true };
    return fail(node, "nullable", this.checker.typeToString(this.checker.getNonNullableType(type)));
  }

  #wholeUnion(type: ts.UnionType, members: readonly ts.Type[], node: ts.Node): Type {
    if (members.every((member) => member.flags & ts.TypeFlags.NumberLike && member.isNumberLiteral()))
      return literals(members.map((member) => (member as ts.NumberLiteralType).value));
    const parts = members.map((member) => this.of(member, node));
    const [first] = parts;
    if (first === undefined) return NEVER;
    if (parts.every((part) => part.kind === "struct")) return { kind: "struct", type, nullable: false };
    if (parts.every((part) => part.kind === "integer")) return unionOfIntegers(parts, node);
    if (parts.every((part) => part.kind === first.kind && part.kind !== "slice")) return first;
    if (parts.every((part) => sameType(part, first))) return first;
    return fail(node, "anyType", this.checker.typeToString(type));
  }

  #parameter(type: ts.Type, node: ts.Node): Type {
    const constraint = this.checker.getBaseConstraintOfType(type);
    if (constraint === undefined || constraint.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive))
      return { kind: "struct", type, nullable: false };
    return this.of(constraint, node);
  }

  /** A branded number, or a class with more said about it. */
  #intersection(type: ts.IntersectionType, node: ts.Node): Type {
    if (!type.types.some((part) => part.flags & ts.TypeFlags.NumberLike))
      return { kind: "struct", type, nullable: false };
    const enumeration = type.types.find((part) => part.flags & ts.TypeFlags.EnumLike);
    let width: Width | undefined;
    const brands: string[] = [];
    for (const property of type.getProperties()) {
      const match = /^__@(\w+?)@\d+$/.exec(property.escapedName as string);
      if (match === null) continue;
      const text = this.#brandText(property);
      if (match[1] === "width") width = widthsByRank.find((name) => text.includes(`"${name}"`));
      else brands.push(`${match[1]}=${text.replace(/"/g, "")}`);
    }
    if (enumeration !== undefined) return { ...(this.of(enumeration, node) as IntegerType), brands: brands.sort() };
    return width === undefined ? fail(node, "noWidth") : integer(width, brands.sort());
  }

  #brandText(property: ts.Symbol): string {
    const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
    return this.checker.typeToString(type);
  }

  #object(type: ts.Type, node: ts.Node): Type {
    const core = this.coreName(type);
    if (core !== null) {
      const width = typedArrays[core];
      if (width !== undefined) return { kind: "slice", element: integer(width), nullable: false, volatile: false };
      if (core === "Array" || core === "ReadonlyArray") return this.#array(type as ts.TypeReference, node);
      if (core === "Code") return { kind: "code" };
      if (core === "Hexadecimal") return { kind: "format", how: "hexadecimal" };
      if (core === "Character") return { kind: "format", how: "character" };
    }
    if (this.checker.isTupleType(type)) return fail(node, "anyType", "a tuple");
    const construct = type.getConstructSignatures()[0];
    if (construct !== undefined) return { kind: "class", type: construct.getReturnType() };
    if (type.getCallSignatures().length > 0) return { kind: "function", type, nullable: false };
    return { kind: "struct", type, nullable: false };
  }

  #array(type: ts.TypeReference, node: ts.Node): Type {
    const [argument] = this.checker.getTypeArguments(type);
    const element = this.of(argument!, node);
    if (element.kind === "slice" || element.kind === "void" || element.kind === "null" || element.kind === "class")
      return fail(node, "arrayOfSlices", this.checker.typeToString(argument!));
    return { kind: "slice", element, nullable: false, volatile: false };
  }
}

/** An enum, or a union of number literals: i32 if a member is negative, else u32, and adapting like a constant. */
function literals(values: readonly number[]): IntegerType {
  const least = Math.min(...values, 0);
  const greatest = Math.max(...values, 0);
  return {
    kind: "integer",
    width: least < 0 ? "i32" : "u32",
    flexible: true,
    brands: [],
    members: { least, greatest },
  };
}

function unionOfIntegers(parts: readonly Type[], node: ts.Node): Type {
  const wide = parts.filter((part): part is IntegerType => part.kind === "integer" && part.members === undefined);
  const [first] = wide;
  if (first === undefined) {
    const members = parts.flatMap((part) =>
      part.kind === "integer" ? [part.members!.least, part.members!.greatest] : [],
    );
    return literals(members);
  }
  if (wide.every((part) => sameType(part, first))) return first;
  return fail(node, "anyType", excerpt(node));
}

/** Whether two types are represented and used alike, which classes they refer to aside. */
export function sameType(a: Type, b: Type): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "integer" && b.kind === "integer") return a.width === b.width && a.brands.join() === b.brands.join();
  if (a.kind === "slice" && b.kind === "slice")
    return sameType(a.element, b.element) && isInPlace(a.element) === isInPlace(b.element);
  return true;
}

/** Whether elements of this type lie in place in a slice. */
export function isInPlace(type: Type): boolean {
  return type.kind === "struct" && !type.nullable;
}

/**
 * Places: variables, fields, elements and control registers, as something to read or to write.
 *
 * A struct is known by a `Reference`, an address and an offset that is not yet added, so that a chain of fields in place becomes the
 * offset of one load. Begin reading at `placeOf`.
 */
import ts = require("typescript");

import { constant, inRegister } from "./builder.ts";
import { Consequence, excerpt, fail } from "./errors.ts";
import { type Operand, Reason } from "./ir.ts";
import { type Field, hasModifier, type Layout, strideOf } from "./layout.ts";
import {
  type Body,
  newVariable,
  staticValue,
  type Value,
  type Variable,
  variableWords,
  word,
} from "./lower-context.ts";
import { lowerExpression } from "./lower-expressions.ts";
import { enclosingFunction } from "./names.ts";
import { isModuleLevel } from "./syntax.ts";
import { isInPlace, type SliceType, type Type, valueBytes } from "./types.ts";
import { integer } from "./widths.ts";

export type Place =
  | { readonly kind: "variable"; readonly type: Type; readonly variable: Variable; readonly symbol: ts.Symbol }
  | {
      readonly kind: "memory";
      readonly type: Type;
      readonly base: Operand;
      readonly offset: number;
      readonly volatile: boolean;
    }
  | { readonly kind: "csr"; readonly type: Type; readonly name: string };

export interface Reference {
  readonly base: Operand;
  readonly offset: number;
}

/** Where an expression that can be assigned to lies. Its parts are evaluated once, here. */
export function placeOf(body: Body, node: ts.Expression): Place {
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) return placeOf(body, node.expression);
  if (ts.isIdentifier(node)) return variablePlace(body, node);
  if (ts.isPropertyAccessExpression(node)) return fieldPlace(body, node);
  if (ts.isElementAccessExpression(node)) return elementPlace(body, node);
  return fail(node, "expression", excerpt(node));
}

export function readPlace(body: Body, place: Place): Value {
  const { builder } = body;
  switch (place.kind) {
    case "variable": {
      const words = variableWords(place.variable);
      return {
        type: place.type,
        words: body.unsteady.has(place.symbol) ? words.map((each) => builder.snapshot(each)) : words,
      };
    }
    case "csr": {
      const target = builder.register();
      builder.emit({ kind: "readCsr", target, csr: place.name });
      return { type: place.type, words: [inRegister(target)] };
    }
    case "memory":
      return { type: place.type, words: loadWords(body, place) };
  }
}

function loadWords(body: Body, place: Place & { kind: "memory" }): Operand[] {
  const { bytes } = valueBytes(place.type);
  const load = (offset: number, size: 1 | 2 | 4): Operand =>
    body.builder.load(place.base, offset, size, false, place.volatile);
  return bytes === 8 ? [load(place.offset, 4), load(place.offset + 4, 4)] : [load(place.offset, bytes)];
}

/** Writes a value that has the place's type already. */
export function writePlace(body: Body, place: Place, value: Value): void {
  const { builder } = body;
  if (place.kind === "variable") {
    place.variable.registers.forEach((register, index) => {
      builder.move(register, value.words[index]!);
    });
  } else if (place.kind === "csr") {
    builder.emit({ kind: "writeCsr", csr: place.name, source: word(value) });
  } else {
    const { bytes } = valueBytes(place.type);
    const size = bytes === 8 ? 4 : bytes;
    value.words.forEach((each, index) => {
      builder.store(place.base, place.offset + 4 * index, size, each, place.volatile);
    });
  }
}

/** The address of the struct that an expression refers to. */
export function referenceTo(body: Body, node: ts.Expression): Reference {
  const known = body.module.constants.evaluate(node);
  if (known?.kind === "address") return { base: body.builder.symbol(known.symbol, 0), offset: known.offset };
  if (ts.isParenthesizedExpression(node)) return referenceTo(body, node.expression);
  if (ts.isPropertyAccessExpression(node)) {
    const found = findField(body, node);
    if (found?.field.storage.kind === "struct") {
      const outer = referenceTo(body, node.expression);
      return { base: outer.base, offset: outer.offset + found.field.offset };
    }
  }
  if (ts.isElementAccessExpression(node)) {
    const element = elementReference(body, node);
    if (element !== null) return element;
  }
  return { base: word(lowerExpression(body, node)), offset: 0 };
}

export function referenceWord(body: Body, reference: Reference): Operand {
  return body.builder.binary("add", reference.base, constant(reference.offset));
}

/** A field read as a value: storage in place gives a reference or a slice. */
export function readField(body: Body, node: ts.PropertyAccessExpression): Value {
  const { field, layout } = findField(body, node) ?? fail(node, "expression", excerpt(node));
  if (field.storage.kind === "value") return refine(body, readPlace(body, fieldPlace(body, node)), node);
  const outer = referenceTo(body, node.expression);
  const address = referenceWord(body, { base: outer.base, offset: outer.offset + field.offset });
  if (field.storage.kind === "struct") return refine(body, { type: field.type, words: [address] }, node);
  const type: SliceType = { ...(field.type as SliceType), volatile: layout.volatile };
  return { type, words: [address, constant(field.storage.count)] };
}

/** The field of that name in the receiver's class, or in each member of a union at the same place; null for what is no struct. */
export function findField(body: Body, node: ts.PropertyAccessExpression): { field: Field; layout: Layout } | null {
  const { constants } = body.module;
  const receiver = constants.types.typeAt(node.expression);
  const type = constants.types.of(receiver, node.expression);
  return type.kind === "struct" ? findFieldNamed(body, type.type, node.name.text, node.name) : null;
}

export function findFieldNamed(
  body: Body,
  type: ts.Type,
  name: string,
  node: ts.Node,
): { field: Field; layout: Layout } | null {
  const [first, ...others] = body.module.constants.layouts.all(type, node);
  const field = first?.fields.get(name);
  if (first === undefined || field === undefined) return null;
  for (const other of others) {
    const same = other.fields.get(name);
    if (same?.offset !== field.offset || !sameStorage(field, same)) return fail(node, "unionField", name);
  }
  return { field, layout: others.some((other) => other.volatile) ? { ...first, volatile: true } : first };
}

function sameStorage(a: Field, b: Field): boolean {
  if (a.storage.kind === "value" && b.storage.kind === "value") {
    const [x, y] = [valueBytes(a.storage.type), valueBytes(b.storage.type)];
    return x.bytes === y.bytes && a.storage.type.kind === b.storage.type.kind;
  }
  return a.storage.kind === b.storage.kind;
}

/** A reference's type as narrowed here and with type parameters filled in; widths stay as they were declared. */
export function refine(body: Body, value: Value, node: ts.Expression): Value {
  const { type } = value;
  if (type.kind !== "struct" && type.kind !== "slice" && type.kind !== "function") return value;
  const { types } = body.module.constants;
  const seen = types.typeAt(node);
  if (seen.flags & (ts.TypeFlags.Null | ts.TypeFlags.Never)) return value;
  const refined = types.of(seen, node);
  if (refined.kind !== type.kind) return value;
  if (refined.kind === "slice" && type.kind === "slice")
    return { ...value, type: { ...refined, volatile: type.volatile } };
  return { ...value, type: refined };
}

function variablePlace(body: Body, node: ts.Identifier): Place {
  const { constants } = body.module;
  const symbol = constants.symbols.of(node);
  const declaration = symbol?.declarations?.[0];
  if (symbol === undefined || declaration === undefined) return fail(node, "undefinedValue");
  if (constants.types.isCore(symbol)) return fail(node, "coreValue", node.text);
  const variable = body.variables.get(symbol);
  if (variable !== undefined) return { kind: "variable", type: variable.type, variable, symbol };
  if (ts.isVariableDeclaration(declaration) && isModuleLevel(declaration)) {
    if (hasModifier(declaration.parent.parent, ts.SyntaxKind.DeclareKeyword)) return fail(node, "declared", node.text);
    const binding = constants.binding(declaration);
    if (binding.kind === "variable")
      return {
        kind: "memory",
        type: binding.type,
        base: body.builder.symbol(binding.symbol, 0),
        offset: 0,
        volatile: false,
      };
  }
  if (ts.isClassDeclaration(declaration)) return fail(node, "classValue");
  if (enclosingFunction(declaration) !== body.node) return fail(node, "closure", node.text);
  if (ts.isVariableDeclaration(declaration) || ts.isBindingElement(declaration)) throw new Consequence();
  return fail(node, "expression", excerpt(node));
}

function fieldPlace(body: Body, node: ts.PropertyAccessExpression): Place {
  const { constants } = body.module;
  if (isCsr(body, node.expression)) {
    const type = constants.types.ofDeclaration(constants.symbols.declarationOf(node.name) as ts.PropertySignature);
    return { kind: "csr", type, name: node.name.text };
  }
  const declaration = constants.symbols.declarationOf(node.name);
  if (declaration !== null && ts.isVariableDeclaration(declaration))
    return variablePlace(body, node.name as ts.Identifier);
  const found = findField(body, node);
  if (found === null) return fail(node, "expression", excerpt(node));
  if (found.field.storage.kind !== "value") return fail(node, "assignWhole");
  const { base, offset } = referenceTo(body, node.expression);
  const volatile = found.layout.volatile;
  return { kind: "memory", type: found.field.type, base, offset: offset + found.field.offset, volatile };
}

function isCsr(body: Body, node: ts.Expression): boolean {
  return (
    ts.isIdentifier(node) &&
    node.text === "csr" &&
    body.module.constants.types.isCore(body.module.constants.symbols.of(node))
  );
}

function elementPlace(body: Body, node: ts.ElementAccessExpression): Place {
  const value = lowerExpression(body, node.expression);
  if (value.type.kind === "struct") return recordPlace(body, node, value);
  if (value.type.kind !== "slice") return fail(node, "expression", excerpt(node));
  if (isInPlace(value.type.element)) return fail(node, "assignWhole");
  const { base, offset } = elementAddress(body, node, value, value.type);
  return { kind: "memory", type: value.type.element, base, offset, volatile: value.type.volatile };
}

/** An element read as a value. */
export function readElement(body: Body, node: ts.ElementAccessExpression): Value {
  const reference = elementReference(body, node);
  if (reference === null) return refine(body, readPlace(body, elementPlace(body, node)), node);
  const { types } = body.module.constants;
  return { type: types.of(types.typeAt(node), node), words: [referenceWord(body, reference)] };
}

/** The element of a table; null for elements that are values. */
function elementReference(body: Body, node: ts.ElementAccessExpression): Reference | null {
  const { types } = body.module.constants;
  const whole = types.of(types.typeAt(node.expression), node.expression);
  if (whole.kind !== "slice" || !isInPlace(whole.element)) return null;
  const value = lowerExpression(body, node.expression);
  return value.type.kind === "slice" ? elementAddress(body, node, value, value.type) : null;
}

function elementAddress(body: Body, node: ts.ElementAccessExpression, slice: Value, type: SliceType): Reference {
  const index = lowerIndex(body, node.argumentExpression);
  const [address, length] = slice.words as [Operand, Operand];
  if (index.kind === "constant" && length.kind === "constant" && index.value >>> 0 >= length.value >>> 0)
    return fail(node.argumentExpression, "literalRange", String(index.value), `0 to ${length.value - 1}`);
  body.builder.check("lessUnsigned", index, length, Reason.Index);
  return indexed(body, address, index, strideOf(type.element, body.module.constants.layouts, node));
}

/** `address + index * stride`, the constant part kept apart. */
export function indexed(body: Body, address: Operand, index: Operand, stride: number): Reference {
  if (index.kind === "constant") return { base: address, offset: index.value * stride };
  const distance = scaled(body, index, stride);
  return { base: body.builder.binary("add", address, distance), offset: 0 };
}

export function scaled(body: Body, index: Operand, stride: number): Operand {
  const shift = Math.log2(stride);
  if (Number.isInteger(shift)) return body.builder.binary("shiftLeft", index, constant(shift));
  return body.builder.binary("multiply", index, constant(stride));
}

/** An index or a length: any integer of one word. */
export function lowerIndex(body: Body, node: ts.Expression): Operand {
  const value = lowerExpression(body, node);
  if (value.type.kind !== "integer") return fail(node, "operands", "an index", value.type.kind);
  if (value.type.width === "u64") return fail(node, "operands", "an index", "u64");
  if (value.constant !== undefined && value.constant.value < 0n)
    return fail(node, "literalRange", String(value.constant.value), "an index");
  return word(value);
}

/** A row of a `Record`: the key may come from a cast, so it is checked, and so is that the row exists. */
function recordPlace(body: Body, node: ts.ElementAccessExpression, record: Value): Place {
  const { constants } = body.module;
  if (record.type.kind !== "struct") return fail(node, "expression", excerpt(node));
  const layout = constants.layouts.of(record.type.type, node);
  const known = constants.evaluate(node.argumentExpression);
  const [first] = layout.fields.values();
  if (known !== null && known.kind !== "null") {
    const key = known.kind === "integer" ? String(known.constant.value) : known.kind === "text" ? known.text : "";
    const field = layout.fields.get(key) ?? fail(node.argumentExpression, "expression", excerpt(node));
    if (field.storage.kind !== "value") return fail(node.argumentExpression, "expression", excerpt(node));
    return { kind: "memory", type: field.type, base: word(record), offset: field.offset, volatile: layout.volatile };
  }
  if (layout.firstKey === null || first === undefined) return fail(node, "expression", excerpt(node));
  const { bytes } = valueBytes(first.type);
  const rows = layout.bytes / bytes;
  const index = body.builder.binary("subtract", lowerIndex(body, node.argumentExpression), constant(layout.firstKey));
  body.builder.check("lessUnsigned", index, constant(rows), Reason.Index);
  const { base, offset } = indexed(body, word(record), index, bytes);
  if (layout.fields.size < rows) checkRow(body, node, first.type, base, offset);
  return { kind: "memory", type: first.type, base, offset, volatile: false };
}

/** Values of the enum may leave holes between the rows; a hole holds null. */
function checkRow(body: Body, node: ts.Node, type: Type, base: Operand, offset: number): void {
  if (type.kind === "integer" || type.kind === "boolean" || ("nullable" in type && type.nullable))
    return fail(node, "recordKeys", "not consecutive");
  body.builder.check("notEqual", body.builder.load(base, offset, 4, false, false), constant(0), Reason.Index);
}

/** A static thing, or a variable, that a name stands for. */
export function readName(body: Body, node: ts.Identifier): Value {
  const known = body.module.constants.evaluate(node);
  if (known !== null) return staticValue(body, known);
  const place = variablePlace(body, node);
  const value = readPlace(body, place);
  if (value.type.kind === "struct" && value.type.type.isUnion()) return refine(body, value, node);
  return value;
}

/** Declares a variable of this name in the body. */
export function declareVariable(body: Body, name: ts.Identifier, type: Type): Variable {
  const variable = newVariable(body, name.text, type);
  const symbol = body.module.constants.symbols.of(name);
  if (symbol !== undefined) body.variables.set(symbol, variable);
  return variable;
}

export const BYTES: SliceType = { kind: "slice", element: integer("u8"), nullable: false, volatile: false };

/**
 * Objects on the stack: `new C()`, arrays, object and array literals inside functions, and their field initialisers.
 *
 * The slot is cleared, then what is not zero is stored. Literals of read-only arrays that are constant become static data instead.
 * Begin reading at `lowerNew`.
 */
import ts = require("typescript");

import { constant } from "./builder.ts";
import { excerpt, fail } from "./errors.ts";
import { type Field, fieldName, type Layout, roundUp, type Storage, storageSize } from "./layout.ts";
import { type Body, insideLoop, type Value } from "./lower-context.ts";
import { lowerTo } from "./lower-expressions.ts";
import { type Reference, referenceWord, writePlace } from "./lower-places.ts";
import { buildStatic } from "./lower-static.ts";
import type { Constants } from "./static-values.ts";
import { type Type, wordsOf } from "./types.ts";

/** `new C()` or `new Uint8Array(n)`: storage in the frame, made anew each time this is reached. */
export function lowerNew(body: Body, node: ts.Expression): Value {
  const storage = body.module.constants.layouts.storageOf(node) ?? fail(node, "expression", excerpt(node));
  return lowerStorage(body, node, storage, null);
}

/** Storage in the frame, filled from a literal if there is one. */
export function lowerStorage(body: Body, node: ts.Expression, storage: Storage, literal: ts.Expression | null): Value {
  const { types } = body.module.constants;
  const { bytes, alignment } = storageSize(storage);
  const slot = body.builder.slot(bytes, alignment, excerpt(node));
  if (bytes > 0) body.builder.emit({ kind: "zero", target: slot, bytes, alignment });
  fillStorage(body, { base: slot, offset: 0 }, storage, literal);
  if (storage.kind === "array") return { type: storage.type, words: [slot, constant(storage.count)] };
  return { type: types.of(types.typeAt(node), node), words: [slot] };
}

/** `{ … }` or `[ … ]` where a class, an interface or an array is expected. */
export function lowerLiteral(
  body: Body,
  node: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression,
  expected: Type | undefined,
): Value {
  const { constants } = body.module;
  if (ts.isArrayLiteralExpression(node)) {
    if (expected?.kind !== "slice") return fail(node, "objectLiteral");
    const known = isReadonlyArray(constants, node)
      ? buildStatic(body.module, node, constants.arrayStorage(expected, node.elements.length, node))
      : null;
    if (known !== null)
      return { type: expected, words: [body.builder.symbol(known, 0), constant(node.elements.length)] };
    return lowerStorage(body, node, constants.arrayStorage(expected, node.elements.length, node), node);
  }
  if (expected?.kind !== "struct") return fail(node, "objectLiteral");
  const value = lowerStorage(body, node, { kind: "struct", layout: constants.layouts.of(expected.type, node) }, node);
  return { type: { ...expected, nullable: false }, words: value.words };
}

function isReadonlyArray(constants: Constants, node: ts.Expression): boolean {
  const type = constants.checker.getContextualType(node);
  return type !== undefined && constants.types.coreName(constants.checker.getNonNullableType(type)) === "ReadonlyArray";
}

/** Stores what is not zero. The storage has been cleared. */
export function fillStorage(body: Body, at: Reference, storage: Storage, initializer: ts.Expression | null): void {
  if (storage.kind === "value") return fillValue(body, at, storage.type, initializer);
  const literal =
    initializer !== null && (ts.isObjectLiteralExpression(initializer) || ts.isArrayLiteralExpression(initializer))
      ? initializer
      : null;
  if (storage.kind === "struct") return fillStruct(body, at, storage.layout, literal);
  if (literal !== null && ts.isArrayLiteralExpression(literal)) return fillElements(body, at, storage, literal);
  if (isBlank(body.module.constants, storage.element, null)) return;
  repeat(body, at, storage, (element) => fillStorage(body, element, storage.element, null));
}

function fillValue(body: Body, at: Reference, type: Type, initializer: ts.Expression | null): void {
  if (initializer === null || isZero(body.module.constants, initializer) || wordsOf(type) === 0) return;
  const value = lowerTo(body, initializer, type);
  writePlace(body, { kind: "memory", type, base: at.base, offset: at.offset, volatile: false }, value);
}

function fillStruct(body: Body, at: Reference, layout: Layout, literal: ts.Expression | null): void {
  const given = literal === null ? null : literalFields(body.module.constants, literal);
  for (const field of layout.fields.values()) {
    const initializer = given?.get(field.name) ?? field.initializer;
    requireStorage(body.module.constants, field, given?.get(field.name));
    fillStorage(body, { base: at.base, offset: at.offset + field.offset }, field.storage, initializer);
  }
}

/** A literal cannot give an existing struct for a field in place: JavaScript would share it. */
export function requireStorage(constants: Constants, field: Field, given: ts.Expression | undefined): void {
  if (given === undefined || field.storage.kind === "value") return;
  if (ts.isObjectLiteralExpression(given) || ts.isArrayLiteralExpression(given)) return;
  if (constants.layouts.storageOf(given) === null) fail(given, "assignWhole");
}

function fillElements(
  body: Body,
  at: Reference,
  storage: Storage & { kind: "array" },
  literal: ts.ArrayLiteralExpression,
): void {
  const { bytes, alignment } = storageSize(storage.element);
  const stride = roundUp(bytes, alignment);
  literal.elements.forEach((element, index) => {
    if (ts.isSpreadElement(element)) fail(element, "spread");
    fillStorage(body, { base: at.base, offset: at.offset + index * stride }, storage.element, element);
  });
}

/** The same for every element of an array: a loop, unless there are few. */
function repeat(
  body: Body,
  at: Reference,
  storage: Storage & { kind: "array" },
  fill: (element: Reference) => void,
): void {
  const { builder } = body;
  const { bytes, alignment } = storageSize(storage.element);
  const stride = roundUp(bytes, alignment);
  if (storage.count <= 4) {
    for (let index = 0; index < storage.count; index++) fill({ base: at.base, offset: at.offset + index * stride });
    return;
  }
  const cursor = builder.register();
  const element = { kind: "register", register: cursor } as const;
  builder.move(cursor, referenceWord(body, at));
  const end = builder.binary("add", element, constant(storage.count * stride));
  const [loop, after] = [builder.block(), builder.block()];
  insideLoop(body, () => {
    builder.enter(loop);
    fill({ base: element, offset: 0 });
    builder.move(cursor, builder.binary("add", element, constant(stride)));
    builder.branch("lessUnsigned", element, end, loop, after);
  });
  builder.enter(after);
}

/** The initialisers of an object literal, by field. Methods are functions. */
export function literalFields(constants: Constants, literal: ts.Expression): Map<string, ts.Expression> {
  const fields = new Map<string, ts.Expression>();
  if (!ts.isObjectLiteralExpression(literal)) return fields;
  for (const property of literal.properties) {
    if (ts.isPropertyAssignment(property)) fields.set(propertyKey(constants, property.name), property.initializer);
    else if (ts.isShorthandPropertyAssignment(property)) fields.set(property.name.text, property.name);
    else
      fail(
        property,
        ts.isSpreadAssignment(property) ? "spread" : ts.isMethodDeclaration(property) ? "methodValue" : "accessor",
      );
  }
  return fields;
}

/** `[Trap.Send]` is the number that it stands for. */
function propertyKey(constants: Constants, name: ts.PropertyName): string {
  if (!ts.isComputedPropertyName(name)) return fieldName(name);
  const key = constants.evaluate(name.expression);
  if (key?.kind === "integer") return String(key.constant.value);
  return key?.kind === "text" ? key.text : fail(name, "staticValue", "the key");
}

/** Whether an initialiser is known to be all zero bytes. */
export function isZero(constants: Constants, node: ts.Expression): boolean {
  const value = constants.evaluate(node);
  if (value?.kind === "integer") return value.constant.value === 0n;
  return value?.kind === "null" || (value?.kind === "boolean" && !value.value);
}

/** Whether storage that is cleared is initialised. */
export function isBlank(constants: Constants, storage: Storage, initializer: ts.Expression | null): boolean {
  if (storage.kind === "value") return initializer === null || isZero(constants, initializer);
  if (storage.kind === "array") return isBlank(constants, storage.element, null);
  return [...storage.layout.fields.values()].every((field) => isBlank(constants, field.storage, field.initializer));
}

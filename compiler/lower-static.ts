/**
 * Static data: what module-level declarations put into .rodata, .data and .bss.
 *
 * Everything known when compiled becomes bytes and relocations; what is not is left to the module's initialiser, as `Pending` stores.
 * `new` is writable; literals are read-only where their type is: readonly arrays, interfaces with only readonly fields, and
 * `Record`s. Begin reading at `lowerModuleVariable`.
 */
import ts = require("typescript");

import { fail } from "./errors.ts";
import type { Data } from "./ir.ts";
import { type Layout, roundUp, type Storage, storageSize } from "./layout.ts";
import type { ModuleContext } from "./lower-context.ts";
import { functionName } from "./lower-expressions.ts";
import { isZero, literalFields, requireStorage } from "./lower-storage.ts";
import { assemblyRoutine } from "./lower-templates.ts";
import { isFunctionNode, linkSymbol } from "./names.ts";
import type { Static } from "./static-values.ts";
import { isAssembly, unwrap } from "./syntax.ts";
import { isInPlace, type Type, valueBytes } from "./types.ts";

/** A store that the module's initialiser has to make. */
export interface Pending {
  readonly symbol: string;
  readonly offset: number;
  readonly type: Type;
  readonly node: ts.Expression;
}

/** The data, or the routine, that a declaration stands for; and what has to be stored when the program starts. */
export function lowerModuleVariable(module: ModuleContext, node: ts.VariableDeclaration): Pending[] {
  if (!ts.isIdentifier(node.name)) return fail(node.name, "destructuring");
  const { constants } = module;
  const binding = constants.binding(node);
  const { initializer } = node;
  if (initializer !== undefined && isAssembly(unwrap(initializer)))
    module.routines.push(
      assemblyRoutine(constants, linkSymbol(node), unwrap(initializer) as ts.TaggedTemplateExpression),
    );
  if (binding.kind === "static" && binding.storage === null) return [];
  const storage: Storage = binding.kind === "static" ? binding.storage! : { kind: "value", type: binding.type };
  const image = new Image(module, linkSymbol(node), storageSize(storage).bytes);
  image.fill(
    0,
    storage,
    initializer === undefined ? null : binding.kind === "static" ? unwrap(initializer) : initializer,
  );
  const isReadonly = binding.kind === "static" && image.pending.length === 0 && isReadonlyLiteral(module, node);
  image.emit(storage, !isReadonly);
  return image.pending;
}

/** Anonymous static data for a literal, if all of it is constant; null (and nothing) otherwise. */
export function buildStatic(module: ModuleContext, node: ts.Expression, storage: Storage): string | null {
  const image = new Image(module, module.anonymous(), storageSize(storage).bytes);
  image.fill(0, storage, node);
  if (image.pending.length > 0) return null;
  image.emit(storage, false);
  return image.symbol;
}

function isReadonlyLiteral(module: ModuleContext, node: ts.VariableDeclaration): boolean {
  const { layouts, types } = module.constants;
  if (module.constants.layouts.storageOf(unwrap(node.initializer!)) !== null) return false;
  const type = types.typeAt(node.name);
  const represented = types.of(type, node);
  if (represented.kind === "struct") return allReadonly(layouts.of(represented.type, node));
  if (represented.kind !== "slice" || types.coreName(type) !== "ReadonlyArray") return false;
  const { element } = represented;
  return element.kind !== "struct" || !isInPlace(element) || allReadonly(layouts.ofSized(element.type, node));
}

function allReadonly(layout: Layout): boolean {
  return [...layout.fields.values()].every((field) => field.readonly && field.storage.kind === "value");
}

/** The bytes of one piece of static storage, as they are written. */
class Image {
  readonly symbol: string;
  readonly pending: Pending[] = [];
  readonly #module: ModuleContext;
  readonly #content: Uint8Array;
  readonly #view: DataView;
  readonly #relocations: { offset: number; symbol: string; addend: number }[] = [];

  constructor(module: ModuleContext, symbol: string, bytes: number) {
    this.#module = module;
    this.symbol = symbol;
    this.#content = new Uint8Array(bytes);
    this.#view = new DataView(this.#content.buffer);
  }

  /** Writes an initialiser, or the defaults where there is none. */
  fill(offset: number, storage: Storage, initializer: ts.Expression | null): void {
    const inner = initializer === null ? null : unwrap(initializer);
    if (storage.kind === "value") {
      if (initializer !== null) this.#value(offset, storage.type, initializer, inner!);
    } else if (storage.kind === "struct") {
      this.#struct(offset, storage.layout, inner !== null && ts.isObjectLiteralExpression(inner) ? inner : null);
    } else if (inner !== null && ts.isArrayLiteralExpression(inner)) {
      this.#elements(offset, storage, inner);
    } else this.#defaults(offset, storage);
  }

  emit(storage: Storage, writable: boolean): void {
    const { bytes, alignment } = storageSize(storage);
    const used = this.#content.findLastIndex((byte) => byte !== 0) + 1;
    const end = Math.max(used, ...this.#relocations.map((relocation) => relocation.offset + 4));
    const content = end === 0 && writable ? null : this.#content.subarray(0, end);
    const data: Data = { symbol: this.symbol, bytes, alignment, writable, content, relocations: this.#relocations };
    this.#module.data.push(data);
  }

  #struct(offset: number, layout: Layout, literal: ts.Expression | null): void {
    const { constants } = this.#module;
    const given = literal === null ? null : literalFields(constants, literal);
    for (const field of layout.fields.values()) {
      requireStorage(constants, field, given?.get(field.name));
      this.fill(offset + field.offset, field.storage, given?.get(field.name) ?? field.initializer);
    }
  }

  #elements(offset: number, storage: Storage & { kind: "array" }, literal: ts.ArrayLiteralExpression): void {
    const stride = strideOfStorage(storage);
    literal.elements.forEach((element, index) => {
      if (ts.isSpreadElement(element)) fail(element, "spread");
      this.fill(offset + index * stride, storage.element, element);
    });
  }

  /** Every element as the first one. */
  #defaults(offset: number, storage: Storage & { kind: "array" }): void {
    if (storage.element.kind === "value" || storage.count === 0) return;
    const stride = strideOfStorage(storage);
    const [relocations, pending] = [this.#relocations.length, this.pending.length];
    this.fill(offset, storage.element, null);
    const first = this.#content.slice(offset, offset + stride);
    const [moved, stores] = [this.#relocations.slice(relocations), this.pending.slice(pending)];
    for (let index = 1; index < storage.count; index++) {
      this.#content.set(first, offset + index * stride);
      for (const each of moved) this.#relocations.push({ ...each, offset: each.offset + index * stride });
      for (const each of stores) this.pending.push({ ...each, offset: each.offset + index * stride });
    }
  }

  #value(offset: number, type: Type, initializer: ts.Expression, inner: ts.Expression): void {
    const { constants } = this.#module;
    const known = constants.evaluate(initializer);
    if (known !== null) return this.#static(offset, constants.typed(known, type, initializer), type);
    if (isZero(constants, initializer)) return;
    if (isFunctionNode(inner)) return this.#relocate(offset, linkSymbol(functionName(inner)), 0);
    const made = this.#storage(type, inner);
    if (made === null) this.pending.push({ symbol: this.symbol, offset, type, node: initializer });
    else this.#reference(offset, made.storage, made.node, made.writable);
  }

  /** What an initialiser of a reference makes: an object of its own, without a name. */
  #storage(
    type: Type,
    node: ts.Expression,
  ): { storage: Storage; node: ts.Expression | null; writable: boolean } | null {
    const { constants } = this.#module;
    if (ts.isObjectLiteralExpression(node) && type.kind === "struct") {
      const layout = constants.layouts.of(type.type, node);
      return { storage: { kind: "struct", layout }, node, writable: !allReadonly(layout) };
    }
    if (ts.isArrayLiteralExpression(node) && type.kind === "slice")
      return { storage: constants.arrayStorage(type, node.elements.length, node), node, writable: false };
    const storage = constants.layouts.storageOf(node);
    return storage === null ? null : { storage, node: null, writable: true };
  }

  #reference(offset: number, storage: Storage, node: ts.Expression | null, writable: boolean): void {
    const image = new Image(this.#module, this.#module.anonymous(), storageSize(storage).bytes);
    image.fill(0, storage, node);
    image.emit(storage, writable || image.pending.length > 0);
    this.pending.push(...image.pending);
    this.#relocate(offset, image.symbol, 0);
    if (storage.kind === "array") this.#view.setUint32(offset + 4, storage.count, true);
  }

  #static(offset: number, value: Static, type: Type): void {
    switch (value.kind) {
      case "integer":
        return this.#integer(offset, value.constant.value, valueBytes(type).bytes);
      case "boolean":
        return this.#integer(offset, value.value ? 1n : 0n, 1);
      case "null":
        return;
      case "text":
        return this.#relocate(offset, this.#module.text(value.text), 0);
      case "slice":
        this.#view.setUint32(offset + 4, value.length, true);
        return this.#relocate(offset, value.symbol, value.offset);
      case "address":
        return this.#relocate(offset, value.symbol, value.offset);
    }
  }

  #integer(offset: number, value: bigint, bytes: number): void {
    for (let index = 0; index < bytes; index++)
      this.#content[offset + index] = Number(BigInt.asUintN(8, value >> BigInt(8 * index)));
  }

  #relocate(offset: number, symbol: string, addend: number): void {
    this.#relocations.push({ offset, symbol, addend });
  }
}

function strideOfStorage(storage: Storage & { kind: "array" }): number {
  const { bytes, alignment } = storageSize(storage.element);
  return roundUp(bytes, alignment);
}

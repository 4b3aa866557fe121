/**
 * What may be assigned to what. tsc has already compared the shapes; here the machine's side is checked: integers fit,
 * and a reference to a struct really refers to that struct and not to one that only looks like it. Begin reading at `checkAssignable`.
 */
import ts = require("typescript");

import { excerpt, fail } from "./errors.ts";
import type { Layout, Layouts } from "./layout.ts";
import { isInPlace, type StructType, sameType, type Type, type Types } from "./types.ts";
import { type Constant, integerName, mismatch } from "./widths.ts";

export interface Conversions {
  readonly types: Types;
  readonly layouts: Layouts;
}

/** Fails unless a value of type `from` (and perhaps a known value) may stand where `to` is expected. */
export function checkAssignable(by: Conversions, from: Type, to: Type, node: ts.Node, constant?: Constant): void {
  if (from.kind === "never" || to.kind === "void") return;
  if (from.kind === "null") return requireNullable(by, to, node);
  if (from.kind === "integer" && to.kind === "integer") {
    const problem = mismatch({ type: from, constant }, to);
    if (problem === null) return;
    const [what, target] = [problem === "literalRange" ? String(constant!.value) : integerName(from), integerName(to)];
    if (problem === "mixed") return fail(node, "mixed", excerpt(node), `${what} with ${target}`);
    return fail(node, problem, problem === "literalRange" ? what : excerpt(node), target);
  }
  if (from.kind !== to.kind) return fail(node, "structure", describeType(by, from), describeType(by, to));
  if (from.kind === "struct" && to.kind === "struct") return checkStruct(by, from, to, node);
  if (from.kind === "slice" && to.kind === "slice") return checkSlice(by, from, to, node);
  if (from.kind === "function" && to.kind === "function") return checkFunction(by, from.type, to.type, node);
}

function requireNullable(by: Conversions, to: Type, node: ts.Node): void {
  if (to.kind === "null" || ("nullable" in to && to.nullable)) return;
  fail(node, "nullable", describeType(by, to));
}

function checkStruct(by: Conversions, from: StructType, to: StructType, node: ts.Node): void {
  if (from.type === to.type || isErased(by, to.type)) return;
  if (isErased(by, from.type)) return fail(node, "structure", describeType(by, from), describeType(by, to));
  const targets = by.layouts.all(to.type, node);
  for (const layout of by.layouts.all(from.type, node))
    if (!targets.some((target) => derives(layout, target)))
      fail(node, "structure", layout.name, targets.map((each) => each.name).join(" | "));
}

function checkSlice(
  by: Conversions,
  from: Type & { kind: "slice" },
  to: Type & { kind: "slice" },
  node: ts.Node,
): void {
  if (from.volatile && !to.volatile) return fail(node, "volatileSlice");
  const erased = to.element.kind === "struct" && isErased(by, to.element.type);
  if (!erased && !sameElement(by, from.element, to.element, node))
    return fail(node, "structure", describeType(by, from), describeType(by, to));
}

/** Elements must have the same size and meaning: a table of subclasses is no table of the base class unless they are equally large. */
function sameElement(by: Conversions, from: Type, to: Type, node: ts.Node): boolean {
  if (!sameType(from, to) && !(from.kind === "integer" && to.kind === "integer" && from.width === to.width))
    return false;
  if (from.kind !== "struct" || to.kind !== "struct") return true;
  if (isInPlace(from) !== isInPlace(to)) return false;
  checkStruct(by, from, to, node);
  return (
    !isInPlace(from) ||
    isErased(by, to.type) ||
    by.layouts.ofSized(from.type, node).bytes === by.layouts.ofSized(to.type, node).bytes
  );
}

/** Parameters go the other way: what the type promises to pass must be what the function expects. */
function checkFunction(by: Conversions, from: ts.Type, to: ts.Type, node: ts.Node): void {
  if (from === to) return;
  const [source, target] = [from.getCallSignatures()[0], to.getCallSignatures()[0]];
  if (source === undefined || target === undefined) return;
  source.getParameters().forEach((parameter, index) => {
    const passed = target.getParameters()[index];
    if (passed === undefined) return;
    const [expects, gets] = [by.types.checker.getTypeOfSymbol(parameter), by.types.checker.getTypeOfSymbol(passed)];
    checkSignature(by, by.types.of(gets, node), by.types.of(expects, node), node);
  });
  if (source.getReturnType().flags & ts.TypeFlags.Number) return; // not declared: it returns what `to` says
  const [gives, wanted] = [by.types.of(source.getReturnType(), node), by.types.of(target.getReturnType(), node)];
  if (wanted.kind !== "void") checkSignature(by, gives, wanted, node);
}

function checkSignature(by: Conversions, from: Type, to: Type, node: ts.Node): void {
  if (from.kind === "integer" && to.kind === "integer" && from.flexible && to.width !== "u64" && from.width !== "u64")
    return;
  checkAssignable(by, from, to, node);
}

/** `as`: between a class and its subclasses in either direction; everything else must be assignable anyway. */
export function checkCast(by: Conversions, from: StructType, to: StructType, node: ts.Node): void {
  if (isErased(by, from.type) || isErased(by, to.type)) return;
  const targets = by.layouts.all(to.type, node);
  for (const layout of by.layouts.all(from.type, node))
    if (targets.some((target) => derives(layout, target) || derives(target, layout))) return;
  fail(node, "structure", describeType(by, from), describeType(by, to));
}

function derives(layout: Layout, from: Layout): boolean {
  for (let at: Layout | null = layout; at !== null; at = at.base) if (at === from) return true;
  return false;
}

/** An unconstrained type parameter, or `object`. */
function isErased(by: Conversions, type: ts.Type): boolean {
  if (type.flags & ts.TypeFlags.NonPrimitive) return true;
  if (type.isIntersection() && type.types.some((part) => part.flags & ts.TypeFlags.TypeParameter)) return true;
  if (!(type.flags & ts.TypeFlags.TypeParameter)) return false;
  const constraint = by.types.checker.getBaseConstraintOfType(type);
  return constraint === undefined || (constraint.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) !== 0;
}

export function describeType(by: Conversions, type: Type): string {
  switch (type.kind) {
    case "integer":
      return integerName(type);
    case "struct":
    case "function":
    case "class":
      return by.types.checker.typeToString(type.type);
    case "slice":
      return `${describeType(by, type.element)}[]`;
    default:
      return type.kind;
  }
}

/**
 * What slices can do: `subarray`, `fill`, `set`. Bounds are checked, never clamped: JavaScript's silent corrections would hide errors
 * here. Begin reading at `lowerSliceMethod`.
 */
import type ts from "typescript";
import { constant, ZERO } from "./builder.ts";
import { fail } from "./errors.ts";
import { type Operand, Reason, RuntimeSymbol } from "./ir.ts";
import { type Body, convert, insideLoop, NOTHING, type Value, word } from "./lower-context.ts";
import { lowerExpression, lowerTo } from "./lower-expressions.ts";
import { isInteger, truncate } from "./lower-operators.ts";
import { indexed, lowerIndex, referenceWord, scaled } from "./lower-places.ts";
import { type SliceType, valueBytes } from "./types.ts";

export function lowerSliceMethod(body: Body, node: ts.CallExpression, name: string, slice: Value): Value {
  const type = slice.type as SliceType;
  if (name === "subarray") return lowerSubarray(body, node, slice, type);
  if (name === "set") return lowerSet(body, node, slice, type);
  if (name === "fill") return lowerFill(body, node, slice, type);
  return fail(node, "notCallable", name);
}

/** `begin <= end <= length`, or the program ends. */
function lowerSubarray(body: Body, node: ts.CallExpression, slice: Value, type: SliceType): Value {
  const { builder } = body;
  const [address, length] = slice.words as [Operand, Operand];
  const begin = lowerIndex(body, node.arguments[0]!);
  const end = node.arguments[1] === undefined ? length : lowerIndex(body, node.arguments[1]);
  if (end !== length) builder.check("lessEqualUnsigned", end, length, Reason.Slice);
  builder.check("lessEqualUnsigned", begin, end, Reason.Slice);
  const start = referenceWord(body, indexed(body, address, begin, valueBytes(type.element).bytes));
  return { type, words: [start, builder.binary("subtract", end, begin)] };
}

/** Copies all of `from` to `offset`; overlapping is allowed. */
function lowerSet(body: Body, node: ts.CallExpression, slice: Value, type: SliceType): Value {
  const { builder } = body;
  const [address, length] = slice.words as [Operand, Operand];
  const [source, sourceLength] = lowerTo(body, node.arguments[0]!, type).words as [Operand, Operand];
  const offset = node.arguments[1] === undefined ? ZERO : lowerIndex(body, node.arguments[1]);
  builder.check("lessEqualUnsigned", offset, length, Reason.Slice);
  builder.check("lessEqualUnsigned", sourceLength, builder.binary("subtract", length, offset), Reason.Slice);
  builder.call(RuntimeSymbol.MoveBytes, [builder.binary("add", address, offset), source, sourceLength], 0);
  return NOTHING;
}

/** As in JavaScript, a value too large for the element keeps its low bits, unless it is a constant: then it must fit. */
function lowerFill(body: Body, node: ts.CallExpression, slice: Value, type: SliceType): Value {
  const value = lowerExpression(body, node.arguments[0]!);
  if (!isInteger(value) || type.element.kind !== "integer") return fail(node, "operands", "fill", value.type.kind);
  const stored =
    value.constant === undefined
      ? truncate(body, word(value), type.element.width)
      : word(convert(body, value, type.element, node.arguments[0]!));
  const [address, length] = slice.words as [Operand, Operand];
  const { bytes } = valueBytes(type.element);
  if (bytes === 1 || (stored.kind === "constant" && stored.value === 0))
    body.builder.call(RuntimeSymbol.FillBytes, [address, stored, scaled(body, length, bytes)], 0);
  else fillElements(body, address, scaled(body, length, bytes), stored, bytes as 2 | 4);
  return NOTHING;
}

function fillElements(body: Body, address: Operand, extent: Operand, value: Operand, bytes: 2 | 4): void {
  const { builder } = body;
  const end = builder.binary("add", address, extent);
  const cursor = builder.register();
  const at: Operand = { kind: "register", register: cursor };
  builder.move(cursor, address);
  const [head, loop, after] = [builder.block(), builder.block(), builder.block()];
  insideLoop(body, () => {
    builder.enter(head);
    builder.branch("lessUnsigned", at, end, loop, after);
    builder.enter(loop);
    builder.store(at, 0, bytes, value, false);
    builder.move(cursor, builder.binary("add", at, constant(bytes)));
    builder.jump(head);
  });
  builder.enter(after);
}

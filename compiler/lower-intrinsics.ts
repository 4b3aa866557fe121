/**
 * The functions of lib/core.d.ts: each a few instructions in place of a call. One row for each name; those with constant results are
 * folded earlier (static-values.ts). Begin reading at `intrinsics`.
 */
import type ts from "typescript";
import { constant, inRegister, ZERO } from "./builder.ts";
import { checkAssignable } from "./conversions.ts";
import { excerpt, fail } from "./errors.ts";
import { type Operand, Reason, RuntimeSymbol } from "./ir.ts";
import { roundUp, storageSize } from "./layout.ts";
import { type Body, NOTHING, type Value, word } from "./lower-context.ts";
import { lowerExpression, lowerTo } from "./lower-expressions.ts";
import { comparison, isInteger, lowerCondition, truncate } from "./lower-operators.ts";
import { BYTES, lowerIndex, scaled } from "./lower-places.ts";
import { lowerNew } from "./lower-storage.ts";
import { conversionType } from "./static-values.ts";
import { NEVER, STRING, type Type } from "./types.ts";
import { I32, integer, U32 } from "./widths.ts";

type Intrinsic = (body: Body, node: ts.CallExpression, name: string) => Value;

export function lowerIntrinsic(body: Body, node: ts.CallExpression, name: string): Value {
  const lower = intrinsics[name];
  return lower === undefined ? fail(node, "notCallable", name) : lower(body, node, name);
}

const intrinsics: Record<string, Intrinsic> = {
  u8: lowerConversion,
  u16: lowerConversion,
  u32: lowerConversion,
  i32: lowerConversion,
  u64: lowerLongConversion,
  vaddr: lowerConversion,
  paddr: lowerConversion,
  at: lowerView,
  view: lowerView,
  bytesAt: (body, node) => lowerSliceAt(body, node, integer("u8")),
  wordsAt: (body, node) => lowerSliceAt(body, node, U32),
  tableAt: lowerTableAt,
  stringsAt: (body, node) => lowerSliceAt(body, node, STRING),
  stringAt: (body, node) => ({ type: STRING, words: [addressArgument(body, node, 0)] }),
  address: lowerAddress,
  bytesOf: lowerBytesOf,
  copy: lowerCopy,
  clear: lowerClear,
  assert: lowerAssert,
  unreachable: lowerUnreachable,
  fence: lowerFence,
  ecall: lowerEnvironmentCall,
  linkerSymbol: lowerLinkerSymbol,
  initializeModules: lowerInitializeModules,
  entryMain: lowerEntryMain,
  table: (body, node) => lowerNew(body, node),
  references: (body, node) => lowerNew(body, node),
  asm: (_, node) => fail(node, "arguments", "asm is a tag"),
  hex: lowerFormat,
  char: lowerFormat,
};

/** The low bits that the new width has room for; between u32 and i32 the bits stay. */
function lowerConversion(body: Body, node: ts.CallExpression, name: string): Value {
  const value = lowerExpression(body, node.arguments[0]!);
  const type = conversionType(name);
  if (value.type.kind === "boolean") return { type, words: value.words };
  if (!isInteger(value)) return fail(node, "operands", name, value.type.kind);
  return { type, words: [truncate(body, word(value), type.width)] };
}

/** Zero-extends a u32, sign-extends an i32. */
function lowerLongConversion(body: Body, node: ts.CallExpression): Value {
  const value = lowerExpression(body, node.arguments[0]!);
  if (!isInteger(value)) return fail(node, "operands", "u64", value.type.kind);
  const high = value.type.width === "i32" ? body.builder.binary("shiftRight", word(value), constant(31)) : ZERO;
  return { type: integer("u64"), words: [word(value), high] };
}

/** An address: any integer that may become a u32. */
function addressArgument(body: Body, node: ts.CallExpression, index: number): Operand {
  const argument = node.arguments[index] ?? fail(node, "arguments", "an argument is missing");
  return word(lowerTo(body, argument, U32));
}

/** The checker knows the class; that it is volatile is known of the class, not of this place. */
function lowerView(body: Body, node: ts.CallExpression): Value {
  const base = addressArgument(body, node, 0);
  const { types } = body.module.constants;
  return { type: types.of(types.typeAt(node), node), words: [base] };
}

function lowerSliceAt(body: Body, node: ts.CallExpression, element: Type): Value {
  const base = addressArgument(body, node, 0);
  return { type: { ...BYTES, element }, words: [base, lowerIndex(body, node.arguments[1]!)] };
}

function lowerTableAt(body: Body, node: ts.CallExpression): Value {
  const base = addressArgument(body, node, 0);
  const { types } = body.module.constants;
  const type = types.of(types.typeAt(node), node);
  return { type, words: [base, lowerIndex(body, node.arguments.at(-1)!)] };
}

/** Where something lies, as a number. From here on the programmer answers for how long it is used. */
function lowerAddress(body: Body, node: ts.CallExpression): Value {
  const value = lowerExpression(body, node.arguments[0]!);
  if (value.type.kind === "code") return addressOfRoutine(body, node);
  if (!["struct", "slice", "string", "function"].includes(value.type.kind))
    return fail(node, "arguments", `${excerpt(node.arguments[0]!)} has no address`);
  return { type: conversionType("vaddr"), words: [release(body, word(value))] };
}

function addressOfRoutine(body: Body, node: ts.CallExpression): Value {
  const known = body.module.constants.evaluate(node.arguments[0]!);
  if (known?.kind !== "address") return fail(node, "arguments", "only a routine of a module has an address");
  return { type: conversionType("vaddr"), words: [body.builder.symbol(known.symbol, known.offset)] };
}

/** A copy that the escape check does not follow. */
function release(body: Body, operand: Operand): Operand {
  const copy = body.builder.snapshot(operand);
  if (copy.kind === "register") body.builder.facts.released.add(copy.register);
  return copy;
}

/** Size in bytes of what a value refers to, as an operand. */
function extentOf(body: Body, value: Value, node: ts.Node): Operand {
  const { layouts } = body.module.constants;
  if (value.type.kind === "struct") return constant(layouts.ofSized(value.type.type, node).bytes);
  if (value.type.kind !== "slice") return fail(node, "operands", "bytes", value.type.kind);
  const { element } = value.type;
  const inPlace = element.kind === "struct" && !element.nullable;
  const { bytes, alignment } = inPlace
    ? layouts.ofSized(element.type, node)
    : storageSize({ kind: "value", type: element });
  return scaled(body, value.words[1]!, roundUp(bytes, alignment));
}

function lowerBytesOf(body: Body, node: ts.CallExpression): Value {
  const value = lowerExpression(body, node.arguments[0]!);
  return { type: BYTES, words: [word(value), extentOf(body, value, node)] };
}

/** One struct over another of the same class; a volatile one word by word. */
function lowerCopy(body: Body, node: ts.CallExpression): Value {
  const [target, source] = node.arguments.map((argument) => lowerExpression(body, argument)) as [Value, Value];
  if (target.type.kind !== "struct" || source.type.kind !== "struct")
    return fail(node, "arguments", "copy() takes two structs; slices have set()");
  const { constants } = body.module;
  checkAssignable(constants, source.type, target.type, node.arguments[1]!);
  const { bytes, alignment, volatile } = constants.layouts.ofSized(target.type.type, node);
  if (!volatile) {
    body.builder.emit({ kind: "copy", target: word(target), source: word(source), bytes, alignment });
    return NOTHING;
  }
  const size = alignment >= 4 ? 4 : alignment === 2 ? 2 : 1;
  for (let offset = 0; offset < bytes; offset += size)
    body.builder.store(word(target), offset, size, body.builder.load(word(source), offset, size, false, true), true);
  return NOTHING;
}

function lowerClear(body: Body, node: ts.CallExpression): Value {
  const value = lowerExpression(body, node.arguments[0]!);
  const { builder, module } = body;
  if (value.type.kind !== "struct") {
    builder.call(RuntimeSymbol.FillBytes, [word(value), ZERO, extentOf(body, value, node)], 0);
    return NOTHING;
  }
  const { bytes, alignment } = module.constants.layouts.ofSized(value.type.type, node);
  builder.emit({ kind: "zero", target: word(value), bytes, alignment });
  return NOTHING;
}

/** A single comparison becomes the check itself. */
function lowerAssert(body: Body, node: ts.CallExpression): Value {
  const { builder } = body;
  const claim = node.arguments[0]!;
  const operator = "operatorToken" in claim ? (claim as ts.BinaryExpression).operatorToken.getText() : "";
  const compared = comparison(body, claim, operator);
  if (compared !== null) {
    builder.check(compared.operator, compared.left, compared.right, Reason.Assertion);
    return NOTHING;
  }
  const [holds, fails] = [builder.block(), builder.block()];
  lowerCondition(body, claim, holds, fails);
  builder.enter(fails);
  builder.end({ kind: "trap", reason: Reason.Assertion });
  builder.enter(holds);
  return NOTHING;
}

function lowerUnreachable(body: Body): Value {
  body.builder.end({ kind: "trap", reason: Reason.Unreachable });
  return { type: NEVER, words: [] };
}

function lowerFence(body: Body): Value {
  body.builder.emit({ kind: "fence" });
  return NOTHING;
}

function lowerEnvironmentCall(body: Body, node: ts.CallExpression): Value {
  const [number, ...rest] = node.arguments;
  if (rest.length > 6) return fail(node, "arguments", "an environment call has at most six arguments");
  const target = body.builder.register();
  const call = word(lowerTo(body, number!, U32));
  const operands = rest.map((argument) => environmentArgument(body, argument));
  body.builder.emit({ kind: "environmentCall", target, number: call, arguments: operands });
  return { type: I32, words: [inRegister(target)] };
}

function environmentArgument(body: Body, node: ts.Expression): Operand {
  const value = lowerExpression(body, node);
  if (isInteger(value) && value.type.width === "u64")
    return fail(node, "arguments", "an argument of an environment call is one word");
  if (value.words.length === 0)
    return fail(node, "arguments", `${excerpt(node)} is no argument of an environment call`);
  return word(value);
}

function lowerLinkerSymbol(body: Body, node: ts.CallExpression): Value {
  const name = body.module.constants.evaluate(node.arguments[0]!);
  if (name?.kind !== "text") return fail(node, "staticValue", "the symbol's name");
  return { type: U32, words: [body.builder.symbol(name.text, 0)] };
}

function lowerInitializeModules(body: Body): Value {
  body.builder.call(RuntimeSymbol.InitializeModules, [], 0);
  return NOTHING;
}

function lowerEntryMain(body: Body, node: ts.CallExpression): Value {
  const type: Type = { ...BYTES, element: STRING };
  const [result] = body.builder.call(RuntimeSymbol.EntryMain, [...lowerTo(body, node.arguments[0]!, type).words], 1);
  return { type: I32, words: [result!] };
}

function lowerFormat(body: Body, node: ts.CallExpression, name: string): Value {
  const { words } = lowerTo(body, node.arguments[0]!, U32);
  return { type: { kind: "format", how: name === "hex" ? "hexadecimal" : "character" }, words };
}

/** `text.charCodeAt(i)`: a byte of the string, checked. */
export function lowerTextMethod(body: Body, node: ts.CallExpression, name: string, text: Value): Value {
  if (name !== "charCodeAt") return fail(node, "notCallable", name);
  const { builder } = body;
  const index = lowerIndex(body, node.arguments[0]!);
  builder.check("lessUnsigned", index, builder.load(word(text), 0, 4, false, false), Reason.Index);
  const byte = builder.load(builder.binary("add", word(text), index), 4, 1, false, false);
  return { type: integer("u8"), words: [byte] };
}

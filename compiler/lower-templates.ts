/**
 * Tagged templates: formatted text, which becomes one call for each piece, and assembly.
 *
 * Begin reading at `lowerTagged`.
 */
import ts = require("typescript");

import { AssemblyError, type AssemblyInsert, assembleInline } from "./assembler.ts";
import { CodeWriter } from "./code-writer.ts";
import { CompileError, describe, excerpt, fail } from "./errors.ts";
import type { AssemblyOperand, AssemblyRoutine } from "./ir.ts";
import { signatureOf } from "./lower-calls.ts";
import { at, type Body, convert, NOTHING, positionOf, staticValue, type Value, word } from "./lower-context.ts";
import { lowerExpression } from "./lower-expressions.ts";
import { linkSymbol } from "./names.ts";
import type { Constants } from "./static-values.ts";
import { STRING, wordsOf } from "./types.ts";

/** `` print`a${x}b` ``: printText("a"), printUnsigned(x), printText("b"), printEnd(). The value is printEnd's. */
export function lowerTagged(body: Body, node: ts.TaggedTemplateExpression): Value {
  if (!ts.isIdentifier(node.tag)) return fail(node.tag, "notCallable", excerpt(node.tag));
  const { template } = node;
  if (ts.isNoSubstitutionTemplateLiteral(template)) lowerText(body, node, template.text);
  else {
    lowerText(body, node, template.head.text);
    for (const span of template.templateSpans) {
      at(body, span.expression, () => lowerPiece(body, node, span.expression));
      lowerText(body, node, span.literal.text);
    }
  }
  return callPiece(body, node, "End", null);
}

function lowerText(body: Body, node: ts.TaggedTemplateExpression, text: string): void {
  if (text !== "") callPiece(body, node, "Text", staticValue(body, { kind: "text", type: STRING, text }));
}

function lowerPiece(body: Body, node: ts.TaggedTemplateExpression, expression: ts.Expression): void {
  const value = lowerExpression(body, expression);
  callPiece(body, node, pieceName(value) ?? fail(expression, "tagValue", excerpt(expression)), value, expression);
}

/** Which function prints a value of this type. */
function pieceName(value: Value): string | null {
  const { type } = value;
  if (type.kind === "string") return "Text";
  if (type.kind === "format") return type.how === "hexadecimal" ? "Hexadecimal" : "Character";
  if (type.kind === "slice") return type.element.kind === "integer" && type.element.width === "u8" ? "Bytes" : null;
  if (type.kind !== "integer") return null;
  if (type.width === "u64") return "Long";
  if (value.constant !== undefined && type.flexible) return value.constant.value < 0n ? "Signed" : "Unsigned";
  return type.width === "i32" ? "Signed" : "Unsigned";
}

/** The functions stand beside the tag, in the module that exports it. */
function callPiece(
  body: Body,
  node: ts.TaggedTemplateExpression,
  piece: string,
  value: Value | null,
  place: ts.Node = node,
): Value {
  const { constants } = body.module;
  const tag = constants.symbols.declarationOf(node.tag);
  const name = `${(node.tag as ts.Identifier).text}${piece}`;
  const home = tag === null ? undefined : constants.checker.getSymbolAtLocation(tag.getSourceFile());
  const original = tag !== null && ts.isFunctionDeclaration(tag) ? `${tag.name?.text}${piece}` : name;
  const declaration = home?.exports?.get(original as ts.__String)?.declarations?.[0];
  if (declaration === undefined || !ts.isFunctionDeclaration(declaration)) return fail(place, "tag", original);
  const { parameters, result } = signatureOf(constants, declaration);
  const operands =
    value === null ? [] : formatWords(body, value, parameters[0]?.type ?? fail(place, "tag", original), place);
  return { type: result, words: body.builder.call(linkSymbol(declaration), [...operands], wordsOf(result)) };
}

function formatWords(body: Body, value: Value, type: Value["type"], place: ts.Node): readonly Value["words"][number][] {
  if (value.type.kind === "format" || (value.type.kind === "integer" && value.type.width !== "u64"))
    return [word(value)];
  return convert(body, value, type, place).words;
}

/** Instructions among those of a function. A number is a register that holds it, anything else its symbol. */
export function lowerAssembly(body: Body, node: ts.TaggedTemplateExpression): Value {
  const text = [...pieces(node.template)];
  const operands = expressions(node.template).map((expression, index): AssemblyOperand => {
    const known = body.module.constants.evaluate(expression);
    // An address that is known now, address(x), is a number all the same.
    if (known?.kind === "slice" || (known?.kind === "address" && known.type.kind !== "integer")) {
      text[index + 1] = plusOffset(known.offset) + text[index + 1];
      return { kind: "symbol", symbol: known.symbol };
    }
    const value = lowerExpression(body, expression);
    if (value.type.kind !== "integer" || value.type.width === "u64")
      return fail(expression, "assemblyOperand", excerpt(expression));
    return { kind: "value", value: word(value) };
  });
  const inserts = operands.map((each) => (each.kind === "symbol" ? { symbol: each.symbol } : { text: "a0" }));
  tryAssembly(node, text, inserts);
  body.builder.emit({ kind: "assembly", text, operands });
  return NOTHING;
}

/** A routine: `` export const entry = asm`…` ``. There are no registers to hold a number, so numbers stand in its text. */
export function assemblyRoutine(
  constants: Constants,
  symbol: string,
  node: ts.TaggedTemplateExpression,
): AssemblyRoutine {
  const [first, ...rest] = pieces(node.template);
  const text = [first!];
  const operands: string[] = [];
  expressions(node.template).forEach((expression, index) => {
    const known = constants.evaluate(expression);
    if (known?.kind === "integer") {
      text[text.length - 1] += String(known.constant.value) + rest[index]!;
    } else if (known?.kind === "address" || known?.kind === "slice") {
      operands.push(known.symbol);
      text.push(plusOffset(known.offset) + rest[index]!);
    } else fail(expression, "assemblyOperand", excerpt(expression));
  });
  tryAssembly(
    node,
    text,
    operands.map((operand) => ({ symbol: operand })),
  );
  return { symbol, position: positionOf(node), text, operands };
}

/** Assembles the text for nothing but its errors, which are the programmer's. */
function tryAssembly(node: ts.Node, text: readonly string[], inserts: readonly AssemblyInsert[]): void {
  const writer = new CodeWriter();
  try {
    assembleInline(writer, text, inserts, positionOf(node));
    writer.finish("");
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    throw new CompileError({ ...error.position, ...describe("assembly", error.message) });
  }
}

function plusOffset(offset: number): string {
  return offset === 0 ? "" : `+${offset}`;
}

function pieces(template: ts.TemplateLiteral): string[] {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return [template.text];
  return [template.head.text, ...template.templateSpans.map((span) => span.literal.text)];
}

function expressions(template: ts.TemplateLiteral): ts.Expression[] {
  return ts.isNoSubstitutionTemplateLiteral(template) ? [] : template.templateSpans.map((span) => span.expression);
}

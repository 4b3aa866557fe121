/**
 * Tokens into trees: the grammar of the shell, a function for each of its rules. Begin reading at `parseCommand`; compound
 * and simple commands have files of their own.
 *
 * A rule that fails answers null and leaves `parser.outcome` other than Ok. Incomplete means that more text could make it right.
 */
import { fail, is, isWord, skipNewlines } from "./expect.ts";
import { nextToken, Outcome, type Parser, Token } from "./lexer.ts";
import { isCompound, parseCompound } from "./parse-compound.ts";
import { parseRedirection, parseSimple } from "./parse-simple.ts";
import { Kind, makeNode, type Node } from "./tree.ts";

/** The next complete command: lists up to the end of a line. Null with `Outcome.Ok`: there is none left. */
export function parseCommand(parser: Parser): Node | null {
  parser.outcome = Outcome.Ok;
  parser.firstHere = null;
  nextToken(parser);
  while (is(parser, Token.Newline)) nextToken(parser);
  if (is(parser, Token.End)) return null;
  const list = parseList(parser, false);
  if (list === null || parser.outcome !== Outcome.Ok) return fail(parser);
  if (!is(parser, Token.Newline) && !is(parser, Token.End)) return fail(parser);
  if (parser.firstHere !== null) parser.outcome = Outcome.Incomplete;
  return list;
}

/** A list in brackets of some kind: newlines separate too. */
export function parseBody(parser: Parser): Node | null {
  skipNewlines(parser);
  return parseList(parser, true);
}

export function parseList(parser: Parser, acrossLines: boolean): Node | null {
  let list: Node | null = null;
  do {
    let item = parseAndOr(parser);
    if (item === null) return null;
    if (is(parser, Token.Ampersand)) item = withLeft(Kind.Background, item);
    list = list === null ? item : withBoth(Kind.Sequence, list, item);
    if (!isSeparator(parser, acrossLines)) break;
    nextToken(parser);
    if (acrossLines) skipNewlines(parser);
  } while (!endsList(parser));
  return list;
}

function isSeparator(parser: Parser, acrossLines: boolean): boolean {
  if (is(parser, Token.Semicolon) || is(parser, Token.Ampersand)) return true;
  return acrossLines && is(parser, Token.Newline);
}

function endsList(parser: Parser): boolean {
  switch (parser.token) {
    case Token.End:
    case Token.Newline:
    case Token.Close:
    case Token.DoubleSemicolon:
      return true;
    case Token.Word:
      return isClosingWord(parser.text);
    default:
      return false;
  }
}

export function isClosingWord(text: string): boolean {
  switch (text) {
    case "then":
    case "elif":
    case "else":
    case "fi":
    case "do":
    case "done":
    case "esac":
    case "}":
      return true;
    default:
      return false;
  }
}

function parseAndOr(parser: Parser): Node | null {
  let left = parsePipeline(parser);
  while (left !== null && (is(parser, Token.AndIf) || is(parser, Token.OrIf))) {
    const kind = is(parser, Token.AndIf) ? Kind.And : Kind.Or;
    nextToken(parser);
    skipNewlines(parser);
    const right = parsePipeline(parser);
    if (right === null) return null;
    left = withBoth(kind, left, right);
  }
  return left;
}

function parsePipeline(parser: Parser): Node | null {
  if (isWord(parser, "!")) {
    nextToken(parser);
    const negated = parsePipeline(parser);
    return negated === null ? null : withLeft(Kind.Not, negated);
  }
  const first = parseElement(parser);
  if (first === null || !is(parser, Token.Bar)) return first;
  const pipeline = withLeft(Kind.Pipeline, first);
  let last = first;
  while (is(parser, Token.Bar)) {
    nextToken(parser);
    skipNewlines(parser);
    const element = parseElement(parser);
    if (element === null) return null;
    last.next = element;
    last = element;
  }
  return pipeline;
}

/** A command: compound, with redirections after it, or simple. */
export function parseElement(parser: Parser): Node | null {
  const compound = isCompound(parser);
  const node = compound ? parseCompound(parser) : parseSimple(parser);
  if (node === null || !compound) return node;
  while (is(parser, Token.Redirection)) if (!parseRedirection(parser, node)) return null;
  return node;
}

function withLeft(kind: Kind, left: Node): Node {
  const node = makeNode(kind, left.line);
  node.left = left;
  return node;
}

function withBoth(kind: Kind, left: Node, right: Node): Node {
  const node = withLeft(kind, left);
  node.right = right;
  return node;
}

/** The grammar's compound commands: a function for each. Begin reading at `parseCompound`. */
import { expectWord, fail, is, isWord, skipNewlines } from "./expect.ts";
import { nextToken, type Parser, Token } from "./lexer.ts";
import { isName } from "./parse-simple.ts";
import { parseBody, parseList } from "./parser.ts";
import { Kind, makeNode, makeWord, type Node, type Word } from "./tree.ts";

export function isCompound(parser: Parser): boolean {
  if (is(parser, Token.Open)) return true;
  if (!is(parser, Token.Word)) return false;
  switch (parser.text) {
    case "if":
    case "while":
    case "until":
    case "for":
    case "case":
    case "{":
      return true;
    default:
      return false;
  }
}

export function parseCompound(parser: Parser): Node | null {
  const line = parser.tokenLine;
  if (is(parser, Token.Open)) return parseSubshell(parser, line);
  switch (parser.text) {
    case "if":
      return parseIf(parser, line);
    case "while":
      return parseLoop(parser, makeNode(Kind.While, line));
    case "until":
      return parseLoop(parser, makeNode(Kind.Until, line));
    case "for":
      return parseFor(parser, line);
    case "case":
      return parseCase(parser, line);
    default:
      return parseGroup(parser, line);
  }
}

function parseSubshell(parser: Parser, line: i32): Node | null {
  const node = makeNode(Kind.Subshell, line);
  nextToken(parser);
  node.left = parseBody(parser);
  if (node.left === null) return null;
  if (!is(parser, Token.Close)) return fail(parser);
  nextToken(parser);
  return node;
}

function parseGroup(parser: Parser, line: i32): Node | null {
  const node = makeNode(Kind.Group, line);
  nextToken(parser);
  node.left = parseBody(parser);
  return node.left !== null && expectWord(parser, "}") ? node : null;
}

/** At `if` or `elif`. */
function parseIf(parser: Parser, line: i32): Node | null {
  const node = makeNode(Kind.If, line);
  nextToken(parser);
  node.left = parseBody(parser);
  if (node.left === null || !expectWord(parser, "then")) return null;
  node.right = parseBody(parser);
  if (node.right === null) return null;
  if (isWord(parser, "elif")) {
    node.other = parseIf(parser, parser.tokenLine);
    return node.other === null ? null : node;
  }
  if (isWord(parser, "else")) {
    nextToken(parser);
    node.other = parseBody(parser);
    if (node.other === null) return null;
  }
  return expectWord(parser, "fi") ? node : null;
}

function parseLoop(parser: Parser, node: Node): Node | null {
  nextToken(parser);
  node.left = parseBody(parser);
  return node.left === null ? null : parseDo(parser, node);
}

function parseDo(parser: Parser, node: Node): Node | null {
  if (!expectWord(parser, "do")) return null;
  node.right = parseBody(parser);
  return node.right !== null && expectWord(parser, "done") ? node : null;
}

function parseFor(parser: Parser, line: i32): Node | null {
  const node = makeNode(Kind.For, line);
  nextToken(parser);
  if (!is(parser, Token.Word) || !isName(parser.text)) return fail(parser);
  node.name = parser.text;
  node.overParameters = true;
  nextToken(parser);
  skipNewlines(parser);
  if (isWord(parser, "in")) {
    nextToken(parser);
    node.overParameters = false;
    parseWords(parser, node);
  }
  if (is(parser, Token.Semicolon)) nextToken(parser);
  skipNewlines(parser);
  return parseDo(parser, node);
}

function parseWords(parser: Parser, node: Node): void {
  let last: Word | null = null;
  while (is(parser, Token.Word)) {
    const word = makeWord(parser.text);
    if (last === null) node.words = word;
    else last.next = word;
    last = word;
    nextToken(parser);
  }
}

function parseCase(parser: Parser, line: i32): Node | null {
  const node = makeNode(Kind.Case, line);
  nextToken(parser);
  if (!is(parser, Token.Word)) return fail(parser);
  node.words = makeWord(parser.text);
  nextToken(parser);
  skipNewlines(parser);
  if (!expectWord(parser, "in")) return null;
  skipNewlines(parser);
  let last: Node | null = null;
  while (!isWord(parser, "esac")) {
    const arm = parseArm(parser);
    if (arm === null) return null;
    if (last === null) node.left = arm;
    else last.next = arm;
    last = arm;
  }
  nextToken(parser);
  return node;
}

/** `(pattern | pattern) list ;;`: the first parenthesis and the last semicolons can be missing. */
function parseArm(parser: Parser): Node | null {
  const arm = makeNode(Kind.Arm, parser.tokenLine);
  if (is(parser, Token.Open)) nextToken(parser);
  let last: Word | null = null;
  for (;;) {
    if (!is(parser, Token.Word)) return fail(parser);
    const pattern = makeWord(parser.text);
    if (last === null) arm.words = pattern;
    else last.next = pattern;
    last = pattern;
    nextToken(parser);
    if (!is(parser, Token.Bar)) break;
    nextToken(parser);
  }
  if (!is(parser, Token.Close)) return fail(parser);
  nextToken(parser);
  skipNewlines(parser);
  if (!is(parser, Token.DoubleSemicolon) && !isWord(parser, "esac")) {
    arm.left = parseList(parser, true);
    if (arm.left === null) return null;
  }
  if (is(parser, Token.DoubleSemicolon)) nextToken(parser);
  else if (!isWord(parser, "esac")) return fail(parser);
  skipNewlines(parser);
  return arm;
}

/**
 * Tokens into trees: the grammar of the shell, a function for each of its rules. Begin reading at `parseCommand`.
 *
 * A rule that fails answers null and leaves `parser.outcome` other than Ok. Incomplete means that more text could make it right.
 */
import { Ascii, isDigit, isWordByte } from "../../lib/library/ascii.ts";
import { arenaText } from "./arena.ts";
import { nextToken, Outcome, type Parser, Token } from "./lexer.ts";
import {
  Kind,
  makeNode,
  makeRedirection,
  makeWord,
  type Node,
  type Redirection,
  RedirectionKind,
  type Word,
} from "./tree.ts";

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
function parseBody(parser: Parser): Node | null {
  skipNewlines(parser);
  return parseList(parser, true);
}

function parseList(parser: Parser, acrossLines: boolean): Node | null {
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

function isClosingWord(text: string): boolean {
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
function parseElement(parser: Parser): Node | null {
  const compound = isCompound(parser);
  const node = compound ? parseCompound(parser) : parseSimple(parser);
  if (node === null || !compound) return node;
  while (is(parser, Token.Redirection)) if (!parseRedirection(parser, node)) return null;
  return node;
}

function isCompound(parser: Parser): boolean {
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

function parseCompound(parser: Parser): Node | null {
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

// --- Simple commands -------------------------------------------------------------------------------------------------

function parseSimple(parser: Parser): Node | null {
  const node = makeNode(Kind.Simple, parser.tokenLine);
  if (is(parser, Token.Word) && isClosingWord(parser.text)) return fail(parser);
  let lastAssignment: Word | null = null;
  let lastWord: Word | null = null;
  for (;;) {
    if (is(parser, Token.Redirection)) {
      if (!parseRedirection(parser, node)) return null;
      continue;
    }
    if (!is(parser, Token.Word)) break;
    const word = makeWord(parser.text);
    if (node.words === null && assignmentName(parser.text) > 0) {
      if (lastAssignment === null) node.assignments = word;
      else lastAssignment.next = word;
      lastAssignment = word;
    } else {
      if (lastWord === null) node.words = word;
      else lastWord.next = word;
      lastWord = word;
    }
    nextToken(parser);
    if (is(parser, Token.Open) && lastWord === node.words && lastWord !== null) return parseFunction(parser, node);
  }
  const empty = node.words === null && node.assignments === null && node.redirections === null;
  return empty || parser.outcome !== Outcome.Ok ? fail(parser) : node;
}

/** At the parenthesis of `name() body`. The body is kept as text, because it outlives the command that defines it. */
function parseFunction(parser: Parser, node: Node): Node | null {
  const word = node.words;
  if (word === null || !isName(word.text)) return fail(parser);
  nextToken(parser);
  if (!is(parser, Token.Close)) return fail(parser);
  nextToken(parser);
  skipNewlines(parser);
  if (!isCompound(parser)) return fail(parser);
  const begin = parser.tokenPosition;
  if (parseElement(parser) === null) return null;
  node.kind = Kind.Function;
  node.name = word.text;
  node.words = makeWord(arenaText(parser.source().subarray(begin, parser.tokenPosition)));
  return node;
}

function parseRedirection(parser: Parser, node: Node): boolean {
  const redirection = makeRedirection(parser.redirectionKind, parser.redirectionDescriptor);
  nextToken(parser);
  if (!is(parser, Token.Word)) {
    fail(parser);
    return false;
  }
  redirection.word = parser.text;
  if (redirection.kind === RedirectionKind.Here) {
    appendHereDocument(parser, redirection);
  }
  let last = node.redirections;
  if (last === null) node.redirections = redirection;
  else {
    while (last.next !== null) last = last.next;
    last.next = redirection;
  }
  nextToken(parser);
  return true;
}

function appendHereDocument(parser: Parser, redirection: Redirection): void {
  let last = parser.firstHere;
  if (last === null) {
    parser.firstHere = redirection;
    return;
  }
  while (last.nextHere !== null) last = last.nextHere;
  last.nextHere = redirection;
}

/** How long the name is in `NAME=value`; 0 if the word is no assignment. */
export function assignmentName(word: string): i32 {
  for (let index = 0; index < word.length; index++) {
    const byte = word.charCodeAt(index);
    if (byte === Ascii.Equals) return index;
    if (!isWordByte(byte) || (index === 0 && isDigit(byte))) return 0;
  }
  return 0;
}

export function isName(word: string): boolean {
  if (word.length === 0 || isDigit(word.charCodeAt(0))) return false;
  for (let index = 0; index < word.length; index++) if (!isWordByte(word.charCodeAt(index))) return false;
  return true;
}

// --- Small change ------------------------------------------------------------------------------------------------------

function skipNewlines(parser: Parser): void {
  while (is(parser, Token.Newline)) nextToken(parser);
}

/** A call, so that tsc does not take the token for the one it was before the last `nextToken`. */
function is(parser: Parser, token: Token): boolean {
  return parser.token === token;
}

function isWord(parser: Parser, text: string): boolean {
  return is(parser, Token.Word) && parser.text === text;
}

function expectWord(parser: Parser, text: string): boolean {
  if (!isWord(parser, text)) {
    fail(parser);
    return false;
  }
  nextToken(parser);
  return true;
}

/** At the end of the text something is missing; before it, something is wrong. */
function fail(parser: Parser): null {
  if (parser.outcome === Outcome.Ok) parser.outcome = is(parser, Token.End) ? Outcome.Incomplete : Outcome.Wrong;
  return null;
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

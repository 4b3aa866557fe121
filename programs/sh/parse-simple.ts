/** The grammar's simple commands: assignments, words and redirections; and functions, which begin like one. Begin reading at `parseSimple`. */
import { Ascii, isDigit, isWordByte } from "../../lib/library/ascii.ts";
import { arenaText } from "./arena.ts";
import { fail, is, skipNewlines } from "./expect.ts";
import { nextToken, Outcome, type Parser, Token } from "./lexer.ts";
import { isCompound } from "./parse-compound.ts";
import { isClosingWord, parseElement } from "./parser.ts";
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

export function parseSimple(parser: Parser): Node | null {
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

export function parseRedirection(parser: Parser, node: Node): boolean {
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

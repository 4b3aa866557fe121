/** The tree of a command: what the parser makes and the runner runs. Nodes live in the arena. */
import { takeBytes } from "./arena.ts";

export const enum Kind {
  /** Assignments, words and redirections; any of them can be missing. */
  Simple,
  /** `left` is the first of several nodes, linked by `next`. */
  Pipeline,
  And,
  Or,
  /** `left`, then `right`. */
  Sequence,
  /** `left`, without waiting for it. */
  Background,
  Not,
  /** `( left )`. */
  Subshell,
  /** `{ left; }`. */
  Group,
  /** `if left; then right; else other`. */
  If,
  /** `while left; do right`. */
  While,
  Until,
  /** `for name in words; do right`. */
  For,
  /** `case words in`, arms from `left` on. */
  Case,
  /** One arm: patterns in `words`, body in `left`; `next` is the next arm. */
  Arm,
  /** `name() body`: the body's source text is `words`. */
  Function,
}

export const enum RedirectionKind {
  Input,
  Output,
  Append,
  ReadWrite,
  /** `>&` and `<&`. */
  Duplicate,
  /** A here-document: the text itself is the word. */
  Here,
}

export class Word {
  /** As it stands in the source, quotes and all. */
  text: string = "";
  next: Word | null = null;
}

export class Redirection {
  kind: RedirectionKind = 0;
  descriptor: i32 = 0;
  word: string = "";
  /** A here-document whose delimiter was quoted: nothing in it is expanded. */
  literal: boolean = false;
  next: Redirection | null = null;
  /** The next here-document that is still to be read. */
  nextHere: Redirection | null = null;
}

export class Node {
  kind: Kind = 0;
  line: i32 = 0;
  left: Node | null = null;
  right: Node | null = null;
  other: Node | null = null;
  next: Node | null = null;
  name: string = "";
  assignments: Word | null = null;
  words: Word | null = null;
  redirections: Redirection | null = null;
  /** `for` without `in`: over the parameters. */
  overParameters: boolean = false;
}

export function makeNode(kind: Kind, line: i32): Node {
  const node = view(takeBytes(u32(sizeOf(Node))), Node);
  node.kind = kind;
  node.line = line;
  node.name = "";
  return node;
}

export function makeWord(text: string): Word {
  const word = view(takeBytes(u32(sizeOf(Word))), Word);
  word.text = text;
  return word;
}

export function makeRedirection(kind: RedirectionKind, descriptor: i32): Redirection {
  const redirection = view(takeBytes(u32(sizeOf(Redirection))), Redirection);
  redirection.kind = kind;
  redirection.descriptor = descriptor;
  redirection.word = "";
  return redirection;
}

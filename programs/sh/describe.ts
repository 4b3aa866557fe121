/** A command in a few words, for reports of jobs. */
import { Builder } from "../../lib/library/builder.ts";
import { arenaText } from "./arena.ts";
import { Kind, type Node, type Word } from "./tree.ts";

/** A new string in the arena. Of compound commands only the first word is shown. */
export function describeCommand(node: Node): string {
  const text = new Builder();
  append(text, node);
  const result = arenaText(text.bytes());
  text.release();
  return result;
}

function append(text: Builder, node: Node): void {
  switch (node.kind) {
    case Kind.Simple:
      appendWords(text, node.assignments);
      appendWords(text, node.words);
      return;
    case Kind.Pipeline:
      for (let element = node.left; element !== null; element = element.next) {
        if (element !== node.left) text.appendText(" | ");
        append(text, element);
      }
      return;
    case Kind.And:
      appendBoth(text, node, " && ");
      return;
    case Kind.Or:
      appendBoth(text, node, " || ");
      return;
    case Kind.Sequence:
      appendBoth(text, node, "; ");
      return;
    case Kind.Subshell:
      text.appendText("(");
      if (node.left !== null) append(text, node.left);
      text.appendText(")");
      return;
    default:
      text.appendText(compoundName(node.kind));
  }
}

function appendWords(text: Builder, words: Word | null): void {
  for (let word = words; word !== null; word = word.next) {
    if (text.length > 0) text.appendText(" ");
    text.appendText(word.text);
  }
}

function appendBoth(text: Builder, node: Node, between: string): void {
  if (node.left !== null) append(text, node.left);
  text.appendText(between);
  if (node.right !== null) append(text, node.right);
}

function compoundName(kind: Kind): string {
  switch (kind) {
    case Kind.If:
      return "if ...";
    case Kind.While:
      return "while ...";
    case Kind.Until:
      return "until ...";
    case Kind.For:
      return "for ...";
    case Kind.Case:
      return "case ...";
    default:
      return "{ ... }";
  }
}

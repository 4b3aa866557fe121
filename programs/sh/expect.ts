/** What the grammar expects next: small questions that every rule asks. Begin reading at `fail`. */
import { nextToken, Outcome, type Parser, Token } from "./lexer.ts";

export function skipNewlines(parser: Parser): void {
  while (is(parser, Token.Newline)) nextToken(parser);
}

/** A call, so that tsc does not take the token for the one it was before the last `nextToken`. */
export function is(parser: Parser, token: Token): boolean {
  return parser.token === token;
}

export function isWord(parser: Parser, text: string): boolean {
  return is(parser, Token.Word) && parser.text === text;
}

export function expectWord(parser: Parser, text: string): boolean {
  if (!isWord(parser, text)) {
    fail(parser);
    return false;
  }
  nextToken(parser);
  return true;
}

/** At the end of the text something is missing; before it, something is wrong. */
export function fail(parser: Parser): null {
  if (parser.outcome === Outcome.Ok) parser.outcome = is(parser, Token.End) ? Outcome.Incomplete : Outcome.Wrong;
  return null;
}

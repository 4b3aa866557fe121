/** Quotes taken off a word in which nothing is expanded. */
import { Ascii } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { arenaText } from "./arena.ts";

/** A new string in the arena: the word without quotes and backslashes. */
export function withoutQuotes(word: string): string {
  const result = new Builder();
  let quote: i32 = 0;
  for (let index = 0; index < word.length; index++) {
    const byte = word.charCodeAt(index);
    if (quote === 0 && (byte === Ascii.Quote || byte === Ascii.DoubleQuote)) quote = byte;
    else if (byte === quote && quote !== 0) quote = 0;
    else if (byte === Ascii.Backslash && quote !== Ascii.Quote && index + 1 < word.length) {
      index++;
      result.appendByte(word.charCodeAt(index));
    } else result.appendByte(byte);
  }
  const text = arenaText(result.bytes());
  result.release();
  return text;
}

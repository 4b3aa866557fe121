/** tail: the last lines of files. Holds everything it may still have to print in memory. */
import { parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { TextList } from "../lib/library/list.ts";
import { print } from "../lib/library/output.ts";
import { closeOperand, LineReader, openOperand } from "../lib/library/reader.ts";
import { releaseText } from "../lib/library/text.ts";

const USAGE = "tail [-n LINES] [FILE...]";
const DEFAULT_LINES = 10;

const reader = new LineReader();

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "n:", USAGE);
  const lines = options.number("n", DEFAULT_LINES);
  if (options.first === args.length) return showTail("-", lines) ? 0 : 1;
  let result = 0;
  const titles = args.length - options.first > 1;
  for (let index = options.first; index < args.length; index++) {
    if (titles) print`${index > options.first ? "\n" : ""}==> ${args[index]} <==\n`;
    if (!showTail(args[index], lines)) result = 1;
  }
  return result;
}

/** The list is a ring once it has `lines` lines: the oldest is at `seen` modulo its length. */
function showTail(path: string, lines: i32): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  const kept = new TextList();
  let seen = 0;
  reader.begin(descriptor);
  while (reader.next()) {
    const text = reader.line.text();
    if (kept.count < lines) kept.append(text);
    else if (lines > 0) {
      releaseText(kept.at(seen % lines));
      kept.put(seen % lines, text);
    }
    seen++;
  }
  for (let index = 0; index < kept.count; index++) print`${kept.at((seen + index) % kept.count)}\n`;
  for (let index = 0; index < kept.count; index++) releaseText(kept.at(index));
  kept.release();
  if (reader.status < 0) complainAbout(path, reader.status);
  closeOperand(descriptor);
  return reader.status >= 0;
}

/** rev: prints each line backwards. */
import { parseOptions } from "../lib/library/arguments.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { print, printByte } from "../lib/library/output.ts";
import { closeOperand, LineReader, openOperand } from "../lib/library/reader.ts";

const USAGE = "rev [FILE...]";
const reader = new LineReader();

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  if (options.first === args.length) return showReversed("-") ? 0 : 1;
  let result = 0;
  for (let index = options.first; index < args.length; index++) if (!showReversed(args[index])) result = 1;
  return result;
}

function showReversed(path: string): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  reader.begin(descriptor);
  while (reader.next()) {
    const line = reader.line.bytes();
    for (let index = line.length - 1; index >= 0; index--) printByte(line[index]);
    if (reader.complete) print`\n`;
  }
  if (reader.status < 0) complainAbout(path, reader.status);
  closeOperand(descriptor);
  return reader.status >= 0;
}

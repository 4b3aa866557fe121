/** uniq: of lines that repeat each other, only the first. */
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { Builder } from "../lib/library/builder.ts";
import { sameBytes } from "../lib/library/bytes.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { print, printRightUnsigned } from "../lib/library/output.ts";
import { closeOperand, LineReader, openOperand } from "../lib/library/reader.ts";

const USAGE = "uniq [-cdu] [FILE]";
const COUNT_WIDTH = 7;

const reader = new LineReader();
const previous = new Builder();
let repeats: u32 = 0;
let withCounts = false;
let onlyRepeated = false;
let onlySingle = false;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "cdu", USAGE);
  expectOperands(args, 0, 1);
  withCounts = options.has("c");
  onlyRepeated = options.has("d");
  onlySingle = options.has("u");
  const path = options.first < args.length ? args[options.first] : "-";
  const descriptor = openOperand(path);
  if (descriptor < 0) return 1;
  reader.begin(descriptor);
  while (reader.next()) {
    if (repeats > 0 && sameBytes(previous.bytes(), reader.line.bytes())) {
      repeats++;
      continue;
    }
    showPrevious();
    previous.clear();
    previous.append(reader.line.bytes());
    repeats = 1;
  }
  showPrevious();
  if (reader.status < 0) complainAbout(path, reader.status);
  closeOperand(descriptor);
  return reader.status < 0 ? 1 : 0;
}

function showPrevious(): void {
  if (repeats === 0 || (onlyRepeated && repeats === 1) || (onlySingle && repeats > 1)) return;
  if (withCounts) {
    printRightUnsigned(repeats, COUNT_WIDTH);
    print` `;
  }
  print`${previous.bytes()}\n`;
}

/** more: files, a screen at a time. */
import { parseOptions } from "../lib/library/arguments.ts";
import { displayWidth } from "../lib/library/columns.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { open, read, STANDARD_OUTPUT } from "../lib/library/file.ts";
import { flushOutput, print } from "../lib/library/output.ts";
import { closeOperand, LineReader, openOperand } from "../lib/library/reader.ts";
import { getAttributes, isTerminal, setAttributes, windowSize } from "../lib/library/terminal.ts";
import { LocalFlags, TerminalAttributes, TerminalWindow } from "../lib/protocol/character.ts";
import { OpenFlags } from "../lib/protocol/vfs.ts";

const USAGE = "more [FILE...]   (space: a screen, return: a line, q: enough)";
const TERMINAL = "/dev/tty";

const reader = new LineReader();
const window = new TerminalWindow();
/** Where keys come from; below zero: there is no terminal, so nothing stops. */
let terminal: i32 = -1;
/** Rows until the next stop. */
let rowsLeft: i32 = 0;

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  if (isTerminal(STANDARD_OUTPUT)) terminal = open(TERMINAL, OpenFlags.ReadOnly);
  if (terminal >= 0) windowSize(terminal, window);
  rowsLeft = window.rows - 1;
  if (options.first === args.length) return showFile("-") ? 0 : 1;
  let result = 0;
  for (let index = options.first; index < args.length; index++) if (!showFile(args[index])) result = 1;
  return result;
}

function showFile(path: string): boolean {
  const descriptor = openOperand(path);
  if (descriptor < 0) return false;
  reader.begin(descriptor);
  while (reader.next()) {
    const line = reader.line.bytes();
    const rows = 1 + (displayWidth(line) - 1) / i32(window.columns);
    if (terminal >= 0 && rowsLeft < rows && !waitForKey()) break;
    rowsLeft -= rows;
    print`${line}\n`;
  }
  if (reader.status < 0) complainAbout(path, reader.status);
  closeOperand(descriptor);
  return reader.status >= 0;
}

/** False: enough. */
function waitForKey(): boolean {
  const attributes = new TerminalAttributes();
  const key = new Uint8Array(1);
  print`--more--`;
  flushOutput();
  getAttributes(terminal, attributes);
  const before = attributes.local;
  attributes.local = before & ~(LocalFlags.Echo | LocalFlags.Canonical);
  setAttributes(terminal, attributes);
  const count = read(terminal, key);
  attributes.local = before;
  setAttributes(terminal, attributes);
  print`\r        \r`;
  flushOutput();
  rowsLeft = key[0] === 0x0a ? 1 : window.rows - 1;
  return count === 1 && key[0] !== 0x71;
}

/**
 * Editing a line at a terminal: keys in, a line out. Begin reading at `editLine`.
 *
 * The terminal is in raw mode only while a line is edited. It is the terminal that remembers its mode, not the driver: when that dies and comes
 * back in the middle of a line, nothing changes here.
 */
import { Ascii } from "../../lib/library/ascii.ts";
import { STANDARD_INPUT } from "../../lib/library/file.ts";
import { flushOutput, print, printByte } from "../../lib/library/output.ts";
import { getAttributes, setAttributes, windowSize } from "../../lib/library/terminal.ts";
import { LocalFlags, TerminalAttributes, TerminalWindow } from "../../lib/protocol/character.ts";
import { complete } from "./completion.ts";
import { historyCount, historyLine, remember } from "./history.ts";
import { Key, readKey } from "./keys.ts";
import { Line } from "./line.ts";

export const enum Edited {
  Line,
  /** ^D on an empty line, or the terminal is gone. */
  End,
  /** ^C. */
  Interrupted,
}

const CUT_MAXIMUM_BYTES = 2048;
const CHARACTER_MAXIMUM_BYTES = 4;

const line = new Line();
/** What ^K, ^U and ^W have cut, for ^Y. */
const cutBytes = new Uint8Array(CUT_MAXIMUM_BYTES);
let cutLength = 0;
/** Which line of the history is shown; the number of lines in it: the one that is being typed. */
let shownHistory = 0;
/** What was typed before going up in the history. */
const draft = new Uint8Array(CUT_MAXIMUM_BYTES);
let draftLength = 0;

/** Shows the prompt and lets a line be typed. `editedText` answers it, without its newline. */
export function editLine(prompt: string): Edited {
  const attributes = new TerminalAttributes();
  getAttributes(STANDARD_INPUT, attributes);
  const before = attributes.local;
  attributes.local = before & ~(LocalFlags.Echo | LocalFlags.Canonical | LocalFlags.Signals);
  setAttributes(STANDARD_INPUT, attributes);
  line.begin(prompt, screenWidth());
  shownHistory = historyCount();
  draftLength = 0;
  const result = editKeys();
  line.moveTo(line.length);
  print`${result === Edited.Interrupted ? "^C\n" : "\n"}`;
  flushOutput();
  attributes.local = before;
  setAttributes(STANDARD_INPUT, attributes);
  if (result === Edited.Line) remember(line.text());
  return result;
}

export function editedText(): Uint8Array {
  return line.text();
}

function screenWidth(): i32 {
  const window = new TerminalWindow();
  return windowSize(STANDARD_INPUT, window) >= 0 && window.columns > 0 ? i32(window.columns) : 80;
}

function editKeys(): Edited {
  let previous: i32 = 0;
  for (;;) {
    flushOutput();
    const key = readKey(STANDARD_INPUT);
    switch (key) {
      case Ascii.Return:
      case Ascii.Newline:
        return Edited.Line;
      case Ascii.Interrupt:
        return Edited.Interrupted;
      case Key.End:
        return Edited.End;
      case Ascii.EndOfTransmission:
        if (line.length === 0) return Edited.End;
        line.remove(line.cursor, line.after(line.cursor));
        break;
      case Ascii.Tab:
        complete(line, previous === Ascii.Tab);
        break;
      default:
        edit(key);
    }
    previous = key;
  }
}

function edit(key: i32): void {
  if (key >= Ascii.Space && key !== Ascii.Delete && key < Key.Unknown) insertCharacter(key);
  else if (key < Ascii.Space) editControl(key + Ascii.At);
  else if (key === Ascii.Delete) line.remove(line.before(line.cursor), line.cursor);
  else editMotion(key);
}

/** A whole character: half of one, with the rest of the line drawn after it, would be none. */
function insertCharacter(first: i32): void {
  const bytes = new Uint8Array(CHARACTER_MAXIMUM_BYTES);
  const length = characterBytes(first);
  bytes[0] = u8(first);
  for (let index = 1; index < length; index++) bytes[index] = u8(readKey(STANDARD_INPUT));
  line.insert(bytes.subarray(0, length));
}

/** How many bytes a UTF-8 character has, by its first. */
function characterBytes(first: i32): i32 {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

function editMotion(key: i32): void {
  switch (key) {
    case Key.Left:
      line.moveTo(line.before(line.cursor));
      return;
    case Key.Right:
      line.moveTo(line.after(line.cursor));
      return;
    case Key.WordLeft:
      line.moveTo(line.wordBefore(line.cursor));
      return;
    case Key.WordRight:
      line.moveTo(line.wordAfter(line.cursor));
      return;
    case Key.Home:
      line.moveTo(0);
      return;
    case Key.Last:
      line.moveTo(line.length);
      return;
    case Key.Delete:
      line.remove(line.cursor, line.after(line.cursor));
      return;
    case Key.Up:
      showHistory(shownHistory - 1);
      return;
    case Key.Down:
      showHistory(shownHistory + 1);
      return;
    default:
      printByte(Ascii.Bell);
  }
}

/** A letter that was typed with Control. */
function editControl(letter: i32): void {
  switch (letter - Ascii.UpperA) {
    case 0: // A
      line.moveTo(0);
      return;
    case 1: // B
      line.moveTo(line.before(line.cursor));
      return;
    case 4: // E
      line.moveTo(line.length);
      return;
    case 5: // F
      line.moveTo(line.after(line.cursor));
      return;
    case 7: // H
      line.remove(line.before(line.cursor), line.cursor);
      return;
    case 10: // K
      cut(line.cursor, line.length);
      return;
    case 11: // L
      print`${char(Ascii.Escape)}[H${char(Ascii.Escape)}[2J`;
      line.drawAnew();
      return;
    case 13: // N
      showHistory(shownHistory + 1);
      return;
    case 15: // P
      showHistory(shownHistory - 1);
      return;
    case 20: // U
      cut(0, line.cursor);
      return;
    case 22: // W
      cut(line.wordBefore(line.cursor), line.cursor);
      return;
    case 24: // Y
      line.insert(cutBytes.subarray(0, cutLength));
      return;
    default:
      printByte(Ascii.Bell);
  }
}

function cut(begin: i32, end: i32): void {
  if (begin === end) return;
  cutBytes.set(line.bytes.subarray(begin, end));
  cutLength = end - begin;
  line.remove(begin, end);
}

/** Shows a line of the history; the one after the last is what was typed. */
function showHistory(index: i32): void {
  if (index < 0 || index > historyCount()) {
    printByte(Ascii.Bell);
    return;
  }
  if (shownHistory === historyCount()) {
    draft.set(line.text());
    draftLength = line.length;
  }
  shownHistory = index;
  line.replace(index === historyCount() ? draft.subarray(0, draftLength) : historyLine(index));
}

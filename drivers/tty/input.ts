/**
 * What comes in: the line discipline. In canonical mode a line can be edited until Return makes it readable; otherwise every
 * byte is readable as it comes. Begin at `receiveByte`.
 *
 * One ring holds it all: from `begin` to `ready` what programs may read, from there to `end` the line being edited.
 */
import { post } from "../../lib/async.ts";
import { PM } from "../../lib/endpoint.ts";
import { InputFlags, LocalFlags } from "../../lib/protocol/character.ts";
import { PmSignalGroup } from "../../lib/protocol/pm.ts";
import { Signal } from "../../lib/signal.ts";
import { echo } from "./output.ts";
import { settings } from "./settings.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSPACE = 0x08;
const TAB = 0x09;
const BELL = 0x07;
const SPACE = 0x20;
const DELETE = 0x7f;

const RING_BYTES = 8192;
/** A longer line takes no more characters: there must be room for its end. */
const LINE_MAXIMUM_BYTES = 4096;
/** In the ring: the end of a line, and the end of the file (^D). */
const LINE_END = 0x100;
const FILE_END = 0x200;

const ring = new Uint16Array(RING_BYTES);
let begin: u32 = 0;
let ready: u32 = 0;
let end: u32 = 0;
/** The line has taken no more, and the bell has said so. */
let isOverlong = false;

/** Whether another byte can be taken in. */
export function hasRoom(): boolean {
  return end - begin < RING_BYTES - 1;
}

/** Whether a read can be answered now. */
export function isReadable(): boolean {
  return begin !== ready;
}

/** Moves what may be read at once into `target`: at most one line. 0 is the end of the file. */
export function takeInput(target: Uint8Array): i32 {
  let taken = 0;
  while (begin !== ready && taken < target.length) {
    const entry = ring[slot(begin)];
    if ((entry & FILE_END) !== 0 && taken > 0) break; // the next read's
    begin++;
    if ((entry & FILE_END) !== 0) break;
    target[taken] = u8(entry);
    taken++;
    if ((entry & LINE_END) !== 0) break;
  }
  return taken;
}

/** The mode has changed: what was being edited is readable now, if there are no lines any more. */
export function modeChanged(): void {
  if (!isLocal(LocalFlags.Canonical)) ready = end;
}

/** One byte from the keyboard. */
export function receiveByte(typed: u8): void {
  const { attributes } = settings;
  const byte = typed === RETURN && (attributes.input & InputFlags.ReturnToNewline) !== 0 ? NEWLINE : typed;
  if (isLocal(LocalFlags.Signals) && isSignal(byte)) return;
  if (isLocal(LocalFlags.Canonical)) edit(u8(byte));
  else {
    append(byte);
    ready = end;
    showTyped(u8(byte));
  }
}

/** ^C and its like: a signal for the foreground group, and an end to what was being typed. */
function isSignal(byte: u32): boolean {
  const { attributes } = settings;
  if (byte === attributes.interrupt) raise(Signal.Interrupt, byte);
  else if (byte === attributes.quit) raise(Signal.Quit, byte);
  else if (byte === attributes.suspend) raise(Signal.TerminalStop, byte);
  else return false;
  return true;
}

function raise(signal: Signal, byte: u32): void {
  begin = end;
  ready = end;
  showTyped(u8(byte));
  if (settings.foreground === 0) return;
  const message = new PmSignalGroup();
  message.group = settings.foreground;
  message.signal = i32(signal);
  post(PM, message);
}

/** Canonical mode: a character of the line, or a command to its editor. */
function edit(byte: u8): void {
  const { attributes } = settings;
  if (byte === attributes.erase || byte === BACKSPACE) eraseCharacter();
  else if (byte === attributes.kill) eraseWhile(Erase.Everything);
  else if (byte === attributes.eraseWord) eraseWord();
  else if (byte === attributes.reprint) reprint(byte);
  else if (byte === attributes.endOfFile) endFile();
  else if (byte === NEWLINE) endLine();
  else if (end - ready >= LINE_MAXIMUM_BYTES) refuse();
  else {
    append(byte);
    showTyped(byte);
  }
}

/** One bell for all that is too much. */
function refuse(): void {
  if (!isOverlong) echo(BELL);
  isOverlong = true;
}

function endLine(): void {
  append(NEWLINE | LINE_END);
  ready = end;
  isOverlong = false;
  if (isLocal(LocalFlags.Echo)) {
    echo(RETURN);
    echo(NEWLINE);
  }
}

/** ^D: what has been typed is readable without an end of line; where that is nothing, it is the end of the file. */
function endFile(): void {
  if (end === ready) append(FILE_END);
  else ring[slot(end - 1)] |= LINE_END;
  ready = end;
}

const enum Erase {
  Everything,
  Spaces,
  Word,
}

function eraseWord(): void {
  eraseWhile(Erase.Spaces);
  eraseWhile(Erase.Word);
}

function eraseWhile(what: Erase): void {
  while (end !== ready) {
    const isSpace = (ring[slot(end - 1)] & 0xff) === SPACE;
    if (what !== Erase.Everything && isSpace !== (what === Erase.Spaces)) return;
    eraseCharacter();
  }
}

/** Takes back one character: of UTF-8, all its bytes. */
function eraseCharacter(): void {
  isOverlong = false;
  if (end === ready) return;
  let last: u32 = 0;
  do {
    end--;
    last = ring[slot(end)] & 0xff;
  } while (end !== ready && (last & 0xc0) === 0x80);
  if (!isLocal(LocalFlags.Echo)) return;
  if (last === TAB) reprint(settings.attributes.reprint);
  else {
    rubOut();
    if (last < SPACE) rubOut(); // it was shown as ^X
  }
}

function rubOut(): void {
  echo(BACKSPACE);
  echo(SPACE);
  echo(BACKSPACE);
}

/** Shows the line anew. */
function reprint(command: u8): void {
  if (!isLocal(LocalFlags.Echo)) return;
  show(command);
  echo(RETURN);
  echo(NEWLINE);
  for (let index = ready; index !== end; index++) show(u8(ring[slot(index)]));
}

function showTyped(byte: u8): void {
  if (isLocal(LocalFlags.Echo)) show(byte);
}

/** Control characters are shown as ^X. */
function show(byte: u8): void {
  if ((byte >= SPACE && byte !== DELETE) || byte === TAB || byte === NEWLINE) {
    echo(byte);
  } else {
    echo(0x5e);
    echo(u8(byte ^ 0x40));
  }
}

function append(entry: u32): void {
  ring[slot(end)] = u16(entry);
  end++;
}

function slot(position: u32): i32 {
  return i32(position % RING_BYTES);
}

function isLocal(flag: u32): boolean {
  return (settings.attributes.local & flag) !== 0;
}

/**
 * What comes in: the line discipline. In canonical mode a line can be edited until Return makes it readable; otherwise every
 * byte is readable as it comes. keys.ts holds it all. Begin at `receiveKey`.
 */
import { post } from "../../lib/async.ts";
import { PM } from "../../lib/endpoint.ts";
import { InputFlags, LocalFlags } from "../../lib/protocol/character.ts";
import { PmSignalGroup } from "../../lib/protocol/pm.ts";
import { Signal } from "../../lib/signal.ts";
import {
  addKey,
  append,
  dropFirst,
  firstEntry,
  forget,
  forgetKeys,
  hasKeys,
  isReadable,
  lineByte,
  lineLength,
  Mark,
  reconsider,
  release,
  removeLast,
  takeKey,
} from "./keys.ts";
import { echo, hasEchoRoom } from "./output.ts";
import { settings } from "./settings.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSPACE = 0x08;
const TAB = 0x09;
const BELL = 0x07;
const SPACE = 0x20;
const DELETE = 0x7f;

/** A longer line takes no more characters: there must be room for its end. */
const LINE_MAXIMUM_BYTES = 4096;

/** The line has taken no more, and the bell has said so. */
let isOverlong = false;
/**
 * So long, in ticks of the driver's clock, are the keys behind a signal kept from the read that waits: what follows ^C is not meant for the program
 * that it ends, and the news goes through PM and VFS. A program that does not mind the signal reads on after that.
 */
const HOLD_TICKS = 2;
let heldTicks = 0;
/** The key in hand has been shown already, in another mode. */
let isShown = false;

/** A key has been pressed. It waits behind those that wait to be looked at; but ^C is heard at once. */
export function receiveKey(byte: u8): void {
  if (!hasKeys() && heldTicks === 0) interpret(byte);
  else if (isLocal(LocalFlags.Signals) && isSignal(byte)) forgetKeys();
  else addKey(byte);
}

/** Whether a read can be answered now: goes through waiting keys until it can. */
export function prepareRead(): boolean {
  while (!isReadable() && hasKeys() && heldTicks === 0 && hasEchoRoom()) interpret(takeKey());
  return isReadable();
}

/** Somebody reads who has not been waiting: whomever a signal has ended, it is not this one. */
export function releaseKeys(): void {
  heldTicks = 0;
}

/** A tick of the driver's clock. */
export function countTick(): void {
  if (heldTicks > 0) heldTicks--;
}

/** Moves what may be read at once into `target`: at most one line. 0 is the end of the file. */
export function takeInput(target: Uint8Array): i32 {
  const isCanonical = isLocal(LocalFlags.Canonical);
  let taken = 0;
  while (isReadable() && taken < target.length) {
    const entry = firstEntry();
    dropFirst();
    if (isCanonical && (entry & Mark.FileEnd) !== 0) return taken;
    target[taken] = u8(entry);
    taken++;
    if (isCanonical && u8(entry) === NEWLINE) return taken;
  }
  // The mark behind a line without an end belongs to the line, even where that has just filled the target.
  if (isCanonical && isReadable() && (firstEntry() & Mark.FileEnd) !== 0) dropFirst();
  return taken;
}

/** The mode has changed: what is unread means what it means now. */
export function modeChanged(): void {
  isOverlong = false;
  reconsider();
}

/** Does what a key means in this mode. */
function interpret(key: u32): void {
  const typed = u8(key);
  const returns = typed === RETURN && (settings.attributes.input & InputFlags.ReturnToNewline) !== 0;
  const byte = returns ? NEWLINE : typed;
  if (isLocal(LocalFlags.Signals) && isSignal(byte)) return;
  isShown = (key & Mark.Shown) !== 0;
  if (isLocal(LocalFlags.Canonical)) edit(byte);
  else {
    keep(byte);
    release();
    showTyped(byte);
  }
}

/** Puts a byte behind the line, and notes whether the person sees it. */
function keep(entry: u32): void {
  append(isShown || isLocal(LocalFlags.Echo) ? entry | Mark.Shown : entry);
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
  forget();
  heldTicks = HOLD_TICKS;
  isShown = false;
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
  else if (lineLength() >= LINE_MAXIMUM_BYTES) refuse();
  else {
    keep(byte);
    showTyped(byte);
  }
}

/** One bell for all that is too much. */
function refuse(): void {
  if (!isOverlong) echo(BELL);
  isOverlong = true;
}

function endLine(): void {
  keep(NEWLINE);
  release();
  isOverlong = false;
  if (isLocal(LocalFlags.Echo) && !isShown) {
    echo(RETURN);
    echo(NEWLINE);
  }
}

/** ^D: what has been typed is readable without an end of line; where that is nothing, it is the end of the file. */
function endFile(): void {
  keep(settings.attributes.endOfFile | Mark.FileEnd);
  release();
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
  while (lineLength() > 0) {
    const isSpace = lineByte(lineLength() - 1) === SPACE;
    if (what !== Erase.Everything && isSpace !== (what === Erase.Spaces)) return;
    eraseCharacter();
  }
}

/** Takes back one character: of UTF-8, all its bytes. */
function eraseCharacter(): void {
  isOverlong = false;
  if (lineLength() === 0) return;
  let last = removeLast();
  while (lineLength() > 0 && (last & 0xc0) === 0x80) last = removeLast();
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
  for (let index: u32 = 0; index < lineLength(); index++) show(lineByte(index));
}

function showTyped(byte: u8): void {
  if (isLocal(LocalFlags.Echo) && !isShown) show(byte);
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

function isLocal(flag: u32): boolean {
  return (settings.attributes.local & flag) !== 0;
}

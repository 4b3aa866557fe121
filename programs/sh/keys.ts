/** What comes from a terminal in raw mode, a key at a time. Begin reading at `readKey`. */
import { Ascii, isDigit } from "../../lib/library/ascii.ts";
import { read } from "../../lib/library/file.ts";
import { Status } from "../../lib/status.ts";

/** Keys beyond bytes. Bytes stand for themselves, control characters included. */
export const enum Key {
  /** The terminal is gone, or was closed. */
  End = -1,
  /** A key that means nothing here. */
  Unknown = 0x100,
  Up,
  Down,
  Left,
  Right,
  Home,
  Last,
  Delete,
  WordLeft,
  WordRight,
}

/** Waits for a key. A byte of a longer character is a key too. */
export function readKey(descriptor: i32): i32 {
  const byte = readByte(descriptor);
  return byte === Ascii.Escape ? readSequence(descriptor) : byte;
}

/** After an escape: `[` or `O` and what follows (ECMA-48 5.4), or a letter that was typed with Alt. */
function readSequence(descriptor: i32): i32 {
  const second = readByte(descriptor);
  switch (second) {
    case Ascii.OpenBracket:
    case Ascii.UpperA + 14: // O
      return readFinal(descriptor);
    case Ascii.LowerA + 1: // b
      return Key.WordLeft;
    case Ascii.LowerA + 5: // f
      return Key.WordRight;
    default:
      return second < 0 ? Key.End : Key.Unknown;
  }
}

/** Parameters, and the byte that ends them and says which key it was. */
function readFinal(descriptor: i32): i32 {
  let parameter = 0;
  let modified = false;
  let byte = readByte(descriptor);
  while (isDigit(byte) || byte === Ascii.Semicolon) {
    if (byte === Ascii.Semicolon) modified = true;
    else if (!modified) parameter = parameter * 10 + byte - Ascii.Zero;
    byte = readByte(descriptor);
  }
  if (byte === Ascii.Tilde) return numberedKey(parameter);
  switch (byte - Ascii.UpperA) {
    case 0:
      return Key.Up;
    case 1:
      return Key.Down;
    case 2:
      return modified ? Key.WordRight : Key.Right;
    case 3:
      return modified ? Key.WordLeft : Key.Left;
    case 5:
      return Key.Last;
    case 7:
      return Key.Home;
    default:
      return byte < 0 ? Key.End : Key.Unknown;
  }
}

function numberedKey(number: i32): i32 {
  switch (number) {
    case 1:
    case 7:
      return Key.Home;
    case 3:
      return Key.Delete;
    case 4:
    case 8:
      return Key.Last;
    default:
      return Key.Unknown;
  }
}

/** One at a time: what follows the line belongs to the program that the line starts. */
function readByte(descriptor: i32): i32 {
  const byte = new Uint8Array(1);
  for (;;) {
    const count = read(descriptor, byte);
    if (count === 1) return byte[0];
    if (count !== Status.Interrupted) return Key.End;
  }
}

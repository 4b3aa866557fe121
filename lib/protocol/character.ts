/**
 * What VFS asks of character drivers. Both directions are asynchronous (SENDA): VFS never waits for a terminal, a driver
 * never for VFS. A request has an id, and is answered once, whenever the driver can; after a driver's death VFS asks its successor again.
 */
import type { Endpoint } from "../endpoint.ts";
import { type Grant, Message, Range } from "../message.ts";

export const enum CharacterCall {
  Open = Range.Character,
  Close,
  Read,
  Write,
  Control,
  Cancel,
  Reply,
}

/** Fields shared by all requests. `process` is on whose behalf. */
export class CharacterRequest extends Message {
  id: u32 = 0;
  minor: u32 = 0;
  process: Endpoint = 0;
}
export class CharacterOpen extends CharacterRequest {
  override readonly type = CharacterCall.Open;
}
export class CharacterClose extends CharacterRequest {
  override readonly type = CharacterCall.Close;
}
/** Up to `bytes` into the grant. 0 in the answer is the end of the file. */
export class CharacterRead extends CharacterRequest {
  override readonly type = CharacterCall.Read;
  grant: Grant = 0;
  bytes: u32 = 0;
  /** Position in the open file, for devices that have one (ram, klog). */
  position: u64 = 0n;
  /** 1: answer TryAgain instead of waiting. */
  nonblocking: u32 = 0;
}
export class CharacterWrite extends CharacterRequest {
  override readonly type = CharacterCall.Write;
  grant: Grant = 0;
  bytes: u32 = 0;
  position: u64 = 0n;
  nonblocking: u32 = 0;
  /** Bytes of the grant that are already out: where to begin after a restart. */
  done: u32 = 0;
  /**
   * Grant of a word in VFS where the driver keeps how many bytes are out, at least once for each FIFO's worth: so that its
   * successor repeats at most that much.
   */
  progress: Grant = 0;
}
/** A request of the device's own (`TerminalControl`), with up to `bytes` of argument in the grant. */
export class CharacterControl extends CharacterRequest {
  override readonly type = CharacterCall.Control;
  grant: Grant = 0;
  bytes: u32 = 0;
  request: u32 = 0;
  /** The caller's process group. */
  group: i32 = 0;
}
/** The request `id` is no longer wanted: it is answered with Interrupted, unless its answer is under way already. Has no answer of its own. */
export class CharacterCancel extends CharacterRequest {
  override readonly type = CharacterCall.Cancel;
}
export type CharacterMessage =
  | CharacterOpen
  | CharacterClose
  | CharacterRead
  | CharacterWrite
  | CharacterControl
  | CharacterCancel;

export class CharacterReply extends Message {
  override readonly type = CharacterCall.Reply;
  id: u32 = 0;
  /** Bytes, or what failed. */
  status: i32 = 0;
}

// --- Terminals -----------------------------------------------------------------------------------------------------

export const enum TerminalControl {
  GetAttributes = 1,
  /** After output has drained. */
  SetAttributes,
  GetForeground,
  SetForeground,
  GetWindow,
  SetWindow,
}

export const enum InputFlags {
  /** Carriage return becomes newline. */
  ReturnToNewline = 1 << 0,
}
export const enum OutputFlags {
  /** Newline becomes carriage return and newline. */
  NewlineToReturn = 1 << 0,
}
export const enum LocalFlags {
  Echo = 1 << 0,
  /** Lines, with erase, kill and end of file; without it, bytes as they come. */
  Canonical = 1 << 1,
  /** ^C, ^\ and ^Z are signals for the foreground group. */
  Signals = 1 << 2,
}

/** A terminal's attributes (POSIX termios, what of it a console needs). */
export class TerminalAttributes {
  input: u32 = InputFlags.ReturnToNewline;
  output: u32 = OutputFlags.NewlineToReturn;
  local: u32 = LocalFlags.Echo | LocalFlags.Canonical | LocalFlags.Signals;
  interrupt: u8 = 0x03; // ^C
  quit: u8 = 0x1c; // ^\
  suspend: u8 = 0x1a; // ^Z
  erase: u8 = 0x7f; // delete; backspace (0x08) erases too
  kill: u8 = 0x15; // ^U
  eraseWord: u8 = 0x17; // ^W
  endOfFile: u8 = 0x04; // ^D
  reprint: u8 = 0x12; // ^R
}
export class TerminalWindow {
  rows: u16 = 24;
  columns: u16 = 80;
}

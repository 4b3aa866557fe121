/** Redirections: descriptors become other files, for good or until a command is done. Begin reading at `redirect`. */
import { Ascii, isDigit } from "../../lib/library/ascii.ts";
import { complainAbout, errorText } from "../../lib/library/errors.ts";
import {
  close,
  closeOnExecute,
  duplicate,
  duplicateTo,
  makePipe,
  open,
  Pipe,
  STANDARD_OUTPUT,
  writeAll,
} from "../../lib/library/file.ts";
import { complain, flushOutput, resetOutput } from "../../lib/library/output.ts";
import { fork, terminate } from "../../lib/library/process.ts";
import { OpenFlags } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { expandDocument, expandText } from "./expand.ts";
import { type Redirection, RedirectionKind } from "./tree.ts";

const SAVED_MAXIMUM = 10;

/** A descriptor that was something else before. */
class SavedDescriptor {
  descriptor: i32 = 0;
  /** Another descriptor for what it was; below zero: it was closed. */
  kept: i32 = 0;
}

/** What `restore` puts back. */
export class Saved {
  count: i32 = 0;
  readonly rows = table(SavedDescriptor, SAVED_MAXIMUM);
}

/** Does them in order, and remembers in `saved` what there was. False, after a complaint, when one fails. */
export function redirect(first: Redirection | null, saved: Saved): boolean {
  for (let redirection = first; redirection !== null; redirection = redirection.next) {
    if (!save(redirection.descriptor, saved) || !redirectOne(redirection)) return false;
  }
  return true;
}

/** The same for good: in a child, and for `exec`. */
export function redirectForGood(first: Redirection | null): boolean {
  for (let redirection = first; redirection !== null; redirection = redirection.next) {
    if (!redirectOne(redirection)) return false;
  }
  return true;
}

/** Puts everything back that `redirect` has changed. */
export function restore(saved: Saved): void {
  if (saved.count > 0) flushOutput();
  while (saved.count > 0) {
    saved.count--;
    const row = saved.rows[saved.count];
    if (row.kept < 0) close(row.descriptor);
    else {
      duplicateTo(row.kept, row.descriptor);
      close(row.kept);
    }
    if (row.descriptor === STANDARD_OUTPUT) resetOutput();
  }
}

function save(descriptor: i32, saved: Saved): boolean {
  if (saved.count === SAVED_MAXIMUM) {
    complain`too many redirections`;
    return false;
  }
  flushOutput();
  const row = saved.rows[saved.count];
  row.descriptor = descriptor;
  row.kept = duplicate(descriptor);
  if (row.kept >= 0) closeOnExecute(row.kept, true);
  saved.count++;
  return true;
}

function redirectOne(redirection: Redirection): boolean {
  const target = redirection.descriptor;
  flushOutput();
  if (redirection.kind === RedirectionKind.Duplicate) return redirectToDescriptor(redirection);
  const source = redirection.kind === RedirectionKind.Here ? openDocument(redirection) : openFile(redirection);
  if (source < 0) return false;
  if (source !== target) {
    duplicateTo(source, target);
    close(source);
  }
  if (target === STANDARD_OUTPUT) resetOutput();
  return true;
}

function openFile(redirection: Redirection): i32 {
  const path = expandText(redirection.word.bytes);
  const descriptor = open(path, openFlags(redirection.kind));
  if (descriptor < 0) complainAbout(path, descriptor);
  return descriptor;
}

function openFlags(kind: RedirectionKind): u32 {
  switch (kind) {
    case RedirectionKind.Input:
      return OpenFlags.ReadOnly;
    case RedirectionKind.Output:
      return OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate;
    case RedirectionKind.Append:
      return OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append;
    default:
      return OpenFlags.ReadWrite | OpenFlags.Create;
  }
}

/** `2>&1`, and `2>&-`, which closes. */
function redirectToDescriptor(redirection: Redirection): boolean {
  const word = expandText(redirection.word.bytes);
  const byte = word.length === 1 ? word.charCodeAt(0) : Ascii.Null;
  if (byte === Ascii.Minus) {
    close(redirection.descriptor);
    return true;
  }
  const source = byte - Ascii.Zero;
  const status = isDigit(byte) ? duplicateTo(source, redirection.descriptor) : Status.BadDescriptor;
  if (status < 0) complain`${word}: ${errorText(status)}`;
  if (redirection.descriptor === STANDARD_OUTPUT) resetOutput();
  return status >= 0;
}

/** A here-document is read from a pipe into which a child of ours writes it. */
function openDocument(redirection: Redirection): i32 {
  const text = redirection.literal ? redirection.word : expandDocument(redirection.word.bytes);
  const pipe = new Pipe();
  const status = makePipe(pipe);
  const writer = status < 0 ? status : fork();
  if (writer < 0) {
    complain`here-document: ${errorText(writer)}`;
    return writer;
  }
  if (writer === 0) {
    close(pipe.readEnd);
    writeAll(pipe.writeEnd, text.bytes);
    terminate(0);
  }
  close(pipe.writeEnd);
  return pipe.readEnd;
}

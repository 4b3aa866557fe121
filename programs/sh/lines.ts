/** Where the shell's commands come from, when no file holds them: a terminal or a pipe, a line at a time. Begin reading at `readCommandLine`. */
import { Ascii } from "../../lib/library/ascii.ts";
import type { Builder } from "../../lib/library/builder.ts";
import { read, STANDARD_INPUT } from "../../lib/library/file.ts";
import { flushOutput, print } from "../../lib/library/output.ts";
import { Status } from "../../lib/status.ts";
import { Edited, editedText, editLine } from "./editor.ts";
import { shell } from "./state.ts";
import { getVariable } from "./variables.ts";

/** Appends a line, newline included. `prompt` is shown where somebody types. */
export function readCommandLine(prompt: string, text: Builder): Edited {
  if (shell.interactive && !isDumb()) {
    const edited = editLine(prompt);
    if (edited !== Edited.Line) return edited;
    text.append(editedText());
    text.appendByte(Ascii.Newline);
    return edited;
  }
  if (shell.interactive) {
    print`${prompt}`;
    flushOutput();
  }
  return readPlain(text);
}

/** A terminal that can do nothing but print. */
function isDumb(): boolean {
  const terminal = getVariable("TERM".bytes);
  return terminal === null || terminal === "dumb";
}

/** Byte by byte: what follows the line may be input for the program that the line starts. */
function readPlain(text: Builder): Edited {
  const byte = new Uint8Array(1);
  const before = text.length;
  for (;;) {
    const count = read(STANDARD_INPUT, byte);
    if (count === Status.Interrupted) {
      if (!shell.interrupted) continue;
      return Edited.Interrupted;
    }
    if (count <= 0) return text.length > before ? Edited.Line : Edited.End;
    text.appendByte(byte[0]);
    if (byte[0] === Ascii.Newline) return Edited.Line;
  }
}

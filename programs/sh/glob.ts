/** Patterns into names of files. Begin reading at `expandPattern`. */
import { Ascii } from "../../lib/library/ascii.ts";
import { Builder } from "../../lib/library/builder.ts";
import { findByte } from "../../lib/library/bytes.ts";
import { readNames } from "../../lib/library/directory.ts";
import { stat } from "../../lib/library/file.ts";
import { TextList } from "../../lib/library/list.ts";
import { isPattern, matches } from "../../lib/library/pattern.ts";
import { releaseText } from "../../lib/library/text.ts";
import { FileStatus } from "../../lib/protocol/vfs.ts";
import { arenaText } from "./arena.ts";

/** Appends the names that fit, in order, to `names`; answers how many there were. */
export function expandPattern(pattern: Uint8Array, names: TextList): i32 {
  const before = names.count;
  expandStep("", pattern, names);
  return names.count - before;
}

/** `prefix` is a path that exists, with its slash; `rest` the steps of the pattern after it. */
function expandStep(prefix: string, rest: Uint8Array, names: TextList): void {
  const slash = findByte(rest, Ascii.Slash);
  const step = slash < 0 ? rest : rest.subarray(0, slash);
  if (!isPattern(step)) {
    continueWith(prefix, withoutEscapes(step).bytes, rest, slash, names);
    return;
  }
  const entries = new TextList();
  readNames(prefix.length === 0 ? "." : prefix, entries);
  entries.sort();
  for (let index = 0; index < entries.count; index++) {
    const entry = entries.at(index);
    const hidden = entry.charCodeAt(0) === Ascii.Period && step[0] !== Ascii.Period;
    if (!hidden && matches(step, entry.bytes)) continueWith(prefix, entry.bytes, rest, slash, names);
    releaseText(entry);
  }
  entries.release();
}

function continueWith(prefix: string, name: Uint8Array, rest: Uint8Array, slash: i32, names: TextList): void {
  const path = new Builder();
  path.appendText(prefix);
  path.append(name);
  if (slash >= 0) path.appendByte(Ascii.Slash);
  const text = arenaText(path.bytes());
  path.release();
  if (!exists(text)) return;
  if (slash < 0 || slash + 1 === rest.length) names.append(text);
  else expandStep(text, rest.subarray(slash + 1), names);
}

function exists(path: string): boolean {
  const status = new FileStatus();
  return stat(path, status) >= 0;
}

/** A new string in the arena: a pattern in which nothing stands for something else, as the name it means. */
export function withoutEscapes(pattern: Uint8Array): string {
  const text = arenaText(pattern);
  const bytes = bytesAt(address(text.bytes), u32(text.length));
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === Ascii.Backslash && index + 1 < bytes.length) index++;
    bytes[length] = bytes[index];
    length++;
  }
  return arenaText(bytes.subarray(0, length));
}

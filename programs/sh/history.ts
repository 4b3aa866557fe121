/** The lines that were typed before, newest last. Begin reading at `remember`. */
import { isBlank } from "../../lib/library/ascii.ts";
import { sameBytes } from "../../lib/library/bytes.ts";
import { TextList } from "../../lib/library/list.ts";
import { makeText, releaseText } from "../../lib/library/text.ts";

const LINES_MAXIMUM = 100;

const lines = new TextList();

/** Keeps a copy of the line, unless it is empty or the same as the last. */
export function remember(line: Uint8Array): void {
  if (line.length === 0 || isBlank(line[0])) return;
  if (lines.count > 0 && sameBytes(lines.at(lines.count - 1).bytes, line)) return;
  if (lines.count === LINES_MAXIMUM) {
    releaseText(lines.at(0));
    lines.remove(0);
  }
  lines.append(makeText(line));
}

export function historyCount(): i32 {
  return lines.count;
}

/** 0 is the oldest. */
export function historyLine(index: i32): Uint8Array {
  return lines.at(index).bytes;
}

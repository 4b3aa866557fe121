/** Names in columns, as many as fit: down first, then across, as `ls` shows them. */

import type { TextList } from "./list.ts";
import { greater } from "./number.ts";
import { print, printBytes, printLeft } from "./output.ts";

const GAP = 2;

/** How many columns a text takes on a terminal: bytes that go on with a character take none. */
export function displayWidth(text: Uint8Array): i32 {
  let width = 0;
  for (const byte of text) if ((byte & 0xc0) !== 0x80) width++;
  return width;
}

/** Prints the list in lines of at most `width` columns. */
export function printColumns(names: TextList, width: i32): void {
  let widest = 0;
  for (let index = 0; index < names.count; index++) widest = greater(widest, displayWidth(names.at(index).bytes));
  const columns = greater(1, (width + GAP) / (widest + GAP));
  const rows = (names.count + columns - 1) / columns;
  for (let row = 0; row < rows; row++) {
    for (let index = row; index < names.count; index += rows) {
      const name = names.at(index).bytes;
      const hidden = name.length - displayWidth(name);
      if (index + rows >= names.count) printBytes(name);
      else printLeft(name, widest + GAP + hidden);
    }
    print`\n`;
  }
}

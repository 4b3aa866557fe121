/** `echo`, for the program and for the shell, which has it built in. */
import type { TextList } from "../../lib/library/list.ts";
import { print } from "../../lib/library/output.ts";

/** Prints the words after the first, with blanks between and, unless the first of them is `-n`, a newline after them. */
export function echo(words: TextList): i32 {
  const newline = words.count < 2 || words.at(1) !== "-n";
  const first = newline ? 1 : 2;
  for (let index = first; index < words.count; index++) {
    if (index > first) print` `;
    print`${words.at(index)}`;
  }
  if (newline) print`\n`;
  return 0;
}

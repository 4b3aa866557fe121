/** Builtins that change variables and parameters: export, unset, set, shift. */
import { Ascii } from "../../lib/library/ascii.ts";
import { findByte } from "../../lib/library/bytes.ts";
import type { TextList } from "../../lib/library/list.ts";
import { parseUnsigned } from "../../lib/library/number.ts";
import { complain } from "../../lib/library/output.ts";
import { makeText } from "../../lib/library/text.ts";
import { isName } from "./parse-simple.ts";
import { shell } from "./state.ts";
import { exportVariable, printVariables, setVariable, unsetFunction, unsetVariable } from "./variables.ts";

/** `export [NAME[=value]…]`: without names, prints what is exported. */
export function exportBuiltin(words: TextList): i32 {
  if (words.count === 1) printVariables(true);
  for (let index = 1; index < words.count; index++) if (!exportOne(words.at(index))) return 1;
  return 0;
}

function exportOne(word: string): boolean {
  const equals = findByte(word.bytes, Ascii.Equals);
  const name = makeText(equals < 0 ? word.bytes : word.bytes.subarray(0, equals));
  if (!isName(name)) {
    complain`export: ${name}: not a name`;
    return false;
  }
  if (equals >= 0) setVariable(name.bytes, word.bytes.subarray(equals + 1));
  exportVariable(name.bytes);
  return true;
}

/** `unset [-f] NAME…` */
export function unsetBuiltin(words: TextList): i32 {
  const isFunction = words.count > 1 && words.at(1) === "-f";
  for (let index = isFunction ? 2 : 1; index < words.count; index++) {
    if (isFunction) unsetFunction(words.at(index).bytes);
    else unsetVariable(words.at(index).bytes);
  }
  return 0;
}

/** `set [-ex] [+ex] [--] [WORD…]`: options, and new parameters; alone it prints the variables. */
export function setBuiltin(words: TextList): i32 {
  if (words.count === 1) printVariables(false);
  let index = 1;
  while (index < words.count) {
    const word = words.at(index);
    const sign = word.length > 1 ? word.charCodeAt(0) : Ascii.Null;
    if (sign !== Ascii.Minus && sign !== Ascii.Plus) break;
    index++;
    if (word === "--") break;
    for (const letter of word.bytes.subarray(1)) if (!setOption(letter, sign === Ascii.Minus)) return 2;
  }
  if (index < words.count || (words.count > 1 && words.at(words.count - 1) === "--")) keepParameters(words, index);
  return 0;
}

/** For the shell's own arguments too. */
export function setOption(letter: i32, enable: boolean): boolean {
  switch (letter) {
    case Ascii.LowerA + 4: // e
      shell.exitOnError = enable;
      return true;
    case Ascii.LowerA + 23: // x
      shell.trace = enable;
      return true;
    default:
      complain`-${char(u32(letter))}: no such option`;
      return false;
  }
}

/** `shift [N]`: the first N parameters go. */
export function shiftBuiltin(words: TextList): i32 {
  const wanted = words.count > 1 ? parseUnsigned(words.at(1).bytes) : 1;
  if (wanted < 0 || wanted > shell.parameters.count) {
    complain`shift: there are only ${shell.parameters.count}`;
    return 1;
  }
  for (let count = 0; count < wanted; count++) shell.parameters.remove(0);
  return 0;
}

/** Parameters outlive the command, so they are copied out of the arena. */
function keepParameters(words: TextList, first: i32): void {
  shell.parameters.count = 0;
  for (let index = first; index < words.count; index++) shell.parameters.append(makeText(words.at(index).bytes));
}

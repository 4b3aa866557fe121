/** chmod: changes who may do what with files. */
import { expectOperands, parseOptions, usageError } from "../lib/library/arguments.ts";
import { Ascii } from "../lib/library/ascii.ts";
import { complainAbout } from "../lib/library/errors.ts";
import { changeMode, stat } from "../lib/library/file.ts";
import { parseOctal } from "../lib/library/number.ts";
import { FileStatus, Mode } from "../lib/protocol/vfs.ts";

const USAGE = "chmod MODE FILE...   (MODE is octal, or like +x, u-w, go=r)";

export function main(args: readonly string[]): i32 {
  const options = parseOptions(args, "", USAGE);
  expectOperands(args, 2, args.length);
  let result = 0;
  for (let index = options.first + 1; index < args.length; index++) {
    const status = change(args[index], args[options.first].bytes);
    if (status >= 0) continue;
    complainAbout(args[index], status);
    result = 1;
  }
  return result;
}

function change(path: string, text: Uint8Array): i32 {
  const octal = parseOctal(text);
  if (octal > 0o7777) usageError();
  if (octal >= 0) return changeMode(path, u32(octal));
  const status = new FileStatus();
  const found = stat(path, status);
  if (found < 0) return found;
  return changeMode(path, symbolic(text, status.mode & Mode.Permissions));
}

/** `[ugoa…][+-=][rwx…]`, one clause. */
function symbolic(text: Uint8Array, before: u32): u32 {
  let index = 0;
  let who: u32 = 0;
  while (index < text.length && whoMask(text[index]) !== 0) {
    who = who | whoMask(text[index]);
    index++;
  }
  if (who === 0) who = 0o777;
  if (index === text.length) usageError();
  const operator = text[index];
  let bits: u32 = 0;
  for (const letter of text.subarray(index + 1)) {
    const mask = permissionMask(letter);
    if (mask === 0) usageError();
    bits = bits | (mask & who);
  }
  switch (operator) {
    case Ascii.Plus:
      return before | bits;
    case Ascii.Minus:
      return before & ~bits;
    case Ascii.Equals:
      return (before & ~who) | bits;
    default:
      usageError();
  }
}

function whoMask(letter: i32): u32 {
  switch (letter) {
    case 0x75: // u
      return 0o700;
    case 0x67: // g
      return 0o070;
    case 0x6f: // o
      return 0o007;
    case 0x61: // a
      return 0o777;
    default:
      return 0;
  }
}

function permissionMask(letter: i32): u32 {
  switch (letter) {
    case 0x72: // r
      return 0o444;
    case 0x77: // w
      return 0o222;
    case 0x78: // x
      return 0o111;
    default:
      return 0;
  }
}

/**
 * The commands that the shell runs itself, because they change it or are too small for a process. The table is `findBuiltin`. Each answers its exit
 * status.
 */

import { changeDirectory, workingDirectory } from "../../lib/library/directory.ts";
import { errorText } from "../../lib/library/errors.ts";
import { DEFAULT_PATH, findProgram } from "../../lib/library/execute.ts";
import { setCreationMask } from "../../lib/library/file.ts";
import type { TextList } from "../../lib/library/list.ts";
import { formatOctal, greater, lesser, NUMBER_BYTES, parseOctal, parseUnsigned } from "../../lib/library/number.ts";
import { complain, print } from "../../lib/library/output.ts";
import { exit } from "../../lib/library/process.ts";
import { releaseText } from "../../lib/library/text.ts";
import { testCondition } from "../common/condition.ts";
import { echo } from "../common/echo.ts";
import { arenaText } from "./arena.ts";
import { help } from "./help.ts";
import { backgroundBuiltin, foregroundBuiltin, jobsBuiltin, killBuiltin, waitBuiltin } from "./job-builtins.ts";
import { readBuiltin } from "./read-builtin.ts";
import { shell, Unwind } from "./state.ts";
import { evalBuiltin, sourceBuiltin } from "./text-builtins.ts";
import { exportBuiltin, setBuiltin, shiftBuiltin, unsetBuiltin } from "./variable-builtins.ts";
import { getFunction, getVariable, setVariable } from "./variables.ts";

/** The words are the command's, its name first. */
export type Builtin = (words: TextList) => i32;

export function findBuiltin(name: string): Builtin | null {
  switch (name) {
    case ".":
      return sourceBuiltin;
    case ":":
    case "true":
      return succeed;
    case "[":
    case "test":
      return testCondition;
    case "bg":
      return backgroundBuiltin;
    case "break":
      return leaveLoopBuiltin;
    case "cd":
      return changeDirectoryBuiltin;
    case "continue":
      return leaveLoopBuiltin;
    case "echo":
      return echo;
    case "eval":
      return evalBuiltin;
    case "exec":
      return succeed; // simple.ts replaces the shell before it comes to this
    case "exit":
      return exitBuiltin;
    case "export":
      return exportBuiltin;
    case "false":
      return failQuietly;
    case "fg":
      return foregroundBuiltin;
    case "help":
      return help;
    case "jobs":
      return jobsBuiltin;
    case "kill":
      return killBuiltin;
    case "pwd":
      return printDirectoryBuiltin;
    case "read":
      return readBuiltin;
    case "return":
      return returnBuiltin;
    case "set":
      return setBuiltin;
    case "shift":
      return shiftBuiltin;
    case "type":
      return typeBuiltin;
    case "umask":
      return maskBuiltin;
    case "unset":
      return unsetBuiltin;
    case "wait":
      return waitBuiltin;
    default:
      return null;
  }
}

function succeed(_words: TextList): i32 {
  return 0;
}

function failQuietly(_words: TextList): i32 {
  return 1;
}

/** `cd [DIRECTORY | -]`: without a word, HOME. */
function changeDirectoryBuiltin(words: TextList): i32 {
  const wanted =
    words.count < 2 ? getVariable("HOME".bytes) : words.at(1) === "-" ? getVariable("OLDPWD".bytes) : words.at(1);
  if (wanted === null) {
    complain`cd: ${words.count < 2 ? "HOME" : "OLDPWD"} is not set`;
    return 1;
  }
  const target = arenaText(wanted.bytes);
  const before = workingDirectory();
  const status = changeDirectory(target);
  if (status < 0) complain`cd: ${target}: ${errorText(status)}`;
  else {
    const now = workingDirectory();
    setVariable("OLDPWD".bytes, before.bytes);
    setVariable("PWD".bytes, now.bytes);
    if (words.count > 1 && words.at(1) === "-") print`${now}\n`;
    releaseText(now);
  }
  releaseText(before);
  return status < 0 ? 1 : 0;
}

function printDirectoryBuiltin(_words: TextList): i32 {
  const directory = workingDirectory();
  print`${directory}\n`;
  releaseText(directory);
  return 0;
}

/** `exit [STATUS]`: without one, the status of the last command. */
function exitBuiltin(words: TextList): i32 {
  exit(words.count > 1 ? numberOf(words, 1) & 0xff : shell.status);
}

/** `break [N]`, `continue [N]`: out of N loops, or into the next round of the Nth. */
function leaveLoopBuiltin(words: TextList): i32 {
  if (shell.loopDepth === 0) {
    complain`${words.at(0)}: only in a loop`;
    return 1;
  }
  const loops = words.count > 1 ? numberOf(words, 1) : 1;
  shell.unwindLoops = greater(1, lesser(loops, shell.loopDepth));
  shell.unwind = words.at(0) === "break" ? Unwind.Break : Unwind.Continue;
  return 0;
}

/** `return [STATUS]`, from a function or a script that `.` reads. */
function returnBuiltin(words: TextList): i32 {
  shell.unwind = Unwind.Return;
  return words.count > 1 ? numberOf(words, 1) & 0xff : shell.status;
}

/** `umask [MASK]`: what permissions new files do not get, in octal. */
function maskBuiltin(words: TextList): i32 {
  if (words.count < 2) {
    const before = setCreationMask(0);
    setCreationMask(u32(before));
    const digits = new Uint8Array(NUMBER_BYTES);
    const octal = formatOctal(u32(before), digits);
    print`${"000".bytes.subarray(lesser(octal.length, 3))}0${octal}\n`;
    return 0;
  }
  const mask = parseOctal(words.at(1).bytes);
  if (mask < 0 || mask > 0o777) {
    complain`umask: ${words.at(1)}: not a mask`;
    return 1;
  }
  setCreationMask(u32(mask));
  return 0;
}

/** `type NAME…`: what a command's name means. */
function typeBuiltin(words: TextList): i32 {
  let result = 0;
  for (let index = 1; index < words.count; index++) {
    const name = words.at(index);
    const directories = getVariable("PATH".bytes);
    if (getFunction(name.bytes) !== null) print`${name} is a function\n`;
    else if (findBuiltin(name) !== null) print`${name} is a shell builtin\n`;
    else {
      const path = findProgram(name, directories === null ? DEFAULT_PATH : directories);
      if (path.length > 0) print`${name} is ${path}\n`;
      else {
        complain`type: ${name}: not found`;
        result = 1;
      }
    }
  }
  return result;
}

/** The number that a word is; 0 after a complaint. */
function numberOf(words: TextList, index: i32): i32 {
  const value = parseUnsigned(words.at(index).bytes);
  if (value < 0) complain`${words.at(0)}: ${words.at(index)}: not a number`;
  return greater(value, 0);
}

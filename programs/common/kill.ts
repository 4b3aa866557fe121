/** `kill`, for the program and for the shell, which has it built in. */
import { Ascii } from "../../lib/library/ascii.ts";
import { errorText } from "../../lib/library/errors.ts";
import type { TextList } from "../../lib/library/list.ts";
import { Parsed, parseSigned } from "../../lib/library/number.ts";
import { complain, print } from "../../lib/library/output.ts";
import { parseSignal, signalName } from "../../lib/library/signal-names.ts";
import { kill } from "../../lib/library/signals.ts";
import { SIGNALS, Signal } from "../../lib/signal.ts";

export const KILL_USAGE = "kill [-SIGNAL | -s SIGNAL] PID..., or kill -l";

/**
 * Sends a signal to each process (below zero: a group). Answers 0, 1 if one could not be signalled, -1 if the words make no sense. `who`
 * comes first in what there is to complain of.
 */
export function sendSignals(words: TextList, who: string): i32 {
  let signal: i32 = Signal.Terminate;
  let first = 1;
  if (words.count > 1 && words.at(1) === "-l") return listSignals();
  if (words.count > 2 && words.at(1) === "-s") {
    signal = parseSignal(words.at(2).bytes);
    first = 3;
  } else if (words.count > 2 && words.at(1) === "--") first = 2;
  else if (words.count > 1 && isOption(words.at(1))) {
    signal = parseSignal(words.at(1).bytes.subarray(1));
    first = 2;
    if (words.count > 2 && words.at(2) === "--") first = 3;
  }
  if (signal < 0 || first >= words.count) return -1;
  let result = 0;
  for (let index = first; index < words.count; index++) if (!sendOne(words.at(index), signal, who)) result = 1;
  return result;
}

/** The first word is never a process group: that takes `--`, or a signal before it. */
function isOption(word: string): boolean {
  return word.length > 1 && word.charCodeAt(0) === Ascii.Minus;
}

function sendOne(word: string, signal: i32, who: string): boolean {
  const pid = new Parsed();
  if (!parseSigned(word.bytes, pid)) {
    complain`${who}${word}: not a process id`;
    return false;
  }
  const status = kill(pid.value, signal);
  if (status < 0) complain`${who}${word}: ${errorText(status)}`;
  return status >= 0;
}

function listSignals(): i32 {
  for (let signal = 1; signal < SIGNALS; signal++) {
    const name = signalName(signal);
    if (name.length > 0) print`${signal} ${name}\n`;
  }
  return 0;
}

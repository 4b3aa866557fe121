/** What the shell is about, all in one place: `shell`. */
import type { TextList } from "../../lib/library/list.ts";
import { TextList as List } from "../../lib/library/list.ts";

/** Why the commands that are being run are left before their end. */
export const enum Unwind {
  None,
  Break,
  Continue,
  Return,
  /** ^C, or an error that ends a script. */
  Abandon,
}

export class Shell {
  /** `$?` */
  status: i32 = 0;
  /** `$$` */
  processId: i32 = 0;
  /** `$!` */
  lastBackground: i32 = 0;
  /** `$0` */
  name: string = "sh";
  /** `$1` and up. */
  readonly parameters = new List();
  /** Someone types: prompts, process groups, reports of jobs. Children set it to false. */
  interactive: boolean = false;
  /** `set -e`: a failing command ends the shell; counts only while nobody tests the status. */
  exitOnError: boolean = false;
  /** `set -x`: commands are shown before they run. */
  trace: boolean = false;
  testing: i32 = 0;
  unwind: Unwind = Unwind.None;
  /** How many loops are left. */
  unwindLoops: i32 = 0;
  loopDepth: i32 = 0;
  /** ^C came while the shell itself was in the foreground. */
  interrupted: boolean = false;
  /** An expansion went wrong: the command does not run. */
  expansionFailed: boolean = false;
  /** The script that is being read; empty at the prompt and for -c. */
  script: string = "";
  line: i32 = 0;
}

export const shell = new Shell();

/** Stops what runs if ^C has come. True when the caller should leave. */
export function isUnwinding(): boolean {
  if (shell.interrupted && shell.unwind === Unwind.None) {
    shell.unwind = Unwind.Abandon;
    shell.status = 130;
  }
  return shell.unwind !== Unwind.None;
}

/** Replaces `$1` and up; the strings stay their makers'. */
export function setParameters(list: TextList, first: i32): void {
  shell.parameters.count = 0;
  for (let index = first; index < list.count; index++) shell.parameters.append(list.at(index));
}

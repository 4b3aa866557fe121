/** A case: something that a process of its own does, ending with 0 if all was well. */
import { flushOutput, print } from "../../../../lib/library/output.ts";
import { Ending, exit, exitStatus, fork, setSession, waitFor } from "../../../../lib/library/process.ts";
import { Status } from "../../../../lib/status.ts";

type Case = () => void;

export function run(name: string, test: Case): void {
  const pid = fork();
  if (pid === 0) {
    setSession();
    test();
    exit(0);
  }
  const ending = new Ending();
  while (waitFor(pid, 0, ending) === Status.Interrupted) {}
  if (exitStatus(ending) === 0) print`ok ${name}\n`;
  else print`failed ${name}: ${exitStatus(ending)}\n`;
  flushOutput();
}

/** Forks a child that does one thing and exits with 0. */
export function start(test: Case): i32 {
  const pid = fork();
  if (pid !== 0) return pid;
  test();
  exit(0);
}

/** How the child ended, as a shell shows it. */
export function join(pid: i32): i32 {
  const ending = new Ending();
  assert(waitFor(pid, 0, ending) === pid);
  return exitStatus(ending);
}

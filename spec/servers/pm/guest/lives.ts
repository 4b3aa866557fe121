/** Fork, wait and exec. */
import { execute } from "../../../../lib/library/execute.ts";
import { makePipe, Pipe, read, write } from "../../../../lib/library/file.ts";
import { TextList } from "../../../../lib/library/list.ts";
import { Ending, exit, exitStatus, hasExited, parentId, waitFor } from "../../../../lib/library/process.ts";
import { ignore } from "../../../../lib/library/signals.ts";
import { sleep } from "../../../../lib/library/time.ts";
import { WaitOptions } from "../../../../lib/protocol/pm.ts";
import { Signal } from "../../../../lib/signal.ts";
import { Status } from "../../../../lib/status.ts";
import { join, start } from "./cases.ts";

export function exitSeven(): void {
  exit(7);
}

export function forkAndWait(): void {
  const ending = new Ending();
  const pid = start(exitSeven);
  assert(pid > 1);
  assert(waitFor(-1, 0, ending) === pid);
  assert(hasExited(ending) && exitStatus(ending) === 7);
  assert(waitFor(-1, 0, ending) === Status.NoChild);
}

export function sleepLittle(): void {
  sleep(30);
}

export function waitForOne(): void {
  const slow = start(sleepLittle);
  const quick = start(exitSeven);
  assert(join(slow) === 0);
  assert(join(quick) === 7);
}

export function waitWithoutChildren(): void {
  const ending = new Ending();
  assert(waitFor(-1, 0, ending) === Status.NoChild);
  assert(waitFor(1, 0, ending) === Status.NoChild);
  assert(waitFor(-30_000, WaitOptions.NoHang, ending) === Status.NoChild);
}

export function waitWithoutHanging(): void {
  const ending = new Ending();
  const pid = start(sleepLittle);
  assert(waitFor(-1, WaitOptions.NoHang, ending) === 0);
  sleep(100);
  assert(waitFor(-1, WaitOptions.NoHang, ending) === pid);
}

export const pipe = new Pipe();
export const byte = new Uint8Array(1);

function tellWhenOrphaned(): void {
  const parent = parentId();
  for (let tries = 0; tries < 100 && parentId() === parent; tries++) sleep(10);
  byte[0] = u8(parentId());
  write(pipe.writeEnd, byte);
}

function leaveOrphan(): void {
  start(tellWhenOrphaned);
}

export function orphansGoToInit(): void {
  assert(makePipe(pipe) >= 0);
  assert(join(start(leaveOrphan)) === 0);
  assert(read(pipe.readEnd, byte) === 1);
  assert(byte[0] === 1);
}

export function ignoredChildren(): void {
  const ending = new Ending();
  assert(ignore(Signal.Child) >= 0);
  start(exitSeven);
  start(sleepLittle);
  assert(waitFor(-1, 0, ending) === Status.NoChild);
}

export function execPassesArguments(): void {
  const args = new TextList();
  args.append("a program");
  args.append("executed");
  args.append("");
  args.append("with spaces, and ünïcode");
  const environment = new TextList();
  environment.append("KEY=value");
  execute("/bin/processes", args, environment);
  exit(99);
}

export function checkArguments(args: readonly string[]): i32 {
  return args[0] === "a program" && args[2] === "" && args[3] === "with spaces, and ünïcode" ? 0 : 1;
}

export function execOfNothing(): void {
  const list = new TextList();
  list.append("x");
  const environment = new TextList();
  assert(execute("/bin/none", list, environment) === Status.NoEntry);
  assert(execute("/etc/rc", list, environment) < 0);
  assert(execute("/bin", list, environment) < 0);
}

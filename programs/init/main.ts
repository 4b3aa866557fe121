/**
 * init, the first program: it makes a system out of a kernel and servers by running /etc/rc and a shell.
 *
 * RS starts it from the archive; its first open waits until VFS has the root file system. With a command among the boot
 * arguments (`renix.exec=COMMAND`) it runs that instead of a shell, silently, and powers off with its status. All orphans become its children, and
 * it waits for them. It never ends: if it did, PM would stop the machine. Begin at `main`.
 */
import { BOOT_ARGUMENTS_MAXIMUM_BYTES, EXEC_ARGUMENT } from "../../lib/boot-arguments.ts";
import { now, TICKS_PER_MILLISECOND } from "../../lib/clock.ts";
import { PM } from "../../lib/endpoint.ts";
import { Shutdown } from "../../lib/kernel-call/machine.ts";
import { findBytes } from "../../lib/library/bytes.ts";
import { call } from "../../lib/library/call.ts";
import { complainAbout } from "../../lib/library/errors.ts";
import { execute } from "../../lib/library/execute.ts";
import { duplicateTo, open, STANDARD_ERROR, STANDARD_INPUT, STANDARD_OUTPUT } from "../../lib/library/file.ts";
import { TextList } from "../../lib/library/list.ts";
import { complain, print } from "../../lib/library/output.ts";
import {
  Ending,
  exitStatus,
  fork,
  processId,
  reboot,
  setSession,
  terminate,
  waitFor,
} from "../../lib/library/process.ts";
import { getAttributes, setAttributes, setForeground } from "../../lib/library/terminal.ts";
import { makeText } from "../../lib/library/text.ts";
import { sleep } from "../../lib/library/time.ts";
import { LocalFlags, TerminalAttributes } from "../../lib/protocol/character.ts";
import { PmBootArguments } from "../../lib/protocol/pm.ts";
import { OpenFlags } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";

const TERMINAL = "/dev/tty";
const NOWHERE = "/dev/null";
const SHELL = "/bin/sh";
const START_SCRIPT = "/etc/rc";
/** A shell that lives shorter than this is not started again at once. */
const SHORT_LIFE_MILLISECONDS = 1000;
/** What a shell reports for a command that it could not run. */
const CANNOT_EXECUTE = 126;

/** With a byte more than there may be: what fills it has been cut off. */
const bootArguments = new Uint8Array(BOOT_ARGUMENTS_MAXIMUM_BYTES + 1);

export function main(): i32 {
  if (!useTerminal()) return 1;
  const length = readBootArguments();
  const text = bootArguments.subarray(0, length);
  const found = findBytes(text, EXEC_ARGUMENT.bytes);
  if (found >= 0 && length === bootArguments.length) refuseCommand();
  if (found >= 0) runCommand(makeText(text.subarray(found + EXEC_ARGUMENT.length)));
  runShells();
}

/** Runs the start script and one command, and ends the machine with the command's status. */
function runCommand(command: string): never {
  quietenTerminal();
  waitForProcess(startScript(true));
  const status = waitForProcess(startShell("-c", command));
  drainTerminal();
  shutDown(status);
}

/** Half a command is not run. */
function refuseCommand(): never {
  complain`boot arguments of more than ${BOOT_ARGUMENTS_MAXIMUM_BYTES} bytes are not read whole`;
  drainTerminal();
  shutDown(CANNOT_EXECUTE);
}

/** Runs the start script, and then one shell after the other. */
function runShells(): never {
  print`Welcome to Renix.\n`;
  waitForProcess(startScript(false));
  for (;;) {
    const began = now();
    waitForProcess(startShell("", ""));
    const livedMilliseconds = (now() - began) / TICKS_PER_MILLISECOND;
    if (livedMilliseconds < u64(SHORT_LIFE_MILLISECONDS)) sleep(SHORT_LIFE_MILLISECONDS);
  }
}

/** Answers the pid, or why there is none. `silent`: its input and output are nothing. */
function startScript(silent: boolean): i32 {
  const pid = fork();
  if (pid !== 0) return pid;
  if (silent) discardOutput();
  takeTerminal();
  executeShell(START_SCRIPT, "");
}

/** A shell in a session of its own, with one or two arguments. Answers the pid, or why there is none. */
function startShell(first: string, second: string): i32 {
  const pid = fork();
  if (pid !== 0) return pid;
  takeTerminal();
  executeShell(first, second);
}

function executeShell(first: string, second: string): never {
  const args = new TextList();
  args.append("sh");
  if (first.length > 0) args.append(first);
  if (second.length > 0) args.append(second);
  const environment = new TextList();
  environment.append("PATH=/bin");
  environment.append("HOME=/");
  environment.append("TERM=xterm");
  const status = execute(SHELL, args, environment);
  complainAbout(SHELL, status);
  terminate(CANNOT_EXECUTE);
}

/** Waits for this child, and on the way for every orphan that ends. Answers the exit status as a shell shows it. */
function waitForProcess(pid: i32): i32 {
  if (pid < 0) {
    complain`cannot start a process (${pid})`;
    return CANNOT_EXECUTE;
  }
  const ending = new Ending();
  for (;;) {
    const ended = waitFor(-1, 0, ending);
    if (ended === pid) return exitStatus(ending);
    if (ended < 0 && ended !== Status.Interrupted) return CANNOT_EXECUTE;
  }
}

/** The terminal becomes standard input, output and error. */
function useTerminal(): boolean {
  return open(TERMINAL, OpenFlags.ReadWrite) === STANDARD_INPUT && copyDescriptors(STANDARD_INPUT);
}

function discardOutput(): void {
  const nowhere = open(NOWHERE, OpenFlags.ReadWrite);
  if (nowhere < 0) return;
  duplicateTo(nowhere, STANDARD_INPUT);
  copyDescriptors(STANDARD_INPUT);
}

function copyDescriptors(from: i32): boolean {
  return duplicateTo(from, STANDARD_OUTPUT) >= 0 && duplicateTo(from, STANDARD_ERROR) >= 0;
}

/** The caller leads a new session, and ^C reaches it. */
function takeTerminal(): void {
  setSession();
  setForeground(STANDARD_INPUT, processId());
}

/** Lines can still be edited and ^C works, but nothing appears on the terminal but what programs write, byte for byte. */
function quietenTerminal(): void {
  const attributes = new TerminalAttributes();
  if (getAttributes(STANDARD_INPUT, attributes) < 0) return;
  attributes.local = LocalFlags.Canonical | LocalFlags.Signals;
  attributes.output = 0;
  setAttributes(STANDARD_INPUT, attributes);
}

/** New attributes take effect when everything has been written: so does setting the old ones. */
function drainTerminal(): void {
  const attributes = new TerminalAttributes();
  if (getAttributes(STANDARD_INPUT, attributes) >= 0) setAttributes(STANDARD_INPUT, attributes);
}

function shutDown(status: i32): never {
  const failure = reboot(Shutdown.PowerOff, status);
  complain`cannot power off (${failure})`;
  for (;;) sleep(SHORT_LIFE_MILLISECONDS);
}

/** Answers how many bytes of them there are. */
function readBootArguments(): i32 {
  const request = new PmBootArguments();
  request.address = address(bootArguments);
  request.bytes = u32(bootArguments.length);
  const length = call(PM, request);
  return length < 0 || length > bootArguments.length ? 0 : length;
}

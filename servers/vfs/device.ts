/**
 * Character devices: requests to drivers that are answered whenever the driver can (lib/protocol/character.ts).
 *
 * The process waits (process.ts' `Wait`), VFS does not. When a driver dies its waits stay: its next incarnation gets each
 * request again, with a new grant of the same memory, and a write says how far the last life came. Only when the driver
 * has been given up do they fail. Begin at `readDevice`.
 */
import { post, unpost } from "../../lib/async.ts";
import { type Endpoint, NONE, RS } from "../../lib/endpoint.ts";
import { GrantFlags, grantDirect, grantMagic, NO_GRANT, revoke } from "../../lib/grant.ts";
import { setAlarm } from "../../lib/kernel-call/service.ts";
import { log } from "../../lib/log.ts";
import {
  CharacterCancel,
  CharacterClose,
  CharacterControl,
  CharacterOpen,
  CharacterRead,
  type CharacterReply,
  type CharacterRequest,
  CharacterWrite,
} from "../../lib/protocol/character.ts";
import { RsComplain } from "../../lib/protocol/rs.ts";
import { OpenFlags } from "../../lib/protocol/vfs.ts";
import { reply } from "../../lib/service.ts";
import { Status } from "../../lib/status.ts";
import { ANSWERED } from "./answer.ts";
import { type Driver, nextChangedDriver } from "./driver.ts";
import type { OpenFile } from "./open-file.ts";
import { beginWait, install, type Process, processes, processWithRequest, type Wait, Waiting } from "./process.ts";
import { dropVnode } from "./vnode.ts";

/** When no more messages could be posted, the rest is tried again after this long. */
const RETRY_MILLISECONDS = 10;
let someAreUnposted = false;

/** Asks the driver whether it has such a device; the process gets `descriptor` then. Answers ANSWERED. */
export function openDevice(process: Process, file: OpenFile, descriptor: i32): i32 {
  const wait = beginWait(process, Waiting.DeviceOpen, file, 0, 0);
  wait.descriptor = descriptor;
  return begin(process);
}

/** Answers ANSWERED, as the next two do. The program hears how many bytes it got, or what failed. */
export function readDevice(process: Process, file: OpenFile, target: vaddr, bytes: u32): i32 {
  beginWait(process, Waiting.DeviceRead, file, target, bytes);
  return begin(process);
}

export function writeDevice(process: Process, file: OpenFile, source: vaddr, bytes: u32): i32 {
  beginWait(process, Waiting.DeviceWrite, file, source, bytes);
  return begin(process);
}

/** A request of the device's own, with `bytes` of argument. */
export function controlDevice(process: Process, file: OpenFile, request: u32, start: vaddr, bytes: u32): i32 {
  beginWait(process, Waiting.DeviceControl, file, start, bytes).request = request;
  return begin(process);
}

/** Nobody has it open any more. */
export function closeDevice(file: OpenFile): void {
  const letter = new CharacterClose();
  letter.minor = file.minor();
  const { endpoint } = file.driver!;
  if (endpoint !== NONE) post(endpoint, letter);
}

/** The process waits no longer; what is out is written. Its memory is out of the driver's reach before anything else. */
export function cancelDeviceWait(process: Process): void {
  const { wait } = process;
  withdraw(wait);
  if (wait.sentTo !== NONE) {
    const letter = new CharacterCancel();
    head(letter, process);
    post(wait.sentTo, letter);
  }
  const written = wait.kind === Waiting.DeviceWrite && wait.progress.bytes > 0 && wait.progress.bytes <= wait.bytes;
  finish(process, written ? i32(wait.progress.bytes) : Status.Interrupted);
}

/** A driver's answer. One to a request that nobody waits in any more is dropped. */
export function hearReply(letter: CharacterReply): void {
  const process = processWithRequest(letter.id);
  if (process === null || process.wait.sentTo !== letter.source) return;
  if (letter.status > i32(process.wait.bytes)) {
    complain(process.wait.file!.driver!);
    finish(process, Status.InputOutput);
  } else {
    finish(process, letter.status);
  }
  retryDevices();
}

/** DS has announced something: requests that wait for the driver go to its new incarnation, or fail with it. */
export function hearDrivers(): void {
  for (;;) {
    const driver = nextChangedDriver();
    if (driver === null) return;
    for (const process of processes) {
      if (!waitsFor(process, driver)) continue;
      if (!driver.down && process.wait.sentTo === driver.endpoint) continue; // heard of it already
      if (process.wait.sentTo !== NONE) unpost(process.wait.sentTo);
      begin(process);
    }
  }
}

/** Requests that could not be posted for want of room. */
export function retryDevices(): void {
  if (!someAreUnposted) return;
  someAreUnposted = false;
  for (const process of processes) {
    const { wait } = process;
    if (wait.kind >= Waiting.DeviceOpen && wait.sentTo === NONE && wait.file!.driver!.endpoint !== NONE) begin(process);
  }
}

/** Hands the request to the driver as it is now; one that is not there yet gets it when it is announced. */
function begin(process: Process): i32 {
  const { wait } = process;
  const driver = wait.file!.driver!;
  withdraw(wait);
  wait.sentTo = NONE;
  if (driver.down) {
    finish(process, Status.InputOutput);
  } else if (driver.endpoint !== NONE) {
    const status = submit(process, driver.endpoint);
    if (status === Status.Ok) wait.sentTo = driver.endpoint;
    else if (status === Status.TryAgain) retryLater();
    else finish(process, status);
  }
  return ANSWERED;
}

function retryLater(): void {
  someAreUnposted = true;
  setAlarm(RETRY_MILLISECONDS);
}

/** Errors: TryAgain (no room for the message now), NoMemory (no more grants). */
function submit(process: Process, to: Endpoint): Status {
  const { wait } = process;
  switch (wait.kind) {
    case Waiting.DeviceOpen: {
      const letter = new CharacterOpen();
      head(letter, process);
      return post(to, letter);
    }
    case Waiting.DeviceRead:
      return submitRead(process, to);
    case Waiting.DeviceWrite:
      return submitWrite(process, to);
    default:
      return submitControl(process, to);
  }
}

function submitRead(process: Process, to: Endpoint): Status {
  const { wait } = process;
  const letter = new CharacterRead();
  head(letter, process);
  wait.grant = grantMagic(to, process.endpoint, wait.address, wait.bytes, GrantFlags.Write);
  if (wait.grant === NO_GRANT) return Status.NoMemory;
  letter.grant = wait.grant;
  letter.bytes = wait.bytes;
  letter.position = wait.file!.position;
  letter.nonblocking = wait.file!.nonblocking() ? 1 : 0;
  return post(to, letter);
}

function submitWrite(process: Process, to: Endpoint): Status {
  const { wait } = process;
  const letter = new CharacterWrite();
  head(letter, process);
  wait.grant = grantMagic(to, process.endpoint, wait.address, wait.bytes, GrantFlags.Read);
  wait.progressGrant = grantDirect(to, address(wait.progress), 4, GrantFlags.Read | GrantFlags.Write);
  if (wait.grant === NO_GRANT || wait.progressGrant === NO_GRANT) return Status.NoMemory;
  letter.grant = wait.grant;
  letter.bytes = wait.bytes;
  letter.position = wait.file!.position;
  letter.nonblocking = wait.file!.nonblocking() ? 1 : 0;
  letter.done = wait.progress.bytes;
  letter.progress = wait.progressGrant;
  return post(to, letter);
}

function submitControl(process: Process, to: Endpoint): Status {
  const { wait } = process;
  const letter = new CharacterControl();
  head(letter, process);
  wait.grant = grantMagic(to, process.endpoint, wait.address, wait.bytes, GrantFlags.Read | GrantFlags.Write);
  if (wait.grant === NO_GRANT) return Status.NoMemory;
  letter.grant = wait.grant;
  letter.bytes = wait.bytes;
  letter.request = wait.request;
  return post(to, letter);
}

/** What every request says. */
function head(letter: CharacterRequest, process: Process): void {
  letter.id = process.wait.id;
  letter.minor = process.wait.file!.minor();
  letter.process = process.endpoint;
}

/** Ends the wait, and answers. */
function finish(process: Process, status: i32): void {
  const { wait } = process;
  const file = wait.file!;
  let answer = status;
  withdraw(wait);
  if (wait.kind === Waiting.DeviceOpen) {
    if (status >= 0) {
      install(process, wait.descriptor, file, (file.flags & OpenFlags.CloseOnExec) !== 0);
      answer = wait.descriptor;
    } else {
      dropVnode(file.vnode!);
      file.references = 0;
    }
  } else if (wait.kind !== Waiting.DeviceControl && status > 0) {
    file.position += u64(u32(status));
  }
  wait.kind = Waiting.Nothing;
  reply(process.endpoint, answer);
}

function withdraw(wait: Wait): void {
  if (wait.grant !== NO_GRANT) revoke(wait.grant);
  if (wait.progressGrant !== NO_GRANT) revoke(wait.progressGrant);
  wait.grant = NO_GRANT;
  wait.progressGrant = NO_GRANT;
}

function waitsFor(process: Process, driver: Driver): boolean {
  return process.wait.kind >= Waiting.DeviceOpen && process.wait.file!.driver === driver;
}

/** Tells RS that a driver answers nonsense. */
function complain(driver: Driver): void {
  log`${driver.name} gave a malformed answer`;
  const letter = new RsComplain();
  letter.endpoint = driver.endpoint;
  post(RS, letter);
}

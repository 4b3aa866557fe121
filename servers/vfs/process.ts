/**
 * What VFS knows of each process: its descriptors, its working directory, and the request it waits in, if it does.
 *
 * The waits are the table of suspended requests: VFS answers such a request when a pipe or a driver lets it, or when PM
 * cancels it, and never stands still for it.
 */
import { type Endpoint, INIT, NONE, SLOTS, slotOf } from "../../lib/endpoint.ts";
import { NO_GRANT } from "../../lib/grant.ts";
import type { Grant } from "../../lib/message.ts";
import { OPEN_MAXIMUM } from "../../lib/protocol/vfs.ts";
import { Status } from "../../lib/status.ts";
import { OpenFile } from "./open-file.ts";
import type { Vnode } from "./vnode.ts";

export const enum Waiting {
  Nothing = 0,
  PipeRead,
  PipeWrite,
  DeviceOpen,
  DeviceRead,
  DeviceWrite,
  DeviceControl,
}

/** A word that a driver writes: bytes of a `DeviceWrite` that are out, whatever becomes of the driver. */
export class Progress {
  bytes: u32 = 0;
}

/** The request that a process waits in. */
export class Wait {
  kind: Waiting = Waiting.Nothing;
  /** Who came first. */
  order: u32 = 0;
  file: OpenFile | null = null;
  /** The process' memory. */
  address: vaddr = 0;
  bytes: u32 = 0;
  /** Pipes: how much of it is done. */
  done: u32 = 0;
  /** Devices: the request's number; a new one for each request. */
  id: u32 = 0;
  /** Devices: which driver has it, in which life; NONE: none yet. */
  sentTo: Endpoint = NONE;
  grant: Grant = NO_GRANT;
  progressGrant: Grant = NO_GRANT;
  readonly progress = new Progress();
  /** DeviceControl: which. */
  request: u32 = 0;
  /** DeviceOpen: the descriptor it will get. */
  descriptor: i32 = 0;
}

export class Process {
  /** NONE: a vacant row. */
  endpoint: Endpoint = NONE;
  pid: i32 = 0;
  /** Permissions that files it creates do not get. */
  creationMask: u32 = 0o022;
  directory: Vnode | null = null;
  readonly files = references(OpenFile, 32);
  /** Bit n: descriptor n is closed at exec. */
  closeOnExec: u32 = 0;
  readonly wait = new Wait();
}

/** By slot. */
export const processes = table(Process, 256);
let waits: u32 = 0;

/** Init is there before PM can say so. */
export function startProcesses(): void {
  const init = processes[slotOf(INIT)];
  init.endpoint = INIT;
  init.pid = 1;
}

export function processOf(endpoint: Endpoint): Process | null {
  if (endpoint < 0) return null;
  const process = processes[slotOf(endpoint)];
  return process.endpoint === endpoint ? process : null;
}

export function fileOf(process: Process, descriptor: i32): OpenFile | null {
  if (descriptor < 0 || descriptor >= OPEN_MAXIMUM) return null;
  return process.files[descriptor];
}

/** The lowest free descriptor from `from` on. Errors: TooManyFiles. */
export function freeDescriptor(process: Process, from: i32): i32 {
  for (let descriptor = from; descriptor < OPEN_MAXIMUM; descriptor++) {
    if (process.files[descriptor] === null) return descriptor;
  }
  return Status.TooManyFiles;
}

export function install(process: Process, descriptor: i32, file: OpenFile, closeOnExec: boolean): void {
  process.files[descriptor] = file;
  setCloseOnExec(process, descriptor, closeOnExec);
}

export function setCloseOnExec(process: Process, descriptor: i32, value: boolean): void {
  const bit: u32 = u32(1) << descriptor;
  if (value) process.closeOnExec |= bit;
  else process.closeOnExec &= ~bit;
}

/** Begins a wait: the caller's answer comes later. */
export function beginWait(process: Process, kind: Waiting, file: OpenFile, start: vaddr, bytes: u32): Wait {
  const { wait } = process;
  wait.kind = kind;
  wait.order = waits++;
  wait.file = file;
  wait.address = start;
  wait.bytes = bytes;
  wait.done = 0;
  wait.id = (wait.order << SLOT_BITS) | u32(slotOf(process.endpoint));
  wait.sentTo = NONE;
  wait.grant = NO_GRANT;
  wait.progressGrant = NO_GRANT;
  wait.progress.bytes = 0;
  return wait;
}

const SLOT_BITS = 8;

/** The process whose request has this number, if it still waits in it. */
export function processWithRequest(id: u32): Process | null {
  const process = processes[i32(id & (SLOTS - 1))];
  return process.wait.kind !== Waiting.Nothing && process.wait.id === id ? process : null;
}

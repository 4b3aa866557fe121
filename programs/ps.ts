/** ps: the processes, services included. */
import { ANY, CLOCK, type Endpoint, HARDWARE, KERNEL, SLOTS, slotOf } from "../lib/endpoint.ts";
import { Blocked } from "../lib/kernel-call/service.ts";
import { expectOperands, parseOptions } from "../lib/library/arguments.ts";
import { fieldBytes } from "../lib/library/bytes.ts";
import { formatSigned, NUMBER_BYTES } from "../lib/library/number.ts";
import { print, printLeft, printRight, printRightUnsigned } from "../lib/library/output.ts";
import { processInformation } from "../lib/library/processes.ts";
import { PmProcess, PROCESS_ZOMBIE } from "../lib/protocol/pm.ts";

const USAGE = "ps";
const PID_WIDTH = 5;
const GROUP_WIDTH = 6;
const ENDPOINT_WIDTH = 9;
const PRIORITY_WIDTH = 4;
const TIME_WIDTH = 9;
const STATE_WIDTH = 6;
const NAME_WIDTH = 12;

/** The name of whoever lives in a slot; empty: nobody. */
class Name {
  readonly bytes = new Uint8Array(16);
}

const names = table(Name, SLOTS);

/** Everybody is asked for once before one is printed: what a process waits for has a name. */
export function main(args: readonly string[]): i32 {
  parseOptions(args, "aefx", USAGE);
  expectOperands(args, 0, 0);
  const process = new PmProcess();
  for (let slot = 0; slot < SLOTS; slot++) {
    if (processInformation(slot, process) >= 0) names[slot].bytes.set(process.name);
  }
  print`  PID  PPID  PGRP  ENDPOINT PRI     TIME STATE  NAME        WAITS FOR\n`;
  for (let slot = 0; slot < SLOTS; slot++) if (processInformation(slot, process) >= 0) printProcess(process);
  return 0;
}

function printProcess(process: PmProcess): void {
  printNumber(process.pid, PID_WIDTH);
  printNumber(process.parent, GROUP_WIDTH);
  printNumber(process.group, GROUP_WIDTH);
  printNumber(process.endpoint, ENDPOINT_WIDTH + 1);
  printRightUnsigned(process.priority, PRIORITY_WIDTH);
  printTime(process.cpuMilliseconds);
  print` `;
  printLeft(stateName(process.state).bytes, STATE_WIDTH);
  print` `;
  const waits = (process.state & (Blocked.Sending | Blocked.Receiving)) !== 0 && process.state < PROCESS_ZOMBIE;
  if (!waits) print`${fieldBytes(process.name)}\n`;
  else {
    printLeft(fieldBytes(process.name), NAME_WIDTH);
    print`${peerName(process.peer)}\n`;
  }
}

function printNumber(value: i32, width: i32): void {
  const digits = new Uint8Array(NUMBER_BYTES);
  printRight(formatSigned(value, digits), width);
}

/** Seconds, with hundredths. */
function printTime(milliseconds: u32): void {
  printRightUnsigned(milliseconds / 1000, TIME_WIDTH - 3);
  const hundredths = (milliseconds / 10) % 100;
  print`.${hundredths / 10}${hundredths % 10}`;
}

function stateName(state: u32): string {
  if ((state & PROCESS_ZOMBIE) !== 0) return "zombie";
  if ((state & Blocked.Dead) !== 0) return "dead";
  if ((state & Blocked.Stopped) !== 0) return "stop";
  if ((state & Blocked.PageFault) !== 0) return "page";
  if ((state & Blocked.Signaled) !== 0) return "signal";
  if ((state & Blocked.Sending) !== 0) return "send";
  return (state & Blocked.Receiving) !== 0 ? "wait" : "run";
}

function peerName(peer: Endpoint): Uint8Array {
  if (peer === ANY) return "anybody".bytes;
  if (peer < 0) return "nobody".bytes;
  if (peer === KERNEL) return "kernel".bytes;
  if (peer === HARDWARE) return "hardware".bytes;
  if (peer === CLOCK) return "clock".bytes;
  const name = fieldBytes(names[slotOf(peer)].bytes);
  return name.length > 0 ? name : "?".bytes;
}

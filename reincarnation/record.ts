/**
 * Crash records: what is known of a death, as text, taken while the dead still lies there as it fell. The last 16 KiB of them are kept for
 * `service log`; a line of each goes to the kernel's log. Begin at `recordCrash`.
 */
import { CLOCK, generationOf, HARDWARE, KERNEL, slotOf } from "../lib/endpoint.ts";
import { type Crash, DeathCause } from "../lib/kernel-call/crash.ts";
import { fileName, lineAt } from "../lib/line-table.ts";
import { log } from "../lib/log.ts";
import { MessageType, Range } from "../lib/message.ts";
import { faultyPc, linesOf, traceCalls } from "./backtrace.ts";
import { causeOf } from "./cause.ts";
import { lastLine } from "./last-line.ts";
import { beginRecord, print, printBytes, printHexadecimal } from "./record-text.ts";
import { rowOf, type Service, services } from "./services.ts";

/** Writes the record, and the cause into the service's row. */
export function recordCrash(service: Service, crash: Crash): void {
  const { name } = rowOf(service);
  service.cause.fill(0);
  causeOf(service, crash, service.cause);
  beginRecord();
  print`--- ${name}: ${service.cause} ---\n`;
  if (crash.cause === DeathCause.Panic) print`  ${lastLine(name)}\n`;
  print`  endpoint ${service.endpoint}, generation ${generationOf(service.endpoint)}, pid ${service.pid}, `;
  print`death ${service.restarts + 1}, cycle ${crash.cycle}\n`;
  if (crash.cause === DeathCause.Exception) print`  mcause ${crash.mcause}, mtval 0x${hex(crash.address)}\n`;
  traceCalls(service, crash);
  printRegisters(crash);
  printMessages(crash);
  summarize(service, crash);
}

/** One line for the kernel's log. Who has ended itself was in `exitService`, which says nothing. */
function summarize(service: Service, crash: Crash): void {
  const { name } = rowOf(service);
  const lines = linesOf(service);
  const line = lines === null ? null : lineAt(lines, faultyPc(crash));
  const endedItself = crash.cause === DeathCause.Exit || crash.cause === DeathCause.Panic;
  if (lines === null || line === null || endedItself) log`${name} died: ${service.cause}`;
  else log`${name} died: ${service.cause}, in ${fileName(lines, line.file)}:${u32(line.line)}`;
}

/** Eight lines of four, as a debugger shows them. */
function printRegisters(crash: Crash): void {
  print`  pc  0x${hex(crash.pc)}\n`;
  for (let number = 1; number < 32; number++) {
    print`  ${REGISTERS[number]} 0x`;
    printHexadecimal(crash.registers[number]);
    if ((number & 3) === 0 || number === 31) print`\n`;
  }
}

function printMessages(crash: Crash): void {
  for (const message of crash.messages) {
    if (message.peer === 0 && message.type === 0) continue;
    print`  cycle ${message.cycle}: `;
    if (message.sent) print`sent `;
    else print`received `;
    printType(message.type);
    if (message.sent) print` to `;
    else print` from `;
    printPeer(message.peer);
    print`\n`;
  }
}

/** Which protocol a message is of, and which of its letters. */
function printType(type: u32): void {
  if (type === MessageType.Notify) print`a notification`;
  else if (type === MessageType.Reply) print`a reply`;
  else print`${protocolOf(type)} message ${type & 0xff}`;
}

/** By lib/message.ts' `Range`. */
function protocolOf(type: u32): string {
  switch (type & ~u32(0xff)) {
    case Range.Pm:
      return "PM";
    case Range.Vfs:
      return "VFS";
    case Range.FileServer:
      return "file server";
    case Range.Block:
      return "block";
    case Range.Character:
      return "character";
    case Range.Vm:
      return "VM";
    case Range.Ds:
      return "DS";
    case Range.Rs:
      return "RS";
    default:
      return "unknown";
  }
}

/** A service and the kernel's voices by name, anybody else by number. */
function printPeer(endpoint: i32): void {
  if (endpoint === KERNEL) print`the kernel`;
  if (endpoint === HARDWARE) print`the hardware`;
  if (endpoint === CLOCK) print`the clock`;
  if (endpoint >= KERNEL && endpoint <= CLOCK) return;
  for (const service of services()) {
    if (rowOf(service).slot !== slotOf(endpoint)) continue;
    printBytes(rowOf(service).name);
    return;
  }
  print`${endpoint}`;
}

const REGISTERS: readonly string[] = [
  "zero",
  "ra  ",
  "sp  ",
  "gp  ",
  "tp  ",
  "t0  ",
  "t1  ",
  "t2  ",
  "s0  ",
  "s1  ",
  "a0  ",
  "a1  ",
  "a2  ",
  "a3  ",
  "a4  ",
  "a5  ",
  "a6  ",
  "a7  ",
  "s2  ",
  "s3  ",
  "s4  ",
  "s5  ",
  "s6  ",
  "s7  ",
  "s8  ",
  "s9  ",
  "s10 ",
  "s11 ",
  "t3  ",
  "t4  ",
  "t5  ",
  "t6  ",
];

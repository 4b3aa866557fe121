/** What PM tells about processes, time and the machine; most of it the kernel and VM know. */
import { BOOT_ARGUMENTS_MAXIMUM_BYTES } from "../../lib/boot-arguments.ts";
import { CYCLES_PER_MILLISECOND, now, TICKS_PER_MILLISECOND } from "../../lib/clock.ts";
import { NONE, PM, SLOTS, slotOf, VM } from "../../lib/endpoint.ts";
import { virtualCopy } from "../../lib/kernel-call/process.ts";
import { About, information, MachineInformation, ProcessInformation } from "../../lib/kernel-call/service.ts";
import type { Message } from "../../lib/message.ts";
import {
  type PmBootArguments,
  type PmBreak,
  type PmBrk,
  type PmProcess,
  type PmProcessInfo,
  type PmSystem,
  type PmTimesReply,
  PROCESS_ZOMBIE,
} from "../../lib/protocol/pm.ts";
import { type VmBreak, VmBrk, VmInformation, type VmUsage } from "../../lib/protocol/vm.ts";
import { Status } from "../../lib/status.ts";
import { ask } from "./below.ts";
import { parentPid } from "./group.ts";
import { type Program, programOf, State } from "./program.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const MILLISECONDS_PER_SECOND = 1000n;
/** With a byte more than there may be: what fills it has been cut off. */
const bootArguments = new Uint8Array(BOOT_ARGUMENTS_MAXIMUM_BYTES + 1);

/** Errors: NoMemory. */
export function moveBreak(program: Program, request: PmBrk, answer: PmBreak): Status {
  const order = new VmBrk();
  order.endpoint = program.endpoint;
  order.address = request.address;
  const status = ask(VM, order);
  if (status === Status.Ok) answer.address = (order as Message as VmBreak).address;
  return status;
}

export function tellTimes(program: Program, answer: PmTimesReply): Status {
  const process = new ProcessInformation();
  const status = askAbout(slotOf(program.endpoint), process);
  if (status !== Status.Ok) return status;
  answer.userCycles = process.userCycles;
  answer.systemCycles = process.kernelCycles;
  answer.childUserCycles = program.childUserCycles;
  answer.childSystemCycles = program.childSystemCycles;
  return Status.Ok;
}

/** Errors: Nothing (beyond the last slot), NoProcess (a vacant one). */
export function tellProcess(request: PmProcessInfo, answer: PmProcess): Status {
  if (request.index < 0 || request.index >= SLOTS) return Status.Nothing;
  const process = new ProcessInformation();
  const status = askAbout(request.index, process);
  if (status !== Status.Ok) return Status.NoProcess;
  answer.pid = process.pid;
  answer.endpoint = process.endpoint;
  answer.state = process.blocked;
  answer.peer = process.peer;
  answer.priority = process.priority;
  answer.cpuMilliseconds = u32((process.userCycles + process.kernelCycles) / CYCLES_PER_MILLISECOND);
  answer.name.set(process.name);
  const program = programOf(process.endpoint);
  if (program === null) return Status.Ok;
  answer.parent = parentPid(program);
  answer.group = program.group;
  if (program.state === State.Zombie) answer.state |= PROCESS_ZOMBIE;
  return Status.Ok;
}

export function tellSystem(answer: PmSystem): Status {
  const machine = new MachineInformation();
  const status = information(About.Machine, 0, address(machine), u32(sizeOf(MachineInformation)));
  if (status < 0) return status;
  const usage = new VmInformation();
  usage.endpoint = NONE;
  if (ask(VM, usage) === Status.Ok) answer.freeBytes = (usage as Message as VmUsage).freeBytes;
  const uptime = now() / TICKS_PER_MILLISECOND;
  answer.memoryBytes = machine.ramBytes;
  answer.processes = countProcesses();
  answer.timeSeconds = machine.bootTime / NANOSECONDS_PER_SECOND + uptime / MILLISECONDS_PER_SECOND;
  answer.uptimeMilliseconds = uptime;
  answer.idleMilliseconds = machine.idleCycles / CYCLES_PER_MILLISECOND;
  return Status.Ok;
}

/** Answers how many bytes there are, of which as many as fit are written to the program. Errors: Fault. */
export function tellBootArguments(program: Program, request: PmBootArguments): i32 {
  const length = information(About.BootArguments, 0, address(bootArguments), u32(bootArguments.length));
  if (length <= 0) return length;
  let bytes = u32(length);
  if (bytes > request.bytes) bytes = request.bytes;
  const status = virtualCopy(PM, address(bootArguments), program.endpoint, request.address, bytes);
  return status === Status.Ok ? length : status;
}

function countProcesses(): u32 {
  const process = new ProcessInformation();
  let count: u32 = 0;
  for (let slot = 0; slot < SLOTS; slot++) if (askAbout(slot, process) === Status.Ok) count++;
  return count;
}

function askAbout(slot: i32, process: ProcessInformation): Status {
  const result = information(About.Process, u32(slot), address(process), u32(sizeOf(ProcessInformation)));
  return result < 0 ? result : Status.Ok;
}

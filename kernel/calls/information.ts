/**
 * Information: what the kernel knows about the machine, a process, its log.
 * a0: what about (`About`); a1: which slot (or `SELF`), or from which position on; a2: where to write; a3: at most how many bytes.
 */
import { SLOTS } from "../../lib/endpoint.ts";
import { About, MachineInformation, ProcessInformation, SELF } from "../../lib/kernel-call/service.ts";
import { Status } from "../../lib/status.ts";
import { archiveBytes, bootTime } from "../boot.ts";
import { found } from "../device-tree.ts";
import { frames } from "../frames.ts";
import { hart } from "../hart.ts";
import { peerOf } from "../ipc.ts";
import { logBegins, logEnds, logPiece } from "../log.ts";
import { store } from "../memory.ts";
import { type Process, processes } from "../process.ts";
import { addRecentCycles } from "../schedule.ts";

const machine = new MachineInformation();
const described = new ProcessInformation();

export function informationCall(caller: Process): i32 {
  const { a0, a1 } = caller.frame;
  switch (a0 as About) {
    case About.Machine:
      describeMachine();
      return answer(caller, bytesOf(machine));
    case About.BootArguments:
      return answer(caller, bootArgumentsFrom(a1));
    case About.Process:
      if (!describeProcess(a1 === SELF ? u32(caller.slot) : a1)) return Status.NoProcess;
      return answer(caller, bytesOf(described));
    case About.Log:
      return answer(caller, logPiece(a1));
    default:
      return Status.Invalid;
  }
}

/** Writes as much as the caller has room for, and answers how much that was. */
function answer(caller: Process, bytes: Uint8Array): i32 {
  const { a2, a3 } = caller.frame;
  const count = a3 < u32(bytes.length) ? i32(a3) : bytes.length;
  const status = store(caller, vaddr(a2), bytes.subarray(0, count));
  return status === Status.Ok ? count : status;
}

function describeMachine(): void {
  machine.ramBase = frames.ramBase;
  machine.ramBytes = frames.ramEnd - frames.ramBase;
  machine.freeBase = frames.freeBase;
  machine.freeEnd = frames.ramEnd;
  machine.archiveBytes = archiveBytes();
  machine.logBegin = logBegins();
  machine.logEnd = logEnds();
  machine.bootTime = bootTime;
  machine.idleCycles = hart.idleCycles;
}

function bootArgumentsFrom(index: u32): Uint8Array {
  const { bootArguments, bootArgumentBytes } = found;
  const begin = index < u32(bootArgumentBytes) ? i32(index) : bootArgumentBytes;
  return bootArguments.subarray(begin, bootArgumentBytes);
}

function describeProcess(slot: u32): boolean {
  if (slot >= SLOTS) return false;
  const process = processes[slot];
  if (process.pid === 0) return false;
  addRecentCycles(process);
  described.endpoint = process.endpoint;
  described.pid = process.pid;
  described.blocked = process.blocked;
  described.peer = peerOf(process);
  described.priority = u8(process.priority);
  described.basePriority = u8(process.basePriority);
  described.service = process.isService();
  described.name.set(process.name);
  described.userCycles = process.userCycles;
  described.kernelCycles = process.kernelCycles;
  return true;
}

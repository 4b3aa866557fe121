/** What the kernel tells about the machine, processes and its log; and services' own deaths by exit. Begin at `main`. */
import { INIT, RS, SERVICES, SLOTS } from "../../../lib/endpoint.ts";
import { killProcess, setRights } from "../../../lib/kernel-call/process.ts";
import { About, Blocked, information, ProcessInformation, SELF, writeLog } from "../../../lib/kernel-call/service.ts";
import { PAGE_BYTES } from "../../../lib/kernel-call/space.ts";
import { Signal } from "../../../lib/signal.ts";
import { Status } from "../../../lib/status.ts";
import { end, settle } from "./direct.ts";
import { machineInformation } from "./frames.ts";
import { beginReport, check, claim, endReport } from "./report.ts";
import { allRights, create, FIRST_SLOT, PROGRAM_SLOT, spawn } from "./spawn.ts";

const process = new ProcessInformation();
const text = new Uint8Array(100);

export function main(): never {
  beginReport();
  machine();
  processes();
  logs();
  lives();
  endReport();
}

function machine(): void {
  const { ramBase, ramBytes, freeBase, freeEnd, archiveBytes, bootTime } = machineInformation();
  claim("RAM is where the board has it", ramBase === 0x8000_0000 && ramBytes === 64 * 0x10_0000);
  claim("what is free lies behind what is not, to the end", freeBase > ramBase && freeEnd === ramBase + ramBytes);
  claim("in whole pages", freeBase % PAGE_BYTES === 0);
  claim("there is an archive", archiveBytes > PAGE_BYTES);
  claim("and a time of day", bootTime > 1_700_000_000_000_000_000n);
  check("no boot arguments are none", information(About.BootArguments, 0, address(text), 100), 0);
  check(
    "nothing is told about what there is not",
    information(machineInformation().ramBytes as About, 0, address(text), 100),
    Status.Invalid,
  );
  check("an answer where there is no memory is a fault", information(About.Machine, 0, 0x10, 100), Status.Fault);
}

function processes(): void {
  check("a process can ask about itself", about(SELF), sizeOf(ProcessInformation));
  claim("by name and endpoint", process.endpoint === RS && process.name[0] === 0x72 && process.service);
  check("a vacant slot is nobody", about(FIRST_SLOT), Status.NoProcess);
  check("and so is one beyond the last", about(SLOTS), Status.NoProcess);
  const first = spawn(PROGRAM_SLOT, "subject", allRights());
  check("the first program is process 1", aboutPid(PROGRAM_SLOT), 1);
  claim("and INIT", first === INIT);
  end(first);
  spawn(PROGRAM_SLOT, "subject", allRights());
  claim("the next is not", aboutPid(PROGRAM_SLOT) > 1);
  claim("programs are no services", !process.service);
  const wrong = allRights();
  wrong.program = true;
  check("a program's rights are not for services", setRights(RS, wrong), Status.Invalid);
}

function about(slot: u32): i32 {
  return information(About.Process, slot, address(process), u32(sizeOf(ProcessInformation)));
}

function aboutPid(slot: i32): i32 {
  assert(slot >= SERVICES);
  about(u32(slot));
  return process.pid;
}

function logs(): void {
  const before = machineInformation().logEnd;
  check("a service writes to the log", writeLog("hello".bytes), Status.Ok);
  check("which grows by as much", i32(machineInformation().logEnd - before), 5);
  check("and can be read from any position", information(About.Log, before, address(text), 100), 5);
  claim("as it was written", text[0] === 0x68 && text[4] === 0x6f);
  check("at the end there is nothing", information(About.Log, before + 5, address(text), 100), 0);
  text.fill(0x2e);
  for (let i = 0; i < 700; i++) writeLog(text);
  const machine = machineInformation();
  check("it keeps the last 64 KiB", i32(machine.logEnd - machine.logBegin), 0x1_0000);
  claim("and what is lost is skipped", information(About.Log, 0, address(text), 100) > 0);
}

function lives(): void {
  const service = spawn(FIRST_SLOT, "puppet", allRights());
  settle();
  killProcess(service, Signal.Kill);
  about(FIRST_SLOT);
  check(
    "a killed service is dead, and its manager has not seen to it",
    i32(process.blocked),
    Blocked.Dead | Blocked.Signaled,
  );
  end(service);
  check("it is gone when it is cleared", about(FIRST_SLOT), Status.NoProcess);
  const empty = create(FIRST_SLOT, "empty");
  claim("its slot has another generation then", empty !== service);
  about(FIRST_SLOT);
  check("a new process stands still", i32(process.blocked), Blocked.Stopped);
}

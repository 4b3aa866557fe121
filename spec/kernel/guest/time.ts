/** Time and turns: alarms, quanta, priorities, and that an endless loop starves nobody. Begin at `main`. */
import { CLOCK, type Endpoint, RS } from "../../../lib/endpoint.ts";
import { receive } from "../../../lib/ipc.ts";
import { runControl, schedule, setRights, virtualCopy } from "../../../lib/kernel-call/process.ts";
import { setAlarm } from "../../../lib/kernel-call/service.ts";
import { PageFlags } from "../../../lib/kernel-call/space.ts";
import { Notification } from "../../../lib/message.ts";
import { ask, describe, end, settle, sleep, tell } from "./direct.ts";
import { machineInformation } from "./frames.ts";
import { Special } from "./orders.ts";
import { beginReport, check, claim, endReport } from "./report.ts";
import { allRights, FIRST_SLOT, map, spawn } from "./spawn.ts";

const COUNTER: vaddr = 0x3000_0000;
const bell = new Notification();
const counter = new Uint32Array(1);

export function main(): never {
  beginReport();
  alarms();
  quanta();
  urgency();
  endReport();
}

function alarms(): void {
  check("no alarm is left of none", setAlarm(50), 0);
  claim("what is left of an alarm is told", setAlarm(5) > 48);
  receive(CLOCK, bell);
  const first = bell.time;
  setAlarm(7);
  receive(CLOCK, bell);
  const passed = i32(bell.time - first);
  claim("an alarm rings when it should, not before", passed >= 70_000);
  claim("and not much later", passed < 71_000);
  setAlarm(3);
  setAlarm(0);
  sleep(20);
  check("a cancelled alarm does not ring", setAlarm(0), 0);
  const idle = machineInformation().idleCycles;
  sleep(100);
  const slept = machineInformation().idleCycles - idle;
  claim("a machine with nothing to do idles", slept > 9_900_000n);
}

/** Two that count for ever share the machine. */
function quanta(): void {
  const first = counterIn(FIRST_SLOT, 8);
  const second = counterIn(FIRST_SLOT + 1, 8);
  sleep(400);
  const a = i32(countOf(first));
  const b = i32(countOf(second));
  claim("an endless loop does not keep RS from running", a > 0);
  claim("two endless loops both run", b > 0);
  claim("and get about the same", a < 2 * b && b < 2 * a);
  claim("a quantum that is used up demotes", describe(first).priority > 8);
  claim("cycles are counted for whom they serve", describe(first).userCycles > 5_000_000n);
  runControl(first, true);
  runControl(second, true);
  const stopped = countOf(first);
  sleep(100);
  claim("a stopped process does not run", countOf(first) === stopped);
  sleep(8_000);
  work();
  check("who was demoted comes back", describe(first).priority, 8);
  runControl(first, false);
  sleep(20);
  claim("and runs on", countOf(first) > stopped);
  end(first);
  end(second);
}

/** Long enough for a tick: an idle machine has none. */
function work(): void {
  for (let i = 0; i < 1_000_000; i++) counter[0] = 0;
}

/** Of two that could run, the more urgent does. */
function urgency(): void {
  const loud = counterIn(FIRST_SLOT, 10);
  settle();
  const quiet = spawn(FIRST_SLOT + 1, "puppet", allRights());
  settle();
  check("a more urgent process answers while another loops", ask(quiet, Special.AsyncRow, 0), 0);
  settle(); // it waits for orders again
  schedule(quiet, 15, 10);
  tell(quiet, Special.AsyncRow, 0);
  claim("one that is less urgent waits", describe(quiet).blocked === 0);
  schedule(loud, 15, 10);
  sleep(100);
  claim("until both are equal", describe(quiet).blocked !== 0);
  end(loud);
  end(quiet);
}

/** A puppet that counts upwards in a word the director can read. */
function counterIn(slot: i32, priority: u32): Endpoint {
  const rights = allRights();
  rights.priority = priority;
  rights.quantumMilliseconds = 20;
  const puppet = spawn(slot, "puppet", rights);
  setRights(puppet, rights);
  map(puppet, COUNTER, 1, PageFlags.Read | PageFlags.Write);
  sleep(100); // its turn comes, whoever else counts
  tell(puppet, Special.Count, 0, COUNTER);
  return puppet;
}

function countOf(puppet: Endpoint): u32 {
  virtualCopy(puppet, COUNTER, RS, address(counter), 4);
  return counter[0];
}

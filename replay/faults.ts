/**
 * How a fault gets into a running system: as edits of the machine's state at an exact cycle, found through the image's symbols. There is no hook
 * inside the guest. A fault of a service happens the next time the service runs, because only then are its registers in the machine.
 */
import { Line, VIRTIO_SLOTS } from "../machine/board/memory-map.ts";
import type { Fault } from "./scenario.ts";
import { type Path, ScenarioError } from "./scenario-file.ts";
import type { Session } from "./session.ts";
import type { SystemSymbols } from "./symbols.ts";

/** An address where no process has a page. */
const NOWHERE = 0;
/** `j .`: jumps to itself. */
const JUMP_TO_ITSELF = 0x0000_006f;

/** The services whose own state a fault changes: it has to wait until they run. Empty for faults of a device. */
export function victimsOf(fault: Fault): string[] {
  if ("kill" in fault) return Array.isArray(fault.kill) ? fault.kill : [fault.kill];
  if ("loop" in fault) return [fault.loop];
  return "of" in fault ? [fault.of] : [];
}

/** Carries a fault out, now: `victim` is in user mode, if the fault has one. `path` is where the scenario says so. */
export function commitFault(
  session: Session,
  symbols: SystemSymbols,
  fault: Fault,
  victim: string | null,
  path: Path,
): void {
  const { machine } = session;
  if ("kill" in fault) session.inject({ kind: "pc", value: NOWHERE });
  else if ("loop" in fault) writeWord(session, machine.hart.readPc(), JUMP_TO_ITSELF, path);
  else if ("register" in fault) session.inject({ kind: "register", register: fault.register, value: fault.value });
  else if ("data" in fault) writeWord(session, addressOf(symbols, victim!, fault.data), fault.value, path);
  else if ("code" in fault) writeWord(session, addressOf(symbols, victim!, fault.code), fault.value, path);
  else if ("lose_interrupt" in fault) session.inject({ kind: "lose-interrupt", line: LINES[fault.lose_interrupt] });
  else session.inject({ kind: "disk-error", direction: fault.disk_error, count: fault.count });
}

/** The disk lies behind the last virtio slot. */
const LINES = { disk: Line.Virtio + VIRTIO_SLOTS - 1, tty: Line.Uart } as const;

/**
 * `symbol`, `symbol+8` or `file.ts:12`, in a program of the archive or the kernel. Throws a ScenarioError where there is no such thing; `path` is where
 * the scenario says so.
 */
export function addressOf(symbols: SystemSymbols, program: string, place: string, path: Path | null = null): number {
  const line = /^(.+\.ts):(\d+)$/.exec(place);
  const offset = /^(.+)\+(\d+)$/.exec(place);
  let address: number | null;
  if (line) address = symbols.line(program, line[1]!, Number(line[2]));
  else if (offset) address = symbols.symbol(program, offset[1]!);
  else address = symbols.symbol(program, place);
  if (address === null) throw new ScenarioError(`there is no "${place}" in ${program}`, path);
  return address + (offset ? Number(offset[2]) : 0);
}

/** Writes a word of whoever runs, whatever its pages allow. */
function writeWord(session: Session, virtual: number, value: number, path: Path): void {
  const address = session.machine.translate(virtual & ~3, "load");
  if (address === null) throw new ScenarioError(`nothing is mapped at 0x${virtual.toString(16)}`, path);
  session.inject({ kind: "memory", address, value });
}

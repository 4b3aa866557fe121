/**
 * A machine for tests of Sv32: code that runs in a mode of its choice, and a page with flags of its choice. Begin with
 * `pagedMachine`.
 */
import { Csr, Mode, Pte } from "../../machine/isa/registers.ts";
import type { Machine } from "../../machine/machine.ts";
import { type Assembler, ORIGIN } from "./assembler.ts";
import { machineWith } from "./bench-top.ts";
import { catchTraps } from "./trap-log.ts";
import { enterKeepingStatus, openProtection, satpOf, setCsr, Tables } from "./user-mode.ts";

/** An address, and two frames of RAM that tests map there. */
export const PAGE = 0x4000_0000;
export const FRAME = ORIGIN + 0x40_0000;
export const OTHER_FRAME = FRAME + 0x1000;
export const RWX = Pte.Read | Pte.Write | Pte.Execute;

export interface Setting {
  readonly mode: Mode;
  /** Flags of the entry for `PAGE`, without V. */
  readonly flags: number;
  readonly status?: number;
}

/** A machine whose code at `here` runs in a mode, with `PAGE` mapped to `FRAME`; and its tables. */
export function pagedMachine(
  { mode, flags, status = 0 }: Setting,
  write: (a: Assembler) => void,
): { machine: Machine; tables: Tables } {
  const machine = machineWith((a) => {
    catchTraps(a);
    openProtection(a);
    setCsr(a, Csr.satp, satpOf());
    setCsr(a, Csr.mstatus, status);
    a.la("s0", "here");
    a.li("a0", PAGE);
    enterKeepingStatus(a, mode, "here");
    a.label("here");
    write(a);
    a.ecall();
    a.finish();
  });
  const tables = new Tables(machine);
  // The code's own page, and the devices for `finish`, as the mode needs them.
  const own = RWX | Pte.Accessed | Pte.Dirty | (mode === Mode.User ? Pte.User : 0);
  tables.mapSuper(ORIGIN, ORIGIN, own);
  tables.mapSuper(0, 0, own);
  tables.map(PAGE, FRAME, flags);
  return { machine, tables };
}

/** What a scenario or a person outside does to a service: which there are, and how to kill one. */
import { services } from "../system/services.ts";
import type { Session } from "./session.ts";

/** Services that may be killed: the others are vital, and their death ends the system. */
export function serviceNames(): string[] {
  return services.filter(({ policy }) => policy === "restart").map(({ name }) => name);
}

/** The slot of a service in the process table: the address-space identifier (ASID) in satp is the same number. */
export function slotOf(name: string): number | null {
  return services.find((service) => service.name === name)?.slot ?? null;
}

const SATP = 0x180;
const USER_MODE = 0;
/** How long to wait for a service to run: every one of them gives signs of life at least this often. */
const PATIENCE_CYCLES = 100_000_000;
const NOWHERE = 0;

/** Lets the machine run until the service itself runs (in user mode); false when it does not within a second of machine time. */
export function runUntilServiceRuns(session: Session, slot: number): boolean {
  const { machine } = session;
  const limit = machine.cycle + PATIENCE_CYCLES;
  while (machine.cycle < limit) {
    const asid = ((machine.hart.readCsr(SATP) ?? 0) >>> 22) & 0x1ff;
    if (asid === slot && machine.hart.readMode() === USER_MODE) return true;
    if (session.advance(machine.cycle + 1).kind !== "cycle") return false;
  }
  return false;
}

/** Kills a service the next time it runs: its program counter is put where no page is. */
export function killService(session: Session, name: string): boolean {
  const slot = slotOf(name);
  if (slot === null || !runUntilServiceRuns(session, slot)) return false;
  session.inject({ kind: "pc", value: NOWHERE });
  return true;
}
